// GET /routez: the connections to other servers of the cluster (monitoring §8). There are none yet.
import { formatTime } from "../proto/format.ts";
import type { Endpoint } from "./endpoint.ts";

export const routez: Endpoint = {
  path: "/routez",
  countsAs: "/routez",
  countsOnlyDecoded: true,
  answer(query, { source, now }) {
    query.subs();
    return {
      server_id: source.serverId,
      server_name: source.serverName,
      now: formatTime(now()),
      num_routes: 0,
      routes: [],
    };
  },
};
