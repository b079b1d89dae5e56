// The keys of gnatsd 0.9.6 that stand in blocks, by each of their names, from a file to what somebody
// notices. Those at the top of the file are proved in test/config/effects.test.ts.
import { afterAll, expect, test } from "bun:test";
import { parseConfigText } from "../../src/config/language/load.ts";
import { readOptions } from "../../src/config/read-options.ts";
import { until } from "../e2e/support.ts";
import { connect, type WireClient } from "../support/wire.ts";
import { Setting, type Told } from "./gnatsd-proofs.ts";

const setting = await Setting.create();
afterAll(() => setting[Symbol.dispose]());
const { own, caFile, asAnn } = setting;

/** A key's block and its names parted by blanks, what is noticed, and the proof for one of the names. */
type Row = readonly [
  block: string,
  names: string,
  promise: string,
  prove: (name: string) => Promise<void>,
];

const ann = { user: "ann", pass: "hunter2" };

/** Ann gets in with her password, and nobody else. */
async function onlyAnn(text: string): Promise<void> {
  await using server = await setting.open(text);
  await using _ann = await server.join(ann);
  await server.refuses({ ...ann, user: "bob" });
  await server.refuses({ ...ann, pass: "hunter3" });
  await server.refuses({});
}

/** Ann may publish to `a` and subscribe to `b`, and to nothing else. */
async function onlyThese(text: string): Promise<void> {
  await using server = await setting.open(text);
  await using client = await server.join({ user: "ann" });
  await may(client, "PUB a 0\r\n\r\nSUB b 1\r\n");
  await client.says("PUB b 0\r\n\r\nSUB a 2\r\n");
  await client.hears("-ERR 'Permissions Violation for Publish to \"b\"'\r\n");
  await client.hears("-ERR 'Permissions Violation for Subscription to \"a\"'\r\n");
}

async function may(client: WireClient, line: string): Promise<void> {
  await client.says(line);
  await client.silent();
}

/** Who says nothing is sent away at once. */
async function impatient(port: number): Promise<void> {
  await using client = await connect(port);
  await client.hears("-ERR 'Authentication Timeout'\r\n");
  await client.hearsClose();
}

const RIGHTS = "{ publish: a, subscribe: b }";

const ACCESS: readonly Row[] = [
  [
    "authorization",
    "user username",
    "only that user gets in",
    (name) => onlyAnn(`authorization { ${name}: ann, password: hunter2 }`),
  ],
  [
    "authorization",
    "pass password",
    "only with that password",
    (name) => onlyAnn(`authorization { user: ann, ${name}: hunter2 }`),
  ],
  [
    "authorization",
    "timeout",
    "who does not log in in so many seconds is sent away",
    async (name) => {
      await using server = await setting.open(`authorization { user: ann, ${name}: 0.1 }`);
      await impatient(server.port);
    },
  ],
  [
    "authorization",
    "users",
    "those get in and nobody else",
    (name) => onlyAnn(`authorization { ${name}: [{ user: ann, password: hunter2 }] }`),
  ],
  [
    "authorization",
    "default_permissions default_permission",
    "users without permissions of their own may do that and no more",
    async (name) => {
      // Before and after the users, as gnatsd has it.
      await onlyThese(`authorization { ${name}: ${RIGHTS}, users: [{ user: ann }] }`);
      await onlyThese(`authorization { users: [{ user: ann }], ${name}: ${RIGHTS} }`);
    },
  ],
  [
    "authorization.users",
    "user username",
    "that user gets in and nobody else",
    (name) => onlyAnn(`authorization { users: [{ ${name}: ann, password: hunter2 }] }`),
  ],
  [
    "authorization.users",
    "pass password",
    "only with that password",
    (name) => onlyAnn(`authorization { users: [{ user: ann, ${name}: hunter2 }] }`),
  ],
  [
    "authorization.users",
    "permissions permission authroization",
    "the user may do that and no more",
    (name) => onlyThese(`authorization { users: [{ user: ann, ${name}: ${RIGHTS} }] }`),
  ],
  [
    "permissions",
    "publish pub",
    "it may publish to those subjects and to no others",
    (name) =>
      onlyThese(
        `authorization { users: [{ user: ann, permissions: { ${name}: [a], subscribe: b } }] }`,
      ),
  ],
  [
    "permissions",
    "subscribe sub",
    "it may subscribe to those subjects and to no others",
    (name) =>
      onlyThese(
        `authorization { users: [{ user: ann, permissions: { publish: a, ${name}: [b] } }] }`,
      ),
  ],
];

const PAIR = `cert_file: "${own.certFile}", key_file: "${own.keyFile}"`;

/** A server whose cluster says this; with a name, which otherwise would be agreed on first. */
const cluster = (text: string) => setting.open(`cluster { name: c1, ${text} }`);

async function knows(server: Told): Promise<void> {
  await until(() => server.others > 0, "it knows another server");
}

/** A server that calls the one at this port, with its user and password. */
const caller = (port: number, login = "", others = "") =>
  cluster(`port: -1, routes: ["nats://${login}127.0.0.1:${port}"], ${others}`);

/** Whoever knows the password comes in, and who does not stays out. */
async function onlyRuser(text: string): Promise<void> {
  await using server = await cluster(`port: -1, authorization { ${text} }`);
  const port = server.clusterPort;
  await using _stranger = await caller(port, "ruser:hunter3@");
  await server.logs(/\[ERR\] .* authentication error/);
  expect(server.others).toBe(0);
  await using friend = await caller(port, "ruser:hunter2@");
  await knows(friend);
}

