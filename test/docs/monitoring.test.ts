// Dashboards are built from the table of metrics: it has each one that a server tells, with its type.
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Midge } from "../../src/index.ts";
import { TestAuthority } from "../support/certificates.ts";
import { root } from "./markdown.ts";

const page = readFileSync(join(root, "docs", "monitoring.md"), "utf8");
const WAIT_MS_MAX = 10_000;

/** By name, the type that the page gives. */
function documented(): Map<string, string> {
  const rows = page.matchAll(/^\| `(midge_\w+)` *\| (\w+) /gm);
  return new Map([...rows].map(([, name, type]) => [name!, type!]));
}

async function told(server: Midge): Promise<Map<string, string>> {
  const text = await (await fetch(`${server.monitorUrl}/metrics`)).text();
  const types = text.matchAll(/^# TYPE (\w+) (\w+)$/gm);
  return new Map([...types].map(([, name, type]) => [name!, type!]));
}

test("the table of metrics is complete, and has nothing else", async () => {
  using authority = await TestAuthority.create("metrics");
  const { certFile, keyFile } = await authority.issue({ peer: true });
  const tls = { certFile, keyFile, caFile: authority.caFile };
  await using server = await Midge.start({
    port: -1,
    httpPort: -1,
    tls,
    cluster: { host: "127.0.0.1", port: -1, tls: { ...tls, verify: true } },
  });
  const found = await told(server);
  expect(Object.fromEntries(documented())).toEqual(Object.fromEntries(found));
});

test("alerts are on metrics that exist", () => {
  const known = documented();
  const used = [...page.matchAll(/^ +expr: .*$/gm)].flatMap(
    ([line]) => line.match(/midge_\w+/g) ?? [],
  );
  expect(used.length).toBeGreaterThan(4);
  expect(used.filter((name) => !known.has(name))).toEqual([]);
});

test(
  "every path in the table of endpoints is answered",
  async () => {
    await using server = await Midge.start({ port: -1, httpPort: -1 });
    const [, table = ""] = /## Endpoints\n([\s\S]*?)```/.exec(page) ?? [];
    const paths = [...table.matchAll(/^\| (.*?) \|/gm)].flatMap(
      ([, cell]) => cell!.match(/(?<=`)\/[\w/]*/g) ?? [],
    );
    expect(paths).toContain("/varz");
    for (const path of paths) {
      const { status } = await fetch(`${server.monitorUrl}${path}`);
      expect({ path, status }).toEqual({ path, status: 200 });
    }
  },
  WAIT_MS_MAX,
);
