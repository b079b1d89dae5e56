// How a message gets to other servers (cluster §4.15): to each of them once, with the names of the queue
// groups of which one member there is to have it. What the line begins with is made once per subject,
// server and choice of groups.

import type { Publish } from "../proto/publish.ts";
import type { Client } from "./client.ts";
import { deliver } from "./delivery.ts";
import { traceToRoute } from "./traffic-trace.ts";
import type { RemoteInterest, RouteLink } from "./routing.ts";
import { withoutHeaders } from "./stripped.ts";
import type { Target } from "./subscription.ts";

/** Choices of queue groups whose lines a server of one subject remembers. */
const HEADINGS_MAX = 32;

const LETTER_H = 0x48;

/** Words as they are copied into an out-buffer, the last one padded. */
function wordsOf(text: string): Int32Array {
  const words = new Int32Array((text.length + 3) >> 2);
  const { length } = text;
  for (let at = 0; at < length; at += 4) {
    // Past the end there is NaN, which is 0 in a word.
    words[at >> 2] =
      text.charCodeAt(at) |
      (text.charCodeAt(at + 1) << 8) |
      (text.charCodeAt(at + 2) << 16) |
      (text.charCodeAt(at + 3) << 24);
  }
  return words;
}

/** A line to a server but for its sizes: who it is for, and which groups it names. */
class Heading {
  /** `q1 q2 `, or empty. */
  readonly named: string;
  readonly #about: string;
  /** `RMSG [account] subject [| q1 q2] `: what follows is as it was published. */
  readonly words: Int32Array;
  readonly bytes: number;
  /** The same with HMSG; made when the first message with headers comes. */
  #headersWords: Int32Array | null = null;
  /** `RMSG [account] subject + `, before a reply that groups follow; made when the first one comes. */
  #beforeReply: Int32Array | null = null;
  #headersBeforeReply: Int32Array | null = null;
  #queues: Int32Array | null = null;

  /** `about` is `[account] subject `. */
  constructor(about: string, named: string) {
    this.#about = about;
    this.named = named;
    const line = `RMSG ${about}${named === "" ? "" : `| ${named}`}`;
    this.words = wordsOf(line);
    this.bytes = line.length;
  }

  /** Appends the whole message; false when the link takes nothing any more. */
  append({ connection }: RouteLink, message: Publish): boolean {
    const { bytes, view, replyAt, replyEnd, tailAt, tailEnd, headerBytes } = message;
    if (replyEnd === replyAt || this.named === "") {
      const head = headerBytes > 0 ? this.#withHeaders : this.words;
      return connection.appendMessage(head, this.bytes, bytes, view, tailAt, tailEnd);
    }
    const sizesAt = replyEnd + 1;
    const begin = headerBytes > 0 ? this.#withHeadersBeforeReply : this.#withBeforeReply;
    const beginBytes = this.#about.length + "RMSG + ".length;
    return (
      connection.appendMessage(begin, beginBytes, bytes, view, replyAt, sizesAt) &&
      connection.appendMessage(
        (this.#queues ??= wordsOf(this.named)),
        this.named.length,
        bytes,
        view,
        sizesAt,
        tailEnd,
      )
    );
  }

  get #withHeaders(): Int32Array {
    if (this.#headersWords === null) {
      this.#headersWords = this.words.slice();
      new Uint8Array(this.#headersWords.buffer)[0] = LETTER_H;
    }
    return this.#headersWords;
  }

  get #withBeforeReply(): Int32Array {
    return (this.#beforeReply ??= wordsOf(`RMSG ${this.#about}+ `));
  }

  get #withHeadersBeforeReply(): Int32Array {
    return (this.#headersBeforeReply ??= wordsOf(`HMSG ${this.#about}+ `));
  }

  /** The line as a trace shows it. */
  textFor({ bytes, replyAt, replyEnd, tailAt, payloadAt, headerBytes }: Publish): string {
    const verb = headerBytes > 0 ? "HMSG" : "RMSG";
    const hasReply = replyEnd > replyAt;
    const reply = hasReply ? bytes.latin1Slice(replyAt, replyEnd + 1) : "";
    const sizes = bytes.latin1Slice(hasReply ? replyEnd + 1 : tailAt, payloadAt - 2);
    const mark = this.named === "" ? "" : hasReply ? "+ " : "| ";
    const line = `${verb} ${this.#about}${mark}${reply}${this.named}${sizes}`;
    return Buffer.from(line, "latin1").utf8Slice();
  }
}

/** Whose subject it is. */
interface RoutedAccount {
  readonly name: string;
  readonly routeTraffic: { outMsgs: number; outBytes: number };
}

/** Another server that wants one subject. */
export class RoutedServer {
  readonly link: RouteLink;
  /** What goes out of the account to all servers is counted here. */
  readonly traffic: RoutedAccount["routeTraffic"];
  /** It has plain subscriptions: it gets every message. */
  isPlain = false;
  /** The groups that chose it for the message at hand, as `q1 q2 `; empty between messages. */
  named = "";
  readonly #about: string;
  #heading: Heading | null = null;
  /** By the groups that they name; null while there was one choice only. */
  #headings: Map<string, Heading> | null = null;

