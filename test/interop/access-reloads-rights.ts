// What a reload of permissions and of accounts' limits means for clients that are connected (auth.md §10).
import { A, account, accounts, B, may, users } from "../support/access-config.ts";
import { newNkey } from "../support/nkeys.ts";
import type { ReloadCase } from "./access-play.ts";
import { as, both, login, pub, queueSub, reloads, sub, withNkey } from "./access-words.ts";

const pair = newNkey();

export const RIGHTS_RELOADS: readonly ReloadCase[] = [
  reloads(
    "a subscription is allowed no more",
    users(may(`subscribe: ["foo", "bar", "baz"]`)),
    ["client", as("a", "p") + sub("foo", "1") + queueSub("bar", "q", "2") + sub("baz", 's"3')],
    { reload: users(may(`subscribe: "x"`)) },
    ["client", pub("foo") + pub("bar") + pub("baz")],
    ["client", sub("foo", "4") + sub("x", "5") + pub("x")],
  ),
  reloads(
    "one of two subscriptions is allowed no more",
    users(A),
    ["client", as("a", "p") + sub("foo", "1") + sub("bar", "2")],
    { reload: users(may(`subscribe: "bar"`)) },
    ["client", pub("foo") + pub("bar")],
  ),
  reloads(
    "a queue subscription is allowed no more",
    users(A),
    [
      "client",
      as("a", "p") + queueSub("foo", "q", "1") + queueSub("foo", "r", "2") + sub("foo", "3"),
    ],
    { reload: users(may(`subscribe: { deny: "foo q" }`)) },
    ["client", pub("foo")],
  ),
  reloads(
    "an odd subscription is allowed no more",
    users(A),
    ["client", as("a", "p") + queueSub('f"oo', 'q"', 's"')],
    { reload: users(may(`subscribe: "x"`)) },
    ["client", ""],
  ),
  reloads(
    "a verbose client's subscription is allowed no more",
    users(A),
    ["client", 'CONNECT {"user":"a","pass":"p","pedantic":false}\r\n' + sub("foo")],
    { reload: users(may(`subscribe: "x"`)) },
    ["client", pub("foo")],
  ),
  reloads(
    "publishing is allowed no more",
    users(A),
    ["client", as("a", "p") + sub("foo") + pub("foo")],
    { reload: users(may(`publish: { deny: "foo" }`)) },
    ["client", pub("foo")],
  ),
  reloads(
    "publishing is allowed again",
    users(may(`publish: "x", subscribe: "foo"`)),
    ["client", as("a", "p") + sub("foo") + pub("foo")],
    { reload: users(A) },
    ["client", pub("foo") + sub("y", "2") + pub("y")],
  ),
  reloads(
    "a part of a wildcard is allowed no more",
    users(A),
    ["client", as("a", "p") + sub("foo.*") + pub("foo.no") + pub("foo.yes")],
    { reload: users(may(`subscribe: { deny: "foo.no" }`)) },
    ["client", pub("foo.no") + pub("foo.yes")],
    { reload: users(A) },
    ["client", pub("foo.no") + pub("foo.yes")],
  ),
  reloads(
    "the defaults are changed",
    `authorization { users: [ ${A} ], default_permissions: { publish: "foo" } }`,
    ["client", as("a", "p") + sub("foo") + pub("foo") + pub("bar")],
    {
      reload: `authorization { users: [ ${A} ], default_permissions: { publish: "bar", subscribe: "bar" } }`,
    },
    ["client", pub("foo") + pub("bar")],
  ),
  reloads(
    "nobody may do less",
    `no_auth_user: a\n${users(A)}`,
    ["client", login() + sub("foo")],
    { reload: `no_auth_user: a\n${users(may(`subscribe: "x", publish: "foo"`))}` },
    ["client", pub("foo") + pub("bar")],
  ),
  reloads(
    "an nkey may do less",
    users(`{ nkey: ${pair.nkey} }`),
    ["client", both(withNkey(pair), sub("foo"))],
    { reload: users(`{ nkey: ${pair.nkey}, permissions: { subscribe: "x" } }`) },
    ["client", pub("foo")],
  ),
  reloads(
    "responses are allowed no more",
    users(may(`subscribe: "svc", allow_responses: true`, "r"), A),
    ["r", as("r", "p") + sub("svc")],
    ["a", as("a", "p") + sub("in.*") + pub("svc", "in.1") + pub("svc", "in.2")],
    ["r", pub("in.1")],
    { reload: users(may(`subscribe: "svc", publish: "x"`, "r"), A) },
    ["r", pub("in.2")],
  ),
  reloads(
    "responses stay allowed",
    users(may(`subscribe: "svc", allow_responses: true`, "r"), A),
    ["r", as("r", "p") + sub("svc")],
    ["a", as("a", "p") + sub("in.*") + pub("svc", "in.1")],
    { reload: users(may(`subscribe: "svc", allow_responses: true`, "r"), A, B) },
    ["r", pub("in.1")],
  ),
  reloads(
    "responses become allowed",
    users(may(`subscribe: "svc", publish: "x"`, "r"), A),
    ["r", as("r", "p") + sub("svc")],
    { reload: users(may(`subscribe: "svc", allow_responses: true`, "r"), A) },
    ["a", as("a", "p") + sub("in.*") + pub("svc", "in.1")],
    ["r", pub("in.1") + pub("in.1")],
  ),
  reloads(
    "a client with subscriptions in two accounts' time keeps only its own",
    accounts(account("X", `${A}, { user: a2, password: p }`), account("Y", B)),
    ["client", as("a", "p") + sub("foo")],
    ["peer", as("a2", "p") + sub("foo")],
    ["b", as("b", "p") + sub("foo")],
    { reload: accounts(account("X", A), account("Y", `${B}, { user: a2, password: p }`)) },
    ["client", pub("foo")],
    ["b", pub("foo")],
  ),

  // And what accounts may use.
  reloads(
    "an account's payloads get smaller",
    accounts(account("X", A)),
    ["client", as("a", "p") + sub("foo") + pub("foo")],
    { reload: accounts(account("X", A, "max_payload: 1")) },
    ["client", pub("foo")],
  ),
  reloads(
    "an account's payloads get larger",
    accounts(account("X", A, "max_payload: 1")),
    ["client", as("a", "p") + sub("foo")],
    { reload: accounts(account("X", A, "max_payload: 10")) },
    ["client", pub("foo")],
  ),
  {
    name: "an account's subscriptions get fewer than somebody has",
    config: accounts(account("X", A)),
    steps: [
      { by: "client", says: as("a", "p") + sub("foo") + sub("foo", "2") },
      { reload: accounts(account("X", A, "max_subs: 1")) },
      { by: "client", says: "", open: "until closed" },
    ],
  },
  reloads(
    "an account's subscriptions get more",
    accounts(account("X", A, "max_subs: 1")),
    ["client", as("a", "p") + sub("foo")],
    { reload: accounts(account("X", A, "max_subs: 2")) },
    ["client", sub("bar", "3") + pub("bar")],
  ),
  reloads(
    "an account's connections get more",
    accounts(account("X", A, "max_connections: 1")),
    ["client", as("a", "p") + sub("foo")],
    { reload: accounts(account("X", A, "max_connections: 2")) },
    ["second", as("a", "p") + pub("foo")],
    ["third", as("a", "p") + pub("foo")],
  ),
];
