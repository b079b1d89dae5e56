// What is asked about accounts, and by those who are in ordinary ones.
import { secret } from "../support/secrets.ts";
import { newNkey } from "../support/nkeys.ts";
import { both, login, withNkey } from "./access-words.ts";
import { ACCOUNTS, enters, password, PEOPLE, publish, WATCHER } from "./system-cast.ts";
import { type Asking, type Scene, SUBSCRIBED } from "./system-scenes.ts";

const token = secret();
const nkey = newNkey();

const bodies = (asks: string, ...each: readonly (string | object)[]): Asking[] =>
  each.map((body) => ({ asks, body: typeof body === "string" ? body : JSON.stringify(body) }));

/** The same question by others than the one for whom it is meant. */
const by = (who: string, ...questions: readonly (string | Asking)[]): Asking[] =>
  questions.map((each) => ({ ...(typeof each === "string" ? { asks: each } : each), by: who }));

export const accounts: Scene = {
  name: "accounts",
  config: ACCOUNTS,
  watcher: WATCHER,
  steps: [
    ...PEOPLE,
    ...["A", "B", "SYS", "$SYS", "$G", "nope"].flatMap((name) =>
      ["SUBSZ", "CONNZ", "LEAFZ", "JSZ", "INFO", "STATZ", "CONNS"].map((kind) => ({
        asks: `$SYS.REQ.ACCOUNT.${name}.${kind}`,
      })),
    ),
    ...["SUBSZ", "CONNZ", "LEAFZ", "JSZ", "INFO", "STATZ", "CONNS"].flatMap((kind) =>
      bodies(`$SYS.REQ.ACCOUNT.A.${kind}`, {}, "{", "[]", { server_name: "two" }, { account: "B" }),
    ),
    ...bodies(
      "$SYS.REQ.ACCOUNT.A.CONNZ",
      { acc: "B" },
      { auth: true, subscriptions: true, sort: "cid" },
      { state: 2 },
      { state: 1, auth: true },
      { limit: 1, offset: 1 },
      { user: "adam" },
      { sort: "bad" },
      '{"cid":{bob}}',
      '{"cid":{alice}}',
    ),
    ...bodies(
      "$SYS.REQ.ACCOUNT.A.SUBSZ",
      { subscriptions: false },
      { test: "foo.bar" },
      { test: "foo.*" },
      { limit: 2, offset: 1 },
    ),
    ...bodies("$SYS.REQ.ACCOUNT.A.STATZ", { accounts: ["B"] }, { include_unused: true }),
    ...bodies("$SYS.REQ.ACCOUNT.$G.STATZ", { include_unused: true }),
    ...bodies("$SYS.REQ.ACCOUNT.nope.STATZ", { include_unused: true }),
    ...bodies(
      "$SYS.REQ.ACCOUNT.PING.STATZ",
      "",
      {},
      { accounts: ["A"] },
      { accounts: ["A", "B", "nope"] },
      { accounts: ["nope"] },
      { accounts: ["nope"], include_unused: true },
      { accounts: [] },
      { accounts: ["$G"] },
      { accounts: ["$G"], include_unused: true },
      { include_unused: true },
      { accounts: "A" },
      { accounts: null },
      "{",
      "[]",
      { server_name: "two" },
      { server_name: "one" },
    ),
    ...bodies(
      "$SYS.REQ.ACCOUNT.PING.CONNZ",
      "",
      { acc: "A" },
      { acc: "nope" },
      { auth: true },
      "{",
    ),
    ...["SUBSZ", "LEAFZ", "JSZ", "INFO", "CONNS", "VARZ"].map((kind) => ({
      asks: `$SYS.REQ.ACCOUNT.PING.${kind}`,
    })),
    ...["NOPE", "VARZ", "HEALTHZ", "CLAIMS.LOOKUP", "connz", "CONNZ.x"].map((kind) => ({
      asks: `$SYS.REQ.ACCOUNT.A.${kind}`,
    })),
    ...["CONNZ", "STATZ", "INFO", "CONNS"].map((kind) => ({
      asks: `$SYS.REQ.ACCOUNT.A.${kind}`,
      isMute: true,
    })),
  ],
};

const DEBUG = "$SYS.DEBUG.SUBSCRIBERS";
/** Subjects, with and without queue groups, and what is none. */
const WISHES = [
  "foo.bar",
  "foo.bar q",
  "foo.bar nope",
  "foo.*",
  "foo.* q",
  "foo.>",
  ">",
  "*",
  "nothing",
  "answer.x",
  "",
  " ",
  "foo bar baz",
  "foo..bar",
  " foo.bar ",
  "foo.bar  q",
  "foo.bar\tq",
  "foo.bar\nq",
  "bar q",
  "bar",
  "max",
  "{}",
  '{"subject":"foo.bar"}',
];

