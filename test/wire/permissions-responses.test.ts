// A responder that may publish nothing but answers: to the reply subjects of messages that it received, so
// many times and so long (auth.md §5.3).
import { describe, expect, test } from "bun:test";
import { startConfigured } from "../support/configured.ts";
import { join, type WireClient } from "../support/wire.ts";

/** A responder "r" with these permissions beside its subscription, and one who asks. */
const config = (permissions: string) => `authorization { users: [
  { user: r, password: p, permissions: { ${permissions} } }, { user: asker, password: p }
] }`;

const TRUE = "allow_responses: true";
const pub = (subject: string, reply = "") => `PUB ${subject} ${reply} 2\r\nhi\r\n`;
const violation = (subject: string) =>
  `-ERR 'Permissions Violation for Publish to "${subject}"'\r\n`;

interface Scene {
  readonly responder: WireClient;
  readonly asker: WireClient;
  /** Asks with these replies; the responder hears each request. */
  asks(...replies: readonly string[]): Promise<void>;
  /** The responder publishes to these; true for each that gets through to the asker. */
  answers(...subjects: readonly string[]): Promise<boolean[]>;
}

async function inScene(permissions: string, play: (scene: Scene) => Promise<void>): Promise<void> {
  await using server = await startConfigured(config(permissions));
  await using responder = await join(server.port, { user: "r", pass: "p" });
  await responder.says("SUB svc.> 1\r\n");
  await responder.silent();
  await using asker = await join(server.port, { user: "asker", pass: "p" });
  await asker.says("SUB in.> 1\r\nSUB no.> 2\r\n");
  await asker.silent();
  await play({
    responder,
    asker,
    async asks(...replies) {
      for (const reply of replies) {
        await asker.says(pub("svc.a", reply));
        await responder.hears(`MSG svc.a 1 ${reply} 2\r\nhi\r\n`);
      }
    },
    async answers(...subjects) {
      const results: boolean[] = [];
      for (const subject of subjects) {
        await responder.says(`${pub(subject)}PING\r\n`);
        const item = await responder.hearsItem();
        if (item !== "PONG\r\n") await responder.hears("PONG\r\n");
        if (item !== "PONG\r\n") expect(item).toBe(violation(subject));
        else if (/^(in|no)\./.test(subject))
          expect((await asker.hearsMessage()).subject).toBe(subject);
        results.push(item === "PONG\r\n");
      }
      await asker.silent();
      return results;
    },
  });
}

test("a responder publishes nothing else", () =>
  inScene(TRUE, async ({ asks, answers }) => {
    expect(await answers("in.1", "x")).toEqual([false, false]);
    await asks("in.1");
    expect(await answers("in.2", "x", "in.1")).toEqual([false, false, true]);
  }));

test("it answers once, unless told otherwise", () =>
  inScene(TRUE, async ({ asks, answers }) => {
    await asks("in.1");
    expect(await answers("in.1", "in.1")).toEqual([true, false]);
  }));

test("it answers each of several requests", () =>
  inScene(TRUE, async ({ asks, answers }) => {
    await asks("in.1", "in.2", "in.3");
    expect(await answers("in.3", "in.1", "in.2", "in.1")).toEqual([true, true, true, false]);
  }));

test("it answers a reply subject anew that is used anew", () =>
  inScene(TRUE, async ({ asks, answers }) => {
    await asks("in.1");
    expect(await answers("in.1")).toEqual([true]);
    await asks("in.1");
    expect(await answers("in.1", "in.1")).toEqual([true, false]);
  }));

test("a request that comes before the answer to another with its reply uses that up", () =>
  inScene(TRUE, async ({ asks, answers }) => {
    await asks("in.1", "in.1");
    expect(await answers("in.1")).toEqual([false]);
    await asks("in.1", "in.1", "in.1");
    expect(await answers("in.1", "in.1")).toEqual([true, false]);
  }));

