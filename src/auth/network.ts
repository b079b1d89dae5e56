// Which addresses are most likely one sender's.

/** Groups of an IPv6 address that say which network it is in; the rest is anybody's there to choose. */
const NETWORK_GROUPS = 4;

/** An IPv4 address as it is, of an IPv6 address the first half, which is what a sender is given at least. */
export function networkOf(address: string): string {
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.split("::");
  const groups = head === "" ? [] : head.split(":");
  if (tail !== undefined) {
    const after = tail === "" ? [] : tail.split(":");
    while (groups.length + after.length < 2 * NETWORK_GROUPS) groups.push("0");
  }
  return groups.slice(0, NETWORK_GROUPS).join(":");
}
