// Plays a random script against a server and writes down what every client hears after each step, with
// what must differ from server to server masked and what no server promises put in order.
import { connect, parseInfo, quote, type WireClient } from "../support/wire.ts";
import type { Script, Step } from "./scripts.ts";

/** What was heard: one list of items for each client, for the greeting and then for each step. */
export type Heard = readonly (readonly string[])[][];

/** Fields of INFO that tell servers apart and are no part of the comparison; their place is. */
const MASKED = ["server_id", "server_name", "version", "go", "host", "port", "client_id", "xkey"];
/** Fields that only some builds have. */
const DROPPED = ["git_commit", "midge"];
const PEDANTIC_ERROR = "-ERR 'Invalid Publish Subject'\r\n";

/** A server that scripts are played on, with one client that watches for what earlier scripts left. */
export class Stage implements AsyncDisposable {
  readonly #port: number;
  readonly #watcher: WireClient;

  private constructor(port: number, watcher: WireClient) {
    this.#port = port;
    this.#watcher = watcher;
  }

  static async open(port: number): Promise<Stage> {
    const watcher = await connect(port);
    const headers = watcher.info["headers"] === true;
    const options = { verbose: false, headers, no_responders: headers };
    await watcher.says(`CONNECT ${JSON.stringify(options)}\r\nSUB nobody 1\r\n`);
    return new Stage(port, watcher);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watcher[Symbol.asyncDispose]();
  }

  async play(script: Script): Promise<Heard> {
    const heard = await this.#perform(script);
    await this.#settle();
    return heard;
  }

  async #perform(script: Script): Promise<Heard> {
    await using actors = await Actors.enter(this.#port, script.clientCount);
    const heard: string[][][] = [actors.greetings()];
    for (const step of script.steps) heard.push(await actors.perform(step));
    heard.push(await actors.finish(script.ending));
    return heard;
  }

  /**
   * Waits until no subscription of a closed client is left: nobody hears what any of them would match.
   * Without headers there is no telling, but then nobody is told that nobody listens either.
   */
  async #settle(): Promise<void> {
    for (let alone = this.#watcher.info["headers"] === false; !alone;) {
      await this.#watcher.says("PUB any.a nobody 0\r\n\r\nPING\r\n");
      for (let item = await this.#watcher.hearsItem(); item !== "PONG\r\n";) {
        if (item === undefined) throw new Error("the server closed the watching connection");
        if (item.startsWith("HMSG nobody 1 ")) alone = true;
        item = await this.#watcher.hearsItem();
      }
    }
  }
}

/** The clients of one script. */
class Actors implements AsyncDisposable {
  readonly #clients: readonly WireClient[];
  readonly #pongsDue: number[];

  private constructor(clients: readonly WireClient[]) {
    this.#clients = clients;
    this.#pongsDue = clients.map(() => 0);
  }

  static async enter(port: number, count: number): Promise<Actors> {
    const clients: WireClient[] = [];
    while (clients.length < count) clients.push(await connect(port));
    return new Actors(clients);
  }

  greetings(): string[][] {
    return this.#clients.map((client) => [maskInfo(client.infoLine)]);
  }

  /** One client speaks; then each in turn proves by a PONG that it has heard all that came of it. */
  async perform(step: Step): Promise<string[][]> {
    await this.#speak(step);
    this.#pongsDue[step.client]! += step.pongs;
    const first = await this.#hearUntilPong(step.client);
    return Promise.all(
      this.#clients.map(async (_, client) =>
        tidy(client === step.client ? first : await this.#hearUntilPong(client)),
      ),
    );
  }

