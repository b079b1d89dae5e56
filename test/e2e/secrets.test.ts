// No output of a server gives a secret away. Here everything that a server can say is provoked with
// passwords, tokens and seeds in every place where they can stand, right and wrong; what all the other
// tests made servers say is searched along with it (see support/secrets.ts).
import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join as path } from "node:path";
import { newNkey } from "../support/nkeys.ts";
import { CANARY, collect, findLeaks, OUTPUTS_VARIABLE, secret } from "../support/secrets.ts";
import { connect as open, connectLine, join, type WireClient } from "../support/wire.ts";
import { statusOf } from "./clients.ts";
import { type OfficialClient, officialClients, refusalOf } from "./guests.ts";
import { Broker, isMidge, midgeTest, run, temporaryFolder, until } from "./support.ts";

/** A folder of its own where no run has named one. */
const own = process.env[OUTPUTS_VARIABLE] === undefined ? temporaryFolder() : undefined;

beforeAll(async () => {
  if (own === undefined) return;
  process.env[OUTPUTS_VARIABLE] = own.path;
  if (isMidge) await import("../support/collecting.ts");
});
afterAll(() => {
  if (own === undefined) return;
  delete process.env[OUTPUTS_VARIABLE];
  own[Symbol.dispose]();
});

test("a server that logs, traces, is watched and reloads while clients log in, rightly and wrongly", async () => {
  using folder = temporaryFolder();
  const log = path(folder.path, "midge.log");
  const logged = () => (existsSync(log) ? readFileSync(log, "utf8") : "");
  const people = await createPeople();
  await using broker = await Broker.start({ config: people.config(), flags: ["-DV", "-m", "-1"] });
  await visit(broker, people);

  // A configuration that is refused while clients are there.
  broker.rewriteConfig(people.config(`{ user: "dave", password: "${secret()}", ${CANARY}: true }`));
  broker.child.kill("SIGHUP");
  await broker.line(/Failed to reload server configuration/);

  // Once more, into a file.
  broker.rewriteConfig(`${people.config()}\nlog_file: "${log}"\n`);
  broker.child.kill("SIGHUP");
  await until(() => logged().includes("Reloaded server configuration"), "the log is in the file");
  await visit(broker, people);
});

