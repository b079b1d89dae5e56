// What is asked of the services of a server: each of them in both forms, with every option, and with bodies
// that are none.
import { PEOPLE, SYS, ACCOUNTS, WATCHER } from "./system-cast.ts";
import type { Asking, Scene } from "./system-scenes.ts";

const NAMES = [
  "STATSZ",
  "VARZ",
  "CONNZ",
  "ROUTEZ",
  "SUBSZ",
  "GATEWAYZ",
  "LEAFZ",
  "ACCOUNTZ",
  "JSZ",
  "HEALTHZ",
  "IDZ",
  "EXPVARZ",
  "IPQUEUESZ",
  "RAFTZ",
];

export const asking = (name: string, ...bodies: readonly (string | object)[]): Asking[] =>
  bodies.map((body) => ({
    asks: `$SYS.REQ.SERVER.PING${name === "" ? "" : `.${name}`}`,
    // The real server takes its time for them, and goes on.
    ...(name === "PROFILEZ" ? { brings: 1 } : {}),
    body: typeof body === "string" ? body : JSON.stringify(body),
  }));

export const byId = (name: string, ...bodies: readonly (string | object)[]): Asking[] =>
  asking(name, ...bodies).map((each) => ({ ...each, asks: `$SYS.REQ.SERVER.{id}.${name}` }));

/** Bodies that are no objects of the right kind. */
const GARBAGE = [
  "null",
  "[]",
  "[1]",
  "7",
  "true",
  '"text"',
  "{",
  "{}x",
  " {} ",
  "nonsense",
  "{'a':1}",
  '{"limit":"x"}',
  '{"limit":1.5}',
  '{"unknown":1}',
  "\u00e9",
];

export const everything: Scene = {
  name: "everything in both forms",
  config: ACCOUNTS,
  watcher: WATCHER,
  steps: [
    ...PEOPLE,
    ...NAMES.flatMap((name) => [...asking(name, "", {}), ...byId(name, "")]),
    ...asking("", "", {}, "nonsense"),
    ...byId(
      "PROFILEZ",
      "",
      {},
      { name: "nope" },
      { name: "goroutine", debug: 1 },
      { name: "heap" },
    ),
    ...asking("PROFILEZ", { name: "goroutine" }, { name: "cpu", duration: "x" }),
    ...[
      "SUBSCRIPTIONSZ",
      "STACKSZ",
      "ACCSTATZ",
      "RELOAD",
      "KICK",
      "LDM",
      "varz",
      "NOPE",
      "VARZ.x",
    ].map((name) => ({ asks: `$SYS.REQ.SERVER.PING.${name}` })),
    ...["SUBSCRIPTIONSZ", "ACCSTATZ", "varz", "NOPE", "VARZ.x", "PING"].map((name) => ({
      asks: `$SYS.REQ.SERVER.{id}.${name}`,
    })),
    { asks: "$SYS.REQ.SERVER.{id}" },
    { asks: "$SYS.REQ.SERVER.one.VARZ" },
    { asks: "$SYS.REQ.SERVER.NOPE.VARZ" },
    { asks: "$SYS.REQ.SERVER.PING.VARZ", isMute: true },
    { asks: "$SYS.REQ.SERVER.{id}.IDZ", isMute: true },
    { asks: "$SYS.REQ.SERVER.PING", isMute: true },
    { asks: "$SYS.REQ.CLAIMS.UPDATE", body: "x" },
    { asks: "$SYS.REQ.CLAIMS.LIST" },
    { asks: "$SYS.REQ.CLAIMS.PACK" },
    { asks: "$SYS.REQ.CLAIMS.DELETE", body: "x" },
    { asks: "$SYS.REQ.ACCOUNT.A.CLAIMS.LOOKUP" },
    { asks: "$SYS.REQ.ACCOUNT.A.CLAIMS.UPDATE", body: "x" },
    { asks: "$SYS.ACCOUNT.A.CLAIMS.UPDATE", body: "x" },
  ],
};

