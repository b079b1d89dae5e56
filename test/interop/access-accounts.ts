// Accounts: isolation, limits, the system account (auth.md §7 implicit form, §8, §9, §14).
import type { Configuration } from "./access-play.ts";
import {
  actions,
  as,
  login,
  logins,
  openings,
  pub,
  publishes,
  queueSub,
  sub,
  subscribes,
  talk,
} from "./access-words.ts";

const quiet = (user: string, more: object = {}) => login({ user, pass: "p", ...more });
const ASKING = { headers: true, no_responders: true };

export const ACCOUNT_CONFIGURATIONS: readonly Configuration[] = [
  {
    name: "accounts",
    text: `accounts {
      A { users: [ { user: a, password: p }, { user: a2, password: p } ] }
      B { users: [ { user: b, password: p } ] }
      EMPTY {}
    }
    authorization { users: [ { user: g, password: p } ] }`,
    cases: [
      ...logins({
        nothing: login(),
        "a user of A": quiet("a"),
        "a user of A, protocol 1": quiet("a", { protocol: 1 }) + "PING\r\n",
        "a user of no account, protocol 1": quiet("g", { protocol: 1 }) + "PING\r\n",
        "a wrong password": as("a", "x"),
        "the account as user": quiet("A"),
        "the account named": quiet("a", { account: "A" }),
        "a second CONNECT from A to B": quiet("a") + sub("hello", "9") + quiet("b"),
        "a second CONNECT from A to B, protocol 1":
          quiet("a", { protocol: 1 }) + "PING\r\n" + quiet("b", { protocol: 1 }) + "PING\r\n",
        "a second CONNECT within A": quiet("a") + sub("hello", "9") + quiet("a2"),
        "a second CONNECT to nowhere": quiet("a") + quiet("x"),
      }),
      ...openings({ PING: "PING\r\n" }),
      talk(
        "deliver within an account only",
        ["a", quiet("a") + sub(">")],
        ["b", quiet("b") + sub(">")],
        ["g", quiet("g") + sub(">")],
        ["a2", quiet("a2") + pub("foo")],
        ["b", pub("foo")],
        ["g", pub("foo")],
      ),
      talk(
        "keep queue groups apart",
        ["a", quiet("a") + queueSub("foo", "q")],
        ["b", quiet("b") + queueSub("foo", "q")],
        ["a2", quiet("a2") + pub("foo") + pub("foo") + pub("foo")],
        ["b", pub("foo") + pub("foo")],
      ),
      talk(
        "have responders in one account only",
        ["b", quiet("b") + sub("svc")],
        ["a", quiet("a", ASKING) + sub("in") + pub("svc", "in")],
        ["a2", quiet("a2") + sub("svc")],
        ["a", pub("svc", "in")],
      ),
      talk(
        "move with a second CONNECT",
        ["a", quiet("a") + sub("foo")],
        ["b", quiet("b") + sub("foo")],
        ["m", quiet("a2") + sub("foo")],
        ["m", pub("foo")],
        ["m", quiet("b")],
        ["m", pub("foo")],
        ["m", sub("foo", "2") + pub("foo")],
        ["a", pub("foo")],
      ),
      talk(
        "publish and hear after unsubscribing in another account",
        ["a", quiet("a") + sub("foo")],
        ["b", quiet("b") + sub("foo")],
        ["b", "UNSUB 1\r\n"],
        ["a", pub("foo")],
      ),
      ...publishes("a", quiet("a"), ["$SYS.x", "_R_.x", "$NRG.x", "_SYS.x", "$G.x"]),
      ...subscribes("a", quiet("a"), ["$SYS.>", "_R_.>", "$G.>"]),
    ],
  },
  {
    name: "accounts by name only",
    text: `accounts: [A, B]\nauthorization { users: [ { user: g, password: p } ] }`,
    cases: logins({ nothing: login(), "a user": quiet("g", { protocol: 1 }) + "PING\r\n" }),
  },
  {
    name: "accounts by name only and nobody to log in",
    text: `accounts: [A, B]`,
    cases: [
      ...logins({
        nothing: login(),
        "a user": quiet("g"),
        "protocol 1": login({ protocol: 1 }) + "PING\r\n",
      }),
      ...openings({ PING: "PING\r\n" }),
    ],
  },
  {
    name: "accounts with permissions",
    text: `accounts {
      A {
        default_permissions: { publish: "foo", subscribe: { allow: ["foo", "in"] , deny: "no" } }
        users: [
          { user: a, password: p }
          { user: own, password: p, permissions: { publish: { deny: "foo" } } }
        ]
      }
      B { users: [ { user: b, password: p } ] }
    }
    authorization { default_permissions: { publish: "g" }, users: [ { user: g, password: p } ] }`,
    cases: ["a", "own", "b", "g"].flatMap((user) => [
      ...publishes(user, quiet(user), ["foo", "g"]),
      ...subscribes(user, quiet(user), ["foo", "no", "x"]),
    ]),
  },
  {
    name: "limits of accounts",
    text: `max_payload: 64\nmax_subscriptions: 4\naccounts {
      ONE { limits: { max_connections: 1 }, users: [ { user: one, password: p } ] }
      SHUT { limits: { max_conn: 1 }, users: [ { user: shut, password: p }, { user: shut2, password: p } ] }
      TWO { limits: { max_connections: 2 }, users: [ { user: two, password: p } ] }
      NOCONN { limits: { max_connections: 0 }, users: [ { user: noconn, password: p } ] }
      NEGCONN { limits: { max_connections: -1 }, users: [ { user: negconn, password: p } ] }
      SUBS { limits: { max_subscriptions: 1 }, users: [ { user: subs, password: p } ] }
      MANY { limits: { max_subs: 100 }, users: [ { user: many, password: p } ] }
      NOSUBS { limits: { max_subs: 0 }, users: [ { user: nosubs, password: p } ] }
      NEGSUBS { limits: { max_subs: -1 }, users: [ { user: negsubs, password: p } ] }
      PAY { limits: { max_payload: 4 }, users: [ { user: pay, password: p } ] }
      BIG { limits: { max_pay: 1000 }, users: [ { user: big, password: p } ] }
      NOPAY { limits: { max_payload: 0 }, users: [ { user: nopay, password: p } ] }
      NEGPAY { limits: { max_payload: -1 }, users: [ { user: negpay, password: p } ] }
      FREE { users: [ { user: free, password: p } ] }
    }`,
    cases: [
      talk(
        "connect once more than one may",
        ["first", quiet("one")],
        ["client", quiet("one")],
        ["first", sub("x") + pub("x")],
      ),
      talk(
        "connect as another user of a full account",
        ["first", quiet("shut")],
        ["client", quiet("shut2")],
      ),
      talk(
        "connect up to the limit",
        ["first", quiet("two")],
        ["client", quiet("two")],
        ["third", quiet("two")],
      ),
      talk(
        "move to a full account",
        ["first", quiet("two") + sub("x")],
        ["second", quiet("two")],
        ["client", quiet("free") + sub("x")],
        ["client", quiet("two")],
        ["first", pub("x")],
      ),
      ...logins({
        "no connections allowed": quiet("noconn"),
        "a negative number of connections": quiet("negconn"),
        "payloads limited, protocol 1": quiet("pay", { protocol: 1 }) + "PING\r\n",
        "payloads limited above the server's, protocol 1":
          quiet("big", { protocol: 1 }) + "PING\r\n",
        "no payloads, protocol 1": quiet("nopay", { protocol: 1 }) + "PING\r\n",
        "negative payloads, protocol 1": quiet("negpay", { protocol: 1 }) + "PING\r\n",
        "no limits, protocol 1": quiet("free", { protocol: 1 }) + "PING\r\n",
      }),
      {
        name: "log in where no subscriptions are allowed",
        steps: [{ by: "client", says: quiet("nosubs"), open: "until closed" }],
      },
      ...actions("one subscription", quiet("subs"), {
        "subscribe twice": sub("x") + sub("y", "2") + pub("x") + pub("y"),
        "subscribe twice to the same": sub("x") + sub("x") + pub("x"),
        "subscribe and unsubscribe": sub("x") + "UNSUB 1\r\n" + sub("y", "2") + pub("y"),
      }),
      talk(
        "count subscriptions of each connection",
        ["first", quiet("subs") + sub("x")],
        ["client", quiet("subs") + sub("x") + sub("y", "2")],
      ),
      ...actions("many subscriptions", quiet("many"), {
        "subscribe as often as the server allows": ["1", "2", "3", "4", "5"]
          .map((sid) => sub("x", sid))
          .join(""),
      }),
      ...actions("a negative number of subscriptions", quiet("negsubs"), {
        "subscribe as often as the server allows": ["1", "2", "3", "4", "5"]
          .map((sid) => sub("x", sid))
          .join(""),
      }),
      ...["pay", "big", "nopay", "negpay", "free"].flatMap((user) =>
        actions(user, quiet(user), {
          "publish 4 bytes": "PUB x 4\r\nabcd\r\n",
          "publish 5 bytes": "PUB x 5\r\nabcde\r\n",
          "publish as much as the server allows": `PUB x 64\r\n${"x".repeat(64)}\r\n`,
          "publish more than the server allows": `PUB x 65\r\n${"x".repeat(65)}\r\n`,
        }),
      ),
      ...actions("free to pay", quiet("free"), {
        "move and publish 5 bytes": quiet("pay") + "PUB x 5\r\nabcde\r\n",
      }),
      ...actions("pay to free", quiet("pay"), {
        "move and publish 5 bytes": quiet("free") + "PUB x 5\r\nabcde\r\n",
      }),
    ],
  },
  {
    name: "connection types",
    text: `authorization { users: [
      { user: std, password: p, allowed_connection_types: ["STANDARD"] }
      { user: low, password: p, connection_types: ["standard", "websocket"] }
      { user: ws, password: p, clients: ["WEBSOCKET"] }
      { user: mqtt, password: p, allowed_connection_types: ["MQTT", "LEAFNODE"] }
      { user: none, password: p, allowed_connection_types: [] }
      { user: inp, password: p, allowed_connection_types: ["IN_PROCESS"] }
    ] }`,
    cases: logins({
      "the usual kind": quiet("std"),
      "the usual kind in lower case": quiet("low"),
      "WebSocket only": quiet("ws"),
      "MQTT and leaf nodes only": quiet("mqtt"),
      "an empty list": quiet("none"),
      "connections within a process only": quiet("inp"),
      "WebSocket only and a wrong password": as("ws", "x"),
    }),
  },
  {
    name: "a system account with users",
    text: `system_account: SYS\naccounts {
      SYS { users: [ { user: s, password: p } ] }
      A { users: [ { user: a, password: p } ] }
    }`,
    cases: [
      ...logins({
        nothing: login(),
        "the system's user": quiet("s"),
        "the system's user, protocol 1": quiet("s", { protocol: 1 }) + "PING\r\n",
        "another user": quiet("a"),
        "another user, protocol 1": quiet("a", { protocol: 1 }) + "PING\r\n",
      }),
      ...openings({ PING: "PING\r\n" }),
      talk(
        "keep the system apart",
        ["s", quiet("s") + sub("foo")],
        ["a", quiet("a") + sub("foo") + sub("$SYS.>", "2")],
        ["a", pub("foo") + pub("$SYS.foo")],
        ["s", pub("foo")],
      ),
      ...publishes("s", quiet("s"), ["$NRG.x", "_GR_.x", "$SYS.x"]),
    ],
  },
  {
    name: "only a system account with users",
    text: `accounts { $SYS { users: [ { user: s, password: p } ] } }`,
    cases: [
      ...logins({
        nothing: login(),
        "nothing, protocol 1": login({ protocol: 1 }) + "PING\r\n",
        "the system's user": quiet("s"),
        "the system's user, protocol 1": quiet("s", { protocol: 1 }) + "PING\r\n",
        "a wrong password": as("s", "x"),
        "a wrong user": quiet("x"),
        "a token": login({ auth_token: "x" }),
        "only a password": login({ pass: "p" }),
        "an nkey": login({ nkey: "UX", sig: "x" }),
        "a second CONNECT as the system's user": login() + quiet("s"),
        "a second CONNECT as nobody": quiet("s") + login({ user: "", pass: "" }),
      }),
      ...openings({
        PING: "PING\r\n",
        "a publish": pub("foo"),
        "a subscription": sub("foo") + pub("foo"),
        CONX: "CONX\r\n",
      }),
    ],
  },
  {
    name: "only a system account of another name",
    text: `system_account: SYS\naccounts { SYS { users: [ { user: s, password: p } ] } }`,
    cases: [
      ...logins({
        nothing: login(),
        "the system's user": quiet("s"),
        "a wrong password": as("s", "x"),
      }),
      ...openings({ PING: "PING\r\n" }),
    ],
  },
  {
    name: "a system account with users and an empty account",
    text: `system_account: SYS\naccounts { SYS { users: [ { user: s, password: p } ] }, A {} }`,
    cases: [
      ...logins({ nothing: login(), "the system's user": quiet("s") }),
      ...openings({ PING: "PING\r\n" }),
    ],
  },
  {
    name: "a system account with users, and other users",
    text: `accounts { $SYS { users: [ { user: s, password: p } ] } }\nauthorization { users: [ { user: g, password: p } ] }`,
    cases: [
      ...logins({ nothing: login(), "the system's user": quiet("s"), "another user": quiet("g") }),
      ...openings({ PING: "PING\r\n" }),
    ],
  },
  {
    name: "a system account without users",
    text: `system_account: SYS\naccounts { SYS {}, A { users: [ { user: a, password: p } ] } }`,
    cases: logins({ nothing: login(), "a user": quiet("a") }),
  },
  {
    name: "no system account",
    text: `no_system_account: true\naccounts { A { users: [ { user: a, password: p } ] } }`,
    cases: logins({ nothing: login(), "a user": quiet("a", { protocol: 1 }) + "PING\r\n" }),
  },
];
