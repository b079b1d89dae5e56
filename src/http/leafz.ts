// GET /leafz: leaf nodes, answered as by a server without them (monitoring §14).
import { formatTime } from "../proto/format.ts";
import type { Endpoint } from "./endpoint.ts";

export const leafz: Endpoint = {
  path: "/leafz",
  countsAs: "/leafz",
  answer(query, { source, now }) {
    query.bool("subs");
    return { server_id: source.serverId, now: formatTime(now()), leafnodes: 0, leafs: [] };
  },
};
