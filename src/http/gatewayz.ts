// GET /gatewayz: connections to other clusters, answered as by a server without gateways (monitoring §15).
import { formatTime } from "../proto/format.ts";
import type { Endpoint } from "./endpoint.ts";

export const gatewayz: Endpoint = {
  path: "/gatewayz",
  countsAs: "/gatewayz",
  answer(query, { source, now }) {
    query.subs();
    query.bool("accs");
    return {
      server_id: source.serverId,
      now: formatTime(now()),
      outbound_gateways: {},
      inbound_gateways: {},
    };
  },
};