midgeTest("a CONNECT that is no proper one, when everything is traced", async () => {
  const people = await createPeople();
  await using broker = await Broker.start({ config: people.config(), flags: ["-DV"] });
  for (const text of oddOffers(secret, people.password)) {
    await using client = await open(broker.port);
    await client.says(`CONNECT ${text}\r\nPING\r\n`);
    // Some are refused without a word.
    expect(await client.hearsUntilClose()).toMatch(/^(-ERR '[^']+'\r\n)?$/);
  }
  // Cut into pieces in the middle of the password.
  await using client = await open(broker.port);
  const line = connectLine({ user: "alice", pass: people.password });
  const middle = line.indexOf(people.password) + 5;
  for (const piece of [line.slice(0, middle), line.slice(middle), "PING\r\n"])
    await client.says(piece);
  await client.hears("PONG\r\n");
});

midgeTest("configurations and command lines that are refused", async () => {
  using folder = temporaryFolder();
  const file = path(folder.path, "midge.conf");
  for (const config of badConfigs(secret())) {
    writeFileSync(file, `${CANARY} = 1\n${config}\n`);
    for (const flags of [
      ["-c", file],
      ["-t", "-c", file],
    ])
      expect({ config, ...(await run("-a", "127.0.0.1", "-p", "-1", ...flags)) }).toMatchObject({
        config,
        code: 1,
      });
  }
  for (const flags of badFlags(secret())) expect((await run(...flags)).code).toBe(1);
  const { stdout, stderr } = await run("-p", CANARY);
  expect(stdout + stderr).toContain(CANARY);
});

midgeTest("a server inside another program", async () => {
  const { Midge } = await import("../../src/server.ts");
  const password = secret();
  const ignore = (): void => {};
  const logger = { debugOn: true, traceOn: true, notice: ignore, warn: ignore, error: ignore };
  await using server = await Midge.start(
    { port: -1, authorization: { user: CANARY, password } },
    { ...logger, fatal: ignore, debug: ignore, trace: ignore },
  );
  await using friend = await join(server.port, { user: CANARY, pass: password });
  await friend.silent();
  await using stranger = await open(server.port);
  await stranger.says(connectLine({ user: CANARY, pass: secret() }));
  await stranger.hears("-ERR 'Authorization Violation'\r\n");
  const users = [{ user: "alice", password: secret(), [CANARY]: 1 }];
  expect(await Midge.start({ port: -1, authorization: { users } }).catch(String)).toContain(CANARY);
});

midgeTest("none of them, nor any test before, made a server give a secret away", async () => {
  expect(findLeaks(process.env[OUTPUTS_VARIABLE]!)).toEqual([]);
});

/** Users of every kind, with what each needs. */
type People = Awaited<ReturnType<typeof createPeople>>;

async function createPeople() {
  const [password, hashed, key] = [secret(), secret(), newNkey()];
  const hash = secret(await Bun.password.hash(hashed, { algorithm: "bcrypt", cost: 4 }));
  const rule = `permissions: { publish: { deny: "${CANARY}" } }`;
  const config = (more = ""): string => `server_name: ${CANARY}
    authorization { users: [
      { user: "alice", password: "${password}", ${rule} }
      { user: "bob", password: "${hash}" }
      { nkey: "${key.nkey}" }
      ${more}
    ] }`;
  const welcome = [
    { user: "alice", password },
    { user: "bob", password: hashed },
    { seed: key.seed },
  ];
  const refused = [
    { user: CANARY, password: secret() },
    { user: "alice", password: hashed },
    { user: "bob", password: hash },
    { seed: newNkey().seed },
    { token: secret() },
  ];
  return { password, config, welcome, refused };
}

/** Everybody knocks, and somebody does what is not allowed, before the eyes of the monitor. */
async function visit(broker: Broker, people: People): Promise<void> {
  for (const client of officialClients) {
    for (const luggage of people.welcome) await client.knock(broker.port, luggage);
    for (const luggage of people.refused)
      expect(await refusalOf(client, broker.port, luggage)).toBeInstanceOf(Error);
    await trespass(client, broker.port, people.password);
  }
  await using member = await join(broker.port, { user: "alice", pass: people.password });
  await member.says(`PUB ${CANARY} 2\r\nhi\r\n`);
  await member.hears(`-ERR 'Permissions Violation for Publish to "${CANARY}"'\r\n`);
  await watch(broker, member);
}

async function trespass(client: OfficialClient, port: number, password: string): Promise<void> {
  const connection = await client.connect(port, { user: "alice", password });
  const status = statusOf(connection, "error");
  connection.publish(CANARY, "hi");
  collect("client", client.flavour.statusText(await status));
  await connection.close();
}

/** Asks the monitor for all that it has while this client is connected. */
async function watch(broker: Broker, client: WireClient): Promise<void> {
  const line = await broker.line(/Starting http monitor on 127\.0\.0\.1:\d+$/);
  const pages = [
    "",
    "varz",
    "connz?auth=true&subs=detail",
    "accountz",
    "subsz",
    "healthz",
    "metrics",
  ];
  for (const page of pages)
    await (await fetch(`http://127.0.0.1:${line.split(":").at(-1)}/${page}`)).text();
  await client.silent();
}

/** Texts after CONNECT with the password `known` of alice, or others, where few would look for it. */
function oddOffers(fresh: () => string, known: string): string[] {
  return [
    JSON.stringify({ user: "alice", pass: fresh(), auth_token: fresh(), sig: fresh() }),
    `{ "user" : "alice" ,\t"pass" : "${fresh()}" }`,
    `{"USER":"alice","PASS":"${fresh()}","Auth_Token":"${fresh()}"}`,
    `{"user":"alice","p\\u0061ss":"${fresh()}"}`,
    `{"user":"alice","pass":"with a \\" in it ${fresh()}"}`,
    `{"user":"alice","pass":"${fresh()}","pass":"x${fresh()}"}`,
    `{"pass":["${fresh()}"]}`,
    `{"pass":{"pass":{"of":"${fresh()}"}}}`,
    `{"user":"alice","pass":"${known}"`,
    `{"user":"alice","pass":"${known}`,
    `{"user":"alice",pass:"${known}"}`,
    `{"user":"alice","pass":'${known}'}`,
  ];
}

/** Mistakes that people make, each beside or within a secret. */
function badConfigs(text: string): string[] {
  const other = newNkey();
  return [
    `authorization { user: "alice", password: "${text}", token: "${text}" }`,
    `authorization { user: "alice", password: ["${text}"] }`,
    `authorization { user: "alice", password: { is: "${text}" } }`,
    `authorization { user: "alice", passwrd: "${text}" }`,
    `authorization { user: "alice", password: "${text} }`,
    `authorization { user: "alice", password: "${text}" "${text}" }`,
    `authorization { user: "alice", password: $${text} }`,
    `authorization { users: ["${text}"] }`,
    `authorization: "${text}"`,
    `authorization { token: ["${text}"] }`,
    `authorization { users: [ { user: "a", password: "${text}" }, { user: "a", password: "${text}" } ] }`,
    `authorization { users: [ { nkey: "${other.seed}" } ] }`,
    `authorization { users: [ { nkey: "${other.nkey}", password: "${text}" } ] }`,
    `accounts { A { users: [ { user: "a", pasword: "${text}" } ] } }`,
    `accounts { A { users: [ "${text}" ] } }`,
    `cluster { authorization { user: "r", password: "${text}" }, routes: ["nats-route://r:${text}@[::1"] }`,
  ];
}

function badFlags(text: string): string[][] {
  return [
    ["--user", "alice", "--pass", text, "--auth", text, "-p", "none"],
    [`--pass=${text}`, "--bad"],
    ["--auth", text, "--bad"],
    ["--pass", text, "--routes", `nats-route://r:${text}@[::1`],
  ];
}
