// The place of a connection among those to one server (cluster §4.11): the pool shares out the accounts by a
// hash of their names, and an account may have a connection of its own.

/** A number in the pool, or the name of the account that it is for alone. */
export type Slot = number | string;

/** The first connection to a server, and the only one where either side does not pool. */
export const PRIMARY: Slot = 0;

/** More connections to one server than anybody needs. */
const POOL_MAX = 1024;

/** How many there are between two servers; 0: no pool, since one of them has none. */
export function commonPoolSize(own: number, theirs: number): number {
  return own > 0 && theirs > 0 ? Math.min(Math.max(own, theirs), POOL_MAX) : 0;
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a over the name's bytes, 32 bits (cluster, Appendix B). */
export function hashAccount(name: string): number {
  let hash = FNV_OFFSET;
  for (const byte of Buffer.from(name)) hash = Math.imul(hash ^ byte, FNV_PRIME);
  return hash >>> 0;
}
