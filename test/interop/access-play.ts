// Plays one case of the access matrix: several actors, each with a connection of its own, say bytes in
// turn, and everything that each of them hears after each step is written down in a form that servers share.
import type { ConfiguredServer, Environment } from "../support/configured.ts";
import { connect, parseInfo, quote, type WireClient } from "../support/wire.ts";

/** Bytes to say; where the server's nonce has to be signed, what makes them. */
export type Words = string | ((nonce: string) => string);

export type Step = Speech | Reload;

export interface Speech {
  /** The name of an actor, who connects with the first step of his. */
  readonly by: string;
  readonly says: Words;
  /** The words end within an operation or wait for the server: no PING can follow them. */
  readonly open?: "until closed";
}

/** The server gets another configuration; nobody listens before the next step. */
export interface Reload {
  readonly reload: string;
}

export interface Case {
  readonly name: string;
  readonly steps: readonly Step[];
  /** Texts of lines that the server must log about the actor "client". */
  readonly logs?: readonly string[];
}

/** A case with a server of its own. */
export interface ReloadCase extends Case {
  /** The configuration that it begins with. */
  readonly config: string;
}

export interface Configuration {
  readonly name: string;
  /** The text of the file. */
  readonly text: string;
  readonly env?: Environment;
  readonly cases: readonly Case[];
}

export interface Performance {
  /** What was heard, line by line. */
  readonly heard: readonly string[];
  /** Connection ids by actor. */
  readonly cids: ReadonlyMap<string, number>;
}

/** Fields of INFO that tell servers apart and are no part of the comparison; their place is. */
const MASKED = new Set([
  "server_id",
  "server_name",
  "version",
  "go",
  "host",
  "port",
  "client_id",
  "xkey",
  "nonce",
]);
/** Fields that only some builds have. */
const DROPPED = new Set(["git_commit", "midge"]);

/** All that the actors of a case hear from this server. */
export async function play(
  server: Pick<ConfiguredServer, "port" | "reload">,
  steps: readonly Step[],
): Promise<Performance> {
  await using stage = new AsyncDisposableStack();
  const actors = new Map<string, Actor>();
  const heard: string[] = [];
  for (const step of steps) {
    if ("reload" in step) {
      await server.reload(step.reload);
      heard.push(`the server is told ${step.reload}`);
      continue;
    }
    let speaker = actors.get(step.by);
    if (speaker === undefined) {
      speaker = stage.use(await Actor.enter(server.port));
      actors.set(step.by, speaker);
      heard.push(`${step.by} is greeted: ${speaker.greeting}`);
    }
    await speaker.says(step);
    heard.push(`${step.by} says ${shown(step.says)}`);
    // The speaker's PONG proves that the server is done; then each of the others has it all.
    for (const [name, actor] of [[step.by, speaker] as const, ...actors]) {
      const lines = await actor.hears();
      if (lines !== "") heard.push(`  ${name} hears ${lines}`);
    }
  }
  return { heard, cids: new Map([...actors].map(([name, actor]) => [name, actor.cid])) };
}

const shown = (words: Words) => (typeof words === "string" ? quote(words) : "signed words");

class Actor implements AsyncDisposable {
  readonly #client: WireClient;
  #pongsDue = 0;
  /** The close was heard. */
  #gone = false;

  private constructor(client: WireClient) {
    this.#client = client;
  }

  static async enter(port: number): Promise<Actor> {
    return new Actor(await connect(port));
  }

  get greeting(): string {
    return describeInfo(this.#client.infoLine);
  }

  get cid(): number {
    return Number(this.#client.info["client_id"]);
  }

  async says({ says, open }: Speech): Promise<void> {
    const nonce = String(this.#client.info["nonce"] ?? "");
    const words = typeof says === "string" ? says : says(nonce);
    if (open === "until closed") {
      this.#pongsDue = Infinity;
      return this.#client.says(words);
    }
    this.#pongsDue += [...words.matchAll(/^PING\r$/gm)].length + 1;
    await this.#client.says(words + "PING\r\n");
  }

  /** What came since the last look, up to the PONG of a PING or the close. */
  async hears(): Promise<string> {
    if (this.#gone) return "";
    if (this.#pongsDue === 0) await this.says({ by: "", says: "" });
    const items: string[] = [];
    while (this.#pongsDue > 0 && !this.#gone) {
      const item = await this.#client.hearsItem();
      if (item === undefined) {
        this.#gone = true;
        items.push("<closed>");
        break;
      }
      if (item === "PONG\r\n") this.#pongsDue--;
      // The server's own PINGs come when it is their time; the last PONG is the one that was waited for.
      if (item === "PING\r\n" || (item === "PONG\r\n" && this.#pongsDue === 0)) continue;
      items.push(item.startsWith("INFO ") ? describeInfo(item) : quote(item));
    }
    return inOrder(items).join(" ");
  }

  /** Leaves in an orderly way, so that the next case finds nothing of this one. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#client.closed) this.#client.shutdown();
    await this.#client.hearsUntilClose();
  }
}

/** The fields of an INFO in their order, with the values that all servers share. */
function describeInfo(line: string): string {
  const fields = Object.entries(parseInfo(line))
    .filter(([name]) => !DROPPED.has(name))
    .map(([name, value]) => (MASKED.has(name) ? name : `${name}=${String(value)}`));
  return `INFO ${fields.join(" ")}`;
}

/** Puts in order what comes in no promised one: copies of a message, and what a reload ended. */
function inOrder(items: readonly string[]): string[] {
  const ordered: string[] = [];
  for (let at = 0, upto = 0; at < items.length; at = upto) {
    const kind = kindOf(items[at]!);
    while (upto < items.length && kindOf(items[upto]!) === kind) upto++;
    ordered.push(...items.slice(at, upto).sort());
  }
  return ordered;
}

/** Equal for items next to each other that may come in any order. */
function kindOf(item: string): string {
  return item.replace(/^("H?MSG \S+) \S+/, "$1").replace(/^.*\(sid .*$/, "(sid");
}

/** The first line where two performances part, for people; nothing where they are equal. */
export function difference(wanted: readonly string[], got: readonly string[]): string | undefined {
  const at = wanted.findIndex((line, index) => line !== got[index]);
  if (at < 0 && wanted.length === got.length) return undefined;
  const parted = at < 0 ? wanted.length : at;
  const before = wanted.slice(0, parted).map((line) => `  ${line}\n`);
  return (
    `${before.join("")}  wanted: ${wanted[parted]?.trim() ?? "nothing"}\n` +
    `  got:    ${got[parted]?.trim() ?? "nothing"}`
  );
}
