// The service: takes orders and answers how they stand. It knows NATS and nothing of where the broker runs.

import type { NatsConnection } from "@nats-io/nats-core";
import { type Service, type ServiceMsg, Svcm } from "@nats-io/services";

export interface Order {
  readonly item: string;
  /** Pieces, 1 or more. */
  readonly count: number;
}

export interface PlacedOrder extends Order {
  readonly id: number;
}

/** Where everybody who wants to know hears of each order. */
export const PLACED = "orders.events.placed";

/** Serves `orders.place` and `orders.get` until it is stopped, with the statistics of the services API. */
export async function serveOrders(connection: NatsConnection): Promise<Service> {
  const orders = new Map<number, PlacedOrder>();
  const service = await new Svcm(connection).add({
    name: "orders",
    version: "1.0.0",
    description: "takes orders and answers how they stand",
  });
  const group = service.addGroup("orders");

  group.addEndpoint("place", {
    handler: answering((message) => {
      const order = message.json<Partial<Order>>();
      if (typeof order.item !== "string" || order.item === "") {
        throw new BadOrder("item must be the name of something");
      }
      if (!Number.isInteger(order.count) || Number(order.count) < 1) {
        throw new BadOrder("count must be a whole number, 1 or more");
      }
      const placed = { id: orders.size + 1, item: order.item, count: Number(order.count) };
      orders.set(placed.id, placed);
      connection.publish(PLACED, JSON.stringify(placed));
      return placed;
    }),
  });

  group.addEndpoint("get", {
    handler: answering((message) => {
      const { id } = message.json<{ id: number }>();
      const order = orders.get(id);
      if (order === undefined) throw new BadOrder(`there is no order ${id}`);
      return order;
    }),
  });

  return service;
}

class BadOrder extends Error {}

/** Whoever asks for something impossible gets the reason as an error of the services API. */
function answering(answer: (message: ServiceMsg) => object) {
  return (error: Error | null, message: ServiceMsg): void => {
    if (error !== null) return;
    try {
      message.respond(JSON.stringify(answer(message)));
    } catch (reason) {
      message.respondError(400, reason instanceof BadOrder ? reason.message : "not valid JSON");
    }
  };
}
