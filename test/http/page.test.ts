// The page as a document: one file that fetches nothing, and lets nothing in.
import { beforeAll, expect, test } from "bun:test";
import { Glob } from "bun";
import { join } from "node:path";
import { PageDocument } from "../../src/http/live-page.ts";

const folder = join(import.meta.dir, "../../src/http/page");

let page: PageDocument;
let html = "";
let policy = "";

beforeAll(async () => {
  page = await PageDocument.load();
  const response = page.respond(new Request("http://127.0.0.1/"));
  html = await response.text();
  policy = response.headers.get("content-security-policy")!;
});

function sha256(text: string): string {
  return new Bun.CryptoHasher("sha256").update(text).digest("base64");
}

test("it is one document with nothing left to fetch", () => {
  expect(html).not.toMatch(/<link[^>]+rel="?stylesheet/);
  expect(html).not.toMatch(/<script[^>]+src=/);
  expect(html).not.toMatch(/@import|url\((?!#)/);
  expect(html.match(/<script/g)).toHaveLength(1);
  expect(
    html.match(/https?:\/\/[\w.]+/g)?.filter((each) => !each.includes("w3.org")) ?? [],
  ).toEqual([]);
});

test("only its own script and style may run, by their hashes", () => {
  const [, script] = /<script type="module">(.*?)<\/script>/s.exec(html)!;
  const [, style] = /<style>(.*?)<\/style>/s.exec(html)!;
  expect(policy).toContain(`script-src 'sha256-${sha256(script!)}'`);
  expect(policy).toContain(`style-src 'sha256-${sha256(style!)}'`);
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain("unsafe");
  expect(html).not.toMatch(/<[^>]+ (style|on\w+)=/);
});

test("its headers keep it out of frames, caches and other sites", () => {
  const { headers } = page.respond(new Request("http://127.0.0.1/"));
  expect(headers.get("x-frame-options")).toBe("DENY");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("referrer-policy")).toBe("no-referrer");
  expect(headers.get("cache-control")).toBe("no-cache");
});

test("a browser that has it already gets it without its text, one that unpacks gets it packed", async () => {
  const ask = (headers: Record<string, string>) =>
    page.respond(new Request("http://127.0.0.1/", { headers }));
  const etag = ask({}).headers.get("etag")!;
  const again = ask({ "If-None-Match": etag });
  expect([again.status, await again.text()]).toEqual([304, ""]);
  const packed = ask({ "Accept-Encoding": "gzip, br" });
  expect(packed.headers.get("content-encoding")).toBe("gzip");
  expect(Buffer.from(Bun.gunzipSync(await packed.arrayBuffer())).toString()).toBe(html);
});

test("it stays small", () => {
  expect(page.size).toBeLessThan(150_000);
});

test("its code never makes markup of text", async () => {
  const unsafe =
    /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\(|new Function/;
  for (const file of new Glob("*.ts").scanSync(folder)) {
    const text = await Bun.file(join(folder, file)).text();
    expect({ file, isUnsafe: unsafe.test(text) }).toEqual({ file, isUnsafe: false });
  }
});
