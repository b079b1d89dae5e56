// Each test has a broker of its own, without a port: they may all run at once and never meet.

import { expect, test } from "bun:test";
import type { NatsConnection } from "@nats-io/nats-core";
import { Svcm } from "@nats-io/services";
import { Midge } from "midge-server";
import { type PlacedOrder, PLACED, serveOrders } from "../src/orders.ts";

/** A broker with the service, and a client of both. */
async function shop() {
  const server = await Midge.start({ listen: false });
  await serveOrders(await server.connect({ name: "service" }));
  const client = await server.connect({ name: "client" });
  return { server, client, [Symbol.asyncDispose]: () => server.stop() };
}

async function ask(client: NatsConnection, subject: string, body: unknown): Promise<PlacedOrder> {
  const answer = await client.request(subject, JSON.stringify(body));
  const error = answer.headers?.get("Nats-Service-Error");
  if (error) throw new Error(error);
  return answer.json<PlacedOrder>();
}

test("an order is placed and found again", async () => {
  await using it = await shop();
  const placed = await ask(it.client, "orders.place", { item: "tea", count: 2 });
  expect(placed).toEqual({ id: 1, item: "tea", count: 2 });
  expect(await ask(it.client, "orders.get", { id: 1 })).toEqual(placed);
});

test("everybody who listens hears of it", async () => {
  await using it = await shop();
  const events = it.client.subscribe(PLACED, { max: 1 });
  await ask(it.client, "orders.place", { item: "salt", count: 1 });
  for await (const event of events) expect(event.json()).toEqual({ id: 1, item: "salt", count: 1 });
});

test("a bad order is refused with the reason", async () => {
  await using it = await shop();
  const refused = (body: unknown) => expect(ask(it.client, "orders.place", body)).rejects;
  await refused({ item: "", count: 1 }).toThrow("item must be");
  await refused({ item: "tea", count: 0.5 }).toThrow("count must be a whole number");
  await expect(ask(it.client, "orders.get", { id: 7 })).rejects.toThrow("there is no order 7");
});

test("the service can be found, and counts what it did", async () => {
  await using it = await shop();
  await ask(it.client, "orders.place", { item: "tea", count: 1 });
  const found = await new Svcm(it.client).client().stats("orders");
  const stats: unknown[] = [];
  for await (const each of found) stats.push(each);
  expect(stats).toMatchObject([
    { name: "orders", endpoints: [{ name: "place", num_requests: 1 }, { name: "get" }] },
  ]);
});

test("fifty shops at a time take orders of their own", async () => {
  const shops = await Promise.all(Array.from({ length: 50 }, shop));
  const placed = await Promise.all(
    shops.map(({ client }, index) => ask(client, "orders.place", { item: `i${index}`, count: 1 })),
  );
  expect(placed.map(({ id, item }) => `${id} ${item}`)).toEqual(shops.map((_, i) => `1 i${i}`));
  await Promise.all(shops.map(({ server }) => server.stop()));
});
