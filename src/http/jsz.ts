// GET /jsz: JetStream, answered as by a server that has it turned off (monitoring §16).
import { formatTime } from "../proto/format.ts";
import type { Endpoint } from "./endpoint.ts";
import { BadParameter } from "./query.ts";

export const jsz: Endpoint = {
  path: "/jsz",
  countsAs: "/jsz",
  answer(query, { source, now }) {
    for (const name of ["accounts", "streams", "consumers", "direct-consumers", "config"]) {
      query.bool(name);
    }
    query.int("offset");
    query.int("limit");
    const isForLeader = query.bool("leader-only");
    query.bool("raft");
    query.bool("stream-leader-only");
    if (isForLeader) throw new BadParameter("filtered response: not leader");
    return {
      memory: 0,
      storage: 0,
      reserved_memory: 0,
      reserved_storage: 0,
      accounts: 0,
      ha_assets: 0,
      api: { level: 0, total: 0, errors: 0 },
      server_id: source.serverId,
      now: formatTime(now()),
      disabled: true,
      config: { max_memory: 0, max_storage: 0 },
      streams: 0,
      consumers: 0,
      messages: 0,
      bytes: 0,
      total: 0,
    };
  },
};
