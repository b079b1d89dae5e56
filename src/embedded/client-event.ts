// What a program can hear of the clients of its broker.

/** A client, as it was when something happened to it. */
export interface ClientEvent {
  /** The connection's number, the `cid` of the monitor: one counter for the whole server. */
  readonly cid: number;
  /** The name that the client gave itself, or "". */
  readonly name: string;
  /** The user it logged in as: "" for nobody in particular, "[REDACTED]" for who came with a token. */
  readonly user: string;
  /** Its account, `$G` unless accounts are configured. */
  readonly account: string;
  /** The address of its host; "pipe" for a connection within the process. */
  readonly ip: string;
  /** Its port there; 0 for a connection within the process. */
  readonly port: number;
}

/** A client that is gone. */
export interface DisconnectEvent extends ClientEvent {
  /** Why, in the words of the monitor, such as "Client Closed" or "Stale Connection". */
  readonly reason: string;
}

/** The events by name. */
export interface MidgeEvents {
  /** A client logged in, or said CONNECT where no login is needed. */
  readonly connect: ClientEvent;
  /** A client that `connect` told of is gone, whoever ended it. */
  readonly disconnect: DisconnectEvent;
  /** A client was closed because it did not read what it subscribed to; `disconnect` follows. */
  readonly slowConsumer: DisconnectEvent;
}

/** What is called with an event. An error it throws, or rejects with, is logged by the broker. */
export type MidgeListener<Name extends keyof MidgeEvents> = (
  event: MidgeEvents[Name],
) => void | Promise<void>;
