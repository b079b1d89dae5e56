// Whether local time is UTC decides how log lines get their time; a wrong yes would shift them by hours.
import { afterEach, expect, test } from "bun:test";
import { isLocalTimeUtc } from "../../src/log/zone.ts";

const before = process.env.TZ;
afterEach(() => {
  if (before === undefined) delete process.env.TZ;
  else process.env.TZ = before;
});

test.each(["UTC", "Etc/UTC", ":UTC", "GMT", "/usr/share/zoneinfo/UTC"])("TZ=%s is UTC", (zone) => {
  process.env.TZ = zone;
  expect(isLocalTimeUtc()).toBe(true);
});

test.each(["Europe/Berlin", "UTC+3", "America/New_York", "EST5EDT", ""])("TZ=%s is not", (zone) => {
  process.env.TZ = zone;
  expect(isLocalTimeUtc()).toBe(false);
});
