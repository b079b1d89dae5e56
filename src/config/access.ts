// What access control can be told, as options: users, their permissions, accounts. The configuration file
// and an embedding program both end in these shapes; src/auth makes decisions from them. Lists are never
// empty and texts never "" where nothing is as good as not given.
import type { TlsOptions } from "./tls.ts";

/** Subjects for one direction: allowed ones (all of them where none are named) without the denied ones. */
export interface SubjectRule {
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
}

export interface PermissionOptions {
  /** Subjects to publish to; everything unless given. */
  readonly publish?: SubjectRule;
  /** Subjects to subscribe to, each perhaps with a queue group after a blank; everything unless given. */
  readonly subscribe?: SubjectRule;
  /** Lets a responder publish to the reply subjects of the messages it received. */
  readonly allowResponses?: ResponseOptions;
}

export interface ResponseOptions {
  /** Answers to each reply subject, default 1; negative for any number. */
  readonly max: number;
  /** How long after the message, in ms, default 2 min; negative for ever. */
  readonly expires: number;
}

/** How a client is connected: the kinds that nats-server knows, of which some have no listener here. */
export const CONNECTION_TYPES = [
  "STANDARD",
  "WEBSOCKET",
  "LEAFNODE",
  "LEAFNODE_WS",
  "MQTT",
  "MQTT_WS",
  "IN_PROCESS",
] as const;
export type ConnectionType = (typeof CONNECTION_TYPES)[number];

/** A user known by name or, without a password, by its nkey. */
export interface UserOptions {
  readonly user?: string;
  /** Plain, or its bcrypt hash. */
  readonly password?: string;
  /** Public nkey, `U…`. */
  readonly nkey?: string;
  /** Its own; the block's default permissions unless given. */
  readonly permissions?: PermissionOptions;
  /** Empty or not given: all. */
  readonly allowedConnectionTypes?: readonly ConnectionType[];
}

export interface AuthorizationOptions {
  /** The only user, with `password`. */
  readonly user?: string;
  readonly password?: string;
  /**
   * The only token; plain, or its bcrypt hash. Beside `users`, which a flag can make of it, it lets those
   * in who give it and no user.
   */
  readonly token?: string;
  /** Milliseconds in which CONNECT must come; 2 s unless given, with TLS its time-out and 1 s. */
  readonly timeout?: number;
  /** Users of the account $G. */
  readonly users?: readonly UserOptions[];
  readonly defaultPermissions?: PermissionOptions;
}

/** Who may ask the monitor: a user with a password, or whoever has the token. None of them is empty. */
export interface MonitorAuthorization {
  /** Without a colon, which HTTP could not carry. */
  readonly user?: string;
  /** Plain, or its bcrypt hash; the token as well. */
  readonly password?: string;
  readonly token?: string;
}

/** Limits of an account; nothing for none. */
export interface AccountLimits {
  /** Clients at a time; with 0 nobody gets in. */
  readonly maxConnections?: number;
  /** Per client, as the server's own limit. */
  readonly maxSubscriptions?: number;
  /** Bytes. */
  readonly maxPayload?: number;
}

export interface AccountOptions {
  readonly users?: readonly UserOptions[];
  readonly defaultPermissions?: PermissionOptions;
  readonly limits?: AccountLimits;
}

// ---- The same as a program may give it, with less ceremony. Inside, undefined is refused: a value that
// was lost on its way must not open a server.

/** One subject or some of them, which are allowed, or the allowed and the denied ones. */
export type GivenSubjects =
  | string
  | readonly string[]
  | { readonly allow?: string | readonly string[]; readonly deny?: string | readonly string[] };

export interface GivenPermissions {
  readonly publish?: GivenSubjects;
  readonly subscribe?: GivenSubjects;
  /** True for one answer within two minutes; durations are milliseconds or text such as "10s". */
  readonly allowResponses?: boolean | { readonly max?: number; readonly expires?: number | string };
}

export interface GivenUser extends Omit<UserOptions, "permissions"> {
  readonly permissions?: GivenPermissions;
}

export interface GivenAuthorization extends Omit<
  AuthorizationOptions,
  "timeout" | "users" | "defaultPermissions"
> {
  readonly timeout?: number | string;
  readonly users?: readonly GivenUser[];
  readonly defaultPermissions?: GivenPermissions;
}

export interface GivenAccount extends Omit<AccountOptions, "users" | "defaultPermissions"> {
  readonly users?: readonly GivenUser[];
  readonly defaultPermissions?: GivenPermissions;
}

/** By their names, or the names alone. */
export type GivenAccounts = Readonly<Record<string, GivenAccount>> | readonly string[];

// ---- Time to log in

const LOGIN_MS = 2000;
export const TLS_HANDSHAKE_MS = 2000;
const LOGIN_AFTER_TLS_MS = 1000;

/** Milliseconds in which CONNECT must come, counted from the end of a handshake where there is one. */
export function loginTimeout(options: {
  readonly authorization?: Pick<AuthorizationOptions, "timeout">;
  readonly tls?: Pick<TlsOptions, "timeout">;
}): number {
  const { authorization, tls } = options;
  if (authorization?.timeout !== undefined) return authorization.timeout;
  return tls ? (tls.timeout ?? TLS_HANDSHAKE_MS) + LOGIN_AFTER_TLS_MS : LOGIN_MS;
}