  /** The link of an account's own does not name the account. */
  constructor(link: RouteLink, { name, routeTraffic }: RoutedAccount, subject: string) {
    this.link = link;
    this.traffic = routeTraffic;
    this.#about = `${link.account === "" ? `${latin1(name)} ` : ""}${subject} `;
  }

  /** How a message that names these groups begins. */
  get heading(): Heading {
    const { named } = this;
    const last = this.#heading;
    return last !== null && last.named === named ? last : this.#headingFor(named);
  }

  #headingFor(named: string): Heading {
    const last = this.#heading;
    if (last === null) return (this.#heading = new Heading(this.#about, named));
    const known = (this.#headings ??= new Map([[last.named, last]]));
    let heading = known.get(named);
    if (heading === undefined) {
      heading = new Heading(this.#about, named);
      if (known.size === HEADINGS_MAX) known.clear();
      known.set(named, heading);
    }
    return (this.#heading = heading);
  }

  /** One of its members is to have the message; false when it takes nothing any more. */
  chosenBy(group: RoutedGroup): boolean {
    if (this.link.connection.closing) return false;
    this.named = this.named === "" ? group.label : this.named + group.label;
    return true;
  }
}

/** Bytes, one character each. */
function latin1(text: string): string {
  // Names of accounts are seldom anything else.
  return ASCII.test(text) ? text : Buffer.from(text).latin1Slice();
}

const ASCII = /^[\x20-\x7e]*$/;

interface RemoteMembers {
  readonly server: RoutedServer;
  readonly weight: number;
}

/** A queue group with members on other servers, and perhaps here. */
export interface RoutedGroup {
  readonly queue: string;
  /** The queue and a blank. */
  readonly label: string;
  readonly members: readonly Target[];
  readonly remote: readonly RemoteMembers[];
  /** Sum of the remote weights. */
  readonly weight: number;
  /** Servers with members on leaf nodes only: asked when nobody else takes it. */
  readonly last: readonly RoutedServer[];
}

const NO_GROUPS: readonly RoutedGroup[] = [];

/** Where else than here one subject goes. */
export class Routing {
  /** Each server once. */
  readonly servers: readonly RoutedServer[];
  readonly groups: readonly RoutedGroup[];

  constructor(servers: readonly RoutedServer[], groups: readonly RoutedGroup[]) {
    this.servers = servers;
    this.groups = groups;
  }
}

/**
 * What matched in the account's remote interest; null when nothing did. `local` are the groups here: those
 * with members elsewhere are taken out of it.
 */
export function routingOf(
  account: RoutedAccount,
  subject: string,
  plain: readonly RemoteInterest[],
  groups: ReadonlyMap<string, readonly RemoteInterest[]> | null,
  local: Map<string, readonly Target[]> | null,
): Routing | null {
  const [only] = plain;
  if (only !== undefined && plain.length === 1 && groups === null) {
    // One subscription elsewhere: what most replies find, and they never come again.
    const server = new RoutedServer(only.link, account, subject);
    server.isPlain = true;
    return new Routing([server], NO_GROUPS);
  }
  const servers = new Map<string, RoutedServer>();
  const serverOf = ({ link }: RemoteInterest): RoutedServer => {
    let server = servers.get(link.remoteId);
    if (server === undefined) {
      servers.set(link.remoteId, (server = new RoutedServer(link, account, subject)));
    }
    return server;
  };
  for (const entry of plain) serverOf(entry).isPlain = true;
  const routed: RoutedGroup[] = [];
  for (const [queue, entries] of groups ?? []) {
    const able = entries.filter(({ weight }) => weight > 0);
    if (able.length === 0) continue;
    const own = able.filter(({ origin }) => origin === "");
    const remote = own.map((each) => ({ server: serverOf(each), weight: each.weight }));
    const last = able.filter(({ origin }) => origin !== "").map(serverOf);
    const weight = own.reduce((sum, each) => sum + each.weight, 0);
    const members = local?.get(queue) ?? [];
    routed.push({ queue, label: `${queue} `, members, remote, weight, last });
    local?.delete(queue);
  }
  return servers.size === 0 ? null : new Routing([...servers.values()], routed);
}

/**
 * Sends one message of `client` (null: of the server's own) to other servers, and to members here of groups
 * that have some there, too; `take` hands it to one of them. Returns the deliveries.
 */
export function deliverToRoutes(
  client: Client | null,
  message: Publish,
  { servers, groups }: Routing,
  traced: boolean,
  take: typeof deliver = deliver,
): number {
  let delivered = 0;
  for (let i = 0; i < groups.length; i++) {
    if (chooseMember(client, message, groups[i]!, traced, take)) delivered++;
  }
  for (let i = 0; i < servers.length; i++) {
    const server = servers[i]!;
    if ((server.isPlain || server.named !== "") && send(server, message, traced)) delivered++;
  }
  return delivered;
}

/**
 * Goes round the members, those here and each other server as many times as it has members, from any of
 * them on, until one takes it. True when one here did; another server is told later, with its other groups.
 */
function chooseMember(
  client: Client | null,
  message: Publish,
  group: RoutedGroup,
  traced: boolean,
  take: typeof deliver,
): boolean {
  const { members, remote, last } = group;
  const here = members.length;
  const all = here + remote.length;
  let at = startOf(here, remote, group.weight);
  for (let tries = 0; tries < all; tries++) {
    if (at < here) {
      if (take(client, message, members[at]!, traced)) return true;
    } else if (remote[at - here]!.server.chosenBy(group)) return false;
    if (++at === all) at = 0;
  }
  for (let i = 0; i < last.length; i++) if (last[i]!.chosenBy(group)) return false;
  return false;
}

/** A place among the members here and, behind them, the other servers by their weight. */
function startOf(here: number, remote: readonly RemoteMembers[], weight: number): number {
  let left = Math.floor(Math.random() * (here + weight));
  if (left < here) return left;
  left -= here;
  for (let i = 0; i < remote.length; i++) if ((left -= remote[i]!.weight) < 0) return here + i;
  return here;
}

/** A run of messages without headers for servers that have plain subscriptions only. */
export function deliverRunToRoutes(message: Publish, { servers }: Routing): number {
  const { count, totalBytes, tailAt, tailEnd, stride, bytes, view } = message;
  let delivered = 0;
  for (let i = 0; i < servers.length; i++) {
    const { link, heading, traffic } = servers[i]!;
    const { words, bytes: headBytes } = heading;
    if (!link.connection.appendRun(words, headBytes, bytes, view, tailAt, tailEnd, stride, count)) {
      continue;
    }
    link.outMsgs += count;
    link.outBytes += totalBytes * count;
    traffic.outMsgs += count;
    traffic.outBytes += totalBytes * count;
    delivered += count;
  }
  return delivered;
}

/** To a server's plain subscriptions and one member of each group that chose it. */
function send(server: RoutedServer, message: Publish, traced: boolean): boolean {
  const { link, heading, traffic } = server;
  server.named = "";
  const sent = message.headerBytes > 0 && !link.headers ? withoutHeaders(message) : message;
  if (!heading.append(link, sent)) return false;
  link.outMsgs++;
  link.outBytes += sent.totalBytes;
  traffic.outMsgs++;
  traffic.outBytes += sent.totalBytes;
  if (traced) traceToRoute(link, heading.textFor(sent), sent);
  return true;
}

/** Sends on what lost its last member here: to servers that groups chose, other than the one it is from. */
export function passOn(
  { servers }: Routing,
  from: RouteLink,
  groups: readonly RoutedGroup[],
  message: Publish,
  traced: boolean,
): void {
  for (const group of groups) chooseOther(group, from);
  for (const server of servers) if (server.named !== "") send(server, message, traced);
}

function chooseOther(group: RoutedGroup, from: RouteLink): void {
  const { remote, last, weight } = group;
  const isOther = ({ link }: RoutedServer) => link.remoteId !== from.remoteId;
  const at = startOf(0, remote, weight);
  const inTurn = [...remote.slice(at), ...remote.slice(0, at)].map(({ server }) => server);
  [...inTurn, ...last].some((server) => isOther(server) && server.chosenBy(group));
}
