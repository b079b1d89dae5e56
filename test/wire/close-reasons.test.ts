// Every way a connection ends has one reason, and the log names it (client protocol §14).
import { test } from "bun:test";
import { midgeOnly, startServer, type ServerOptions } from "../support/server.ts";
import { connect, connectLine, type WireClient } from "../support/wire.ts";

interface Ending {
  readonly reason: string;
  readonly options?: ServerOptions;
  /** What makes the server close, or what the client does itself. */
  readonly says?: string;
  readonly does?: (client: WireClient) => Promise<void> | void;
}

const endings: readonly Ending[] = [
  { reason: "Client Closed", does: (client) => client.shutdown() },
  { reason: "Parse Error", says: "-ERR 'x'\r\n" },
  { reason: "Protocol Violation", says: "nonsense\r\n" },
  { reason: "Protocol Violation", says: "PUB foo\r\n" },
  { reason: "Protocol Violation", says: "SUB foo\r\n" },
  { reason: "Protocol Violation", says: "CONNECT {\r\n" },
  { reason: "Protocol Violation", says: "HPUB foo 0 0\r\n" },
  { reason: "Protocol Violation", says: "PUB foo 1\r\nxyz" },
  { reason: "Bad Client Protocol Version", says: connectLine({ protocol: 7 }) },
  { reason: "No Responders Requires Headers", says: connectLine({ no_responders: true }) },
  { reason: "Authentication Failure", says: connectLine({ account: "A" }) },
  { reason: "Maximum Message Payload Exceeded", says: "PUB foo 1048577\r\n" },
  { reason: "Maximum Control Line Exceeded", says: `SUB ${"x".repeat(4097)} 1\r\n` },
  { reason: "Maximum Connections Exceeded", options: { maxConnections: -1 } },
  { reason: "Stale Connection", options: { pingInterval: 30, pingMax: 1 } },
];

for (const { reason, options, says, does } of endings) {
  const cause = says ? JSON.stringify(says.slice(0, 40)) : JSON.stringify(options ?? {});
  test(`${reason}: ${cause}`, async () => {
    await using server = await startServer({ ...options, debug: true });
    await using client = await connect(server.port);
    if (says) await client.says(says);
    await does?.(client);
    await client.hearsUntilClose();
    await server.logged(new RegExp(`Client connection closed: ${reason}$`));
  });
}

midgeOnly("Server Shutdown: a stop", "others may end before the line is written", async () => {
  const server = await startServer({ debug: true });
  await using client = await connect(server.port);
  await server.stop();
  await client.hearsClose();
  await server.logged(/Client connection closed: Server Shutdown$/);
});