  /** One client speaks and ends its side; the others prove that they have heard all. */
  async finish(step: Step): Promise<string[][]> {
    await this.#speak(step);
    const speaker = this.#clients[step.client]!;
    speaker.shutdown();
    const last: string[] = [];
    for (let item = await speaker.hearsItem(); item; item = await speaker.hearsItem())
      last.push(item);
    const heard = await Promise.all(
      this.#clients.map((_, client) =>
        client === step.client ? last : this.#hearUntilPong(client),
      ),
    );
    return heard.map(tidy);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) {
      if (!client.closed) client.shutdown();
      await client.hearsUntilClose();
    }
  }

  async #speak(step: Step): Promise<void> {
    const client = this.#clients[step.client]!;
    let at = 0;
    for (const cut of [...step.cuts, step.says.length]) {
      if (client.closed) return;
      await client.says(step.says.slice(at, cut));
      at = cut;
      if (step.cuts.length === 0) break;
      await new Promise(setImmediate);
      await new Promise(setImmediate);
    }
  }

  async #hearUntilPong(at: number): Promise<string[]> {
    const client = this.#clients[at]!;
    const items: string[] = [];
    if (client.closed) return items;
    await client.says("PING\r\n");
    this.#pongsDue[at]! += 1;
    while (this.#pongsDue[at]! > 0) {
      const item = await client.hearsItem();
      if (item === undefined) return [...items, "<closed>"];
      items.push(item);
      if (item === "PONG\r\n") this.#pongsDue[at]! -= 1;
    }
    return items;
  }
}

function maskInfo(line: string): string {
  const entries = Object.entries(parseInfo(line))
    .filter(([name]) => !DROPPED.includes(name))
    .map(([name, value]) => [name, MASKED.includes(name) ? "…" : value]);
  return `INFO ${JSON.stringify(Object.fromEntries(entries))} \r\n`;
}

/** The names of an INFO's fields in their order, without those that only some builds have. */
export function infoFields(line: string): string[] {
  return Object.keys(parseInfo(line)).filter((name) => !DROPPED.includes(name));
}

/** Masks and orders what one client heard after one step. */
function tidy(items: readonly string[]): string[] {
  const tidied: string[] = [];
  for (const item of items) {
    // The server's own PINGs come when it is their time.
    if (item === "PING\r\n") continue;
    // nats-server repeats this complaint when a read of its ends inside the payload.
    if (item === PEDANTIC_ERROR && tidied.at(-1) === item) continue;
    tidied.push(item.startsWith("INFO ") ? maskInfo(item) : maskNotice(item));
  }
  return orderCopies(tidied);
}

/** Which of several subscriptions on the reply gets the 503 is not promised. */
function maskNotice(item: string): string {
  return item.replace(/^(HMSG \S+) \S+ (.*\r\nNATS\/1\.0 503\r\n)/, "$1 … $2");
}

/** The copies of one message for several subscriptions, plain or queue, come in no promised order. */
function orderCopies(items: string[]): string[] {
  const ordered: string[] = [];
  for (let at = 0; at < items.length;) {
    const kind = copyKind(items[at]!);
    let upto = at + 1;
    while (kind && upto < items.length && copyKind(items[upto]!) === kind) upto++;
    ordered.push(...items.slice(at, upto).sort());
    at = upto;
  }
  return ordered;
}

/** Equal for items that are copies of one message. Payloads are unique, sids of queue members begin with q. */
function copyKind(item: string): string | undefined {
  const parts = /^(H?MSG \S+) (q?)\S+ ([^]*)$/.exec(item);
  return parts ? `${parts[1]} ${parts[2]} ${parts[3]}` : undefined;
}

/** The first difference between two performances of a script, for people; nothing where they are equal. */
export function difference(script: Script, wanted: Heard, got: Heard): string | undefined {
  const steps = [...script.steps, script.ending];
  for (const [at, clients] of wanted.entries()) {
    for (const [client, items] of clients.entries()) {
      const others = got[at]![client]!;
      if (items.join("") === others.join("")) continue;
      const said = steps
        .slice(0, at)
        .map((step) => `  ${step.client}: ${quote(step.says)}${cutNote(step)}\n`)
        .join("");
      return (
        `seed ${script.seed}, after step ${at}, client ${client}\n${said}` +
        `  wanted ${quote(items.join(""))}\n  got    ${quote(others.join(""))}`
      );
    }
  }
  return undefined;
}

const cutNote = (step: Step) => (step.cuts.length > 0 ? ` cut at ${step.cuts.join(", ")}` : "");
