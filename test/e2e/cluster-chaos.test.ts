// Clusters under load while servers die, leave and are cut off: whoever is not concerned notices nothing, whoever
// is comes back, and what is heard is heard once and in order.
import { expect, test } from "bun:test";
import { AT_HOME, Conversation, isFaultless, Talker } from "../../scripts/soak/conversation.ts";
import { type Connection, Mailbox } from "./clients.ts";
import { Gate } from "./cluster-gate.ts";
import {
  eventually,
  meet,
  type Node,
  Nodes,
  PATIENCE_MS,
  reach,
  serverPort,
  startCluster,
  urlsToldTo,
} from "./cluster-nodes.ts";
import { within } from "./support.ts";

const TEST_MS = 60_000;
/** What everybody says before the next thing happens. */
const NUMBERS = 1000;

/** A client at home at each server, and the load between them. */
async function converse(nodes: Nodes): Promise<Conversation> {
  const clients = await nodes.clients(AT_HOME);
  const talkers = clients.map((client, i) => new Talker(nodes.at(i).name, client));
  const conversation = await Conversation.of(talkers);
  await meet(...clients);
  conversation.start();
  await conversation.goesOn(NUMBERS, PATIENCE_MS);
  return conversation;
}

/** Clients that start at this server, learn of the others, and go where somebody is. */
async function wanderers(nodes: Nodes, place: number, count: number): Promise<Connection[]> {
  const options = { reconnectTimeWait: 50, reconnectJitter: 20, maxReconnectAttempts: -1 };
  const clients: Connection[] = [];
  for (let i = 0; i < count; i++) {
    const client = await nodes.client(nodes.at(place), options);
    client.subscribe(`wanderer.${place}.${i}`, { callback: (_, message) => message.respond() });
    await client.flush();
    await eventually(
      () => urlsToldTo(client).length === nodes.all.length,
      () => "it is told of all servers",
    );
    clients.push(client);
  }
  return clients;
}

const back = (client: Connection) => {
  const wait = async (): Promise<void> => {
    for await (const { type } of client.status()) if (type === "reconnect") return;
    throw new Error("the connection closed");
  };
  return within(wait(), () => "a reconnect", PATIENCE_MS);
};

test.each([3, 5])(
  "each of %d servers is killed and started again under load: the others' clients miss nothing, its own come back",
  async (count) => {
    await using nodes = await startCluster(count);
    const conversation = await converse(nodes);
    const { talkers } = conversation;
    const asker = await nodes.client(nodes.at(0), AT_HOME);
    for (const [i, node] of nodes.all.entries()) {
      const movers = await wanderers(nodes, i, 2);
      const others = talkers.filter((each) => each !== talkers[i]);
      const epochs = others.map(({ epoch }) => epoch);
      const moved = movers.map(back);
      await node.kill();
      await Promise.all(moved);
      await conversation.goesOn(NUMBERS, PATIENCE_MS);
      expect(talkers[i]!.isUp).toBe(false);
      await node.start();
      await conversation.flowing(PATIENCE_MS);
      await conversation.goesOn(NUMBERS, PATIENCE_MS);
      expect(others.map(({ epoch }) => epoch)).toEqual(epochs);
      for (let k = 0; k < movers.length; k++) await reach(asker, `wanderer.${i}.${k}`);
      await Promise.all(movers.map((mover) => mover.close()));
    }
    const figures = await conversation.end(PATIENCE_MS);
    expect(figures.faults).toEqual([]);
    expect(isFaultless(figures)).toBe(true);
  },
  TEST_MS,
);

test(
  "five servers, two of them killed at once: the three others go on undisturbed, and all find each other again",
  async () => {
    await using nodes = await startCluster(5);
    const conversation = await converse(nodes);
    const { talkers } = conversation;
    // The first is the one that all others were told of.
    const victims = [nodes.at(0), nodes.at(3)];
    await Promise.all(victims.map((node) => node.kill()));
    await conversation.goesOn(NUMBERS, PATIENCE_MS);
    await Promise.all(victims.map((node) => node.start()));
    await conversation.flowing(PATIENCE_MS);
    await conversation.goesOn(NUMBERS, PATIENCE_MS);
    const figures = await conversation.end(PATIENCE_MS);
    expect(figures.faults).toEqual([]);
    expect(isFaultless(figures)).toBe(true);
    const stayed = [1, 2, 4].map((place) => talkers[place]!);
    expect(stayed.map(({ epoch }) => epoch)).toEqual([0, 0, 0]);
    const { sent, received } = conversation.among(...stayed);
    expect(received).toBe(sent);
  },
  TEST_MS,
);

test(
  "a server that stands still for a while under load delays its own clients and loses nothing",
  async () => {
    await using nodes = await startCluster(3);
    const conversation = await converse(nodes);
    const { child } = nodes.at(1).broker;
    const others = conversation.talkers.filter((_, place) => place !== 1);
    child.kill("SIGSTOP");
    try {
      await conversation.goesOn(20 * NUMBERS, PATIENCE_MS, others);
    } finally {
      child.kill("SIGCONT");
    }
    await conversation.goesOn(NUMBERS, PATIENCE_MS);
    const figures = await conversation.end(PATIENCE_MS);
    expect(figures.faults).toEqual([]);
    expect(figures.received).toBe(figures.sent);
    expect(conversation.talkers.map(({ epoch }) => epoch)).toEqual([0, 0, 0]);
  },
  TEST_MS,
);

