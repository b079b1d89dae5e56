// Clients of a Midge use the JetStream that other servers of its cluster have.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { describeWithPeer, type PeerLevel } from "../support/peer.ts";
import { join, type WireClient, type WireMessage } from "../support/wire.ts";
import { Midge } from "../../src/server.ts";
import { meet, type Node, routeTo, startMidge, startOriginal } from "./nodes.ts";

const LEVELS: readonly PeerLevel[] = ["2.15", "2.9"];
const API = "$JS.API.>";
const ELECTION_MS = 30_000;
const TOO_MANY = 4_100;

/** A client that asks one thing after the other. */
class Asker {
  readonly client: WireClient;
  #number = 0;

  static async at({ port }: Node): Promise<Asker> {
    const client = await join(port, { headers: true, no_responders: true, name: "asker" });
    await client.says("SUB _INBOX.asker.* 1\r\n");
    return new Asker(client);
  }

  private constructor(client: WireClient) {
    this.client = client;
  }

  /** The next answer, whatever was asked. */
  async answer(): Promise<WireMessage> {
    for (;;) {
      const message = await this.client.hearsItem();
      if (message !== "PING\r\n") return parse(message ?? "");
    }
  }

  /** Asks without waiting; returns where the answer will come. */
  async says(subject: string, body = "", headers = ""): Promise<string> {
    const reply = `_INBOX.asker.${++this.#number}`;
    await this.client.says(publish(subject, reply, body, headers));
    return reply;
  }

  /** An answer on the very subject that was named for it. */
  async asks(subject: string, body = "", headers = ""): Promise<WireMessage> {
    const reply = await this.says(subject, body, headers);
    const answer = await this.answer();
    expect(answer.subject).toBe(reply);
    return answer;
  }

  /** What the JetStream API says: without an error. */
  async api(request: string, body: object | "" = ""): Promise<Record<string, unknown>> {
    const text = body === "" ? "" : JSON.stringify(body);
    const { payload } = await this.asks(`$JS.API.${request}`, text);
    const answer: Record<string, unknown> = JSON.parse(payload);
    expect(answer["error"]).toBeUndefined();
    return answer;
  }

  [Symbol.dispose](): void {
    this.client.close();
  }
}

function publish(subject: string, reply: string, body = "", headers = ""): string {
  const size = headers === "" ? body.length : `${headers.length} ${headers.length + body.length}`;
  const verb = headers === "" ? "PUB" : "HPUB";
  return `${verb} ${subject} ${reply} ${size}\r\n${headers}${body}\r\n`;
}

function parse(item: string): WireMessage {
  const lineEnd = item.indexOf("\r\n");
  const [verb, subject = "", sid = "", ...rest] = item.slice(0, lineEnd).split(" ");
  expect(verb).toBeOneOf(["MSG", "HMSG"]);
  const sizes = verb === "HMSG" ? 2 : 1;
  const headerBytes = verb === "HMSG" ? Number(rest.at(-2)) : 0;
  const body = item.slice(lineEnd + 2, -2);
  return {
    subject,
    sid,
    reply: rest.length > sizes ? rest[0] : undefined,
    headers: headerBytes > 0 ? body.slice(0, headerBytes) : undefined,
    payload: body.slice(headerBytes),
  };
}

/** Two nats-servers with JetStream that have elected who leads, and a Midge that has none. */
async function startJetStream(path: string, stack: AsyncDisposableStack): Promise<Node> {
  const midge = stack.use(await startMidge("m"));
  const routes = [routeTo(midge)];
  const originals: Node[] = [];
  for (const name of ["j1", "j2"]) {
    const folder = mkdtempSync(joinPath(tmpdir(), "midge-jetstream-"));
    stack.defer(() => rmSync(folder, { recursive: true, force: true }));
    const top = `jetstream { store_dir: ${JSON.stringify(folder)} }`;
    const node = stack.use(await startOriginal(path, name, routes, "", top));
    originals.push(node);
    routes.push(routeTo(node));
  }
  await meet(midge, ...originals);
  const end = Date.now() + ELECTION_MS;
  while (!(await isServed(midge))) {
    if (Date.now() > end) throw new Error("nobody answers: was nobody elected?");
  }
  return midge;
}

/** Somebody leads and has heard: before that nobody is there, nobody answers or the answer is an error. */
async function isServed(node: Node): Promise<boolean> {
  using asker = await Asker.at(node);
  try {
    await asker.api("STREAM.NAMES");
    return true;
  } catch {
    return false;
  }
}

/** What the server itself listens to in an account. */
function ownSubjects(midge: Midge, name = "$G"): string[] {
  return [...(midge.accountIfAny(name)?.ownSubscriptions ?? [])].map(({ subject }) => subject);
}

