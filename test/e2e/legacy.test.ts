// The last client of the callback era (nats 1.4): no headers, no no-responders, protocol as it was
// in 2020. It must not notice that the server is a newer one.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { type Client, type ClientOpts, type NatsError, connect } from "nats-legacy";
import { connect as connectModern, headers } from "nats";
import { Broker, within } from "./support.ts";

let broker: Broker;
beforeAll(async () => {
  broker = await Broker.start();
});
afterAll(() => broker.stop());

const open: Client[] = [];
afterEach(() => {
  for (const client of open.splice(0)) client.close();
});

async function join(options: ClientOpts = {}): Promise<Client> {
  const client = connect({ url: broker.url, ...options });
  open.push(client);
  const connected = new Promise((resolve, reject) => {
    client.once("connect", resolve);
    client.once("error", reject);
  });
  await within(connected, () => "the old client to connect");
  return client;
}

const event = (client: Client, name: string): Promise<unknown> =>
  within(new Promise((resolve) => client.once(name, resolve)), () => `the event "${name}"`);

const flush = (client: Client): Promise<void> =>
  within(new Promise((resolve) => client.flush(() => resolve())), () => "a flush");

/** Subscribes and keeps what comes. */
function listen(client: Client, subject: string, options = {}): { sid: number; texts: string[] } {
  const texts: string[] = [];
  const sid = client.subscribe(subject, options, (text: string) => texts.push(text));
  return { sid, texts };
}

describe.each([{ useOldRequestStyle: false }, { useOldRequestStyle: true }])(
  "requests with useOldRequestStyle $useOldRequestStyle",
  (style) => {
    test("a request gets its answer", async () => {
      const service = await join();
      service.subscribe("help", (text: string, reply: string) => {
        service.publish(reply, `${text}!`);
      });
      await flush(service);
      const client = await join(style);
      const answers = Array.from(
        { length: 100 },
        (_, i) => new Promise((resolve) => client.requestOne("help", String(i), {}, 5000, resolve)),
      );
      const texts = await within(Promise.all(answers), () => "100 answers");
      expect(texts).toEqual(Array.from({ length: 100 }, (_, i) => `${i}!`));
    });

    test("a request may take several answers", async () => {
      const service = await join();
      service.subscribe("list", (_: string, reply: string) => {
        for (const text of ["a", "b", "c"]) service.publish(reply, text);
      });
      await flush(service);
      const client = await join(style);
      const texts: string[] = [];
      const all = new Promise<void>((resolve) => {
        client.request("list", "", { max: 3 }, (text: string) => {
          if (texts.push(text) === 3) resolve();
        });
      });
      await within(all, () => "three answers");
      expect(texts).toEqual(["a", "b", "c"]);
    });

    test("without a responder the old client gets its own timeout, not a notice", async () => {
      const client = await join(style);
      const answer = new Promise<NatsError>((resolve) => {
        client.requestOne("nobody", "?", {}, 30, (error: NatsError) => resolve(error));
      });
      expect((await within(answer, () => "a timeout")).code).toBe("REQ_TIMEOUT");
    });
  },
);

test("publish and subscribe, with wildcards and replies", async () => {
  const client = await join();
  const boxes = ["x.y", "x.*", "x.>", "*.z", ">"].map((subject) => listen(client, subject));
  for (const subject of ["x.y", "x.y.z", "x.z"]) client.publish(subject, subject);
  await flush(client);
  expect(boxes.map(({ texts }) => texts)).toEqual([
    ["x.y"],
    ["x.y", "x.z"],
    ["x.y", "x.y.z", "x.z"],
    ["x.z"],
    ["x.y", "x.y.z", "x.z"],
  ]);
});

