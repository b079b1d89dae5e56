// The monitor's door when descriptors run out: clients come first.
import { expect, test } from "bun:test";
import { BOUNDS } from "../../src/http/bounds.ts";
import { Door } from "../../src/http/door.ts";
import { DescriptorGauge, shareDescriptors } from "../../src/os/descriptors.ts";
import { TestAuthority } from "../support/certificates.ts";
import { rawAsk } from "./raw.ts";

/** A door that is told by the test whether there are descriptors. */
function openDoor() {
  const gauge = { isScarce: false };
  const warnings: string[] = [];
  const door = new Door({
    host: "127.0.0.1",
    port: 0,
    tls: null,
    bounds: BOUNDS,
    answer: () => Promise.resolve(new Response("here")),
    warn: (text) => void warnings.push(text),
    gauge,
  });
  return { door, gauge, warnings };
}

const status = (url: string) =>
  fetch(url, { keepalive: false }).then(
    (response) => response.status,
    () => 0,
  );

async function until(url: string, wanted: number): Promise<void> {
  while ((await status(url)) !== wanted);
}

test("half-open connections are closed when descriptors are scarce, and nobody comes in", async () => {
  const { door, gauge, warnings } = openDoor();
  const halfOpen = [1, 2, 3].map(() => rawAsk(door.port, "GET / HTTP/1.1\r\nHo"));
  await until(door.url, 200);
  gauge.isScarce = true;
  expect(await Promise.all(halfOpen)).toEqual(["", "", ""]);
  expect(await status(door.url)).toBe(0);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain(door.address);
  await door.close();
});

test("the same port answers again when there are enough of them", async () => {
  const { door, gauge, warnings } = openDoor();
  const { port } = door;
  gauge.isScarce = true;
  await until(door.url, 0);
  gauge.isScarce = false;
  await until(door.url, 200);
  expect([door.port, warnings.length]).toEqual([port, 1]);
  await door.close();
});

test("a door that was closed while it was shut stays closed", async () => {
  const { door, gauge } = openDoor();
  gauge.isScarce = true;
  await until(door.url, 0);
  gauge.isScarce = false;
  await door.close();
  // Whoever takes the port now keeps it: nothing opens there again.
  using other = Bun.serve({ port: door.port, hostname: "127.0.0.1", fetch: () => new Response() });
  expect(other.port).toBe(door.port);
});

test("descriptors are scarce near the limit only, and never where there is none known", () => {
  expect(new DescriptorGauge(1_000_000).isScarce).toBe(false);
  expect(new DescriptorGauge(4).isScarce).toBe(true);
  expect(new DescriptorGauge(null).isScarce).toBe(false);
});

test.each([64, 256, 1024, 65_536])("of %d descriptors clients never get all", (limit) => {
  const { clients, lingering } = shareDescriptors(limit);
  expect(limit - clients - lingering).toBeGreaterThanOrEqual(Math.min(59, limit - 5));
});

test("a new certificate that is of no use leaves the door as it was", async () => {
  const { door } = openDoor();
  const useless = [{ cert: "none", key: "none", minVersion: 0x0303 }];
  expect(() => door.renew(useless)).toThrow("can't listen to the monitor port");
  expect(await status(door.url)).toBe(200);
  await door.close();
});

test("a door whose port was taken meanwhile opens again when it is free", async () => {
  const { door, gauge } = openDoor();
  gauge.isScarce = true;
  await until(door.url, 0);
  const other = Bun.serve({ port: door.port, hostname: "127.0.0.1", fetch: () => new Response() });
  expect(() => door.renew([{ cert: "none", key: "none", minVersion: 0x0303 }])).toThrow();
  gauge.isScarce = false;
  await other.stop(true);
  await until(door.url, 200);
  await door.close();
});

test("connections from before a new certificate are closed with the others", async () => {
  using authority = await TestAuthority.create();
  const { certFile, keyFile } = await authority.issue({});
  const { door, gauge } = openDoor();
  const halfOpen = rawAsk(door.port, "GET / HTTP/1.1\r\nHo");
  await until(door.url, 200);
  door.renew([
    {
      cert: await Bun.file(certFile).text(),
      key: await Bun.file(keyFile).text(),
      minVersion: 0x0303,
    },
  ]);
  gauge.isScarce = true;
  expect(await halfOpen).toBe("");
  await door.close();
});
