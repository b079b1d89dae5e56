// The place of a connection among those to one server (cluster §4.11): the pool shares out the accounts by a
// hash of their names, and an account may have a connection of its own.

import { POOL_SIZE_MAX } from "../config/cluster.ts";
import type { RouteInfo } from "../proto/route-info.ts";

/** A number in the pool, or the name of the account that it is for alone. */
export type Slot = number | string;

/** The first connection to a server, and the only one where either side does not pool. */
export const PRIMARY: Slot = 0;

/** How many there are between two servers; 0: no pool, since one of them has none. */
export function commonPoolSize(own: number, theirs: number): number {
  return own > 0 && theirs > 0 ? Math.min(Math.max(own, theirs), POOL_SIZE_MAX) : 0;
}

/** What is asked for in an INFO; why it cannot be, or null. */
export function slotProblem(
  { account, poolIndex, poolSize }: RouteInfo,
  own: { readonly poolSize: number; readonly pinned: ReadonlySet<string> },
  isDialled: boolean,
  isKnown: boolean,
): string | null {
  const size = commonPoolSize(own.poolSize, poolSize);
  // Who was dialled takes what the other one asks for.
  const mayAsk = !isDialled && size > 0;
  const name = JSON.stringify(account);
  if (account !== "") {
    if (!mayAsk) {
      return `Not possible to have a dedicated route for account ${name} between those servers`;
    }
    if (!isKnown) return `Unable to lookup account ${name}: account missing`;
    return own.pinned.has(account) ? null : `No route for account ${name}`;
  }
  if (poolIndex === 0) return null;
  if (!mayAsk) return `Route pool index should not be set but is set to ${poolIndex}`;
  if (poolIndex > 0 && poolIndex < size) return null;
  return `Invalid route pool index: ${poolIndex} - pool size is ${size}`;
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a over the name's bytes, 32 bits (cluster, Appendix B). */
export function hashAccount(name: string): number {
  let hash = FNV_OFFSET;
  for (const byte of Buffer.from(name)) hash = Math.imul(hash ^ byte, FNV_PRIME);
  return hash >>> 0;
}