describe("a number of answers", () => {
  const COUNTS: readonly [rule: string, answers: boolean[]][] = [
    ["{ max: 1 }", [true, false]],
    ["{ max: 2 }", [true, true, false]],
    ['{ max_msgs: 3, expires: "1m" }', [true, true, true, false]],
    ['{ max_messages: 2, ttl: "1h" }', [true, true, false]],
    ["{ max_responses: 2 }", [true, true, false]],
    ["{ max: 0 }", [true, false]],
    ["{ max: -1 }", [true, true, true, true, true]],
  ];
  for (const [rule, results] of COUNTS)
    test(`is what ${rule} says`, () =>
      inScene(`allow_responses: ${rule}`, async ({ asks, answers }) => {
        await asks("in.1");
        expect(await answers(...results.map(() => "in.1"))).toEqual(results);
      }));
});

describe("the time for an answer", () => {
  /** Round trips until so many milliseconds have passed. */
  async function passTime(client: WireClient, ms: number): Promise<void> {
    const end = performance.now() + ms;
    while (performance.now() < end) await client.silent();
  }

  test("ends", () =>
    inScene(`allow_responses: { max: 5, expires: "60ms" }`, async (scene) => {
      await scene.asks("in.1");
      expect(await scene.answers("in.1")).toEqual([true]);
      await passTime(scene.responder, 80);
      expect(await scene.answers("in.1")).toEqual([false]);
      await scene.asks("in.1");
      expect(await scene.answers("in.1")).toEqual([true]);
    }));

  test("may be over at once", () =>
    inScene(`allow_responses: { max: 5, expires: "1ns" }`, async ({ asks, answers }) => {
      await asks("in.1");
      expect(await answers("in.1")).toEqual([false]);
    }));

  test("may be without end", () =>
    inScene(`allow_responses: { expires: "-1s" }`, async ({ asks, answers }) => {
      await asks("in.1");
      expect(await answers("in.1", "in.1")).toEqual([true, false]);
    }));
});

describe("beside other rules", () => {
  test("what is allowed anyhow is allowed any number of times", () =>
    inScene(`publish: "in.1", ${TRUE}`, async ({ asks, answers }) => {
      expect(await answers("in.1")).toEqual([true]);
      await asks("in.1", "in.2");
      expect(await answers("in.1", "in.1", "in.2", "in.2")).toEqual([true, true, true, false]);
    }));

  test("what is denied may be answered all the same", () =>
    inScene(`publish: { allow: ">", deny: "no.>" }, ${TRUE}`, async ({ asks, answers }) => {
      expect(await answers("no.1")).toEqual([false]);
      await asks("no.1");
      expect(await answers("no.1", "no.1")).toEqual([true, false]);
    }));

  test("a deny list alone allows nothing else", () =>
    inScene(`publish: { deny: "no.>" }, ${TRUE}`, async ({ answers }) => {
      expect(await answers("in.1", "no.1")).toEqual([false, false]);
    }));

  test("responses that are switched off change nothing", () =>
    inScene("allow_responses: false", async ({ answers }) => {
      expect(await answers("in.1", "in.1")).toEqual([true, true]);
    }));
});

test("a message that did not reach it allows no answer", () =>
  inScene(TRUE, async ({ responder, asker, answers }) => {
    await responder.says("UNSUB 1\r\n");
    await responder.silent();
    await asker.says(pub("svc.a", "in.1"));
    await asker.silent();
    expect(await answers("in.1")).toEqual([false]);
  }));

test("a second CONNECT ends what was allowed before", () =>
  inScene(TRUE, async ({ responder, asks, answers }) => {
    await asks("in.1");
    await responder.says('CONNECT {"user":"r"}\r\n');
    expect(await answers("in.1")).toEqual([false]);
  }));

test("an answer may carry a reply, but no reserved one", () =>
  inScene(`allow_responses: { max: 2 }`, async ({ responder, asks, answers }) => {
    await asks("in.1");
    await responder.says(pub("in.1", "_R_.x"));
    await responder.hears(`-ERR 'Permissions Violation for Publish with Reply of "_R_.x"'\r\n`);
    expect(await answers("in.1", "in.1")).toEqual([true, false]);
  }));

test("many open requests cost a bounded memory, and the newest are answered", () =>
  inScene(TRUE, async ({ asks, answers }) => {
    const replies = Array.from({ length: 300 }, (_, at) => `in.many.${at}`);
    await asks(...replies);
    expect(await answers(...replies.slice(-3), replies[0]!)).toEqual([true, true, true, true]);
  }));
