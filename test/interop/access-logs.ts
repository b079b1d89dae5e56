// What the log says of refusals: who, as far as that is known, and what was refused (auth.md §5.4, §15).
import { newNkey } from "../support/nkeys.ts";
import type { Case, Configuration, Words } from "./access-play.ts";
import { as, both, login, pub, queueSub, sub, withNkey } from "./access-words.ts";

const pair = newNkey();

/** One client says this and the log tells so in a line with this text. */
function logged(name: string, says: Words, ...logs: readonly string[]): Case {
  return { name: `log ${name}`, steps: [{ by: "client", says }], logs };
}

const VIOLATION = "Publish Violation";
const REFUSED = "authentication error";

/** Who wants something that is not allowed, as a client library introduces itself. */
const introduced = { lang: "go", version: "1.48.0", name: "nn" };
const LIMITED = `permissions: { publish: "foo", subscribe: "foo" }`;

/** What is refused to a client in which way, for one who may do no more than `LIMITED`. */
function violations(login: Words): Case[] {
  return [
    logged("a publish", both(login, pub("x")), VIOLATION),
    logged("a publish to an odd subject", both(login, pub('a"\xff')), VIOLATION),
    logged("a reserved reply", both(login, pub("foo", "_R_.x")), VIOLATION),
    logged("a subscription", both(login, sub("y")), "Subscription Violation"),
    logged("a queue subscription", both(login, queueSub("y", "q")), "Subscription Violation"),
    logged("an odd sid", both(login, queueSub("y", 'q"', 'a"b')), "Subscription Violation"),
    logged("the servers' queue", both(login, queueSub("foo", "_sys_")), "Subscription Violation"),
    logged("a wrong second login", both(login, as("u", "x")), REFUSED),
    logged("a payload", both(login, "PUB foo 1048577\r\n"), "maximum payload"),
  ];
}

