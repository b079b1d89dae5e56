// Who we say we are. Clients gate features on the version in INFO, so that one is the NATS release
// whose behaviour Midge implements; Midge's own version is package.json's and never goes on the wire.
import { version } from "../../package.json" with { type: "json" };

/** The nats-server release that clients and monitoring tools may take us for. */
export const NATS_LEVEL = "2.15.0";

/** The release of Midge itself. */
export const MIDGE_VERSION: string = version;

/** What `midge -v` prints. */
export const VERSION_LINE = `midge: v${MIDGE_VERSION} (NATS ${NATS_LEVEL})`;
