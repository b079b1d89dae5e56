// The services API of the nats 2 client ("micro"): discovery, endpoints in groups, errors, and load
// shared by instances.
import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { type NatsConnection, RequestStrategy, type Service, ServiceError, connect } from "nats";
import { Broker, within } from "./support.ts";

let broker: Broker;
beforeAll(async () => {
  broker = await Broker.start();
});
afterAll(() => broker.stop());

const open: NatsConnection[] = [];
const join = async (): Promise<NatsConnection> => {
  const connection = await connect({ servers: broker.url });
  open.push(connection);
  return connection;
};
afterEach(() => Promise.all(open.splice(0).map((connection) => connection.close())));

/** A calculator: `calc.add` sums a list of numbers, `calc.math.divide` divides two of them. */
async function calculator(): Promise<Service> {
  const connection = await join();
  const service = await connection.services.add({
    name: "calculator",
    version: "1.2.3",
    description: "sums",
    metadata: { place: "here" },
  });
  const group = service.addGroup("calc");
  group.addEndpoint("add", (_, message) => {
    const numbers = message.json<number[]>();
    message.respond(JSON.stringify(numbers.reduce((sum, n) => sum + n, 0)));
  });
  group.addGroup("math").addEndpoint("divide", {
    metadata: { careful: "yes" },
    handler: (_, message) => {
      const [a = 0, b = 0] = message.json<number[]>();
      if (b === 0) message.respondError(400, "division by zero");
      else message.respond(JSON.stringify(a / b));
    },
  });
  await connection.flush();
  return service;
}

/** Asks all services; done as soon as the expected number has answered. */
function discovery(client: NatsConnection, expected: number) {
  return client.services.client({
    strategy: RequestStrategy.Count,
    maxMessages: expected,
    maxWait: 5000,
  });
}

async function gather<T>(answers: Promise<AsyncIterable<T>>): Promise<T[]> {
  const list: T[] = [];
  const read = async (): Promise<void> => {
    for await (const answer of await answers) list.push(answer);
  };
  await within(read(), () => `answers of services after ${JSON.stringify(list)}`);
  return list;
}

test("endpoints answer under their group's prefix", async () => {
  await calculator();
  const client = await join();
  expect((await client.request("calc.add", "[1,2,3]")).json<number>()).toBe(6);
  expect((await client.request("calc.math.divide", "[9,3]")).json<number>()).toBe(3);
});

test("an error response carries its code and text in headers", async () => {
  await calculator();
  const answer = await (await join()).request("calc.math.divide", "[1,0]");
  const error = ServiceError.toServiceError(answer);
  expect(error?.code).toBe(400);
  expect(error?.message).toBe("division by zero");
  expect(answer.data.length).toBe(0);
});

test("ping finds every instance: all, by name, by id", async () => {
  const services = [await calculator(), await calculator()];
  const client = await join();
  const ids = services.map((service) => service.info().id).toSorted();
  const all = await gather(discovery(client, 2).ping());
  const named = await gather(discovery(client, 2).ping("calculator"));
  const single = await gather(discovery(client, 1).ping("calculator", ids[1] ?? ""));
  for (const found of [all, named]) expect(found.map(({ id }) => id).toSorted()).toEqual(ids);
  expect(single.map(({ id }) => id)).toEqual([ids[1] ?? ""]);
  expect(all[0]).toMatchObject({ name: "calculator", version: "1.2.3" });
});

test("info describes the endpoints", async () => {
  await calculator();
  const [info] = await gather(discovery(await join(), 1).info("calculator"));
  expect(info?.description).toBe("sums");
  expect(info?.metadata).toEqual({ place: "here" });
  expect(info?.endpoints.map(({ name, subject }) => [name, subject])).toEqual([
    ["add", "calc.add"],
    ["divide", "calc.math.divide"],
  ]);
});

test("stats count the requests and errors of each endpoint", async () => {
  await calculator();
  const client = await join();
  for (let i = 0; i < 5; i += 1) await client.request("calc.add", "[1]");
  await client.request("calc.math.divide", "[1,0]");
  const [stats] = await gather(discovery(client, 1).stats("calculator"));
  const counts = stats?.endpoints?.map(({ name, num_requests }) => [name, num_requests]);
  expect(counts).toEqual([
    ["add", 5],
    ["divide", 1],
  ]);
});

test("two instances share the load, and one that stops leaves it to the other", async () => {
  const services = [await calculator(), await calculator()];
  const client = await join();
  for (let i = 0; i < 300; i += 1) await client.request("calc.add", "[1]");
  const requests = async (service: Service | undefined): Promise<number> =>
    (await service?.stats())?.endpoints?.[0]?.num_requests ?? 0;
  const shares = [await requests(services[0]), await requests(services[1])];
  expect(shares.reduce((sum, share) => sum + share)).toBe(300);
  expect(Math.min(...shares)).toBeGreaterThan(90);
  await services[0]?.stop();
  for (let i = 0; i < 20; i += 1) await client.request("calc.add", "[1]");
  expect(await requests(services[1])).toBe((shares[1] ?? 0) + 20);
});