test(
  "a lame duck under load: its clients move to the others, whose own miss nothing",
  async () => {
    const config = 'lame_duck_grace_period: "100ms"\nlame_duck_duration: "30s"';
    await using nodes = await startCluster(3, { config });
    const [refuge, duck, other] = [nodes.at(0), nodes.at(1), nodes.at(2)];
    const movers = await wanderers(nodes, 1, 4);
    const neighbour = await nodes.client(refuge, AT_HOME);
    const observer = await nodes.client(other, AT_HOME);
    const staying = [new Talker("A", neighbour), new Talker("C", observer)];
    const conversation = await Conversation.of(staying);
    await meet(neighbour, observer);
    conversation.start();
    await conversation.goesOn(NUMBERS, PATIENCE_MS);
    const moved = movers.map(back);
    const end = within(duck.broker.child.exited, () => "the end of the lame duck", PATIENCE_MS);
    duck.broker.child.kill("SIGUSR2");
    // Clients elsewhere are not sent there any more.
    const left = [refuge.address, other.address].sort();
    await eventually(
      () => Bun.deepEquals(urlsToldTo(observer), left),
      () => `only ${left} are told`,
    );
    await Promise.all(moved);
    expect(await end).toBe(0);
    await conversation.goesOn(NUMBERS, PATIENCE_MS);
    const boxes = movers.map((mover) => new Mailbox(mover, "news"));
    for (const i of movers.keys()) await reach(observer, `wanderer.1.${i}`);
    await meet(observer, ...movers);
    observer.publish("news", "x");
    for (const mover of movers) mover.publish("news", "y");
    await meet(observer, ...movers);
    for (const { messages } of boxes) expect(messages.length).toBe(1 + movers.length);
    const figures = await conversation.end(PATIENCE_MS);
    expect(figures.faults).toEqual([]);
    expect(figures.received).toBe(figures.sent);
  },
  TEST_MS,
);

/** Its route was found to be dead. */
const stale = ({ name, broker }: Node) => {
  const ofRoutes = () => broker.lines.filter((line) => line.includes("rid:"));
  return eventually(
    () => ofRoutes().some((line) => line.includes("closed: Stale Connection")),
    () => `${name} closes a stale route:\n${ofRoutes().join("\n")}`,
  );
};

test(
  "a server that is cut off from the others is found again, and nothing is lost between these",
  async () => {
    const cluster = "ping_interval: 500ms\nping_max: 2";
    await using nodes = new Nodes();
    const a = await nodes.add({ name: "A", cluster });
    await nodes.add({ name: "B", cluster, routes: [a.clusterPort] });
    // C dials through one gate, and is dialled through another.
    const ports = { client: await serverPort(), cluster: await serverPort() };
    using out = new Gate(a.clusterPort);
    using into = new Gate(ports.cluster);
    const advertise = `${cluster}\nadvertise: "127.0.0.1:${into.port}"`;
    await nodes.add({ name: "C", ports, cluster: advertise, routes: [out.port] });
    const conversation = await converse(nodes);
    const { talkers } = conversation;
    const separated = talkers[2]!;
    out.cut();
    into.cut();
    separated.parted();
    await Promise.all(nodes.all.map(stale));
    await eventually(
      () => out.swallowed > 0,
      () => "it is dialled again while there is no way",
    );
    await conversation.goesOn(NUMBERS, PATIENCE_MS);
    out.mend();
    into.mend();
    separated.parted();
    await conversation.flowing(PATIENCE_MS);
    await conversation.goesOn(NUMBERS, PATIENCE_MS);
    const figures = await conversation.end(PATIENCE_MS);
    expect(figures.faults).toEqual([]);
    expect(isFaultless(figures)).toBe(true);
    const { sent, received } = conversation.among(talkers[0]!, talkers[1]!);
    expect(received).toBe(sent);
    // Everything arrives again.
    const clients = await nodes.clients();
    const boxes = clients.map((client) => new Mailbox(client, "healed.*"));
    await meet(...clients);
    for (const [i, client] of clients.entries()) {
      for (let n = 0; n < 100; n++) client.publish(`healed.${i}`, String(n));
    }
    await meet(...clients);
    for (const { messages } of boxes) expect(messages.length).toBe(300);
  },
  TEST_MS,
);

test(
  "two servers that know each other from a third only, and are parted, find each other again",
  async () => {
    const cluster = "ping_interval: 300ms\nping_max: 2";
    await using nodes = new Nodes();
    const a = await nodes.add({ name: "A", cluster });
    const gates: Gate[] = [];
    using stack = new DisposableStack();
    for (const name of ["B", "C"]) {
      const ports = { client: await serverPort(), cluster: await serverPort() };
      const gate = stack.use(new Gate(ports.cluster));
      gates.push(gate);
      const advertise = `${cluster}\nadvertise: "127.0.0.1:${gate.port}"`;
      await nodes.add({ name, ports, cluster: advertise, routes: [a.clusterPort] });
    }
    const [, b, c] = await nodes.clients();
    await meet(b!, c!);
    c!.subscribe("parted", { callback: (_, message) => message.respond() });
    await c!.flush();
    await reach(b!, "parted");
    for (const gate of gates) gate.cut();
    await Promise.all([stale(nodes.at(1)), stale(nodes.at(2))]);
    await eventually(
      () => gates.some(({ swallowed }) => swallowed > 0),
      () => "one of them dials while there is no way",
    );
    for (const gate of gates) gate.mend();
    await reach(b!, "parted");
    await meet(b!, c!);
  },
  TEST_MS,
);
