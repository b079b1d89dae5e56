// Publishing and subscribing with today's official clients: who receives what, how often, in which
// order, unchanged.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { type ConnectOptions, type Connection, Mailbox, flavours } from "./clients.ts";
import { Broker } from "./support.ts";

let broker: Broker;
beforeAll(async () => {
  broker = await Broker.start();
});
afterAll(() => broker.stop());

describe.each(flavours)("$name", ({ connect, headers }) => {
  const open: Connection[] = [];
  const join = async (options: Partial<ConnectOptions> = {}): Promise<Connection> => {
    const connection = await connect({ servers: broker.url, ...options });
    open.push(connection);
    return connection;
  };
  afterEach(() => Promise.all(open.splice(0).map((connection) => connection.close())));

  test("INFO tells the client the level it can count on", async () => {
    const { info } = await join({ name: "reader of INFO" });
    expect(info?.version).toMatch(/^2\.15\.\d+/);
    expect(info).toMatchObject({ headers: true, max_payload: 1_048_576 });
    expect(info?.client_id).toBeGreaterThan(0);
  });

  test("a message reaches every subscriber once, with its subject and reply", async () => {
    const [one, two, publisher] = [await join(), await join(), await join()];
    const boxes = [new Mailbox(one, "news"), new Mailbox(one, "news"), new Mailbox(two, "news")];
    await Promise.all([one.flush(), two.flush()]);
    publisher.publish("news", "hello", { reply: "answers" });
    await publisher.flush();
    for (const box of boxes) {
      const [message] = await box.receives(1);
      expect(message?.subject).toBe("news");
      expect(message?.reply).toBe("answers");
      expect(message?.string()).toBe("hello");
    }
    await Promise.all([one.flush(), two.flush()]);
    expect(boxes.map((box) => box.messages.length)).toEqual([1, 1, 1]);
  });

  test("* stands for exactly one token and > for one or more at the end", async () => {
    const nc = await join();
    const patterns = ["w.*", "w.*.c", "w.>", "w.a.b", "*.a.b", "*.*.*", ">"];
    const boxes = patterns.map((pattern) => new Mailbox(nc, pattern));
    for (const subject of ["w", "w.a", "w.a.b", "w.a.c", "w.a.b.c", "W.a.b"]) nc.publish(subject);
    await nc.flush();
    const subjects = boxes.map((box) => box.messages.map((message) => message.subject));
    expect(subjects).toEqual([
      ["w.a"],
      ["w.a.c"],
      ["w.a", "w.a.b", "w.a.c", "w.a.b.c"],
      ["w.a.b"],
      ["w.a.b", "W.a.b"],
      ["w.a.b", "w.a.c", "W.a.b"],
      ["w", "w.a", "w.a.b", "w.a.c", "w.a.b.c", "W.a.b"],
    ]);
  });

  test("a queue group shares the messages evenly among its members", async () => {
    const members = await Promise.all([join(), join(), join(), join()]);
    const boxes = members.map((member) => new Mailbox(member, "work", { queue: "crew" }));
    await Promise.all(members.map((member) => member.flush()));
    const publisher = await join();
    for (let i = 0; i < 1000; i += 1) publisher.publish("work", String(i));
    await publisher.flush();
    await Promise.all(members.map((member) => member.flush()));
    const received = boxes.flatMap((box) => box.texts.map(Number)).toSorted((a, b) => a - b);
    expect(received).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    for (const box of boxes) {
      expect(box.messages.length).toBeGreaterThanOrEqual(175);
      expect(box.messages.length).toBeLessThanOrEqual(325);
    }
  });

  test("every queue group gets one copy, besides the plain subscribers", async () => {
    const nc = await join();
    const red = [1, 2, 3].map(() => new Mailbox(nc, "job.*", { queue: "red" }));
    const blue = [1, 2].map(() => new Mailbox(nc, "job.*", { queue: "blue" }));
    const plain = [1, 2].map(() => new Mailbox(nc, "job.*"));
    for (let i = 0; i < 30; i += 1) nc.publish(`job.${i}`);
    await nc.flush();
    const total = (boxes: Mailbox[]): number =>
      boxes.reduce((n, box) => n + box.messages.length, 0);
    expect([total(red), total(blue), total(plain)]).toEqual([30, 30, 60]);
  });

  test("members under different patterns are one queue group", async () => {
    const nc = await join();
    const patterns = ["mix.a", "mix.*", "mix.>"];
    const boxes = patterns.map((pattern) => new Mailbox(nc, pattern, { queue: "mixed" }));
    for (let i = 0; i < 300; i += 1) nc.publish("mix.a");
    await nc.flush();
    expect(boxes.reduce((n, box) => n + box.messages.length, 0)).toBe(300);
    for (const box of boxes) expect(box.messages.length).toBeGreaterThan(50);
  });

  test("headers arrive as sent: every value, the case of names, with and without payload", async () => {
    const nc = await join();
    const box = new Mailbox(nc, "h");
    const sent = headers();
    sent.set("Trace-Id", "é ü ✓");
    sent.append("lower-case", "one");
    sent.append("lower-case", "two, with a comma");
    sent.set("UPPER-CASE", "a:b=c");
    nc.publish("h", "payload", { headers: sent });
    nc.publish("h", "", { headers: sent });
    nc.publish("h", "none");
    const [full, empty, none] = await box.receives(3);
    for (const message of [full, empty]) {
      const got = message?.headers;
      expect(got?.keys().toSorted()).toEqual(["Trace-Id", "UPPER-CASE", "lower-case"]);
      expect(got?.get("Trace-Id")).toBe("é ü ✓");
      expect(got?.values("lower-case")).toEqual(["one", "two, with a comma"]);
      expect(got?.get("UPPER-CASE")).toBe("a:b=c");
    }
    expect([full?.string(), empty?.string(), none?.string()]).toEqual(["payload", "", "none"]);
    expect(none?.headers).toBeUndefined();
  });

  test("payloads are opaque bytes, also none at all, and subjects may be any UTF-8", async () => {
    const nc = await join();
    const box = new Mailbox(nc, "größe.*.>");
    const everyByte = Uint8Array.from({ length: 512 }, (_, i) => i % 256);
    const payloads = [everyByte, new Uint8Array(), Buffer.from("\r\nPUB x 1\r\n\0\r\n"), everyByte];
    for (const payload of payloads) nc.publish("größe.日本語.🦟.x", payload);
    const messages = await box.receives(4);
    expect(messages.map(({ data }) => [...data])).toEqual(payloads.map((bytes) => [...bytes]));
    expect(messages[0]?.subject).toBe("größe.日本語.🦟.x");
  });

  test("20,000 messages of each of two publishers arrive complete and in order", async () => {
    const count = 20_000;
    const [subscriber, left, right] = [await join(), await join(), await join()];
    const boxes = ["left", "right"].map((side) => new Mailbox(subscriber, `order.${side}`));
    const both = new Mailbox(subscriber, "order.*");
    await subscriber.flush();
    for (let i = 0; i < count; i += 1) {
      left.publish("order.left", String(i));
      right.publish("order.right", String(i));
    }
    await Promise.all([left.flush(), right.flush()]);
    await both.receives(2 * count);
    for (const box of boxes) {
      expect(box.messages.length).toBe(count);
      expect(box.messages.findIndex((message, i) => message.string() !== String(i))).toBe(-1);
    }
  });

  test("a message of exactly max_payload passes and one byte more is refused", async () => {
    const nc = await join();
    const box = new Mailbox(nc, "big");
    const payload = new Uint8Array(1_048_576).map((_, i) => i * 31);
    nc.publish("big", payload);
    const [message] = await box.receives(1);
    expect(Buffer.compare(message?.data ?? new Uint8Array(), payload)).toBe(0);
    expect(() => nc.publish("big", new Uint8Array(payload.length + 1))).toThrow(/max.?payload/i);
    await nc.flush();
    expect(box.messages.length).toBe(1);
  });

  test("a subscription with a maximum ends after that many messages", async () => {
    const nc = await join();
    const atOnce = nc.subscribe("max", { max: 3 });
    const later = new Mailbox(nc, "max");
    for (let i = 0; i < 2; i += 1) nc.publish("max", String(i));
    await later.receives(2);
    later.subscription.unsubscribe(5);
    for (let i = 2; i < 9; i += 1) nc.publish("max", String(i));
    await nc.flush();
    const texts: string[] = [];
    for await (const message of atOnce) texts.push(message.string());
    expect(texts).toEqual(["0", "1", "2"]);
    await later.subscription.closed;
    expect(later.texts).toEqual(["0", "1", "2", "3", "4"]);
  });

  test("nothing arrives after an unsubscribe, and the others go on", async () => {
    const nc = await join();
    const [leaver, stayer] = [new Mailbox(nc, "leave"), new Mailbox(nc, "leave")];
    nc.publish("leave");
    await leaver.receives(1);
    leaver.subscription.unsubscribe();
    nc.publish("leave");
    await stayer.receives(2);
    expect(leaver.messages.length).toBe(1);
  });

  test("without echo a client hears only what others publish", async () => {
    const [deaf, other] = [await join({ noEcho: true }), await join()];
    const boxes = [new Mailbox(deaf, "echo"), new Mailbox(deaf, "echo", { queue: "q" })];
    const others = new Mailbox(other, "echo", { queue: "q" });
    await Promise.all([deaf.flush(), other.flush()]);
    for (let i = 0; i < 20; i += 1) deaf.publish("echo", "own");
    await deaf.flush();
    await others.receives(20);
    other.publish("echo", "foreign");
    await other.flush();
    await deaf.flush();
    expect(boxes[0]?.texts).toEqual(["foreign"]);
    expect((boxes[1]?.messages.length ?? 0) + others.messages.length).toBe(21);
  });

  test("a verbose and pedantic client works like any other", async () => {
    const nc = await join({ verbose: true, pedantic: true });
    const box = new Mailbox(nc, "loud");
    const service = new Mailbox(nc, "loud.service");
    void service.receives(1).then(([message]) => message?.respond("yes"));
    for (let i = 0; i < 100; i += 1) nc.publish("loud", String(i));
    expect((await nc.request("loud.service", "?", { timeout: 5000 })).string()).toBe("yes");
    expect(box.texts).toEqual(Array.from({ length: 100 }, (_, i) => String(i)));
    expect(nc.isClosed()).toBe(false);
  });

  test("5,000 subscriptions on one connection each get their own message", async () => {
    const count = 5000;
    const nc = await join();
    const boxes = Array.from({ length: count }, (_, i) => new Mailbox(nc, `many.${i}.x`));
    const publisher = await join();
    await nc.flush();
    for (let i = 0; i < count; i += 1) publisher.publish(`many.${i}.x`, String(i));
    await publisher.flush();
    await nc.flush();
    const wrong = boxes.findIndex((box, i) => box.texts.join() !== String(i));
    expect(wrong).toBe(-1);
  });

  test("50 connections talk to each other", async () => {
    const crowd = await Promise.all(Array.from({ length: 50 }, () => join()));
    const boxes = crowd.map((member) => new Mailbox(member, "plaza"));
    await Promise.all(crowd.map((member) => member.flush()));
    crowd.forEach((member, i) => member.publish("plaza", String(i)));
    await Promise.all(boxes.map((box) => box.receives(50)));
    const everyone = crowd.map((_, i) => String(i)).toSorted();
    for (const box of boxes) expect(box.texts.toSorted()).toEqual(everyone);
    expect(new Set(crowd.map((member) => member.info?.client_id)).size).toBe(50);
  });
});
