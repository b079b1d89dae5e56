// The life of a connection of today's official clients: drain, flush, close, errors told on the
// way, server restarts.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { connect as open } from "../support/wire.ts";
import { type ConnectOptions, type Connection, Mailbox, flavours, statusOf } from "./clients.ts";
import { Broker, within } from "./support.ts";

let broker: Broker;
beforeAll(async () => {
  broker = await Broker.start();
});
afterAll(() => broker.stop());

describe.each(flavours)("$name", ({ connect, statusText }) => {
  const opened: Connection[] = [];
  const join = async (options: Partial<ConnectOptions> = {}): Promise<Connection> => {
    const connection = await connect({
      servers: broker.url,
      reconnectTimeWait: 10,
      reconnectJitter: 0,
      maxReconnectAttempts: -1,
      ...options,
    });
    opened.push(connection);
    return connection;
  };
  afterEach(() => Promise.all(opened.splice(0).map((connection) => connection.close())));

  test("a drained subscription handles what is on its way and then ends", async () => {
    const [nc, publisher] = [await join(), await join()];
    const [leaver, stayer] = [new Mailbox(nc, "drain.one"), new Mailbox(nc, "drain.one")];
    await nc.flush();
    for (let i = 0; i < 1000; i += 1) publisher.publish("drain.one");
    await publisher.flush();
    await leaver.subscription.drain();
    publisher.publish("drain.one");
    await stayer.receives(1001);
    expect(leaver.messages.length).toBe(1000);
    expect(leaver.subscription.isClosed()).toBe(true);
  });

  test("a drained connection handles its messages, sends its answers and closes", async () => {
    const [worker, client] = [await join(), await join()];
    const done = new Mailbox(client, "drain.done");
    worker.subscribe("drain.all", {
      callback: (_, message) => worker.publish("drain.done", message.data),
    });
    await Promise.all([worker.flush(), client.flush()]);
    for (let i = 0; i < 1000; i += 1) client.publish("drain.all", String(i));
    await client.flush();
    await worker.drain();
    expect(await worker.closed()).toBeUndefined();
    await done.receives(1000);
    expect(done.texts).toEqual(Array.from({ length: 1000 }, (_, i) => String(i)));
  });

  test("flush returns when the server has handled everything before it", async () => {
    const [subscriber, publisher] = [await join(), await join()];
    const box = new Mailbox(subscriber, "flushed");
    await subscriber.flush();
    for (let i = 0; i < 500; i += 1) publisher.publish("flushed");
    await publisher.flush();
    await subscriber.flush();
    expect(box.messages.length).toBe(500);
  });

  test("rtt measures a round trip in milliseconds", async () => {
    const rtt = await (await join()).rtt();
    expect(rtt).toBeGreaterThanOrEqual(0);
    expect(rtt).toBeLessThan(1000);
  });

  test("a subscriber that closes with messages pending disturbs nobody", async () => {
    const [quitter, stayer, publisher] = [await join(), await join(), await join()];
    const box = new Mailbox(stayer, "quit");
    const quitting = new Mailbox(quitter, "quit");
    void quitting.receives(1).then(() => quitter.close());
    await Promise.all([quitter.flush(), stayer.flush()]);
    const payload = new Uint8Array(1000);
    for (let i = 0; i < 10_000; i += 1) publisher.publish("quit", payload);
    await publisher.flush();
    await box.receives(10_000);
    expect(quitter.isClosed()).toBe(true);
    expect(await publisher.rtt()).toBeLessThan(1000);
  });

  test("messages published right before a drain are not lost", async () => {
    const [subscriber, publisher] = [await join(), await join()];
    const box = new Mailbox(subscriber, "last.words");
    await subscriber.flush();
    for (let i = 0; i < 2000; i += 1) publisher.publish("last.words", String(i));
    await publisher.drain();
    await box.receives(2000);
    expect(box.texts.at(-1)).toBe("1999");
  });

  test("an invalid subject is told as an error and the connection stays", async () => {
    const nc = await join({ reconnect: false });
    const error = statusOf(nc, "error");
    const invalid = new Mailbox(nc, "in..valid");
    expect(statusText(await error)).toMatch(/invalid subject|NATS_PROTOCOL_ERR/i);
    const box = new Mailbox(nc, "valid");
    nc.publish("in..valid");
    nc.publish("valid", "still here");
    expect((await box.receives(1))[0]?.string()).toBe("still here");
    expect(invalid.messages.length).toBe(0);
  });

  test("a pedantic client is told about a wildcard in a publish", async () => {
    const nc = await join({ pedantic: true, reconnect: false });
    const error = statusOf(nc, "error");
    nc.publish("wild.*");
    expect(statusText(await error)).toMatch(/invalid publish subject|NATS_PROTOCOL_ERR/i);
    await nc.flush();
    expect(nc.isClosed()).toBe(false);
  });

  test("a permission error is told as such and the connection stays", async () => {
    const nc = await join({ reconnect: false });
    const error = statusOf(nc, "error");
    const refused = new Mailbox(nc, "any", { queue: "_sys_" });
    expect(statusText(await error)).toMatch(/permissions.violation/i);
    expect(refused.error?.message).toContain('Subscription to "any" using queue "_sys_"');
    await nc.flush();
    expect(nc.isClosed()).toBe(false);
  });

  test("a forced reconnect brings the subscriptions back", async () => {
    const nc = await join();
    const box = new Mailbox(nc, "again");
    await nc.flush();
    const before = nc.info?.client_id ?? 0;
    const back = statusOf(nc, "reconnect");
    await nc.reconnect();
    await back;
    expect(nc.info?.client_id).toBeGreaterThan(before);
    const publisher = await join();
    publisher.publish("again", "here");
    expect((await box.receives(1))[0]?.string()).toBe("here");
  });

  test("after a restart of the server on its port everything works again", async () => {
    const first = await Broker.start();
    const servers = first.url;
    const [worker, client] = [await join({ servers }), await join({ servers })];
    const queued = new Mailbox(worker, "task.*", { queue: "workers" });
    worker.subscribe("ask", { callback: (_, message) => message.respond("answer") });
    await worker.flush();
    expect((await client.request("ask", "", { timeout: 5000 })).string()).toBe("answer");

    const gone = [worker, client].map((nc) => statusOf(nc, "disconnect"));
    const back = [worker, client].map((nc) => statusOf(nc, "reconnect"));
    await first.stop();
    await Promise.all(gone);
    await using _second = await Broker.start({ port: first.port });
    await Promise.all(back);

    await worker.flush();
    client.publish("task.1", "after");
    expect((await queued.receives(1))[0]?.string()).toBe("after");
    expect((await client.request("ask", "", { timeout: 5000 })).string()).toBe("answer");
    await Promise.all([worker.close(), client.close()]);
  });

  test("a client that may not reconnect is closed when the server stops", async () => {
    const mortal = await Broker.start();
    const nc = await join({ servers: mortal.url, reconnect: false });
    await mortal.stop();
    await within(nc.closed(), () => "the close of the client");
    expect(nc.isClosed()).toBe(true);
  });

  test("a client without headers gets the payload alone", async () => {
    const nc = await join();
    await using old = await open(broker.port);
    await old.says('CONNECT {"verbose":false}\r\nSUB stripped 7\r\nPING\r\n');
    await old.hears("PONG\r\n");
    const { headers } = flavours[0]!;
    const block = headers();
    block.set("Key", "value");
    nc.publish("stripped", "bare", { headers: block, reply: "back" });
    await old.hears("MSG stripped 7 back 4\r\nbare\r\n");
  });
});
