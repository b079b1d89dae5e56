// The monitor of the executable, as far as tools and health checks rely on it: its ports, its encryption,
// its password, and what a reload makes of them.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join as path } from "node:path";
import { connect as connectTls } from "node:tls";
import { type IssuedCertificate, TestAuthority } from "../support/certificates.ts";
import { CANARY, collect, secret } from "../support/secrets.ts";
import { connect as open } from "../support/wire.ts";
import { Broker, freePort, midgeTest, run, temporaryFolder, until } from "./support.ts";

const NUMBERS = [
  "connections",
  "total_connections",
  "subscriptions",
  "in_msgs",
  "out_msgs",
] as const;

test("-m serves /varz with counters that move, and /healthz", async () => {
  const port = await freePort();
  await using broker = await Broker.start({ flags: ["-m", String(port)] });
  const base = `http://127.0.0.1:${port}`;
  await broker.line(new RegExp(String.raw`Starting http monitor on 127\.0\.0\.1:${port}$`));
  const varz = async (): Promise<Record<string, unknown>> => {
    const response = await fetch(`${base}/varz`);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toStartWith("application/json");
    return (await response.json()) as Record<string, unknown>;
  };

  await using client = await open(broker.port);
  const idle = await varz();
  expect(idle).toMatchObject({
    server_id: client.info.server_id,
    server_name: client.info.server_name,
    version: client.info.version,
    host: "127.0.0.1",
    port: broker.port,
    http_port: port,
    max_payload: 1_048_576,
    connections: 1,
    in_msgs: 0,
  });
  expect(String(idle.version)).toMatch(/^2\.15\./);
  for (const name of [...NUMBERS, "in_bytes", "out_bytes", "mem", "cpu", "slow_consumers"])
    expect(idle[name]).toBeNumber();
  expect(Date.parse(String(idle.start))).toBeLessThanOrEqual(Date.now());

  await client.says("SUB a 1\r\nSUB a 2\r\nPUB a 5\r\nhello\r\nPING\r\n");
  await until(async () => (await varz()).out_msgs === 2, "the counters have moved");
  const before = Number(idle.subscriptions);
  const busy = await varz();
  expect(busy).toMatchObject({ in_msgs: 1, in_bytes: 5, out_msgs: 2, out_bytes: 10 });
  expect(busy.subscriptions).toBe(before + 2);

  client.close();
  await until(async () => (await varz()).connections === 0, "the client has left");
  expect(await varz()).toMatchObject({ total_connections: 1, in_msgs: 1 });
});

test("/healthz says ok, and an unknown path is not found", async () => {
  await using broker = await Broker.start({ flags: ["-m", "-1"] });
  const line = await broker.line(/Starting http monitor on 127\.0\.0\.1:\d+$/);
  const base = `http://127.0.0.1:${line.split(":").at(-1)}`;
  const health = await fetch(`${base}/healthz`);
  expect(health.status).toBe(200);
  expect(await health.json()).toEqual({ status: "ok" });
  expect((await fetch(`${base}/no/such/page`)).status).toBe(404);
});

test("without -m nothing listens for the monitor", async () => {
  await using broker = await Broker.start();
  expect(broker.lines.join("\n")).not.toContain("monitor");
});

test("a monitor port that is taken is an error with its address, and exit code 1", async () => {
  await using holder = await Broker.start();
  const second = new Broker({ flags: ["-m", String(holder.port)] });
  await second.line(new RegExp(String.raw`\[FTL\] .*127\.0\.0\.1:${holder.port}`));
  expect(await second.child.exited).toBe(1);
});

let authority: TestAuthority;
let first: IssuedCertificate;
let second: IssuedCertificate;

beforeAll(async () => {
  authority = await TestAuthority.create();
  first = await authority.issue({ commonName: "first" });
  second = await authority.issue({ commonName: "second" });
});

afterAll(() => authority[Symbol.dispose]());

/** Where the monitor answers, as its log has it. */
async function monitorOf(broker: Broker, scheme: "http" | "https"): Promise<string> {
  const line = await broker.line(new RegExp(`Starting ${scheme} monitor on 127\\.0\\.0\\.1:\\d+$`));
  return `${scheme}://127.0.0.1:${line.split(":").at(-1)}`;
}

