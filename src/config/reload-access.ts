// The log lines of changes to access and encryption on a reload, in nats-server's words; and the few of
// these changes that need a restart (config-and-cli §7). Values that may be secrets are never among them.
import { allUsers } from "./access-rules.ts";
import { loginTimeout, TLS_HANDSHAKE_MS } from "./access.ts";
import { formatDuration } from "./duration.ts";
import type { Options } from "./options.ts";
import type { TlsOptions } from "./tls.ts";

const MS_PER_SECOND = 1000;

/** Parts of `tls` that a running listener keeps: `TLSMap: old=false, new=true`. */
export function refusedTlsChanges({ tls: old }: Options, { tls: next }: Options): string[] {
  const fields = [
    ["TLSMap", old?.verifyAndMap ?? false, next?.verifyAndMap ?? false],
    ["TLSRateLimit", old?.connectionRateLimit ?? 0, next?.connectionRateLimit ?? 0],
  ];
  return fields
    .filter(([, before, after]) => before !== after)
    .map(([field, before, after]) => `${field}: old=${before}, new=${after}`);
}

/** Who may log in, and how long they may take for it. */
export function authorizationLines(old: Options, next: Options): string[] {
  const lines: string[] = [];
  if (!Bun.deepEquals(usersOf(old, "nkey"), usersOf(next, "nkey"))) lines.push("nkey users");
  if (!Bun.deepEquals(usersOf(old, "user"), usersOf(next, "user"))) lines.push("users");
  const [before, after] = [old.authorization ?? {}, next.authorization ?? {}];
  if (before.user !== after.user) lines.push("username");
  if (before.password !== after.password) lines.push("password");
  if (before.token !== after.token) lines.push("token");
  // That of encryption counts, too, where none is given.
  const timeout = loginTimeout(next);
  if (loginTimeout(old) !== timeout) lines.push(`timeout = ${timeout / MS_PER_SECOND}`);
  return lines.map((line) => `Reloaded: authorization ${line}`);
}

/** All users of a kind, with what their account gives to those without permissions. */
function usersOf(options: Options, kind: "nkey" | "user"): unknown[] {
  const { authorization, accounts = {} } = options;
  const users = [...allUsers(options)].filter(({ user }) => user[kind] !== undefined);
  if (users.length === 0) return [];
  const defaults = Object.values(accounts).map(({ defaultPermissions }) => defaultPermissions);
  return [users, authorization?.defaultPermissions, defaults];
}

/** Who may ask the monitor. */
export function monitorLines(old: Options, next: Options): string[] {
  const { monitorAuthorization: given } = next;
  if (Bun.deepEquals(old.monitorAuthorization, given)) return [];
  return [`Reloaded: monitor_authorization = ${given ? "enabled" : "disabled"}`];
}

export function accountsLines(old: Options, next: Options): string[] {
  return Bun.deepEquals(old.accounts, next.accounts) ? [] : ["Reloaded: accounts"];
}

/** Certificates may have changed behind the same paths; whoever loads them knows. */
export function tlsLines({ tls: old }: Options, { tls: next }: Options): string[] {
  if (next === undefined) return old === undefined ? [] : ["Reloaded: tls = disabled"];
  const lines: string[] = [];
  if (!Bun.deepEquals(certificatesOf(old), certificatesOf(next))) lines.push(TLS_ENABLED);
  const timeout = next.timeout ?? TLS_HANDSHAKE_MS;
  if ((old?.timeout ?? TLS_HANDSHAKE_MS) !== timeout) {
    lines.push(`Reloaded: tls timeout = ${timeout / MS_PER_SECOND}`);
  }
  const pinned = next.pinnedCerts ?? [];
  if (!Bun.deepEquals(old?.pinnedCerts ?? [], pinned)) {
    lines.push(`Reloaded: ${pinned.length} pinned_certs`);
  }
  const [before, after] = [handshakeFirst(old), handshakeFirst(next)];
  if (before.first !== after.first) {
    lines.push(`Reloaded: Client TLS handshake first: ${after.first}`);
  }
  if (before.waitMs !== after.waitMs) {
    const wait = formatDuration(after.waitMs);
    lines.push(`Reloaded: Client TLS handshake first fallback delay: ${wait}`);
  }
  return lines;
}

/** Also what a reload says when only the files of the certificates changed. */
export const TLS_ENABLED = "Reloaded: tls = enabled";

/** What handshakes are made with. */
function certificatesOf(tls: TlsOptions | undefined): unknown {
  if (tls === undefined) return undefined;
  const { timeout, pinnedCerts, handshakeFirst: first, ...rest } = tls;
  return rest;
}

function handshakeFirst(tls: TlsOptions | undefined): { first: boolean; waitMs: number } {
  const given = tls?.handshakeFirst ?? false;
  return { first: given !== false, waitMs: typeof given === "number" ? given : 0 };
}
