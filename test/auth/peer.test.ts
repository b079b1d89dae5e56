// The same users before a real nats-server: random permissions and random credentials must be judged alike,
// and every message that it delivers or keeps back be judged so here.

import { expect, test } from "bun:test";
import { Directory, type AccessOptions } from "../../src/auth/directory.ts";
import { PasswordVerifier } from "../../src/auth/hashes.ts";
import { Permissions } from "../../src/auth/permissions.ts";
import type { PermissionOptions, SubjectRule, UserOptions } from "../../src/config/access.ts";
import { defaultConnectOptions } from "../../src/proto/connect.ts";
import { matches } from "../../src/proto/subject.ts";
import { Dice } from "../support/dice.ts";
import { base64url, newNkey, sign } from "../support/nkeys.ts";
import { describeWithPeer, startPeer } from "../support/peer.ts";
import { connect, connectLine, join, type WireClient } from "../support/wire.ts";

const seed = Number(process.env.MIDGE_TEST_SEED ?? Date.now() & 0xffff);

/** All subjects of one to three tokens out of three. */
const TOKENS = ["a", "b", "c"];
const LITERALS = [
  ...TOKENS,
  ...TOKENS.flatMap((a) => TOKENS.map((b) => `${a}.${b}`)),
  ...TOKENS.flatMap((a) => TOKENS.flatMap((b) => TOKENS.map((c) => `${a}.${b}.${c}`))),
];
const QUEUES = ["q", "q.a", "q.b", "r", "q.*", "*", ">", "q.>", "*.a", "r.s.t", "*.*"];
/** Names that are no subjects, but fine as queue groups. */
const ODD_QUEUES = ["q..a", "q."];

function subject(dice: Dice): string {
  if (dice.once(12)) return ">";
  const tokens = Array.from({ length: 1 + dice.below(3) }, () => dice.pick([...TOKENS, "a", "*"]));
  if (dice.once(4)) tokens.push(">");
  return tokens.join(".");
}

function rule(dice: Dice, entry: () => string): SubjectRule {
  const list = () => Array.from({ length: dice.below(4) }, entry);
  return { ...(dice.once(2) && { allow: list() }), ...(dice.once(2) && { deny: list() }) };
}

function permissions(dice: Dice): PermissionOptions {
  const entry = () => subject(dice) + (dice.once(2) ? ` ${dice.pick(QUEUES)}` : "");
  return {
    ...(!dice.once(4) && { publish: rule(dice, () => subject(dice)) }),
    ...(!dice.once(8) && { subscribe: rule(dice, entry) }),
    ...(dice.once(5) && { allowResponses: { max: 1, expires: 1_000 } }),
  };
}

const written = ({ allowResponses, ...sides }: PermissionOptions): string =>
  JSON.stringify({ ...sides, ...(allowResponses && { allow_responses: true }) });

/** What was said up to the PONG of a round trip. */
async function roundTrip(client: WireClient, lines: string): Promise<string> {
  await client.says(`${lines}PING\r\n`);
  let heard = "";
  for (;;) {
    const item = await client.hearsItem();
    if (item === undefined || item === "PONG\r\n") return heard + (item ?? "");
    heard += item;
  }
}

describeWithPeer(`random permissions (seed ${seed})`, "2.15", (path) => {
  test("allow, refuse and filter the same", async () => {
    const dice = new Dice(seed);
    const all = Array.from({ length: 24 }, () => permissions(dice));
    const users = all.map((each, i) => `{ user: u${i}, permissions: ${written(each)} }`);
    await using peer = await startPeer(
      path,
      `authorization { users: [ { user: admin }, ${users.join(", ")} ] }`,
    );
    await using admin = await join(peer.port, { user: "admin" });
    const publishAll = LITERALS.map((literal) => `PUB ${literal} 0\r\n\r\n`).join("");
    for (const [i, options] of all.entries()) {
      const ours = Permissions.compile(options);
      {
        await using publisher = await join(peer.port, { user: `u${i}` });
        for (const to of [...LITERALS, "a.*", "a.>", ">", "*", "a..b", "a.b.c.d"]) {
          const answer = await roundTrip(publisher, `PUB ${to} 0\r\n\r\n`);
          expect({ options, to, may: ours.mayPublish(to) }).toEqual({
            options,
            to,
            may: !answer.includes("Violation"),
          });
        }
      }
      for (let round = 0; round < 8; round++) {
        await using subscriber = await join(peer.port, { user: `u${i}` });
        const subscriptions: { sid: number; subject: string; queue: string | null }[] = [];
        for (let sid = 0; sid < 3; sid++) {
          const to = subject(dice);
          // A group of its own, so that nothing goes to another member.
          const queue = dice.once(2) ? dice.pick([...QUEUES, ...ODD_QUEUES]) + sid : null;
          const line = `SUB ${to} ${queue === null ? "" : `${queue} `}${sid}\r\n`;
          const isTaken = !(await roundTrip(subscriber, line)).includes("Violation");
          const may = ours.maySubscribe(to, queue);
          expect({ options, to, queue, may }).toEqual({ options, to, queue, may: isTaken });
          if (isTaken) subscriptions.push({ sid, subject: to, queue });
        }
        await roundTrip(admin, publishAll);
        const heard = await roundTrip(subscriber, "");
        const delivered = [...heard.matchAll(/^MSG (\S+ \S+) /gm)]
          .map(([, what = ""]) => what)
          .sort();
        const expected = subscriptions.flatMap(({ sid, subject: pattern, queue }) => {
          const filter = ours.filterFor(pattern, queue);
          return LITERALS.filter((to) => matches(pattern, to) && !filter?.denies(to)).map(
            (to) => `${to} ${sid}`,
          );
        });
        expect({ options, subscriptions, delivered: expected.sort() }).toEqual({
          options,
          subscriptions,
          delivered,
        });
      }
    }
  }, 60_000);
});