export const garbage: Scene = {
  name: "bodies that are none",
  config: ACCOUNTS,
  watcher: WATCHER,
  steps: [
    SYS,
    ...GARBAGE.flatMap((body) => asking("CONNZ", body)),
    ...[...NAMES, "PROFILEZ"].flatMap((name) => asking(name, "{", "[]", "null", "7")),
    ...byId("RELOAD", "{", "[]"),
    ...byId("KICK", "{", "[]", "null"),
    ...byId("LDM", "{", "[]"),
    ...asking(
      "CONNZ",
      { sort: 1 },
      { auth: "yes" },
      { subscriptions: "1" },
      { offset: "1" },
      { offset: true },
      { cid: "1" },
      { cid: -1 },
      { cid: 1.5 },
      { state: "open" },
      { user: 1 },
      { acc: [] },
      { acc: null, user: null, limit: null, sort: null, state: null },
      { SORT: "cid", Limit: 1 },
      { limit: 1e30 },
      '{"limit":1,"limit":2}',
      '{"limit":99999999999999999999}',
      { tags: "az:1" },
      { tags: [1] },
      { server_name: 1 },
      { exact_match: 1 },
    ),
    ...asking("ACCOUNTZ", { account: 1 }),
    ...asking("SUBSZ", { test: 1 }, { subscriptions: "x" }),
    ...asking("HEALTHZ", { "js-enabled": "x" }),
    ...asking("JSZ", { accounts: "x" }),
    ...asking("PROFILEZ", { debug: "x" }, { name: 7 }),
    ...asking("STATSZ", { server_name: 7 }),
  ],
};

export const encodings: Scene = {
  name: "encodings",
  config: ACCOUNTS,
  watcher: WATCHER,
  steps: [
    SYS,
    ...[
      "gzip",
      "snappy",
      "s2",
      "br",
      "",
      "identity",
      "deflate, gzip",
      "gzip, snappy",
      "GZIP",
      "xgzipx",
    ].map((value): Asking => ({
      asks: "$SYS.REQ.SERVER.PING.HEALTHZ",
      headers: { "Accept-Encoding": value },
    })),
    ...["VARZ", "CONNZ", "IDZ", "STATSZ"].flatMap((name): Asking[] => [
      { asks: `$SYS.REQ.SERVER.PING.${name}`, headers: { "Accept-Encoding": "gzip" } },
      { asks: `$SYS.REQ.SERVER.{id}.${name}`, headers: { "Accept-Encoding": "snappy" } },
    ]),
    { asks: "$SYS.REQ.SERVER.PING", headers: { "Accept-Encoding": "gzip" } },
    { asks: "$SYS.REQ.SERVER.PING.HEALTHZ", headers: { "accept-encoding": "gzip" } },
    { asks: "$SYS.REQ.SERVER.PING.HEALTHZ", headers: { Other: "gzip" } },
    { asks: "$SYS.REQ.SERVER.PING.HEALTHZ", headers: { Other: "x", "Accept-Encoding": "gzip" } },
    {
      asks: "$SYS.REQ.SERVER.PING.CONNZ",
      headers: { "Accept-Encoding": "gzip" },
      body: '{"sort":"bad"}',
    },
    { asks: "$SYS.REQ.SERVER.PING.CONNZ", headers: { "Accept-Encoding": "gzip" }, body: "{" },
    { asks: "$SYS.REQ.ACCOUNT.A.INFO", headers: { "Accept-Encoding": "gzip" } },
    { asks: "$SYS.REQ.ACCOUNT.PING.STATZ", headers: { "Accept-Encoding": "gzip" } },
    { asks: "$SYS.REQ.USER.INFO", headers: { "Accept-Encoding": "gzip" } },
    { asks: "$SYS.DEBUG.SUBSCRIBERS", body: "answer.x", headers: { "Accept-Encoding": "gzip" } },
    { asks: "$SYS.REQ.ACCOUNT.A.CONNS", headers: { "Accept-Encoding": "gzip" } },
  ],
};
