// A server that only has numbers, for tests of the monitor.
import { resolveOptions, type MidgeOptions } from "../../src/config/options.ts";
import type { MonitorSource } from "../../src/http/source.ts";

export const STARTED_AT = Date.UTC(2026, 10, 23, 8, 33, 29, 834);

export function fakeSource(given: MidgeOptions = {}): MonitorSource & { ready: boolean } {
  return {
    serverId: "NAAA",
    serverName: "east-1",
    options: resolveOptions(given),
    port: 34_222,
    startedAt: STARTED_AT,
    ready: true,
    connections: 3,
    totalConnections: 5,
    subscriptions: 7,
    inMsgs: 11,
    inBytes: 13,
    outMsgs: 17,
    outBytes: 19,
    slowConsumers: 23,
    staleConnections: 29,
    stalledClients: 31,
  };
}
