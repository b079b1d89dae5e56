// A NatsConnection over a pipe. `@nats-io/nats-core` keeps one way to make transports for the whole process,
// and uses it whenever any connection dials, also again; so that connections to many brokers and over TCP may
// be opened side by side, each of ours brings its own transports and leaves what is shared alone.

import type { ConnectionOptions, NatsConnection } from "@nats-io/nats-core";
import type { InProcessOptions } from "./options.ts";
import type { PipeEnd, PipeReader } from "./pipe.ts";
import { PipeTransport } from "./transport.ts";

export interface PipeHost {
  /** Null where nobody is let in any more. */
  openPipe(reader: PipeReader): PipeEnd | null;
  /** It stopped, or is about to. */
  readonly hasLeft: boolean;
}

type Core = typeof import("@nats-io/nats-core/internal");

/** A connection before it has been connected. */
interface Unconnected extends NatsConnection {
  readonly options: ConnectionOptions;
  protocol: InstanceType<Core["ProtocolHandler"]>;
}

/** What connections say they are connected to: a name with a port, because it has to look like one. */
const PLACE = "in-process:0";

/** Rejects as `connect` of nats-core does, and with an Error for people where that package is missing. */
export async function connectPipe(
  host: PipeHost,
  options: InProcessOptions,
): Promise<NatsConnection> {
  const core = await loadCore();
  const given: ConnectionOptions = {
    ...options,
    servers: [PLACE],
    resolve: false,
    // Whoever else is in the cluster can't be reached through a pipe.
    ignoreClusterUpdates: true,
  };
  // Its types have no constructor: the package would rather connect by itself, with the shared transport.
  const connection: Unconnected = Reflect.construct(core.NatsConnectionImpl, [given]);
  const protocol = new core.ProtocolHandler(connection.options, connection);
  haveSomeFactory(core, connection.options);
  let transport: PipeTransport | undefined;
  const onClosed = () => {
    // A broker that stopped does not come back; without a login there is nothing to repeat.
    if (host.hasLeft) protocol.abortReconnect = true;
    if (protocol.connected) return;
    protocol.connectError?.(protocol.lastError ?? refusal(host));
  };
  const open = (reader: PipeReader): PipeEnd => {
    const pipe = host.openPipe(reader);
    if (pipe === null) throw refusal(host);
    return pipe;
  };
  Object.defineProperty(protocol, "transport", {
    get: () => transport,
    // Assigned before each attempt, with what the process-wide factory made.
    set: () => (transport = new PipeTransport({ open, onClosed })),
  });
  await protocol.dialLoop();
  connection.protocol = protocol;
  if (host.hasLeft) {
    // It stopped while this was on its way: nobody would ever tell the connection.
    void connection.close().catch(() => {});
    throw refusal(host);
  }
  return connection;
}

function refusal({ hasLeft }: PipeHost): Error {
  return new Error(hasLeft ? "the broker has stopped" : "the broker closed the connection");
}

async function loadCore(): Promise<Core> {
  try {
    return await import("@nats-io/nats-core/internal");
  } catch (cause) {
    throw new Error(
      "server.connect() needs the package @nats-io/nats-core, which is not installed: bun add @nats-io/nats-core",
      { cause },
    );
  }
}

/** nats-core asks the shared factory also where the answer is not used; without one it throws. */
function haveSomeFactory(core: Core, options: ConnectionOptions): void {
  const probe = new core.ProtocolHandler(options, { publish() {} });
  try {
    Reflect.apply(Reflect.get(probe, "prepare"), probe, []);
  } catch {
    const open = (): never => {
      throw new Error("no transport is set: connect with the function of a transport's package");
    };
    core.setTransportFactory({ factory: () => new PipeTransport({ open, onClosed() {} }) });
  }
}
