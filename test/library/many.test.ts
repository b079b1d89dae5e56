// Hundreds of brokers in one process: each for itself, and nothing left of those that stopped.

import { expect, test } from "bun:test";
import { join } from "node:path";
import { Midge } from "../../src/index.ts";

interface Left {
  readonly objects: number;
  readonly handles: number;
  /** Brokers and connections, of all rounds so far. */
  readonly held: number;
}

test("a hundred brokers at a time start, serve and stop, and leave no object, handle or timer", async () => {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "hundred.ts")], {
    stdout: "pipe",
    stderr: "pipe",
    timeout: 60_000,
  });
  const [text, errors, code] = await Promise.all([
    child.stdout.text(),
    child.stderr.text(),
    child.exited,
  ]);
  expect({ code, errors }).toEqual({ code: 0, errors: "" });
  const after: Left[] = JSON.parse(text);
  const early = after.slice(0, 3);
  const late = after.slice(3);
  const least = (left: readonly Left[], what: keyof Left) =>
    Math.min(...left.map((each) => each[what]));
  expect(least(late, "handles")).toBeLessThanOrEqual(least(early, "handles"));
  // Three hundred brokers lie between them, of some hundred objects each.
  expect(least(late, "objects") - least(early, "objects")).toBeLessThan(3_000);
  // A conservative collector may take a number on the stack for an address.
  expect(least(late, "held")).toBeLessThan(20);
}, 90_000);

test("a hundred brokers at once keep their clients and subjects apart", async () => {
  const servers = await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      Midge.start({ listen: false, serverName: `s${index}` }),
    ),
  );
  const connections = await Promise.all(servers.map((server) => server.connect()));
  const heard = connections.map(() => 0);
  for (const [index, nc] of connections.entries()) {
    nc.subscribe("same.subject", { callback: () => void heard[index]!++ });
  }
  for (const [index, nc] of connections.entries()) {
    for (let times = 0; times <= index; times++) nc.publish("same.subject");
  }
  await Promise.all(connections.map((nc) => nc.flush()));
  expect(heard).toEqual(heard.map((_, index) => index + 1));
  await Promise.all(servers.map((server) => server.stop()));
});
