// What other servers of the cluster want to hear, and how a message gets to them and comes from them
// (cluster §4.5, §4.15). A server without routes has none of this in its interests, and pays one branch.

import type { Connection } from "../net/connection.ts";
import type { Publish } from "../proto/publish.ts";
import { hashSubject } from "../proto/subject.ts";
import type { Account } from "./account.ts";
import type { Client } from "./client.ts";
import { deliver, deliverRun } from "./delivery.ts";
import type { Interest } from "./interest.ts";
import type { TreeEntry } from "./subject-tree.ts";
import type { Target } from "./subscription.ts";

/** A connection to another server, as the way of a message sees it. */
export interface RouteLink {
  readonly connection: Connection;
  /** Whose it is: a message goes to each server once. */
  readonly remoteId: string;
  /** The other side takes header blocks. */
  readonly headers: boolean;
  outMsgs: number;
  outBytes: number;
}

/** What a server announced: a subject or pattern, perhaps of a queue group with so many members. */
export class RemoteInterest implements TreeEntry {
  readonly link: RouteLink;
  readonly account: Account;
  readonly subject: string;
  readonly queue: string | null;
  readonly isPattern: boolean;
  readonly hash: number;
  place = 0;
  weight: number;

  constructor(
    link: RouteLink,
    account: Account,
    subject: string,
    isPattern: boolean,
    queue: string | null,
    weight: number,
  ) {
    this.link = link;
    this.account = account;
    this.subject = subject;
    this.isPattern = isPattern;
    this.queue = queue;
    this.weight = weight;
    this.hash = isPattern ? 0 : hashSubject(subject);
  }
}

interface RemoteMembers {
  readonly link: RouteLink;
  readonly weight: number;
}

/** A queue group with members on other servers, and perhaps here. */
export interface RoutedGroup {
  readonly queue: string;
  readonly members: readonly Target[];
  readonly remote: readonly RemoteMembers[];
  /** Sum of the remote weights. */
  readonly weight: number;
}

/** Where else than here one subject goes. */
export class Routing {
  readonly account: string;
  readonly subject: string;
  /** Each server with a plain subscription, once. */
  readonly links: readonly RouteLink[];
  readonly groups: readonly RoutedGroup[];
  /** `RMSG <account> <subject> ` in words, the last one padded. */
  readonly head: Int32Array;
  /** The same with HMSG. */
  readonly headersHead: Int32Array;
  readonly headBytes: number;

  constructor(
    account: string,
    subject: string,
    links: readonly RouteLink[],
    groups: readonly RoutedGroup[],
  ) {
    this.account = account;
    this.subject = subject;
    this.links = links;
    this.groups = groups;
    const head = `RMSG ${latin1(account)} ${subject} `;
    this.headBytes = head.length;
    this.head = wordsOf(head);
    this.headersHead = wordsOf(`H${head.slice(1)}`);
  }
}

const latin1 = (text: string) => Buffer.from(text).latin1Slice();

function wordsOf(text: string): Int32Array {
  const words = new Int32Array((text.length + 3) >> 2);
  Buffer.from(words.buffer).latin1Write(text);
  return words;
}

/** What matched in the account's remote interest; null when nothing did. `local` are the groups here. */
export function routingOf(
  account: string,
  subject: string,
  plain: readonly RemoteInterest[],
  groups: ReadonlyMap<string, readonly RemoteInterest[]> | null,
  local: Map<string, readonly Target[]>,
): Routing | null {
  const links = new Map<string, RouteLink>();
  for (const { link } of plain) if (!links.has(link.remoteId)) links.set(link.remoteId, link);
  const routed: RoutedGroup[] = [];
  for (const [queue, entries] of groups ?? []) {
    const remote = entries.filter(({ weight }) => weight > 0);
    if (remote.length === 0) continue;
    const weight = remote.reduce((sum, each) => sum + each.weight, 0);
    routed.push({ queue, members: local.get(queue) ?? [], remote, weight });
    local.delete(queue);
  }
  if (links.size === 0 && routed.length === 0) return null;
  return new Routing(account, subject, [...links.values()], routed);
}

/** Sends one message of `client` (null: of the server's own) to other servers; returns the deliveries. */
export function deliverToRoutes(
  client: Client | null,
  message: Publish,
  routing: Routing,
  traced: boolean,
): number {
  const { links, groups } = routing;
  let delivered = 0;
  if (groups.length === 0) {
    for (let i = 0; i < links.length; i++) if (send(links[i]!, message, routing)) delivered++;
    return delivered;
  }
  const named = new Map<RouteLink, string[]>();
  for (const link of links) named.set(link, []);
  for (const group of groups) {
    const link = chooseMember(client, message, group, traced);
    if (link === null) delivered++;
    else if (named.has(link)) named.get(link)!.push(group.queue);
    else named.set(link, [group.queue]);
  }
  for (const [link, queues] of named) {
    const sent = queues.length === 0 ? send : sendNamed;
    if (sent(link, message, routing, queues)) delivered++;
  }
  return delivered;
}