/** Requests that went to the system account. */
function passedOn({ midge }: Node): number {
  const own = [...(midge?.accountIfAny("$G")?.ownSubscriptions ?? [])];
  return own.find(({ subject }) => subject === API)?.delivered ?? 0;
}

for (const level of LEVELS) {
  describeWithPeer(`JetStream of nats-server ${level}, used through Midge`, level, (path) => {
    const stack = new AsyncDisposableStack();
    let midge: Node;
    beforeAll(async () => {
      midge = await startJetStream(path, stack);
    }, 60_000);
    afterAll(() => stack.disposeAsync());

    test("a stream is made, described, listed and deleted", async () => {
      using asker = await Asker.at(midge);
      const created = await asker.api("STREAM.CREATE.made", { name: "made", subjects: ["made.*"] });
      expect(created).toMatchObject({ config: { name: "made" } });
      expect(await asker.api("STREAM.INFO.made")).toMatchObject({ config: { name: "made" } });
      expect(await asker.api("STREAM.NAMES")).toMatchObject({ streams: ["made"] });
      expect(await asker.api("STREAM.LIST")).toMatchObject({
        total: 1,
        streams: [{ config: { name: "made" } }],
      });
      expect(await asker.api("STREAM.DELETE.made")).toMatchObject({ success: true });
      expect(await asker.api("STREAM.NAMES")).toMatchObject({ total: 0 });
    });

    test("messages are stored, pulled and acknowledged", async () => {
      using asker = await Asker.at(midge);
      await asker.api("STREAM.CREATE.kept", { name: "kept", subjects: ["kept.*"] });
      const stored = await storedBy(asker, "kept.1", "hello");
      expect(stored).toMatchObject({ stream: "kept", seq: 1 });
      const config = { durable_name: "reader", ack_policy: "explicit" };
      await asker.api("CONSUMER.DURABLE.CREATE.kept.reader", { stream_name: "kept", config });
      const before = passedOn(midge);
      const pull = "$JS.API.CONSUMER.MSG.NEXT.kept.reader";
      await pullable(asker, pull);
      // Nothing of that was for the system account.
      expect(passedOn(midge)).toBe(before);
      const info = await asker.api("CONSUMER.INFO.kept.reader");
      expect(info).toMatchObject({ num_pending: 0, num_ack_pending: 0 });
      await asker.api("CONSUMER.DELETE.kept.reader");
      await asker.api("STREAM.DELETE.kept");
    });

    test("messages are read straight from who has them, and come with their headers", async () => {
      using asker = await Asker.at(midge);
      const subjects = ["direct.*"];
      await asker.api("STREAM.CREATE.direct", { name: "direct", subjects, allow_direct: true });
      await storedBy(asker, "direct.1", "hello");
      const before = passedOn(midge);
      const { headers, payload } = await answered(asker, "$JS.API.DIRECT.GET.direct", '{"seq":1}');
      expect(payload).toBe("hello");
      expect(headers).toContain("\r\nNats-Stream: direct\r\n");
      expect(passedOn(midge)).toBe(before);
      await asker.api("STREAM.DELETE.direct");
    });

    test("a pull from a consumer that is none finds no responders", async () => {
      using asker = await Asker.at(midge);
      for (const request of ["CONSUMER.MSG.NEXT.no.body", "DIRECT.GET.none"]) {
        const { headers } = await asker.asks(`$JS.API.${request}`, "{}");
        expect(headers).toStartWith("NATS/1.0 503");
      }
    });

    test("mistakes are answered as the stream's server answers them", async () => {
      using asker = await Asker.at(midge);
      const { payload } = await asker.asks("$JS.API.STREAM.INFO.none");
      expect(JSON.parse(payload)).toMatchObject({ error: { code: 404 } });
    });

    test("of many requests at once none stays without an answer", async () => {
      using asker = await Asker.at(midge);
      const wanted = new Set<string>();
      for (let i = 0; i < 200; i++) wanted.add(await asker.says("$JS.API.STREAM.NAMES"));
      for (let i = 0; i < 200; i++) wanted.delete((await asker.answer()).subject);
      expect([...wanted]).toEqual([]);
    });

    test("headers of a request are no obstacle", async () => {
      using asker = await Asker.at(midge);
      const headers = 'NATS/1.0\r\nX: y\r\nNats-Request-Info: {"acc":"other"}\r\n\r\n';
      const { payload } = await asker.asks("$JS.API.STREAM.NAMES", "", headers);
      expect(JSON.parse(payload)).toMatchObject({ total: 0 });
    });
  });

  describeWithPeer(`a cluster with nats-server ${level}, without JetStream`, level, (path) => {
    test("a request finds no responders at once", async () => {
      await using midge = await startMidge("m");
      await using original = await startOriginal(path, "o", [routeTo(midge)]);
      await meet(midge, original);
      using asker = await Asker.at(midge);
      for (const request of ["INFO", "STREAM.NAMES", "CONSUMER.MSG.NEXT.S.C"]) {
        const { headers } = await asker.asks(`$JS.API.${request}`);
        expect(headers).toStartWith("NATS/1.0 503");
      }
      expect(passedOn(midge)).toBe(0);
    });
  });
}