export const interest: Scene = {
  name: "interest",
  config: ACCOUNTS,
  watcher: WATCHER,
  steps: [
    ...PEOPLE,
    { by: "helper", says: enters("sys", { name: "helper" }) },
    { by: "helper", says: "SUB foo.bar 1\r\nSUB foo.bar q 2\r\nSUB foo.* 3\r\nSUB *.bar q 4\r\n" },
    { by: "helper", says: "SUB foo.> others 5\r\nSUB bar q 6\r\nSUB max 7\r\nUNSUB 7 3\r\n" },
    ...["sys", "adam", "alice", "bob"].flatMap((who) => [
      ...(who === "sys" ? [] : [{ by: who, says: SUBSCRIBED }]),
      ...by(who, ...bodies(DEBUG, ...WISHES), { asks: DEBUG, body: "foo.bar", isMute: true }),
    ]),
    ...bodies(
      "$SYS.REQ.ACCOUNT.NSUBS",
      "",
      "{}",
      "{",
      { acc: "A", subject: "foo.bar" },
      { acc: "A", subject: "foo.bar", queue: "q" },
      { acc: "A", subject: "foo.bar", queue: btoa("q") },
      { acc: "A", subject: "foo.bar", queue: btoa("nope") },
      { acc: "A", subject: "foo.bar", queue: "" },
      { acc: "A", subject: "foo.bar", queue: null },
      { acc: "A", subject: "foo.*", queue: btoa("q") },
      { acc: "A", subject: "*.bar" },
      { acc: "A", subject: "foo.>" },
      { acc: "A", subject: ">" },
      { acc: "A", subject: "*" },
      { acc: "A", subject: "foo.*" },
      { acc: "nope", subject: "foo.bar" },
      { acc: "A" },
      { account: "A", subject: "foo.bar" },
      { acc: "B", subject: "foo.bar" },
      { acc: "A", subject: "nothing" },
    ),
  ],
};

/** All that one of an ordinary account may ask, and much that he may not. */
const CURIOUS = [
  "$SYS.REQ.USER.INFO",
  { asks: "$SYS.REQ.USER.INFO", body: "{}" },
  { asks: "$SYS.REQ.USER.INFO", body: "{" },
  { asks: "$SYS.REQ.USER.INFO", body: "[]" },
  { asks: "$SYS.REQ.USER.INFO", body: '{"server_name":"two"}' },
  { asks: "$SYS.REQ.USER.INFO", isMute: true },
  { asks: "$SYS.REQ.USER.INFO", headers: { "Accept-Encoding": "gzip" } },
  { asks: "$SYS.REQ.USER.INFO", headers: { "Nats-Request-Info": '{"acc":"B","user":"bob"}' } },
  { asks: "$SYS.REQ.USER.INFO", headers: { Other: "1" } },
  "$SYS.REQ.USER.bob.INFO",
  "$SYS.REQ.ACCOUNT.PING.CONNZ",
  { asks: "$SYS.REQ.ACCOUNT.PING.CONNZ", body: '{"acc":"B"}' },
  { asks: "$SYS.REQ.ACCOUNT.PING.CONNZ", body: '{"auth":true,"subscriptions":true,"state":2}' },
  { asks: "$SYS.REQ.ACCOUNT.PING.CONNZ", body: '{"cid":{bob}}' },
  { asks: "$SYS.REQ.ACCOUNT.PING.CONNZ", body: "{" },
  { asks: "$SYS.REQ.ACCOUNT.PING.CONNZ", body: '{"sort":"bad"}' },
  { asks: "$SYS.REQ.ACCOUNT.PING.CONNZ", headers: { "Accept-Encoding": "gzip" } },
  "$SYS.REQ.SERVER.PING.CONNZ",
  { asks: "$SYS.REQ.SERVER.PING.CONNZ", body: '{"acc":"B"}' },
  { asks: "$SYS.REQ.SERVER.PING.CONNZ", body: '{"server_name":"two"}' },
  { asks: "$SYS.REQ.SERVER.PING.CONNZ", body: '{"state":1,"auth":true}' },
  { asks: "$SYS.REQ.SERVER.PING.CONNZ", isMute: true },
  "$SYS.REQ.ACCOUNT.PING.STATZ",
  { asks: "$SYS.REQ.ACCOUNT.PING.STATZ", body: '{"accounts":["B"]}' },
  { asks: "$SYS.REQ.ACCOUNT.PING.STATZ", body: '{"accounts":["A","B","SYS"]}' },
  { asks: "$SYS.REQ.ACCOUNT.PING.STATZ", body: '{"include_unused":true}' },
  { asks: "$SYS.REQ.ACCOUNT.PING.STATZ", body: "{" },
  "$SYS.REQ.SERVER.PING",
  "$SYS.REQ.SERVER.PING.VARZ",
  "$SYS.REQ.SERVER.PING.STATSZ",
  "$SYS.REQ.SERVER.{id}.CONNZ",
  "$SYS.REQ.SERVER.{id}.VARZ",
  { asks: "$SYS.REQ.SERVER.{id}.KICK", body: '{"cid":{bob}}' },
  "$SYS.REQ.ACCOUNT.A.CONNZ",
  "$SYS.REQ.ACCOUNT.A.INFO",
  "$SYS.REQ.ACCOUNT.A.STATZ",
  "$SYS.REQ.ACCOUNT.A.CONNS",
  "$SYS.REQ.ACCOUNT.B.CONNZ",
  "$SYS.REQ.ACCOUNT.NSUBS",
  "$SYS.REQ.CLAIMS.LIST",
] as const;