/** One member of a group, here or there, each as likely as any other. Null: delivered here. */
function chooseMember(
  client: Client | null,
  message: Publish,
  { members, remote, weight }: RoutedGroup,
  traced: boolean,
): RouteLink | null {
  const pick = Math.floor(Math.random() * (members.length + weight));
  if (pick < members.length) {
    for (let i = 0; i < members.length; i++) {
      const member = members[(pick + i) % members.length]!;
      if (deliver(client, message, member, traced)) return null;
    }
  }
  return chooseLink(remote, weight);
}

function chooseLink(remote: readonly RemoteMembers[], weight: number): RouteLink {
  let left = Math.random() * weight;
  for (const each of remote) if ((left -= each.weight) < 0) return each.link;
  return remote[remote.length - 1]!.link;
}

/** A run of messages without headers for servers that have plain subscriptions only. */
export function deliverRunToRoutes(message: Publish, { links, head, headBytes }: Routing): number {
  const { count, totalBytes, tailAt, tailEnd, stride, bytes, view } = message;
  let delivered = 0;
  for (let i = 0; i < links.length; i++) {
    const link = links[i]!;
    const { connection } = link;
    if (!connection.appendRun(head, headBytes, bytes, view, tailAt, tailEnd, stride, count)) {
      continue;
    }
    link.outMsgs += count;
    link.outBytes += totalBytes * count;
    delivered += count;
  }
  return delivered;
}

/** To a server's plain subscriptions. */
function send(link: RouteLink, message: Publish, routing: Routing): boolean {
  if (message.headerBytes > 0 && !link.headers) return sendNamed(link, message, routing, []);
  const head = message.headerBytes > 0 ? routing.headersHead : routing.head;
  const { bytes, view, tailAt, tailEnd } = message;
  if (!link.connection.appendMessage(head, routing.headBytes, bytes, view, tailAt, tailEnd)) {
    return false;
  }
  link.outMsgs++;
  link.outBytes += message.totalBytes;
  return true;
}

/** To a server's plain subscriptions and one member of each of these groups; headers only if it takes them. */
function sendNamed(
  link: RouteLink,
  message: Publish,
  { account, subject }: Routing,
  queues: readonly string[],
): boolean {
  const { bytes, replyAt, replyEnd, payloadAt, totalBytes, tailEnd } = message;
  const headerBytes = message.headerBytes;
  const keeps = link.headers && headerBytes > 0;
  const reply = bytes.latin1Slice(replyAt, replyEnd);
  const words = [keeps ? "HMSG" : "RMSG", latin1(account), subject];
  if (queues.length > 0) words.push(...(reply === "" ? ["|"] : ["+", reply]), ...queues);
  else if (reply !== "") words.push(reply);
  if (keeps) words.push(String(headerBytes), String(totalBytes));
  else words.push(String(totalBytes - headerBytes));
  const from = keeps ? payloadAt : payloadAt + headerBytes;
  const { connection } = link;
  const taken =
    connection.appendText(`${words.join(" ")}\r\n`) && connection.appendBytes(bytes, from, tailEnd);
  if (!taken) return false;
  link.outMsgs++;
  link.outBytes += keeps ? totalBytes : totalBytes - headerBytes;
  return true;
}

/**
 * A message, or a run of them, came over `link`: for all plain subscriptions here, and for one member of
 * each group that the sender named. It goes on to another server only where a named group lost its last
 * member here meanwhile.
 */
export function deliverFromRoute(
  link: RouteLink,
  account: Account,
  message: Publish,
  queues: readonly string[],
  readAt: number,
  traced: boolean,
): void {
  const interest = account.interestIn(message, null);
  if (queues.length === 0 && interest.takesRunsHere && message.headerBytes === 0 && !traced) {
    deliverRun(null, message, interest.plain, readAt);
    return;
  }
  for (let n = message.count; n > 0; n--) {
    for (let i = 0; i < interest.plain.length; i++) {
      const target = interest.plain[i]!;
      if (deliver(null, message, target, traced)) target.client.lastActivity = readAt;
    }
    for (const queue of queues) deliverToGroup(link, message, interest, queue, traced);
    message.next();
  }
  message.rewind();
}

function deliverToGroup(
  from: RouteLink,
  message: Publish,
  interest: Interest,
  queue: string,
  traced: boolean,
): void {
  const routed = interest.routing?.groups.find((group) => group.queue === queue);
  const members =
    routed?.members ?? interest.groups.find((each) => each[0]!.subscription.queue === queue) ?? [];
  const start = Math.floor(Math.random() * members.length);
  for (let i = 0; i < members.length; i++) {
    if (deliver(null, message, members[(start + i) % members.length]!, traced)) return;
  }
  const others = (routed?.remote ?? []).filter(({ link }) => link.remoteId !== from.remoteId);
  if (others.length === 0) return;
  const weight = others.reduce((sum, each) => sum + each.weight, 0);
  sendNamed(chooseLink(others, weight), message, interest.routing!, [queue]);
}