/** The first answer of somebody: what a new stream's server wants is on its way to others for a moment. */
async function answered(asker: Asker, subject: string, body: string): Promise<WireMessage> {
  for (;;) {
    const answer = await asker.asks(subject, body);
    if (answer.headers?.startsWith("NATS/1.0 503") !== true) return answer;
  }
}

/** The acknowledgement of a publish. */
async function storedBy(asker: Asker, subject: string, body: string): Promise<unknown> {
  return JSON.parse((await answered(asker, subject, body)).payload);
}

/** Pulls the one message and acknowledges it. */
async function pullable(asker: Asker, pull: string): Promise<void> {
  for (;;) {
    await asker.says(pull, '{"batch":1,"expires":3000000000}');
    const { headers, subject, reply, payload } = await asker.answer();
    if (headers?.startsWith("NATS/1.0 503") === true) continue;
    expect(subject).toBe("kept.1");
    expect(payload).toBe("hello");
    const confirmed = await asker.asks(reply ?? "", "+ACK");
    expect(confirmed.payload).toBe("");
    expect(confirmed.headers).toBeUndefined();
    return;
  }
}

describe("JetStream's place in the system account", () => {
  /** A Midge with a user in the system account, who stands for a server that has JetStream. */
  async function withPlayer(body: (node: Node, player: WireClient) => Promise<void>) {
    await using node = await startMidge(
      "m",
      {},
      {
        authorization: { users: [{ user: "g", password: "p" }] },
        accounts: { SYS: { users: [{ user: "s", password: "p" }] } },
        systemAccount: "SYS",
        noAuthUser: "g",
      },
    );
    const login = { user: "s", pass: "p", headers: true, no_responders: true };
    await using player = await join(node.port, login);
    await player.says("SUB $JS.API.> 7\r\n");
    await player.silent();
    await body(node, player);
  }

  test("a request says who asks", async () => {
    await withPlayer(async (node, player) => {
      using asker = await Asker.at(node);
      await asker.says("$JS.API.X", "body");
      const { subject, headers, payload } = await player.hearsMessage();
      expect({ subject, payload }).toEqual({ subject: "$JS.API.X", payload: "body" });
      const told = /^NATS\/1\.0\r\nNats-Request-Info: (\{.*\})\r\n\r\n$/.exec(headers ?? "")?.[1];
      expect(JSON.parse(told ?? "")).toMatchObject({
        start: expect.stringMatching(/^\d{4}-.*Z$/),
        host: "127.0.0.1",
        id: expect.any(Number),
        acc: "$G",
        name: "asker",
        server: "m",
        cluster: "c1",
        kind: "Client",
        client_type: "nats",
      });
    });
  });

  test("the asker's own headers stay, but for who it claims to be and where it wants a trace", async () => {
    await withPlayer(async (node, player) => {
      using asker = await Asker.at(node);
      const claims = 'Nats-Request-Info: {"acc":"SYS"}\r\n nats-request-info: {"acc":"SYS"}\r\n';
      const block = `NATS/1.0\r\n${claims}A: 1\r\nNats-Trace-Dest: traced\r\nB: 2\r\n\r\n`;
      await asker.says("$JS.API.X", "", block);
      const { headers = "" } = await player.hearsMessage();
      expect(headers).toMatch(
        /^NATS\/1\.0\r\nNats-Request-Info: .*"acc":"\$G".*\r\nA: 1\r\nB: 2\r\n\r\n$/,
      );
      expect(headers).not.toContain("SYS");
    });
  });

  test("an answer comes with its headers, and once", async () => {
    await withPlayer(async (node, player) => {
      using asker = await Asker.at(node);
      const inbox = await asker.says("$JS.API.X");
      const { reply = "" } = await player.hearsMessage();
      const block = "NATS/1.0 100 Idle\r\nSome: value\r\n\r\n";
      await player.says(
        `HPUB ${reply} ${block.length} ${block.length + 2}\r\n${block}ok\r\n` +
          `PUB ${reply} 5\r\nagain\r\n`,
      );
      await player.silent();
      const answer = await asker.answer();
      expect(answer).toMatchObject({ subject: inbox, headers: block, payload: "ok" });
      await asker.client.silent();
    });
  });

  test("a request without a reply is passed on without one", async () => {
    await withPlayer(async (node, player) => {
      using asker = await Asker.at(node);
      await asker.client.says("PUB $JS.API.X 2\r\nhi\r\n");
      const { reply, payload } = await player.hearsMessage();
      expect({ reply, payload }).toEqual({ reply: undefined, payload: "hi" });
    });
  });

  test("requests keep their order, the first ones, too", async () => {
    await withPlayer(async (node, player) => {
      using asker = await Asker.at(node);
      for (let i = 0; i < 50; i++) await asker.says("$JS.API.X", String(i));
      for (let i = 0; i < 50; i++) {
        expect((await player.hearsMessage()).payload).toBe(String(i));
      }
    });
  });

  test("where nobody is left the next request finds no responders", async () => {
    await withPlayer(async (node, player) => {
      using asker = await Asker.at(node);
      await player.says("UNSUB 7\r\n");
      await player.silent();
      const { headers } = await asker.asks("$JS.API.X");
      expect(headers).toStartWith("NATS/1.0 503");
    });
  });

  test("of too many that wait the oldest stays without an answer, which the log tells", async () => {
    await withPlayer(async (node, player) => {
      using asker = await Asker.at(node);
      const inboxes: string[] = [];
      for (let i = 0; i < TOO_MANY; i++) inboxes.push(await asker.says("$JS.API.X"));
      const replies: string[] = [];
      for (let i = 0; i < TOO_MANY; i++) replies.push((await player.hearsMessage()).reply ?? "");
      await player.says(`PUB ${replies[0]} 0\r\n\r\nPUB ${replies.at(-1)} 0\r\n\r\n`);
      await player.silent();
      expect((await asker.answer()).subject).toBe(inboxes.at(-1)!);
      await asker.client.silent();
      expect(node.problems.filter((line) => line.includes("JetStream"))).toEqual([
        'JetStream requests of account "$G" stay without an answer: 4096 are waiting already',
      ]);
    });
  });

  test("the monitor shows it as an import of everybody's account", async () => {
    await using node = await startMidge("m", {}, { httpPort: -1 });
    const detail = await accountDetail(node, "$G");
    expect(ownSubjects(node.midge!)).toHaveLength(5);
    expect(detail.imports.filter(({ subject }) => subject === API)).toEqual([
      {
        subject: API,
        account: "$SYS",
        to: API,
        local_subject: API,
        type: "service",
        invalid: false,
        share: true,
        tracking: false,
      },
    ]);
    const { exports, imports } = await accountDetail(node, "$SYS");
    expect(imports).toHaveLength(1);
    expect(exports).toContainEqual({ subject: API, type: "service", response_type: "Singleton" });
  });

  test("with accounts of its own a server offers it to none", async () => {
    await using node = await startMidge("m", {}, { httpPort: -1, accounts: ["A"] });
    for (const name of ["$G", "A"]) {
      expect(ownSubjects(node.midge!, name)).toHaveLength(4);
      expect(ownSubjects(node.midge!, name)).not.toContain(API);
    }
    const { imports } = await accountDetail(node, "A");
    expect(imports).toHaveLength(4);
  });

  test("accounts that a reload brings end it, and it comes back without them", async () => {
    await using node = await startMidge("m");
    const { options } = node.midge!;
    await node.midge!.reload({ ...options, accounts: ["A"] });
    expect(ownSubjects(node.midge!)).toHaveLength(4);
    await node.midge!.reload(options);
    expect(ownSubjects(node.midge!)).toContain(API);
  });

  test("a server without a cluster listens to nothing of it", async () => {
    await using midge = await Midge.start({ port: -1, httpPort: -1 });
    expect(ownSubjects(midge)).toHaveLength(4);
    expect(ownSubjects(midge)).not.toContain(API);
    expect(JSON.stringify(await accountDetail({ midge }, "$SYS"))).not.toContain(API);
  });

  test("a server without a system account listens to nothing of it", async () => {
    await using node = await startMidge("m", {}, { noSystemAccount: true });
    expect(ownSubjects(node.midge!)).toEqual([]);
    using asker = await Asker.at(node);
    const { headers } = await asker.asks("$JS.API.INFO");
    expect(headers).toStartWith("NATS/1.0 503");
  });
});

interface AccountDetail {
  readonly imports: readonly { readonly subject: string; readonly [key: string]: unknown }[];
  readonly exports?: readonly object[];
}

async function accountDetail({ midge }: Pick<Node, "midge">, name: string): Promise<AccountDetail> {
  const answer = await fetch(`${midge!.monitorUrl}/accountz?acc=${encodeURIComponent(name)}`);
  const told = (await answer.json()) as { readonly account_detail: AccountDetail };
  return told.account_detail;
}