test("a queue group shares the messages", async () => {
  const [one, two, publisher] = [await join(), await join(), await join()];
  const boxes = [one, two].map((client) => listen(client, "queue", { queue: "workers" }));
  await Promise.all([flush(one), flush(two)]);
  for (let i = 0; i < 400; i += 1) publisher.publish("queue", String(i));
  await flush(publisher);
  await Promise.all([flush(one), flush(two)]);
  const shares = boxes.map(({ texts }) => texts.length);
  expect(shares.reduce((sum, share) => sum + share)).toBe(400);
  expect(Math.min(...shares)).toBeGreaterThan(140);
});

test("auto-unsubscribe ends a subscription after its maximum", async () => {
  const client = await join();
  const atOnce = listen(client, "auto", { max: 3 });
  const later = listen(client, "auto");
  client.publish("auto", "0");
  await flush(client);
  client.unsubscribe(later.sid, 2);
  for (let i = 1; i < 6; i += 1) client.publish("auto", String(i));
  await flush(client);
  expect(atOnce.texts).toEqual(["0", "1", "2"]);
  expect(later.texts).toEqual(["0", "1"]);
  client.publish("auto", "after");
  await flush(client);
  expect(atOnce.texts.length + later.texts.length).toBe(5);
});

test("10,000 messages arrive in order, and binary payloads unchanged", async () => {
  const client = await join();
  const { texts } = listen(client, "ordered");
  for (let i = 0; i < 10_000; i += 1) client.publish("ordered", String(i));
  await flush(client);
  expect(texts.length).toBe(10_000);
  expect(texts.findIndex((text, i) => text !== String(i))).toBe(-1);

  const binary = await join({ preserveBuffers: true });
  const everyByte = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
  const got = new Promise<Buffer>((resolve) => binary.subscribe("binary", resolve));
  binary.publish("binary", everyByte);
  expect((await within(got, () => "the bytes")).equals(everyByte)).toBe(true);
});

test("headers of a modern publisher are stripped", async () => {
  const client = await join();
  const got = new Promise<string[]>((resolve) => {
    client.subscribe("modern", (text: string, reply: string) => resolve([text, reply]));
  });
  await flush(client);
  const modern = await connectModern({ servers: broker.url });
  const block = headers();
  block.set("Key", "value");
  modern.publish("modern", "bare", { headers: block, reply: "back" });
  expect(await within(got, () => "the message")).toEqual(["bare", "back"]);
  await modern.close();
});

test("verbose, pedantic and without echo", async () => {
  const loud = await join({ verbose: true, pedantic: true, noEcho: true });
  const own = listen(loud, "loud");
  await flush(loud);
  const other = await join();
  loud.publish("loud", "own");
  await flush(loud);
  other.publish("loud", "foreign");
  await flush(other);
  await flush(loud);
  expect(own.texts).toEqual(["foreign"]);
});

test("an invalid subject is an error event", async () => {
  const client = await join({ reconnect: false });
  const error = new Promise<Error>((resolve) => client.once("error", resolve));
  client.subscribe("in..valid", () => undefined);
  expect(String(await within(error, () => "an error"))).toMatch(/invalid subject/i);
});

test("drain handles what is on its way and closes", async () => {
  const [client, publisher] = [await join(), await join()];
  const { texts } = listen(client, "drained");
  await flush(client);
  for (let i = 0; i < 1000; i += 1) publisher.publish("drained", String(i));
  await flush(publisher);
  const drained = new Promise((resolve) => client.drain(resolve));
  await within(drained, () => "the end of the drain");
  expect(texts.length).toBe(1000);
});

test("after a restart of the server the old client is back with its subscriptions", async () => {
  const first = await Broker.start();
  const client = await join({
    url: first.url,
    reconnectTimeWait: 10,
    reconnectJitter: 0,
    maxReconnectAttempts: -1,
  });
  const got = new Promise<string>((resolve) => client.subscribe("again.*", resolve));
  await flush(client);
  const gone = event(client, "disconnect");
  await first.stop();
  await gone;
  const back = event(client, "reconnect");
  await using _second = await Broker.start({ port: first.port });
  await back;
  client.publish("again.1", "here");
  expect(await within(got, () => "the message")).toBe("here");
  client.close();
});