const HASH = "$2a$04$Q.CgCP2Sl9pkcTXEZHazaeMwPaAkSHk7AI51HkyMt5iJQQyUA4qxq";
const HASHED = "IW@$6v(y1(t@fhPDvf!5^%";
const keys = [newNkey(), newNkey(), newNkey()];
const MANY: UserOptions[] = [
  { user: "a", password: "p" },
  { user: "b" },
  { user: "hashed", password: HASH },
  { user: "web", password: "p", allowedConnectionTypes: ["WEBSOCKET"] },
];
const NKEYS: UserOptions[] = [
  { nkey: keys[0]!.nkey },
  { nkey: keys[1]!.nkey, allowedConnectionTypes: ["MQTT"] },
];
type Setup = Omit<AccessOptions, "noSystemAccount" | "tls">;

const SETUPS: readonly Setup[] = [
  {},
  { authorization: { user: "a", password: "p" } },
  { authorization: { user: "a" } },
  { authorization: { user: "a", password: HASH } },
  { authorization: { token: "t" } },
  { authorization: { token: HASH } },
  { authorization: { users: MANY } },
  { authorization: { users: MANY }, noAuthUser: "a" },
  { authorization: { users: MANY }, noAuthUser: "web" },
  { authorization: { users: MANY }, noAuthUser: "hashed" },
  { authorization: { users: NKEYS } },
  { authorization: { users: [...MANY, ...NKEYS] } },
  { authorization: { users: [...MANY, ...NKEYS] }, noAuthUser: keys[0]!.nkey },
  { authorization: { users: [...MANY, ...NKEYS] }, noAuthUser: keys[1]!.nkey },
  { authorization: { users: NKEYS }, accounts: { A: { users: MANY } }, noAuthUser: "b" },
  { accounts: { $SYS: { users: MANY } } },
  { accounts: { S: { users: [...MANY, ...NKEYS] } }, systemAccount: "S" },
  { accounts: { S: { users: MANY }, A: {} }, systemAccount: "S" },
  { accounts: { $SYS: { users: MANY } }, authorization: {} },
];

const KEYS: Readonly<Record<string, string>> = {
  allowedConnectionTypes: "allowed_connection_types",
  noAuthUser: "no_auth_user",
  systemAccount: "system_account",
};
const configured = (setup: Setup): string =>
  JSON.stringify(setup, (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).map(([key, each]) => [KEYS[key] ?? key, each]))
      : value,
  ).slice(1, -1);

function credentials(dice: Dice, nonce: string): Record<string, string> {
  const given: Record<string, string> = {};
  if (dice.once(2)) given["user"] = dice.pick(["a", "a", "b", "hashed", "web", "z", ""]);
  if (dice.once(2)) given["pass"] = dice.pick(["p", "p", HASHED, HASH, "x", ""]);
  if (dice.once(4)) given["auth_token"] = dice.pick(["t", HASHED, HASH, "x", ""]);
  if (!dice.once(3)) return given;
  const key = dice.pick(keys);
  given["nkey"] = key.nkey;
  if (!dice.once(4)) given["sig"] = base64url(sign(dice.once(4) ? dice.pick(keys) : key, nonce));
  return given;
}

describeWithPeer(`random credentials (seed ${seed})`, "2.15", (path) => {
  test("let in and refuse the same", async () => {
    const dice = new Dice(seed);
    for (const setup of SETUPS) {
      await using peer = await startPeer(path, configured(setup));
      const ours = Directory.from({ noSystemAccount: false, ...setup }, new PasswordVerifier());
      for (let round = 0; round < 40; round++) {
        await using client = await connect(peer.port);
        const nonce = String(client.info["nonce"] ?? "");
        expect({ setup, nonce: nonce !== "", auth: client.info["auth_required"] ?? false }).toEqual(
          {
            setup,
            nonce: ours.usesNonces,
            auth: ours.advertised,
          },
        );
        const says = round === 0 ? null : credentials(dice, nonce);
        const answer = await roundTrip(client, says === null ? "PING\r\n" : connectLine(says));
        const { auth_token: authToken, ...rest } = says ?? {};
        const verdict = await ours.login({
          connect: { ...defaultConnectOptions(), ...rest, ...(authToken && { authToken }) },
          nonce,
          connectionType: "STANDARD",
          certificate: null,
          isWanted: () => true,
        });
        const isIn = says === null ? ours.implicit !== null : "granted" in verdict;
        expect({ setup, says, isIn }).toEqual({ setup, says, isIn: answer.endsWith("PONG\r\n") });
      }
    }
  }, 60_000);
});