const CLUSTER: readonly Row[] = [
  [
    "cluster",
    "listen",
    "other servers connect there",
    async (name) => {
      await using server = await cluster(`${name}: "127.0.0.1:-1"`);
      await server.logs(/Listening for route connections on 127\.0\.0\.1:\d+/);
      await using other = await caller(server.clusterPort);
      await knows(other);
    },
  ],
  [
    "cluster",
    "host net",
    "other servers connect at that address",
    async (name) => {
      await using server = await cluster(`${name}: "127.0.0.2", port: -1`);
      await server.logs(/Listening for route connections on 127\.0\.0\.2:\d+/);
    },
  ],
  [
    "cluster",
    "port",
    "other servers connect at that port, and with 0 there is no cluster",
    async (name) => {
      await using server = await cluster(`host: "127.0.0.1", ${name}: -1`);
      await using other = await caller(server.clusterPort);
      await knows(other);
      await using alone = await cluster(`${name}: 0`);
      expect(alone.midge.cluster).toBeNull();
    },
  ],
  [
    "cluster",
    "authorization",
    "only who knows the password comes in",
    (name) => {
      expect(name).toBe("authorization");
      return onlyRuser("user: ruser, password: hunter2");
    },
  ],
  [
    "cluster.authorization",
    "user username",
    "only that user comes in",
    (name) => onlyRuser(`${name}: ruser, password: hunter2`),
  ],
  [
    "cluster.authorization",
    "pass password",
    "only with that password",
    (name) => onlyRuser(`user: ruser, ${name}: hunter2`),
  ],
  [
    "cluster.authorization",
    "timeout",
    "a server that does not log in in so many seconds is sent away",
    async (name) => {
      const login = `authorization { user: ruser, password: hunter2, ${name}: 0.1 }`;
      await using server = await cluster(`port: -1, ${login}`);
      await impatient(server.clusterPort);
    },
  ],
  [
    "cluster",
    "routes",
    "it connects to those servers",
    async (name) => {
      await using server = await cluster("port: -1");
      const port = server.clusterPort;
      await using other = await cluster(`port: -1, ${name}: ["nats-route://127.0.0.1:${port}"]`);
      await knows(other);
    },
  ],
  [
    "cluster",
    "tls",
    "servers encrypt, and one without a certificate stays out",
    async (name) => {
      const secure = `${name} { ${PAIR}, ca_file: "${caFile}", timeout: 2 }`;
      await using server = await cluster(`port: -1, ${secure}`);
      const port = server.clusterPort;
      await using _plain = await caller(port);
      await server.logs(/TLS route handshake error/);
      expect(server.others).toBe(0);
      await using other = await caller(port, "", secure);
      await knows(other);
    },
  ],
  [
    "cluster",
    "no_advertise",
    "clients hear of no other server",
    async (name) => {
      await using server = await cluster("port: -1");
      await using other = await caller(server.clusterPort, "", `${name}: true`);
      await knows(other);
      expect(await server.info()).toHaveProperty("connect_urls");
      expect(await other.info()).not.toHaveProperty("connect_urls");
    },
  ],
];

const encrypted = (text: string) => setting.open(`tls { ${text} }`);

const TLS: readonly Row[] = [
  [
    "tls",
    "cert_file key_file",
    "clients encrypt with that certificate, which needs its key",
    async (name) => {
      await using server = await encrypted(PAIR);
      expect(await setting.greet(server.port)).toBeString();
      await expect(encrypted(`${name}: "${own.certFile}"`)).rejects.toThrow("is missing");
    },
  ],
  [
    "tls",
    "ca_file",
    "client certificates are those of that authority",
    async (name) => {
      await using known = await encrypted(`${PAIR}, verify: true, ${name}: "${caFile}"`);
      expect(await setting.greet(known.port, asAnn)).toBeString();
      await using foreign = await encrypted(`${PAIR}, verify: true, ${name}: "${own.certFile}"`);
      expect(await setting.greet(foreign.port, asAnn)).toBeUndefined();
    },
  ],
  [
    "tls",
    "verify",
    "clients need a certificate",
    async (name) => {
      await using server = await encrypted(`${PAIR}, ca_file: "${caFile}", ${name}: true`);
      expect(await setting.greet(server.port, asAnn)).toBeString();
      expect(await setting.greet(server.port)).toBeUndefined();
    },
  ],
  [
    "tls",
    "cipher_suites",
    "one of those is used",
    async (name) => {
      const suite = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384";
      await using server = await encrypted(`${PAIR}, ${name}: [${suite}]`);
      expect(await setting.greet(server.port, { maxVersion: "TLSv1.2" })).toBe(suite);
      const other = { maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256" } as const;
      expect(await setting.greet(server.port, other)).toBeUndefined();
    },
  ],
  [
    "tls",
    "timeout",
    "who does not shake hands in so many seconds is sent away",
    async (name) => {
      await using server = await setting.open(`debug: true, tls { ${PAIR}, ${name}: 0.1 }`);
      await using client = await connect(server.port);
      await client.hearsClose();
      await server.logs(/TLS handshake timeout/);
    },
  ],
];

for (const [block, names, promise, prove] of [...ACCESS, ...CLUSTER, ...TLS]) {
  for (const name of names.split(" ")) test(`${block}: ${name}: ${promise}`, () => prove(name));
}

test("prof_port: it is taken, with a warning that it has no effect", () => {
  const { root } = parseConfigText("prof_port: 6060", { file: "a.conf" });
  const { errors, warnings } = readOptions(root);
  expect(errors).toEqual([]);
  expect(warnings.map(({ message }) => message)).toEqual(["prof_port: has no effect yet"]);
});
