// The lines of the log with which a server opens.

import type { Options } from "./config/options.ts";
import type { Logger } from "./log/logger.ts";
import { MIDGE_VERSION, NATS_LEVEL } from "./proto/version.ts";

/** Payloads above this are allowed and warned about. */
const LARGE_PAYLOAD_BYTES = 8 << 20;

/** Who opens. */
interface Introduced {
  readonly logger: Logger;
  readonly options: Options;
  readonly serverName: string;
  readonly serverId: string;
  readonly directory: { readonly plaintextPasswords: boolean };
}

/** The first lines of the log; `asked` are the options before the machine's limits. */
export function introduce(server: Introduced, asked: Options): void {
  const { logger, options } = server;
  logger.notice("Starting midge");
  logger.notice(`  Version:  ${MIDGE_VERSION} (NATS ${NATS_LEVEL})`);
  logger.debug(`  Bun:      ${Bun.version}`);
  logger.notice(`  Name:     ${server.serverName}`);
  logger.notice(`  ID:       ${server.serverId}`);
  if (options.maxPayload > LARGE_PAYLOAD_BYTES) {
    logger.warn(
      "Maximum payloads over 8.00 MB are generally discouraged and could lead to poor performance",
    );
  }
  tellFit(server, asked);
  if (server.directory.plaintextPasswords) {
    logger.warn("Plaintext passwords detected, use nkeys or bcrypt");
  }
}

/** Says what the machine does not allow of what was asked for. */
export function tellFit({ options, logger }: Introduced, asked: Options): void {
  const { maxConnections } = options;
  if (asked.maxConnections <= maxConnections) return;
  logger.warn(
    `max_connections lowered from ${asked.maxConnections} to ${maxConnections}: ` +
      "the limit on open files (ulimit -n) allows no more",
  );
}

/** How clients encrypt, if they do. */
export function introduceTls({ options, logger }: Introduced): void {
  if (options.tls === undefined) return;
  const how = options.allowNonTls ? "available" : "required";
  logger.notice(`TLS ${how} for client connections`);
  if (options.tls.handshakeFirst === true) {
    logger.warn('Clients that are not using "TLS Handshake First" option will fail to connect');
  }
}
