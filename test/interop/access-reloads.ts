// What a reload of who may log in means for clients that are connected (auth.md §10). Every case begins
// with its own configuration and changes it once or more.
import { A, account, accounts, B, bcrypt, users } from "../support/access-config.ts";
import { newNkey } from "../support/nkeys.ts";
import type { ReloadCase, Words } from "./access-play.ts";
import { RIGHTS_RELOADS } from "./access-reloads-rights.ts";
import { as, both, login, pub, reloads, sub, withNkey } from "./access-words.ts";

const pair = newNkey();

/** As `reloads`, of a client that is sent away by the reload. */
function farewell(
  name: string,
  before: string,
  login: Words,
  after: string,
  again: Words = login,
): ReloadCase {
  return {
    name,
    config: before,
    steps: [
      { by: "client", says: both(login, sub("foo")) },
      { reload: after },
      { by: "client", says: "", open: "until closed" },
      { by: "client again", says: both(again, sub("foo"), pub("foo")) },
    ],
  };
}

/** As `reloads`, of a client that stays and still hears itself. */
function stay(name: string, before: string, login: Words, after: string): ReloadCase {
  return reloads(name, before, ["client", both(login, sub("foo"))], { reload: after }, [
    "client",
    pub("foo"),
  ]);
}

/** Who may log in. */
const LOGIN_RELOADS: readonly ReloadCase[] = [
  farewell("a user is removed", users(A, B), as("a", "p"), users(B)),
  farewell(
    "a password is changed",
    users(A),
    as("a", "p"),
    users(`{ user: a, password: q }`),
    as("a", "q"),
  ),
  farewell("a user is renamed", users(A), as("a", "p"), users(`{ user: c, password: p }`)),
  farewell(
    "a user may no longer connect like this",
    users(A),
    as("a", "p"),
    users(`{ user: a, password: p, allowed_connection_types: ["WEBSOCKET"] }`),
  ),
  farewell(
    "the one user's password is changed",
    `authorization { user: a, password: p }`,
    as("a", "p"),
    `authorization { user: a, password: q }`,
  ),
  farewell(
    "the one user is renamed",
    `authorization { user: a, password: p }`,
    as("a", "p"),
    `authorization { user: c, password: p }`,
  ),
  farewell(
    "the token is changed",
    `authorization { token: t }`,
    login({ auth_token: "t" }),
    `authorization { token: u }`,
  ),
  farewell("the server is open no more", "", login(), users(A)),
  farewell("the server is open no more, for who did not say CONNECT", "", pub("x"), users(A)),
  farewell("the server wants a token", "", login(), `authorization { token: t }`),
  farewell("an nkey is removed", users(A, `{ nkey: ${pair.nkey} }`), withNkey(pair), users(A)),
  farewell(
    "nobody is in another account",
    `no_auth_user: a\n${accounts(account("X", A))}`,
    login(),
    `no_auth_user: a\n${accounts(account("Y", A))}`,
  ),
  farewell(
    "a hash is of another password",
    users(`{ user: a, password: "${bcrypt("p")}" }`),
    as("a", "p"),
    users(`{ user: a, password: "${bcrypt("q")}" }`),
  ),
  farewell(
    "a user is moved to another account",
    accounts(account("X", A), account("Y", B)),
    as("a", "p"),
    accounts(account("X", B), account("Y", A)),
  ),
  farewell("a user is moved into an account", users(A), as("a", "p"), accounts(account("X", A))),
  farewell("a user is moved out of an account", accounts(account("X", A)), as("a", "p"), users(A)),
  farewell(
    "a user is moved and has another password",
    accounts(account("X", A), account("Y", B)),
    as("a", "p"),
    accounts(account("X", B), account("Y", `{ user: a, password: q }`)),
  ),
  farewell(
    "an account is removed",
    accounts(account("X", A), account("Y", B)),
    as("a", "p"),
    accounts(account("Y", B)),
  ),

  stay("nothing is changed", users(A), as("a", "p"), users(A)),
  stay("a user is added", users(A), as("a", "p"), users(A, B)),
  stay("another user is removed", users(A, B), as("a", "p"), users(A)),
  stay(
    "another user's password is changed",
    users(A, B),
    as("a", "p"),
    users(A, `{ user: b, password: q }`),
  ),
  stay(
    "the one user becomes one of many",
    `authorization { user: a, password: p }`,
    as("a", "p"),
    users(A, B),
  ),
  stay(
    "of many users only one is left",
    users(A, B),
    as("a", "p"),
    `authorization { user: a, password: p }`,
  ),
  stay("the server becomes open", users(A), as("a", "p"), ""),
  stay(
    "a plain password becomes its hash",
    users(A),
    as("a", "p"),
    users(`{ user: a, password: "${bcrypt("p")}" }`),
  ),
  stay(
    "a hash becomes another of the same password",
    users(`{ user: a, password: "${bcrypt("p")}" }`),
    as("a", "p"),
    users(`{ user: a, password: "${bcrypt("p")}" }`),
  ),
  stay(
    "a hash stays",
    users(
      `{ user: a, password: "${"$2a$04$u5ZClXpcjHgpfc61Ee0VKuwI1K3vTC4zq7SjphjnlHMeb1Llkb5Y6"}" }`,
    ),
    as("a", "0uhJOSr3GW7xvHvtd^K6pa"),
    users(
      B,
      `{ user: a, password: "${"$2a$04$u5ZClXpcjHgpfc61Ee0VKuwI1K3vTC4zq7SjphjnlHMeb1Llkb5Y6"}" }`,
    ),
  ),
  stay(
    "an nkey stays",
    users(A, `{ nkey: ${pair.nkey} }`),
    withNkey(pair),
    users(B, `{ nkey: ${pair.nkey} }`),
  ),
  stay(
    "an nkey that is nobody stays",
    `no_auth_user: ${pair.nkey}\n${users(A, `{ nkey: ${pair.nkey} }`)}`,
    login(),
    `no_auth_user: ${pair.nkey}\n${users(B, `{ nkey: ${pair.nkey} }`)}`,
  ),
  stay(
    "nobody stays nobody",
    `no_auth_user: a\n${users(A, B)}`,
    login(),
    `no_auth_user: a\n${users(A)}`,
  ),
  stay(
    "nobody, who said no CONNECT, stays nobody",
    `no_auth_user: a\n${users(A, B)}`,
    "",
    `no_auth_user: a\n${users(A)}`,
  ),
  stay(
    "an account is added",
    accounts(account("X", A)),
    as("a", "p"),
    accounts(account("X", A), account("Y", B)),
  ),
  stay(
    "an account without limits gets some",
    accounts(account("X", A)),
    as("a", "p"),
    accounts(account("X", A, "max_connections: 5, max_subs: 5")),
  ),
  stay(
    "a connection type is named",
    users(A),
    as("a", "p"),
    users(`{ user: a, password: p, allowed_connection_types: ["STANDARD"] }`),
  ),
  stay(
    "the token stays",
    `authorization { token: t }`,
    login({ auth_token: "t" }),
    `authorization { token: t, timeout: 1 }`,
  ),
  stay("an open server stays open", "", login(), "max_payload: 1000"),
  stay(
    "an open server whose client names a user stays open",
    "",
    as("a", "x"),
    "max_payload: 1000",
  ),
  stay("the server is open no more, for who has said what it wants", "", as("a", "p"), users(A)),
  stay(
    "the server gets a system account",
    "",
    login(),
    `accounts { $SYS { users: [ { user: s, password: p } ] } }`,
  ),

  // Who has not logged in yet.
  reloads(
    "somebody who waits with CONNECT is judged by the new rules",
    users(A),
    { reload: users(A) },
    ["other", as("a", "p")],
    { reload: users(B) },
    ["client", as("b", "p") + sub("foo") + pub("foo")],
  ),
];

export const RELOADS: readonly ReloadCase[] = [...LOGIN_RELOADS, ...RIGHTS_RELOADS];
