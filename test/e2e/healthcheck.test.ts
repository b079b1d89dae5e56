// `midge --healthcheck`, by which an image without a shell tells its orchestrator how the server is: one
// line, exit code 0 or 1, within two seconds.
import { describe, expect } from "bun:test";
import { createServer } from "node:net";
import { TestAuthority } from "../support/certificates.ts";
import { secret } from "../support/secrets.ts";
import { connect } from "../support/wire.ts";
import { Broker, executable, freePort, midgeTest, run, within, type Outcome } from "./support.ts";

async function monitorOf(broker: Broker, scheme = "http"): Promise<string> {
  const line = await broker.line(new RegExp(`Starting ${scheme} monitor on 127\\.0\\.0\\.1:\\d+$`));
  return `${scheme}://127.0.0.1:${line.split(":").at(-1)}`;
}

/** What whoever runs it gets to see: nothing but one line, on standard output. */
const verdict = (code: 0 | 1, line: string): Outcome => ({ code, stdout: `${line}\n`, stderr: "" });

describe("a server that is well", () => {
  midgeTest("is healthy, whether its address follows a blank or an equals sign", async () => {
    await using broker = await Broker.start({ flags: ["-m", "-1"] });
    const url = `${await monitorOf(broker)}/healthz`;
    const healthy = verdict(0, `healthy: ${url}: {"status":"ok"}`);
    expect(await run("--healthcheck", url)).toEqual(healthy);
    expect(await run(`--healthcheck=${url}`)).toEqual(healthy);
    expect(await run("-healthcheck", url, "-c", "/nowhere/midge.conf", "-DV")).toEqual(healthy);
  });

  midgeTest("is healthy to who has no environment at all", async () => {
    await using broker = await Broker.start({ flags: ["-m", "-1"] });
    const url = await monitorOf(broker);
    const command = [executable, "--healthcheck", url];
    await using child = Bun.spawn(command, { cwd: "/", env: {}, stdin: "ignore" });
    expect(await within(child.exited, () => "the verdict")).toBe(0);
  });

  midgeTest("is healthy over HTTPS, below a base path and behind a password", async () => {
    using authority = await TestAuthority.create();
    const { certFile, keyFile } = await authority.issue({ hosts: ["nats.example"] });
    const config = `
      tls { cert_file: "${certFile}", key_file: "${keyFile}" }
      https_port: -1
      http_base_path: nats
      monitor_authorization { token: "${secret()}" }
    `;
    await using broker = await Broker.start({ config });
    const url = await monitorOf(broker, "https");
    expect((await run("--healthcheck", `${url}/nats/healthz`)).code).toBe(0);
    expect((await run("--healthcheck", `${url}/nats/varz`)).stdout).toContain("status 401");
  });
});

describe("no health", () => {
  midgeTest("is a server that is on its way out", async () => {
    await using broker = await Broker.start({ flags: ["-m", "-1"] });
    await using _client = await connect(broker.port);
    const url = `${await monitorOf(broker)}/healthz`;
    broker.child.kill("SIGUSR2");
    await broker.line(/Entering lame duck mode/);
    const { code, stdout, stderr } = await run("--healthcheck", url);
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(stdout).toMatch(/^not healthy, status 5\d\d: .*\n$/);
    await broker.stop("SIGINT");
  });

  midgeTest("is nobody there", async () => {
    const url = `http://127.0.0.1:${await freePort()}/healthz`;
    const refused = verdict(1, `not healthy: ${url}: connection refused`);
    expect(await run("--healthcheck", url)).toEqual(refused);
  });

  midgeTest("is a server that says nothing for two seconds", async () => {
    const mute = createServer();
    await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
    const address = mute.address();
    const port = typeof address === "object" ? address?.port : 0;
    try {
      const url = `http://127.0.0.1:${port}/healthz`;
      const start = performance.now();
      const late = verdict(1, `not healthy: ${url}: no answer in 2 s`);
      expect(await run("--healthcheck", url)).toEqual(late);
      expect(performance.now() - start).toBeWithin(1900, 3500);
    } finally {
      mute.close();
    }
  });

  midgeTest("is an address that is none", async () => {
    for (const url of ["", "nonsense", "nats://127.0.0.1:4222"]) {
      const wrong = verdict(1, "not healthy: what was given is no http or https URL");
      expect(await run(`--healthcheck=${url}`)).toEqual(wrong);
    }
  });
});

midgeTest("without an address, it is the usual one of this machine that is asked", async () => {
  const { code, stdout, stderr } = await run("--healthcheck");
  expect([0, 1]).toContain(code);
  expect(stdout).toMatch(/^[^\n]*http:\/\/127\.0\.0\.1:8222\/healthz: [^\n]*\n$/);
  expect(stderr).toBe("");
});