/** The answer to a question with these credentials; what it says is searched for secrets later. */
async function ask(url: string, credentials?: string): Promise<{ status: number; text: string }> {
  const authorization = `Basic ${Buffer.from(credentials ?? "").toString("base64")}`;
  const headers = credentials === undefined ? {} : { authorization };
  const response = await fetch(url, { headers, tls: { ca: authority.ca } });
  const text = await response.text();
  collect("monitor", text);
  return { status: response.status, text };
}

/** The name in the certificate that a new connection is shown. */
async function shownBy(url: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connectTls({ host: hostname, port: Number(port), ca: authority.ca });
  try {
    await once(socket, "secureConnect");
    return String(socket.getPeerCertificate().subject.CN);
  } finally {
    socket.destroy();
  }
}

/** Reloads this configuration; gives the lines of the log from the signal to the verdict. */
async function reload(broker: Broker, config: string): Promise<string> {
  broker.rewriteConfig(config);
  const from = broker.lines.length;
  broker.child.kill("SIGHUP");
  await broker.line(/Reloaded server configuration|Failed to reload server configuration/, from);
  return broker.lines.slice(from).join("\n");
}

describe("the monitor over HTTPS", () => {
  const encrypted = () => `tls { cert_file: "${first.certFile}", key_file: "${first.keyFile}" }`;

  test("answers with the certificate of the clients, and asks for none", async () => {
    const verify = `verify: true, ca_file: "${authority.caFile}"`;
    const config = `${encrypted().replace("}", `, ${verify} }`)}\nhttps_port: -1`;
    await using broker = await Broker.start({ config });
    const url = await monitorOf(broker, "https");
    const { status, text } = await ask(`${url}/varz`);
    expect([status, JSON.parse(text)]).toMatchObject([
      200,
      { http_port: 0, https_port: -1, tls_verify: true },
    ]);
    expect(await shownBy(url)).toBe("first");
  });

  midgeTest("and over HTTP run at once, by -ms and -m", async () => {
    const tls = ["--tlscert", first.certFile, "--tlskey", first.keyFile];
    await using broker = await Broker.start({ flags: ["-m", "-1", "-ms", "-1", ...tls] });
    for (const scheme of ["http", "https"] as const) {
      const { status, text } = await ask(`${await monitorOf(broker, scheme)}/healthz`);
      expect([status, text]).toEqual([200, '{"status":"ok"}']);
    }
  });

  test("without a certificate ends the start with exit code 1", async () => {
    const { code, stderr } = await run("-a", "127.0.0.1", "-p", "-1", "-ms", "-1");
    expect(code).toBe(1);
    expect(stderr).not.toContain("Server is ready");
  });

  test("on a port that is taken is an error with its address, and exit code 1", async () => {
    await using holder = await Broker.start();
    const config = `${encrypted()}\nhttps: "127.0.0.1:${holder.port}"`;
    await using starting = new Broker({ config });
    await starting.line(new RegExp(String.raw`\[FTL\] .*127\.0\.0\.1:${holder.port}`));
    expect(await starting.child.exited).toBe(1);
  });

  test("shows new certificates after a reload, on the same port", async () => {
    using folder = temporaryFolder();
    const put = ({ cert, key }: Pick<IssuedCertificate, "cert" | "key">) => {
      writeFileSync(path(folder.path, "cert.pem"), cert);
      writeFileSync(path(folder.path, "key.pem"), key);
    };
    put(first);
    const files = ["cert", "key"].map((name) => `${name}_file: "${folder.path}/${name}.pem"`);
    const config = `tls { ${files.join(", ")} }\nhttps_port: -1`;
    await using broker = await Broker.start({ config });
    const url = await monitorOf(broker, "https");
    expect(await shownBy(url)).toBe("first");
    put(second);
    expect(await reload(broker, config)).toContain("Reloaded: tls = enabled");
    expect(await shownBy(url)).toBe("second");

    put({ cert: second.cert, key: first.key });
    expect(await reload(broker, config)).toContain("Failed to reload server configuration: ");
    expect(await shownBy(url)).toBe("second");
    expect((await ask(`${url}/healthz`)).status).toBe(200);
  });

  midgeTest("can't be moved, or lose its certificate, by a reload", async () => {
    const config = `${encrypted()}\nhttps_port: -1`;
    await using broker = await Broker.start({ config });
    const url = await monitorOf(broker, "https");
    const refusals = [
      [encrypted(), "HTTPSPort"],
      [`${config}\nhttp_port: 0, http_base_path: "/nats"`, "HTTPBasePath: old=, new=/nats"],
      ["https_port: -1", ""],
    ];
    for (const [changed = "", why = ""] of refusals) {
      const said = await reload(broker, changed);
      expect(said).toContain("Failed to reload server configuration: ");
      expect(said).toContain(why);
      expect((await ask(`${url}/varz`)).status).toBe(200);
    }
  });
});