export const LOG_CONFIGURATIONS: readonly Configuration[] = [
  {
    name: "logs of users",
    text: `max_subscriptions: 2
      accounts {
        A { users: [ { user: a, password: p, ${LIMITED} } ] }
        FULL { limits: { max_connections: 0, max_subscriptions: 1 }, users: [ { user: full, password: p } ] }
        SUBS { limits: { max_subscriptions: 1 }, users: [ { user: subs, password: p } ] }
      }
      authorization { timeout: 0.2, users: [ { user: u, password: p, ${LIMITED} }, { user: "q\\"", password: p, ${LIMITED} }
        { nkey: ${pair.nkey}, ${LIMITED} } ] }`,
    cases: [
      ...violations(as("u", "p")),
      logged(
        "a publish of a client that said who it is",
        login({ user: "u", pass: "p", ...introduced }) + pub("x"),
        VIOLATION,
      ),
      logged(
        "a publish of a client with a name only",
        login({ user: "u", pass: "p", name: "n" }) + pub("x"),
        VIOLATION,
      ),
      logged(
        "a publish of a client with a language only",
        login({ user: "u", pass: "p", lang: "go" }) + pub("x"),
        VIOLATION,
      ),
      logged(
        "a publish of a client with a version only",
        login({ user: "u", pass: "p", version: "1" }) + pub("x"),
        VIOLATION,
      ),
      logged(
        "a publish of a client with an odd name",
        login({ user: "u", pass: "p", name: 'a"b\n', lang: "l", version: "v" }) + pub("x"),
        VIOLATION,
      ),
      logged("a publish of a user with an odd name", as('q"', "p") + pub("x"), VIOLATION),
      logged("a publish of a user of an account", as("a", "p") + pub("x"), VIOLATION),
      logged("a publish of an nkey", both(withNkey(pair), pub("x")), VIOLATION),
      logged("a publish after a second login", as("u", "p") + as("a", "p") + pub("x"), VIOLATION),
      logged("a full account", as("full", "p"), "maximum account active"),
      logged(
        "too many subscriptions",
        as("subs", "p") + sub("x") + sub("y", "2"),
        "maximum subscriptions",
      ),
      logged("a wrong password", as("u", "x"), REFUSED),
      logged(
        "a wrong password of a client that said who it is",
        login({ user: "u", pass: "x", ...introduced }),
        REFUSED,
      ),
      logged("an unknown user", as('x"y', "x"), REFUSED),
      logged("a password without a user", login({ pass: "x" }), REFUSED),
      logged("no credentials", login(), REFUSED),
      logged("an unwanted token", login({ auth_token: "x" }), REFUSED),
      logged("a user and a token", login({ user: "x", auth_token: "x" }), REFUSED),
      logged("an nkey", login({ nkey: "UX", sig: "x" }), REFUSED),
      logged("an nkey and a user", login({ nkey: "UX", sig: "x", user: "u", pass: "p" }), REFUSED),
      logged("an nkey and a token", login({ nkey: "UX", sig: "x", auth_token: "p" }), REFUSED),
      logged("a JWT", login({ jwt: "x.y.z" }), REFUSED),
      logged("a JWT and an nkey", login({ jwt: "x.y.z", nkey: "UX" }), REFUSED),
      logged("a JWT and a user", login({ jwt: "x.y.z", user: "u" }), REFUSED),
      logged("something before CONNECT", "PING\r\n", REFUSED),
      logged(
        "an account that nobody may name",
        login({ user: "u", pass: "p", account: "A" }),
        REFUSED,
      ),
      {
        name: "log silence",
        steps: [{ by: "client", says: "", open: "until closed" }],
      },
    ],
  },
  {
    name: "logs of one user",
    text: `authorization { user: u, password: p }`,
    cases: [
      logged("a wrong password", as("u", "x"), REFUSED),
      logged("no credentials", login(), REFUSED),
      logged("an unwanted token", login({ auth_token: "x" }), REFUSED),
      logged("a reserved reply", as("u", "p") + pub("foo", "_R_.x"), VIOLATION),
      logged("something before CONNECT", "PING\r\n", REFUSED),
    ],
  },
  {
    name: "logs of a token",
    text: `authorization { token: t }`,
    cases: [
      logged("a wrong token", login({ auth_token: "x" }), REFUSED),
      logged("a user", as("u", "x"), REFUSED),
      logged("a reserved reply", login({ auth_token: "t" }) + pub("foo", "_R_.x"), VIOLATION),
      logged(
        "a reserved reply of one who also names a user",
        login({ auth_token: "t", user: "u" }) + pub("foo", "_R_.x"),
        VIOLATION,
      ),
    ],
  },
  {
    name: "logs of nobody",
    text: `no_auth_user: n\nauthorization { users: [ { user: n, password: p, ${LIMITED} } ] }`,
    cases: [...violations(login()), logged("a publish without CONNECT", pub("x"), VIOLATION)],
  },
  {
    name: "logs without access control",
    text: "",
    cases: [
      logged("a reserved reply", login() + pub("foo", "_R_.x"), VIOLATION),
      logged(
        "a reserved reply of one who names a user",
        as("u", "p") + pub("foo", "_R_.x"),
        VIOLATION,
      ),
      logged(
        "a reserved reply of one who names a token",
        login({ auth_token: "t" }) + pub("foo", "_R_.x"),
        VIOLATION,
      ),
      logged(
        "a reserved reply of one who names an nkey",
        login({ nkey: "UX" }) + pub("foo", "_R_.x"),
        VIOLATION,
      ),
      logged(
        "a reserved reply of one who said who it is",
        login(introduced) + pub("foo", "_R_.x"),
        VIOLATION,
      ),
      logged("a reserved reply without CONNECT", pub("foo", "_R_.x"), VIOLATION),
      logged("an account that nobody may name", login({ account: "A" }), REFUSED),
    ],
  },
  {
    name: "logs of an open server with a system account",
    text: `accounts { $SYS { users: [ { user: s, password: p } ] } }`,
    cases: [
      logged("a reserved reply", login() + pub("foo", "_R_.x"), VIOLATION),
      logged("a reserved reply without CONNECT", pub("foo", "_R_.x"), VIOLATION),
      logged("the system's reserved reply", as("s", "p") + pub("foo", "_R_.x"), VIOLATION),
      logged("a wrong password", as("s", "x"), REFUSED),
    ],
  },
  {
    name: "debug logs",
    text: `debug: true\nauthorization { timeout: 0.15, users: [
      { nkey: ${pair.nkey} }, { user: u, password: p }, { user: w, password: p, connection_types: ["MQTT"] }
    ] }`,
    cases: [
      logged("a missing signature", login({ nkey: pair.nkey }), "Signature", "closed"),
      logged(
        "a signature that is none",
        login({ nkey: pair.nkey, sig: "%" }),
        "Signature",
        "closed",
      ),
      logged("a signature of something else", withNkey(pair, { signed: () => "x" }), "Signature"),
      logged("a half signature", login({ nkey: pair.nkey, sig: "QUJD" }), "Signature"),
      logged("the end of who was refused", as("u", "x"), "closed"),
      logged("the end of who came first with something else", "PING\r\n", "closed"),
      logged("the end of who may not connect like this", as("w", "p"), "closed"),
      {
        name: "log the end of who said nothing",
        steps: [{ by: "client", says: "", open: "until closed" }],
        logs: ["closed"],
      },
    ],
  },
  {
    name: "traces",
    text: `trace: true\nauthorization { users: [ { user: u, password: p }, { nkey: ${pair.nkey} } ] }`,
    cases: [
      logged("a login", as("u", "p"), "CONNECT"),
      logged("a login with a wrong password", as("u", "x"), "CONNECT"),
      logged("an empty password", as("u", ""), "CONNECT"),
      logged("a password with a quote", as("u", 'a"b,c}d\\'), "CONNECT"),
      logged("a password with blanks", 'CONNECT { "user" : "u" , "pass" : "p" }\r\n', "CONNECT"),
      logged("a password twice", 'CONNECT {"pass":"first","user":"u","pass":"p"}\r\n', "CONNECT"),
      logged("a password in capitals", 'CONNECT {"USER":"u","PASS":"p"}\r\n', "CONNECT"),
      logged("a token", login({ auth_token: "secret" }), "CONNECT"),
      logged(
        "a token and a password",
        login({ auth_token: "secret", user: "u", pass: "p" }),
        "CONNECT",
      ),
      logged("an nkey", login({ nkey: pair.nkey, sig: "signature" }), "CONNECT"),
      logged("a JWT", login({ jwt: "a.b.c", sig: "x" }), "CONNECT"),
      logged("a publish that is refused", as("u", "p") + pub("x", "_R_.x"), "PUB", "ERR"),
    ],
  },
];