const EARS = "SUB $SYS.> ears\r\n";

export const ordinary: Scene = {
  name: "ordinary accounts",
  config: ACCOUNTS,
  watcher: WATCHER,
  steps: [
    ...PEOPLE,
    { by: "alice", says: SUBSCRIBED },
    ...by("alice", ...CURIOUS),
    { by: "silent", says: `${login({ headers: true, no_responders: true })}${SUBSCRIBED}` },
    ...by("silent", "$SYS.REQ.USER.INFO", "$SYS.REQ.ACCOUNT.PING.CONNZ"),
    { by: "early", says: SUBSCRIBED },
    ...by("early", "$SYS.REQ.USER.INFO"),
    { by: "nofrills", says: enters("bob", { headers: false, no_responders: false }) + SUBSCRIBED },
    ...by(
      "nofrills",
      "$SYS.REQ.USER.INFO",
      "$SYS.REQ.SERVER.PING.CONNZ",
      "$SYS.REQ.SERVER.PING.VARZ",
    ),
    ...by("sys", "$SYS.REQ.USER.INFO", { asks: "$SYS.REQ.USER.INFO", body: "{" }),
    { by: "adam", says: SUBSCRIBED + EARS },
    ...by("adam", "$SYS.REQ.USER.INFO", "$SYS.REQ.ACCOUNT.PING.CONNZ", "$SYS.REQ.SERVER.PING.VARZ"),
    { by: "adam", says: publish("$SYS.ACCOUNT.B.CONNECT", "{}") + publish("$SYS.own") },
    { by: "newcomer", says: enters("bob", { name: "newcomer" }) },
    { leaves: "newcomer" },
    { asks: "$SYS.REQ.SERVER.PING.STATSZ", isMute: true },
  ],
};

const OWN = ["$SYS.REQ.USER.INFO", "$SYS.REQ.ACCOUNT.PING.CONNZ", "$SYS.REQ.ACCOUNT.PING.STATZ"];
const OTHERS = [
  "$SYS.REQ.SERVER.PING.CONNZ",
  "$SYS.REQ.SERVER.PING",
  "$SYS.REQ.SERVER.PING.VARZ",
  "$SYS.REQ.ACCOUNT.$G.CONNZ",
  "$SYS.DEBUG.SUBSCRIBERS",
];
const full = { headers: true, no_responders: true };

/** Servers without accounts, asked by those who use them. */
const plain = (name: string, config: string, by1: string, says: Scene["steps"]): Scene => ({
  name,
  config: `server_name: "one"\nmax_connections: 1000\n${config}`,
  fences: ["$SYS.REQ.USER.INFO", "$SYS.REQ.ACCOUNT.PING.STATZ"],
  steps: [...says, ...by(by1, ...OWN, ...OTHERS)],
});

export const others: readonly Scene[] = [
  plain("nobody in particular", "", "alice", [{ by: "alice", says: login(full) + SUBSCRIBED }]),
  plain("nobody with a name that means nothing", "", "alice", [
    { by: "alice", says: login({ ...full, user: "ignored", pass: "ignored" }) + SUBSCRIBED },
  ]),
  {
    ...plain("a token", `authorization { token: ${token} }`, "alice", [
      { by: "alice", says: login({ ...full, auth_token: token }) + SUBSCRIBED },
    ]),
    watcher: { auth_token: token },
  },
  {
    ...plain("one user", `authorization { user: u, password: ${password} }`, "alice", [
      { by: "alice", says: login({ ...full, user: "u", pass: password }) + SUBSCRIBED },
    ]),
    watcher: { user: "u", pass: password },
  },
  {
    ...plain(
      "users with permissions, and an nkey",
      `authorization {
        default_permissions: { publish: ["$SYS.REQ.>", "$SYS.DEBUG.>", "x"] }
        users: [
          { user: u, password: ${password} }
          { user: n, password: ${password}, permissions: { subscribe: "answer.*" } }
          { nkey: ${nkey.nkey}, permissions: { publish: { deny: "y" }, allow_responses: true } }
        ] }`,
      "alice",
      [
        { by: "alice", says: login({ ...full, user: "u", pass: password }) + SUBSCRIBED },
        { by: "nina", says: login({ ...full, user: "n", pass: password }) + SUBSCRIBED },
        ...by("nina", ...OWN, ...OTHERS),
        { by: "key", says: both(withNkey(nkey, { says: full }), SUBSCRIBED) },
        ...by("key", ...OWN),
      ],
    ),
    watcher: { user: "u", pass: password },
  },
  {
    ...plain("no system account", "no_system_account: true", "alice", [
      { by: "alice", says: login(full) + SUBSCRIBED },
    ]),
  },
];
