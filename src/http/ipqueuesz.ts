// GET /ipqueuesz: queues between nats-server's threads (monitoring §17). Here there is one thread, so none.
import type { Endpoint } from "./endpoint.ts";

export const ipqueuesz: Endpoint = {
  path: "/ipqueuesz",
  countsAs: null,
  answer(query) {
    query.bool("all");
    return {};
  },
};
