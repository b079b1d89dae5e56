// Paths: cleaned as Go cleans them, decoded once, with a base path in front.
import { expect, test } from "bun:test";
import { cleanPath, encodePath, normalizeBase, readTarget } from "../../src/http/paths.ts";

test.each([
  ["/varz", "/varz"],
  ["/", "/"],
  ["", "/"],
  ["//varz", "/varz"],
  ["/./varz", "/varz"],
  ["/a/../varz", "/varz"],
  ["/../../varz", "/varz"],
  ["/varz/", "/varz/"],
  ["/varz//", "/varz/"],
  ["/varz/.", "/varz"],
  ["/varz/..", "/"],
  ["varz", "/varz"],
  ["/...", "/..."],
])("%s is cleaned to %s", (path, clean) => {
  expect(cleanPath(path)).toBe(clean);
  expect(cleanPath(clean)).toBe(clean);
});

test.each([
  ["", ""],
  ["/", ""],
  ["nats/", "/nats"],
  ["/nats", "/nats"],
  ["a//b/../c", "/a/c"],
  ["..", ""],
])("the base path %s goes in front as %s", (configured, base) => {
  expect(normalizeBase(configured)).toBe(base);
});

test.each([
  ["http://a/varz?x=1", "/varz", "x=1"],
  ["https://[::1]:8222/varz", "/varz", ""],
  ["/varz?a?b", "/varz", "a?b"],
  ["http://a/%76arz", "/varz", ""],
  ["http://a/a+b", "/a+b", ""],
  ["a:80", "a:80", ""],
])("the address %s is split", (url, path, query) => {
  expect(readTarget(url)).toEqual({ path, query });
});

test("a broken percent makes no path", () => {
  expect(readTarget("http://a/%zz").path).toBeNull();
});

test("a path in a header is encoded again, whatever was in it", () => {
  expect(encodePath("/a\r\nSet-Cookie: x\xc3\xa9?#%\\")).toBe(
    "/a%0D%0ASet-Cookie:%20x%C3%A9%3F%23%25%5C",
  );
});
