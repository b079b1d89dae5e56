// What who asks the monitor notices of the keys that are about it: rows for effects.test.ts.
import { expect } from "bun:test";
import { until } from "../e2e/support.ts";
import { authority, served, type Row, type Served } from "./served.ts";

const ENCRYPTED = "tls { cert_file: '$CERT', key_file: '$KEY' }";

/** The monitor's answer; over HTTPS with the only authority that is trusted. */
function ask(url: string | undefined, path: string, headers = {}): Promise<Response> {
  return fetch(`${url}${path}`, { headers, tls: { ca: authority.ca } });
}

async function healthy(server: Served): Promise<string> {
  const { monitorUrl } = server.midge;
  const answer = await ask(monitorUrl, "/healthz");
  expect(await answer.json()).toEqual({ status: "ok" });
  return monitorUrl!;
}

const basic = (credentials: string) => ({
  Authorization: `Basic ${Buffer.from(credentials).toString("base64")}`,
});

/** Who asks with these headers is told, and nobody else. */
async function closedBut({ midge }: Served, headers: object): Promise<void> {
  for (const path of ["/", "/varz", "/metrics"]) {
    expect((await ask(midge.monitorUrl, path)).status).toBe(401);
    expect((await ask(midge.monitorUrl, path, basic("eve:hunter3"))).status).toBe(401);
    expect((await ask(midge.monitorUrl, path, headers)).status).toBe(200);
  }
  expect((await ask(midge.monitorUrl, "/healthz")).status).toBe(200);
}

/** Keys of the monitor. */
export const MONITORING: readonly Row[] = [
  [
    "http",
    '"127.0.0.1:-1"',
    "it answers there",
    served(async (server) => {
      expect(await healthy(server)).toStartWith("http://127.0.0.1:");
      expect(server.midge.monitorHttpsUrl).toBeUndefined();
    }),
  ],
  [
    "http",
    "-1",
    "it answers on the clients' address",
    served(async (server) => void (await healthy(server))),
  ],
  [
    "http_port monitor_port",
    "-1",
    "it answers on a free port",
    served(async (server) => {
      expect(await healthy(server)).not.toEndWith(`:${server.port}`);
    }),
  ],
  [
    "https",
    '"127.0.0.2:-1"',
    "it answers there, encrypted",
    served(async (server) => {
      expect(await healthy(server)).toStartWith("https://127.0.0.2:");
    }, ENCRYPTED),
  ],
  [
    "https_port",
    "-1",
    "it answers on two ports, one of them encrypted",
    served(async ({ midge }) => {
      const { monitorUrl, monitorHttpsUrl } = midge;
      expect([monitorUrl, monitorHttpsUrl]).toEqual([
        expect.stringMatching("http://127.0.0.1:"),
        expect.stringMatching("https://127.0.0.1:"),
      ]);
      await ask(monitorHttpsUrl, "/varz");
      const varz = await ask(monitorUrl, "/varz");
      expect(await varz.json()).toMatchObject({ http_req_stats: { "/varz": 2 } });
    }, `http: -1\n${ENCRYPTED}`),
  ],
  [
    "https_port",
    "-1",
    "it shows a certificate to who has none, whatever clients have to show",
    served(async (server) => {
      expect(await healthy(server)).toStartWith("https://");
    }, `tls { certs: [{ cert_file: '$CERT', key_file: '$KEY' }], ca_file: '$CERT', verify: true }`),
  ],
  [
    "http_base_path",
    "nats/",
    "it answers below that path alone",
    served(async ({ midge }) => {
      const { monitorUrl } = midge;
      expect((await ask(monitorUrl, "/nats/healthz")).status).toBe(200);
      expect((await ask(monitorUrl, "/healthz")).status).toBe(404);
      const varz = await ask(monitorUrl, "/nats/varz");
      expect(await varz.json()).toMatchObject({ http_base_path: "nats/" });
    }, "http: -1"),
  ],
  [
    "monitor_authorization",
    "{ user: eve, password: hunter2 }",
    "who knows the password is told, and everybody whether it is well",
    served((server) => closedBut(server, basic("eve:hunter2")), "http: -1"),
  ],
  [
    "monitor_authorization",
    `{ user: eve, password: "${Bun.password.hashSync("hunter2", { algorithm: "bcrypt", cost: 4 })}" }`,
    "who knows the password of the hash is told",
    served((server) => closedBut(server, basic("eve:hunter2")), "http: -1"),
  ],
  [
    "monitor_authorization",
    "{ token: hunter2 }",
    "who has the token is told, also over HTTPS",
    served(
      (server) => closedBut(server, { Authorization: "Bearer hunter2" }),
      `https: -1\n${ENCRYPTED}`,
    ),
  ],
  [
    "max_closed_clients",
    "2",
    "it knows so many of the clients that have left",
    served((server) => leavers(server), "http: -1"),
  ],
  [
    "max_closed_clients",
    "2",
    "it knows them over HTTPS, too",
    served((server) => leavers(server), `https: -1, allow_non_tls: true\n${ENCRYPTED}`),
  ],
];

/** Of three clients that came and went, the last two are told of. */
async function leavers(server: Served): Promise<void> {
  for (const name of ["a", "b", "c"]) {
    await using client = await server.join({ name });
    await client.silent();
  }
  const { midge } = server;
  await until(() => midge.connections === 0, "all of them have left");
  const closed = await ask(midge.monitorUrl, "/connz?state=closed");
  expect(await closed.json()).toMatchObject({ connections: [{ name: "b" }, { name: "c" }] });
}
