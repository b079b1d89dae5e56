// What a server tells by itself: connections that come and go, and its own end.
import { newNkey } from "../support/nkeys.ts";
import { as, login, withNkey } from "./access-words.ts";
import { ACCOUNTS, enters, password, publish, SYS, WATCHER } from "./system-cast.ts";
import type { Scene, Step } from "./system-scenes.ts";

const EARS: Step = {
  by: "sys",
  says: "SUB $SYS.ACCOUNT.> account\r\nSUB $SYS.SERVER.> server\r\n",
};

export const comings: Scene = {
  name: "connections that come and go",
  config: ACCOUNTS,
  watcher: WATCHER,
  steps: [
    SYS,
    EARS,
    { by: "adam", says: enters("adam"), brings: 3 },
    { by: "adam", says: `SUB foo 1\r\n${publish("foo")}${publish("foo", "hello")}` },
    { by: "alice", says: enters("alice"), brings: 3 },
    { by: "silent", says: login({ name: 'a "b" <c> & é' }), brings: 3 },
    { by: "early", says: "PING\r\n", brings: 3 },
    { by: "bob", says: as("bob", password), brings: 3 },
    { leaves: "adam", brings: 3 },
    { leaves: "bob", brings: 3 },
    { by: "wrong", says: as("adam", `${password}x`), isLast: true, brings: 1 },
    { by: "unknown", says: as("nobody", password), isLast: true, brings: 1 },
    { by: "alice", says: publish("forbidden") + "SUB forbidden 9\r\n" },
    { by: "alice", says: "nonsense\r\n", isLast: true, brings: 3 },
    { by: "big", says: `${enters("adam")}PUB foo 9999999\r\n`, isLast: true, brings: 6 },
    { by: "liar", says: "nonsense\r\n", isLast: true },
    { by: "system", says: enters("sys", { name: "another" }), brings: 3 },
    { leaves: "system", brings: 3 },
  ],
};

const nkey = newNkey();
const STRICT = `
server_name: "one"
max_connections: 4
authorization { timeout: 0.3 }
accounts {
  A { users: [ { user: adam, password: ${password} }, { nkey: ${nkey.nkey} } ] }
  SYS { users: [ { user: sys, password: ${password} } ] }
}
system_account: SYS
`;

export const strangers: Scene = {
  name: "connections that are not let in",
  config: STRICT,
  watcher: WATCHER,
  steps: [
    SYS,
    EARS,
    { by: "key", says: withNkey(nkey, { says: { name: "key", lang: "go" } }), brings: 3 },
    { leaves: "key", brings: 3 },
    {
      by: "forger",
      says: withNkey(nkey, { signed: () => "something else" }),
      isLast: true,
      brings: 2,
    },
    { by: "nameless", says: login(), isLast: true, brings: 2 },
    { by: "token", says: login({ auth_token: password, name: "t" }), isLast: true, brings: 2 },
    { by: "hasty", says: "PING\r\n", isLast: true, brings: 2 },
    { by: "mute", says: "", isLast: true, brings: 1 },
    { by: "future", says: enters("adam", { protocol: 7 }), isLast: true, brings: 6 },
    { by: "third", says: enters("adam"), brings: 3 },
    { by: "fourth", says: enters("adam"), brings: 3 },
    { by: "surplus", says: "", isLast: true, brings: 1 },
    { leaves: "third", brings: 3 },
  ],
};

export const sentAway: Scene = {
  name: "connections that are sent away",
  config: ACCOUNTS,
  watcher: WATCHER,
  steps: [
    SYS,
    EARS,
    { by: "adam", says: enters("adam"), brings: 3 },
    { by: "bob", says: enters("bob"), brings: 3 },
    { asks: "$SYS.REQ.SERVER.{id}.LDM", body: '{"cid":{adam}}', brings: 1 },
    { asks: "$SYS.REQ.SERVER.{id}.KICK", body: '{"cid":{bob}}', brings: 4, isUnordered: true },
    { asks: "$SYS.REQ.SERVER.{id}.KICK", body: '{"cid":999}', brings: 1 },
    { asks: "$SYS.REQ.SERVER.{id}.LDM", body: '{"cid":999}', brings: 1 },
    { asks: "$SYS.REQ.SERVER.{id}.KICK", body: "" },
    { asks: "$SYS.REQ.SERVER.{id}.KICK", body: "{}", brings: 1 },
    { asks: "$SYS.REQ.SERVER.{id}.LDM", body: "{}", brings: 1 },
    { asks: "$SYS.REQ.SERVER.{id}.KICK", body: '{"cid":"1"}' },
    { asks: "$SYS.REQ.SERVER.{id}.KICK", body: '{"cid":{adam}}', isMute: true },
    { asks: "$SYS.REQ.SERVER.{id}.RELOAD", brings: 1, isUnordered: true },
    { asks: "$SYS.REQ.SERVER.{id}.RELOAD", body: "{}", brings: 1, isUnordered: true },
    { asks: "$SYS.REQ.SERVER.{id}.RELOAD", isMute: true },
  ],
};

export const stale: Scene = {
  name: "a connection that does not answer",
  config: `${ACCOUNTS}ping_interval: "500ms"\nping_max: 2\n`,
  watcher: WATCHER,
  steps: [SYS, EARS, { by: "adam", says: enters("adam"), isLazy: true, brings: 6 }],
};

const load = publish("foo", "x".repeat(60_000)).repeat(40);

export const slow: Scene = {
  name: "a connection that does not read",
  isUncounted: true,
  config: `${ACCOUNTS}max_payload: 100000\nmax_pending: 1000000\nwrite_deadline: "500ms"\n`,
  watcher: WATCHER,
  steps: [
    SYS,
    EARS,
    { by: "lazy", says: `${enters("adam")}SUB foo 1\r\n`, isLazy: true, brings: 3 },
    { by: "adam", says: enters("adam") + load.repeat(6), brings: 6 },
  ],
};

export const ended: Scene = {
  name: "a server that ends",
  config: ACCOUNTS,
  watcher: WATCHER,
  steps: [
    SYS,
    EARS,
    { by: "adam", says: enters("adam"), brings: 3 },
    { signal: "SIGTERM", isEnd: true },
  ],
};

export const lameDuck: Scene = {
  name: "a server in lame duck mode",
  config: `${ACCOUNTS}lame_duck_duration: "30s"\nlame_duck_grace_period: "1s"\n`,
  watcher: WATCHER,
  steps: [
    SYS,
    EARS,
    { by: "adam", says: enters("adam"), brings: 3 },
    { signal: "SIGUSR2", brings: 1 },
  ],
};

const about = { isAboutStatistics: true, brings: 1 };

export const statistics: Scene = {
  name: "statistics for those who listen",
  config: ACCOUNTS,
  watcher: WATCHER,
  steps: [
    SYS,
    { by: "sys", says: "SUB $SYS.SERVER.*.STATSZ stats\r\n", ...about },
    { asks: "$SYS.REQ.SERVER.PING.STATSZ", isMute: true, ...about },
    { asks: "$SYS.REQ.SERVER.{id}.STATSZ", isMute: true, ...about },
    { asks: "$SYS.REQ.SERVER.PING", isMute: true, ...about },
  ],
};

export const EVENTS: readonly Scene[] = [
  comings,
  strangers,
  sentAway,
  stale,
  slow,
  ended,
  lameDuck,
  statistics,
];
