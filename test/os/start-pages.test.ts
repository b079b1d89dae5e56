import { expect, test } from "bun:test";
import { codeRanges, releaseStartPages } from "../../src/os/start-pages.ts";

const MAPS = `00200000-00a00000 r--p 00000000 fe:00 123 /srv/midge
00a00000-01a01000 r-xp 00800000 fe:00 123 /srv/midge
01a01000-01b00000 rw-p 01800000 fe:00 123 /srv/midge
7f0000000000-7f0000002000 r-xp 00000000 fe:00 77 /srv/midge-plugin
7f0000100000-7f0000200000 rwxp 00000000 00:00 0
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]
`;

test("only the code of the executable itself is let go, never its data or someone else's", () => {
  expect(codeRanges(MAPS, "/srv/midge")).toEqual([{ start: 0xa00000n, bytes: 0x1001000n }]);
  expect(codeRanges(MAPS, "/srv/other")).toEqual([]);
  expect(codeRanges("", "/srv/midge")).toEqual([]);
});

test("a process goes on after it let go of its pages", async () => {
  await releaseStartPages();
  expect([3, 1, 2].sort().join()).toBe("1,2,3");
});
