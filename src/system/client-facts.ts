// A client as servers tell each other of it (monitoring §21.4): first who it is; what stands behind that differs.

import { labelOf } from "../auth/directory.ts";
import type { Client } from "../broker/client.ts";
import { ConnectionView } from "../broker/connection-view.ts";
import { formatTime } from "../proto/format.ts";

const NANOS_PER_MS = 1e6;

/** Who has not logged in is called as it called itself. */
export function clientFacts(client: Client): object {
  const view = new ConnectionView(client);
  const { name, lang, version, accountName } = view;
  const user = view.user || labelOf(client.connect);
  return {
    start: formatTime(view.startedAt),
    host: view.ip,
    id: view.cid,
    acc: accountName,
    ...withoutEmpty({ user, name, lang, ver: version }),
  };
}

/** The round trip in nanoseconds, where it is known. */
export function roundTrip({ keepalive }: Client): object {
  const { rttMs } = keepalive;
  return rttMs === 0 ? {} : { rtt: Math.round(rttMs * NANOS_PER_MS) };
}

export function withoutEmpty(texts: Readonly<Record<string, string>>): object {
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== ""));
}
