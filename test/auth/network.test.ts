// Which addresses count as one sender.

import { expect, test } from "bun:test";
import { networkOf } from "../../src/auth/network.ts";

test("an IPv4 address stands for itself", () => {
  expect(networkOf("127.0.0.1")).toBe("127.0.0.1");
  expect(networkOf("")).toBe("");
});

test("an IPv6 address stands for its network, however it is shortened", () => {
  const networks: Record<string, string[]> = {
    "2001:db8:1:2": ["2001:db8:1:2::1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"],
    "2001:db8:0:0": ["2001:db8::1", "2001:db8::1:2:3:4", "2001:db8::"],
    "0:0:0:0": ["::1", "::", "::3:4:5:6"],
    "fe80:0:0:0": ["fe80::1%eth0", "fe80::aaaa:bbbb:cccc:dddd"],
  };
  for (const [network, addresses] of Object.entries(networks)) {
    for (const address of addresses) expect(networkOf(address)).toBe(network);
  }
});
