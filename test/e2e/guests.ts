// Everyone who can knock at a server's door: the official clients, each with what it brings along. Here
// are the two that run in this process; foreign/ has those that are programs of their own.
import * as transportNode from "@nats-io/transport-node";
import * as nats from "nats";
import { collect } from "../support/secrets.ts";
import { type Connection, type Flavour, flavours } from "./clients.ts";

/** What a client brings along. */
export interface Luggage {
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  /** Seed of an nkey. */
  readonly seed?: string;
  /** The name of the server as the client knows it, "localhost" unless given. */
  readonly host?: string;
  readonly tls?: TlsLuggage;
}

export interface TlsLuggage {
  /** The authority to trust instead of the system's. */
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  /** Begin with the handshake instead of waiting for INFO. */
  readonly first?: boolean;
}

export interface Guest {
  readonly name: string;
  /** Uses TLS where it may, and leaves where it cannot, once it has been told of TLS. */
  readonly insistsOnTls: boolean;
  /** Logs in, has a message go round, and leaves. Throws what the client says of a refusal. */
  knock(port: number, luggage: Luggage): Promise<void>;
}

/**
 * What the guest says of a refusal, nothing when it was welcome. (`expect().rejects` would hold up the
 * event loop, and with it the reading of the server's log.)
 */
export function refusalOf(guest: Guest, port: number, luggage: Luggage): Promise<unknown> {
  return guest.knock(port, luggage).then(
    () => undefined,
    (reason: unknown) => reason,
  );
}

/** Less than the tests have, so that a silent server ends here. */
const PATIENCE_MS = 3000;

/** One of the two official clients for JavaScript. */
export class OfficialClient implements Guest {
  readonly name: string;
  readonly insistsOnTls = true;
  readonly flavour: Flavour;
  readonly #nkeyAuthenticator: (seed: Uint8Array) => nats.Authenticator;

  constructor(flavour: Flavour, nkeyAuthenticator: (seed: Uint8Array) => nats.Authenticator) {
    this.name = flavour.name;
    this.flavour = flavour;
    this.#nkeyAuthenticator = nkeyAuthenticator;
  }

  async connect(port: number, luggage: Luggage = {}): Promise<Connection> {
    const { user, password, token, seed, tls, host = "localhost" } = luggage;
    const options = {
      servers: `${host}:${port}`,
      reconnect: false,
      timeout: PATIENCE_MS,
      ...(user === undefined ? {} : { user }),
      ...(password === undefined ? {} : { pass: password }),
      ...(token === undefined ? {} : { token }),
      ...(seed === undefined ? {} : { authenticator: this.#nkeyAuthenticator(Buffer.from(seed)) }),
      tls: tlsOptions(tls),
    };
    try {
      return await this.flavour.connect(options);
    } catch (error) {
      collect("client", String(error));
      throw error;
    }
  }

  async knock(port: number, luggage: Luggage): Promise<void> {
    const connection = await this.connect(port, luggage);
    try {
      connection.subscribe("round", { callback: (_, message) => message.respond("trip") });
      const answer = await connection.request("round");
      if (answer.string() !== "trip") throw new Error(`The answer is ${answer.string()}`);
    } finally {
      await connection.close();
    }
  }
}

export const officialClients: readonly OfficialClient[] = flavours.map(
  (flavour) =>
    new OfficialClient(
      flavour,
      flavour.name === "nats 2" ? nats.nkeyAuthenticator : transportNode.nkeyAuthenticator,
    ),
);

/** `null` is how these clients are told to stay in the clear where they may. */
function tlsOptions(tls: TlsLuggage | undefined): nats.TlsOptions | null {
  if (tls === undefined) return null;
  const { first, ...files } = tls;
  return { ...files, ...(first === undefined ? {} : { handshakeFirst: first }) };
}
