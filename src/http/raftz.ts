// GET /raftz: groups of servers that keep a stream together (monitoring §18). Nothing here keeps streams.
import type { Endpoint } from "./endpoint.ts";
import { Reply } from "./reply.ts";

export const raftz: Endpoint = {
  path: "/raftz",
  countsAs: null,
  answer: () => Reply.error(404, "No Raft nodes registered"),
};
