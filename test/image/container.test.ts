// The image as people run it: each of the command lines that the NATS image is known for, its health check,
// its end, and what it says when something around it is wrong.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { USER_ID } from "../../scripts/image/tree.ts";
import { until } from "../e2e/support.ts";
import { secret } from "../support/secrets.ts";
import { Container, describeWithContainers, Image } from "./container.ts";
import { Network } from "./network.ts";

/** Docker waits so long after SIGTERM before it kills. */
const GRACE_MS = 10_000;

describeWithContainers("the image", () => {
  let image: Image;
  beforeAll(async () => {
    image = await Image.create();
  });
  afterAll(() => image[Symbol.dispose]());

  test("without arguments it serves clients, routes and the monitor on the ports of the NATS image", async () => {
    await using container = await Container.start(image);
    expect(container.listening()).toEqual([4222, 6222, 8222]);
    expect(await container.ask("/varz")).toMatchObject({ port: 4222, http_port: 8222 });
    using client = container.converse(4222, "SUB a 1\r\nPUB a 2\r\nhi\r\n");
    expect(await client.heard.line(/^hi/)).toBe("hi\r");
  });

  test("with --routes it joins the server of that name, and everything else stays as the file has it", async () => {
    using network = await Network.create("nats-main", "nats-1");
    await using main = await Container.start(image, {
      network: { of: network, name: "nats-main" },
    });
    await using other = await Container.start(image, {
      network: { of: network, name: "nats-1" },
      flags: ["--routes=nats-route://ruser:T0pS3cr3t@nats-main:6222"],
    });
    expect(other.listening()).toEqual([4222, 6222, 8222]);
    for (const each of [main, other]) {
      await until(async () => (await each.ask("/varz"))["remotes"] === 1, "both know each other");
    }
    expect(other.log.text() + main.log.text()).not.toContain("T0pS3cr3t");
  });

  test("a route with another password stays outside", async () => {
    using network = await Network.create("nats-main", "nats-1");
    await using main = await Container.start(image, {
      network: { of: network, name: "nats-main" },
    });
    const password = secret();
    await using other = await Container.start(image, {
      network: { of: network, name: "nats-1" },
      flags: [`--routes=nats-route://ruser:${password}@nats-main:6222`],
    });
    await main.log.line(
      /rid:\d+ - authentication error|Authorization Violation|authentication error/i,
    );
    expect(await main.ask("/routez")).toMatchObject({ num_routes: 0 });
    expect(other.log.text() + main.log.text()).not.toContain(password);
  });

  test("with -DV it tells what it does and what it hears, and everything else stays as the file has it", async () => {
    await using container = await Container.start(image, { flags: ["-DV"] });
    expect(container.listening()).toEqual([4222, 6222, 8222]);
    using client = container.converse(4222, "PING\r\n");
    await client.heard.line(/^PONG/);
    expect(await container.log.line(/\[DBG\] .*Client connection created/)).toBeString();
    expect(await container.log.line(/\[TRC\] .*\[PING\]/)).toBeString();
    expect(container.log.text()).not.toContain("T0pS3cr3t");
  });

  test("with -p 4333 clients come there, and everything else stays as the file has it", async () => {
    await using container = await Container.start(image, { flags: ["-p", "4333"] });
    expect(container.listening()).toEqual([4333, 6222, 8222]);
  });

  test("it is not root, has no capabilities and gets none, and its root is read-only", async () => {
    await using container = await Container.start(image);
    const ids = Array.from({ length: 4 }, () => String(USER_ID)).join("\t");
    expect(container.status("Uid")).toBe(ids);
    expect(container.status("Gid")).toBe(ids);
    expect(container.status("Groups")).toBe("");
    for (const set of ["CapInh", "CapPrm", "CapEff", "CapAmb"]) {
      expect([set, BigInt(`0x${container.status(set)}`)]).toEqual([set, 0n]);
    }
    expect(container.status("NoNewPrivs")).toBe("1");
    const mounts = await Bun.file(`/proc/${container.pid}/mounts`).text();
    expect(mounts.split("\n").find((line) => line.includes(" / "))).toMatch(/ overlay ro,/);
  });

  test("its health check fails while the server is stuck, and is content when it goes on", async () => {
    await using container = await Container.start(image);
    const healthy = {
      code: 0,
      line: 'healthy: http://127.0.0.1:8222/healthz: {"status":"ok"}',
    };
    expect(await container.checkHealth()).toEqual(healthy);
    container.signal("SIGSTOP");
    expect(await container.checkHealth()).toEqual({
      code: 1,
      line: "not healthy: http://127.0.0.1:8222/healthz: no answer in 2 s",
    });
    container.signal("SIGCONT");
    expect(await container.checkHealth()).toEqual(healthy);
  });

  test("SIGTERM ends it well within the grace period: clients are let go, the exit code is 0", async () => {
    await using container = await Container.start(image);
    using client = container.converse(4222, "PING\r\n");
    await client.heard.line(/^PONG/);
    const toldAt = performance.now();
    container.signal("SIGTERM");
    // As nats-server's is.
    expect(await container.ended).toBe(0);
    await client.ended;
    expect(performance.now() - toldAt).toBeLessThan(GRACE_MS / 2);
    // Its process has the number 1, which no signal ends that it does not handle.
    expect(container.log.text()).toMatch(/^\[1\] .* Server Exiting\.\.$/m);
  });

  test("without /proc it says so in one line and exits with 1", async () => {
    const { code, log } = await Container.run(image, { proc: false });
    expect(log).toMatch(/^midge: \/proc is not mounted[^\n]*$/);
    expect(code).toBe(1);
  });

  test("a mounted file that it may not read is named in one line, and it exits with 1", async () => {
    const file = join(image.folder, "mine.conf");
    writeFileSync(file, "port: 4222\n", { mode: 0o600 });
    const { code, log } = await Container.run(image, { mounts: { "/midge.conf": file } });
    expect(log).toMatch(/^midge: .*\/midge\.conf.*permission denied$/i);
    expect(code).toBe(1);
  });

  test("a port that is taken is named in one line, and it exits with 1", async () => {
    await using first = await Container.start(image);
    // Its monitor opens first, so that has a port of its own.
    const flags = ["-m", "8333"];
    const { code, log } = await Container.run(image, { shares: first, flags });
    const fatal = log.split("\n").filter((line) => !/\[(INF|WRN)\]/.test(line));
    expect(fatal).toEqual([expect.stringMatching(/\[FTL\] .*4222.*address already in use/)]);
    expect(code).toBe(1);
  });

  test("a log file on the read-only root is named in one line, and it exits with 1", async () => {
    const { code, log } = await Container.run(image, { flags: ["-l", "/midge.log"] });
    expect(log).toMatch(/^midge: .*\/midge\.log.*read-only file system$/i);
    expect(code).toBe(1);
  });
});
