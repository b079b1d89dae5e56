// Request and reply with today's official clients: one answer, many answers, late ones, and nobody
// there to answer.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { type Connection, Mailbox, type RequestManyOptions, flavours } from "./clients.ts";
import { Broker } from "./support.ts";

let broker: Broker;
beforeAll(async () => {
  broker = await Broker.start();
});
afterAll(() => broker.stop());

/** How soon a client must learn that nobody answers; its own timeout is far longer. */
const QUICKLY_MS = 1000;

describe.each(flavours)("$name", (flavour) => {
  const { connect, headers, createInbox, strategies, isNoResponders, isTimeout } = flavour;
  const open: Connection[] = [];
  const join = async (noEcho = false): Promise<Connection> => {
    const connection = await connect({ servers: broker.url, noEcho });
    open.push(connection);
    return connection;
  };
  /** Answers every request on the subject with what `reply` makes of it. */
  const serve = async (subject: string, reply: (text: string) => string, queue = "") => {
    const connection = await join();
    const options = queue === "" ? {} : { queue };
    connection.subscribe(subject, {
      ...options,
      callback: (_, message) => message.respond(reply(message.string())),
    });
    await connection.flush();
    return connection;
  };
  const failure = async (promise: Promise<unknown>): Promise<unknown> =>
    promise.then(
      () => undefined,
      (error: unknown) => error,
    );
  afterEach(() => Promise.all(open.splice(0).map((connection) => connection.close())));

  describe.each([{ noMux: false }, { noMux: true }])("noMux $noMux", ({ noMux }) => {
    const options = { timeout: 5000, noMux };

    test("a request gets its own answer, also among hundreds at a time", async () => {
      await serve("double", (text) => String(Number(text) * 2));
      const nc = await join();
      const numbers = Array.from({ length: 300 }, (_, i) => i);
      const answers = await Promise.all(
        numbers.map((n) => nc.request("double", String(n), options)),
      );
      expect(answers.map((answer) => Number(answer.string()))).toEqual(numbers.map((n) => n * 2));
    });

    test("an own responder on the same connection answers too", async () => {
      const nc = await serve("self", (text) => `${text}!`);
      expect((await nc.request("self", "me", options)).string()).toBe("me!");
    });

    test("headers travel with the request and with the answer", async () => {
      const service = await join();
      service.subscribe("headed", {
        callback: (_, message) => {
          const answer = headers();
          answer.set("Seen", message.headers?.get("Ask") ?? "nothing");
          message.respond("", { headers: answer });
        },
      });
      await service.flush();
      const ask = headers();
      ask.set("Ask", "why?");
      const answer = await (await join()).request("headed", "", { ...options, headers: ask });
      expect(answer.headers?.get("Seen")).toBe("why?");
      expect(answer.data.length).toBe(0);
    });

    test("no responders is told at once, with code 503", async () => {
      const nc = await join();
      const begin = performance.now();
      const error = await failure(nc.request("nobody.there", "?", options));
      expect(isNoResponders(error)).toBe(true);
      expect(performance.now() - begin).toBeLessThan(QUICKLY_MS);
    });

    test("no responders is told as soon as the last one has left", async () => {
      const service = await serve("leaving", (text) => text);
      const nc = await join();
      await nc.request("leaving", "", options);
      await service.drain();
      expect(isNoResponders(await failure(nc.request("leaving", "", options)))).toBe(true);
    });

    test("a responder that stays silent is a timeout, not no responders", async () => {
      const service = await join();
      const box = new Mailbox(service, "silent");
      await service.flush();
      const nc = await join();
      const error = await failure(nc.request("silent", "?", { ...options, timeout: 50 }));
      expect(isTimeout(error)).toBe(true);
      expect(isNoResponders(error)).toBe(false);
      expect(box.messages.length).toBe(1);
    });
  });

  test("a request may name its own reply subject", async () => {
    await serve("named", (text) => text);
    const nc = await join();
    const options = { timeout: 5000, noMux: true, reply: "the.answer.goes.here" };
    const answer = await nc.request("named", "x", options);
    expect(answer.subject).toBe("the.answer.goes.here");
  });

  test("the notice of no responders is a message of status 503 without payload", async () => {
    const nc = await join();
    const inbox = createInbox();
    const box = new Mailbox(nc, inbox);
    nc.publish("nobody.at.all", "?", { reply: inbox });
    const [notice] = await box.receives(1);
    expect(notice?.headers?.code).toBe(503);
    expect(notice?.data.length).toBe(0);
    expect(notice?.subject).toBe(inbox);
  });

  test("own subscriptions do not count as responders without echo", async () => {
    const nc = await join(true);
    const box = new Mailbox(nc, "own.service");
    await nc.flush();
    const error = await failure(nc.request("own.service", "?", { timeout: 5000 }));
    expect(isNoResponders(error)).toBe(true);
    expect(box.messages.length).toBe(0);
  });

  test("a group of responders answers each request once and shares the work", async () => {
    const [a, b, c] = ["a", "b", "c"].map((name) => serve("shared", () => name, "group"));
    await Promise.all([a, b, c]);
    const nc = await join();
    const answers: string[] = [];
    for (let i = 0; i < 300; i += 1)
      answers.push((await nc.request("shared", "", { timeout: 5000 })).string());
    for (const name of ["a", "b", "c"]) {
      const share = answers.filter((answer) => answer === name).length;
      expect(share).toBeGreaterThan(50);
    }
  });

  test("one request may collect many answers: by count, until silence, until a last one", async () => {
    const service = await join();
    service.subscribe("survey", {
      callback: (_, message) => {
        for (const text of ["x", "y", "z", ""]) message.respond(text);
      },
    });
    await service.flush();
    const nc = await join();
    const collect = async (options: RequestManyOptions): Promise<string[]> => {
      const texts: string[] = [];
      const answers = await nc.requestMany("survey", "", { maxWait: 5000, ...options });
      for await (const answer of answers) texts.push(answer.string());
      return texts;
    };
    expect(await collect({ strategy: "count", maxMessages: 2 })).toEqual(["x", "y"]);
    const silence = { strategy: strategies.silence, jitter: 50, stall: 50 };
    expect(await collect(silence)).toEqual(["x", "y", "z", ""]);
    const untilEmpty = await collect({ strategy: strategies.sentinel });
    expect(untilEmpty.filter((text) => text !== "")).toEqual(["x", "y", "z"]);
  });
});
