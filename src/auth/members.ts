// The users that are configured, by the names they log in with. Accounts and permissions are worked out
// here, so that a login only has to find its user.

import type { ConnectionType, PermissionOptions, UserOptions } from "../config/access.ts";
import { Permissions } from "./permissions.ts";

/** What a login gives. */
export interface Grant {
  readonly account: string;
  /**
   * How logs and the monitor call who logged in: the user's name, the public nkey, "[REDACTED]" for a
   * token, empty for nobody in particular.
   */
  readonly user: string;
  /** One object for all connections of a user; null for no limits. */
  readonly permissions: Permissions | null;
}

/** A user who may log in. */
export interface Member {
  /** Always the same object for the same user. */
  readonly grant: Grant;
  /** Plain or bcrypt; empty where none was configured, which is a password, too. */
  readonly password: string;
  /** Kinds of connections that may use it; null for all. */
  readonly connectionTypes: ReadonlySet<ConnectionType> | null;
}

/** The users of one block: their account, and the permissions of those who have none of their own. */
export interface Block {
  readonly account: string;
  readonly users: readonly UserOptions[];
  readonly defaultPermissions: PermissionOptions | undefined;
}

export class Members {
  readonly byName: ReadonlyMap<string, Member>;
  readonly byNkey: ReadonlyMap<string, Member>;

  constructor(blocks: readonly Block[]) {
    const byName = new Map<string, Member>();
    const byNkey = new Map<string, Member>();
    for (const { account, users, defaultPermissions } of blocks) {
      const defaults =
        defaultPermissions === undefined ? null : Permissions.compile(defaultPermissions);
      for (const options of users) {
        const member = memberOf(options, account, defaults);
        if (options.nkey !== undefined) byNkey.set(options.nkey, member);
        else if (options.user !== undefined) byName.set(options.user, member);
      }
    }
    this.byName = byName;
    this.byNkey = byNkey;
  }
}

function memberOf(options: UserOptions, account: string, defaults: Permissions | null): Member {
  const { user, nkey, password, permissions, allowedConnectionTypes: types = [] } = options;
  return {
    grant: {
      account,
      user: nkey ?? user ?? "",
      permissions: permissions === undefined ? defaults : Permissions.compile(permissions),
    },
    password: password ?? "",
    connectionTypes: types.length === 0 ? null : new Set(types),
  };
}

/** True when this user may come in by this kind of connection. */
export function allows({ connectionTypes }: Member, type: ConnectionType): boolean {
  return connectionTypes === null || connectionTypes.has(type);
}
