// Clusters of executables with today's official clients: whoever is connected anywhere reaches everybody
// everywhere, once.
import { expect, test } from "bun:test";
import { type Connection, flavours, Mailbox } from "./clients.ts";
import { eventually, meet, type Nodes, startCluster, urlsToldTo } from "./cluster-nodes.ts";

const TEST_MS = 30_000;
const MESSAGES = 200;

const numbers = (count: number) => Array.from({ length: count }, (_, i) => String(i));
const addresses = (nodes: Nodes) => nodes.all.map(({ address }) => address).sort();
const isNoResponders = (error: unknown) => flavours.some((each) => each.isNoResponders(error));

test.each([3, 5])(
  "%d servers that know one of them: everybody hears everybody, all of it, once and in order",
  async (count) => {
    await using nodes = await startCluster(count);
    const clients = await nodes.clients();
    const boxes = clients.map((client) => new Mailbox(client, "all.*"));
    await meet(...clients);
    for (let n = 0; n < MESSAGES; n++) {
      for (const [i, client] of clients.entries()) client.publish(`all.${i}`, String(n));
    }
    await meet(...clients);
    for (const { messages } of boxes) {
      const from = (i: number) => messages.filter(({ subject }) => subject === `all.${i}`);
      for (let i = 0; i < count; i++) {
        expect(from(i).map((message) => message.string())).toEqual(numbers(MESSAGES));
      }
      expect(messages.length).toBe(count * MESSAGES);
    }
  },
  TEST_MS,
);

test.each([3, 5])(
  "%d servers: each message goes to one member of each queue group, wherever members are",
  async (count) => {
    await using nodes = await startCluster(count);
    const clients = await nodes.clients();
    const everywhere = clients.map((client) => new Mailbox(client, "job.*", { queue: "all" }));
    // Several members at one server, none at the others.
    const [crowded] = clients as [Connection];
    const home = [1, 2].map(() => new Mailbox(crowded, "job.>", { queue: "home" }));
    const plain = clients.map((client) => new Mailbox(client, "job.*"));
    await meet(...clients);
    for (const [i, client] of clients.entries()) {
      for (let n = 0; n < MESSAGES; n++) client.publish(`job.${i}`, `${i}.${n}`);
    }
    await meet(...clients);
    const all = clients.flatMap((_, i) => numbers(MESSAGES).map((n) => `${i}.${n}`)).sort();
    for (const group of [everywhere, home]) {
      expect(group.flatMap(({ texts }) => texts).sort()).toEqual(all);
      for (const { messages } of group) expect(messages.length).toBeGreaterThan(0);
    }
    for (const { texts } of plain) expect(texts.sort()).toEqual(all);
  },
  TEST_MS,
);

test(
  "requests are answered across servers, and where nobody is there any more the asker is told at once",
  async () => {
    await using nodes = await startCluster(3);
    const clients = await nodes.clients();
    for (const [i, client] of clients.entries()) {
      client.subscribe(`ask.${i}`, {
        callback: (_, message) => message.respond(`${i} to ${message.string()}`),
      });
    }
    let served = 0;
    const workers = clients.slice(1).map((client) =>
      client.subscribe("serve", {
        queue: "workers",
        callback: (_, message) => {
          served++;
          message.respond(message.data);
        },
      }),
    );
    await meet(...clients);
    for (const [from, client] of clients.entries()) {
      const answers = clients.map((_, i) =>
        client.request(`ask.${i}`, `${from}`, { timeout: 4000 }),
      );
      const texts = (await Promise.all(answers)).map((answer) => answer.string());
      expect(texts).toEqual(clients.map((_, i) => `${i} to ${from}`));
    }
    const [asker] = clients as [Connection];
    const jobs = numbers(100).map((n) => asker.request("serve", n, { timeout: 4000 }));
    expect((await Promise.all(jobs)).map((answer) => answer.string())).toEqual(numbers(100));
    expect(served).toBe(100);

    const unheard = () =>
      asker.request("serve", "", { timeout: 4000 }).then(() => "an answer", isNoResponders);
    const [first, second] = workers;
    first!.unsubscribe();
    await meet(...clients);
    expect(await unheard()).toBe("an answer");
    second!.unsubscribe();
    await meet(...clients);
    expect(await unheard()).toBe(true);
  },
  TEST_MS,
);

test(
  "a server that joins through any one learns all, and clients everywhere learn of it and of its end",
  async () => {
    await using nodes = await startCluster(3);
    const clients = await nodes.clients();
    await meet(...clients);
    const told = () =>
      eventually(
        () => clients.every((client) => Bun.deepEquals(urlsToldTo(client), addresses(nodes))),
        () => `all are told of ${addresses(nodes)}, not of ${clients.map(urlsToldTo).join(" | ")}`,
      );
    await told();
    const late = await nodes.add({ name: "D", routes: [nodes.at(2).clusterPort] });
    clients.push(await nodes.client(late));
    const box = new Mailbox(clients.at(-1)!, "news");
    await meet(...clients);
    for (const [i, client] of clients.entries()) client.publish("news", String(i));
    await meet(...clients);
    expect(box.texts.sort()).toEqual(["0", "1", "2", "3"]);
    await told();

    await clients.pop()!.close();
    nodes.all.pop();
    await late[Symbol.asyncDispose]();
    await told();
  },
  TEST_MS,
);