describe("a monitor with a password", () => {
  midgeTest("tells who knows it, and everybody whether the server is well", async () => {
    const password = secret();
    const hash = secret(await Bun.password.hash(password, { algorithm: "bcrypt", cost: 4 }));
    for (const configured of [password, hash]) {
      const config = `
        http: -1
        monitor_authorization { user: ${CANARY}, password: "${configured}" }
      `;
      await using broker = await Broker.start({ config, flags: ["-DV"] });
      const url = await monitorOf(broker, "http");
      const { status, text } = await ask(`${url}/varz`, `${CANARY}:${password}`);
      expect(status).toBe(200);
      expect(JSON.parse(text)).toMatchObject({ http_port: -1 });
      expect(await ask(`${url}/varz`, `${CANARY}:${secret()}`)).toMatchObject({ status: 401 });
      expect(await ask(`${url}/varz`)).toEqual({ status: 401, text: "401 unauthorized\n" });
      expect((await ask(`${url}/healthz`)).status).toBe(200);
      // Clients need none.
      await using client = await open(broker.port);
      expect(client.info).not.toHaveProperty("auth_required");
      for (const said of [broker.lines.join("\n"), text]) {
        expect(said).not.toContain(password);
        expect(said).not.toContain(hash);
      }
    }
  });

  midgeTest("gets one, another one and none by reloads", async () => {
    const token = secret();
    const password = secret();
    const openly = "http: -1";
    const config = (inside: string) => `${openly}\nmonitor_authorization { ${inside} }`;
    await using broker = await Broker.start({ config: openly });
    const url = `${await monitorOf(broker, "http")}/varz`;
    const statuses = async () => [
      (await ask(url)).status,
      (await ask(url, `eve:${password}`)).status,
      (await ask(url, `anybody:${token}`)).status,
    ];
    const enabled = "Reloaded: monitor_authorization = enabled";
    expect(await statuses()).toEqual([200, 200, 200]);
    expect(await reload(broker, config(`user: eve, password: "${password}"`))).toContain(enabled);
    expect(await statuses()).toEqual([401, 200, 401]);
    expect(await reload(broker, config(`token: "${token}"`))).toContain(enabled);
    expect(await statuses()).toEqual([401, 401, 200]);

    const unset = await reload(broker, config('token: ""'));
    expect(unset).toContain("a user with a password or a token is missing");
    expect(await statuses()).toEqual([401, 401, 200]);
    expect(await reload(broker, openly)).toContain("Reloaded: monitor_authorization = disabled");
    expect(await statuses()).toEqual([200, 200, 200]);
    for (const text of [token, password]) expect(broker.lines.join("\n")).not.toContain(text);
  });

  midgeTest("that is wrong ends the start, and is not repeated", async () => {
    using folder = temporaryFolder();
    const text = secret();
    const mistakes = [
      `user: "${text}"`,
      `password: "${text}"`,
      `token: ["${text}"]`,
      `user: eve, password: "${text}", token: "${text}"`,
      `user: "eve:${text}", password: "${text}"`,
      `user: eve, pasword: "${text}"`,
    ];
    const config = path(folder.path, "midge.conf");
    for (const mistake of mistakes) {
      writeFileSync(config, `http: -1\nmonitor_authorization { ${mistake} }`);
      const { code, stdout, stderr } = await run("-a", "127.0.0.1", "-p", "-1", "-c", config);
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(stderr).toMatch(/:2:\d+: monitor_authorization/);
      expect(stderr).not.toContain(text);
    }
  });
});
