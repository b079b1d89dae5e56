// Who may log in: no credentials at all, one user, a token, users, in all their spellings (auth.md §1–§4, §16).
import { bcrypt } from "../support/access-config.ts";
import type { Case, Configuration } from "./access-play.ts";
import { actions, as, login, logins, openings, pub, sub, talk } from "./access-words.ts";

/** auth.md §2. */
const PASSWORD = "IW@$6v(y1(t@fhPDvf!5^%";
const PASSWORD_HASH = "$2a$04$Q.CgCP2Sl9pkcTXEZHazaeMwPaAkSHk7AI51HkyMt5iJQQyUA4qxq";
const TOKEN = "0uhJOSr3GW7xvHvtd^K6pa";
const TOKEN_HASH = "$2a$04$u5ZClXpcjHgpfc61Ee0VKuwI1K3vTC4zq7SjphjnlHMeb1Llkb5Y6";

const LONG = "0123456789".repeat(8);
/** What bcrypt reads of it. */
const LONG_READ = LONG.slice(0, 72);
const LONG_HASH = bcrypt(LONG_READ);
const UNICODE = "pä$$ wörd 漢字";

/** The same hash as another program would write it. */
const respelled = (hash: string, kind: string) => hash.replace(/^\$2.\$/, `$2${kind}$`);

/** What somebody may try who knows user "a" with password "b". */
const TRIES = {
  nothing: login(),
  "the right password": as("a", "b"),
  "a wrong password": as("a", "x"),
  "a wrong user": as("x", "b"),
  "the user in upper case": as("A", "b"),
  "the user and no password": login({ user: "a" }),
  "the password and no user": login({ pass: "b" }),
  "an empty user and password": as("", ""),
  "a token instead": login({ auth_token: "b" }),
  "the right password and a token": login({ user: "a", pass: "b", auth_token: "x" }),
  "the right password and an nkey": login({ user: "a", pass: "b", nkey: "UX", sig: "x" }),
  "the right password and a JWT": login({ user: "a", pass: "b", jwt: "x.y.z" }),
  "a longer password": as("a", "bb"),
  "a space after the password": as("a", "b "),
  "names of fields in upper case": login({ USER: "a", PASS: "b" }),
  "a user named twice": 'CONNECT {"user":"x","user":"a","pass":"b","verbose":false}\r\n',
};

/** How a connection may begin when something else than a login comes first. */
const BEGINNINGS = {
  PING: "PING\r\n",
  "a publish": pub("foo"),
  "a subscription": sub("foo"),
  "an INFO": "INFO {}\r\n",
  "an unknown word": "FOO\r\n",
  CONX: "CONX\r\n",
  "conx in lower case": "conx\r\n",
  "an empty line": "\r\n",
  "a byte of TLS": "\x16\x03\x01\x02\x00\x01\x00",
  "an HTTP request": "GET / HTTP/1.1\r\n\r\n",
  PONG: "PONG\r\n",
  "an own error": "-ERR 'x'\r\n",
  "CONNECT without options": "CONNECT\r\n",
  "CONNECT with broken options": "CONNECT {\r\n",
  "CONNECT with options of wrong types": 'CONNECT {"user":1}\r\n',
  "empty options": "CONNECT {}\r\n",
  "null as options": "CONNECT null\r\n",
};

const PLAY_OPEN: Case[] = [
  ...logins(TRIES),
  ...openings(BEGINNINGS),
  talk("deliver to others", ["other", sub(">")], ["client", as("x", "y") + pub("foo")]),
];

export const LOGIN_CONFIGURATIONS: readonly Configuration[] = [
  { name: "no access control", text: "", cases: PLAY_OPEN },
  {
    name: "one user",
    text: `authorization { user: a, password: b }`,
    cases: [
      ...logins(TRIES),
      ...openings(BEGINNINGS),
      ...logins({
        "an account named": login({ user: "a", pass: "b", account: "A" }),
        "a new account": login({ user: "a", pass: "b", new_account: true }),
        "an account named and a wrong password": login({ user: "a", pass: "x", account: "A" }),
        "a protocol that there is not": login({ user: "a", pass: "b", protocol: 2 }),
        "a wrong password and such a protocol": login({ user: "a", pass: "x", protocol: 2 }),
        "no responders without headers": login({ user: "a", pass: "b", no_responders: true }),
        "all defaults, which are verbose": 'CONNECT {"user":"a","pass":"b"}\r\n',
        "protocol 1": login({ user: "a", pass: "b", protocol: 1 }) + "PING\r\n",
        "a second CONNECT that is right": as("a", "b") + as("a", "b"),
        "a second CONNECT that says nothing": as("a", "b") + login(),
        "a second CONNECT that is wrong": as("a", "b") + as("a", "x"),
        "a second CONNECT after a wrong one": as("a", "x") + as("a", "b"),
        "a second CONNECT with another user": as("a", "b") + login({ user: "x" }),
        "a second CONNECT with an empty password": as("a", "b") + login({ pass: "" }),
        "a second CONNECT with null as password": as("a", "b") + login({ pass: null }),
      }),
      ...actions("a", as("a", "b"), {
        "go on after an unknown word": "FOO\r\n",
        "subscribe, log in once more and publish": sub("foo") + as("a", "b") + pub("foo"),
      }),
      talk(
        "deliver to others",
        ["other", as("a", "b") + sub("*")],
        ["client", as("a", "b") + pub("x")],
      ),
      talk(
        "deliver nothing of who is refused",
        ["other", as("a", "b") + sub("foo")],
        ["client", as("a", "x") + pub("foo")],
      ),
      talk(
        "deliver nothing to who is refused",
        ["client", as("a", "x") + sub(">")],
        ["other", as("a", "b") + pub("foo")],
      ),
    ],
  },
  {
    name: "one user, spelled as in 0.9.6",
    text: `authorization {\n  USERNAME = a\n  PASSWORD = "b"\n  timeout = 1\n}`,
    cases: [...logins(TRIES)],
  },
  {
    name: "one user without a password",
    text: `authorization { user: a }`,
    cases: logins({
      "an empty password": as("a", ""),
      "no password": login({ user: "a" }),
      "a password": as("a", "b"),
      nothing: login(),
    }),
  },
  {
    name: "one user whose password is empty",
    text: `authorization { user: a, password: "" }`,
    cases: logins({ "an empty password": as("a", ""), "a password": as("a", "b") }),
  },
  {
    name: "one user whose password is a hash",
    text: `authorization { user: a, password: "${PASSWORD_HASH}" }`,
    cases: [
      ...logins({
        "the right password": as("a", PASSWORD),
        "a wrong password": as("a", "b"),
        "the hash itself": as("a", PASSWORD_HASH),
        "an empty password": as("a", ""),
        "no password": login({ user: "a" }),
        "a wrong user": as("b", PASSWORD),
        "a token instead": login({ auth_token: PASSWORD }),
        nothing: login(),
        "a second CONNECT that is wrong": as("a", PASSWORD) + as("a", "x"),
        "a second CONNECT that is right": as("a", PASSWORD) + sub("x") + as("a", PASSWORD),
        "a second CONNECT before the first is judged": as("a", "x") + as("a", PASSWORD),
        "pings on both sides": as("a", PASSWORD) + "PING\r\n" + sub("x") + "PING\r\n",
        "an account named": login({ user: "a", pass: PASSWORD, account: "A" }),
        "verbose answers": 'CONNECT {"user":"a","pass":' + JSON.stringify(PASSWORD) + "}\r\n",
      }),
      ...openings(BEGINNINGS),
    ],
  },
  {
    name: "a hash that is not quoted",
    text: `authorization { user: a, password: ${PASSWORD_HASH} }`,
    cases: logins({
      "the right password": as("a", PASSWORD),
      "the hash itself": as("a", PASSWORD_HASH),
    }),
  },
  {
    name: "an empty authorization",
    text: `authorization { }`,
    cases: logins({ nothing: login(), "a user": as("a", "x") }),
  },
  {
    name: "only a time-out",
    text: `authorization { timeout: 0.3 }`,
    cases: logins({ nothing: login(), "a user": as("a", "x") }),
  },
  {
    name: "a token",
    text: `authorization { token: t }`,
    cases: [
      ...logins({
        "the right token": login({ auth_token: "t" }),
        "a wrong token": login({ auth_token: "x" }),
        "an empty token": login({ auth_token: "" }),
        nothing: login(),
        "the token as user": login({ user: "t" }),
        "the token as password": login({ pass: "t" }),
        "the token as user and password": as("t", "t"),
        "the token and a user": login({ auth_token: "t", user: "a", pass: "b" }),
        "the token and an nkey": login({ auth_token: "t", nkey: "UX", sig: "x" }),
        "a second CONNECT with another token":
          login({ auth_token: "t" }) + login({ auth_token: "x" }),
        "a second CONNECT without one": login({ auth_token: "t" }) + login(),
      }),
      ...openings(BEGINNINGS),
    ],
  },
  {
    name: "a token that is a hash",
    text: `authorization { token: "${TOKEN_HASH}" }`,
    cases: logins({
      "the right token": login({ auth_token: TOKEN }),
      "a wrong token": login({ auth_token: PASSWORD }),
      "the hash itself": login({ auth_token: TOKEN_HASH }),
      nothing: login(),
      "the token as user": login({ user: TOKEN }),
      "the token as password": login({ pass: TOKEN }),
    }),
  },
  {
    name: "numbers as user and password",
    text: `authorization { user: "1", password: "007" }`,
    cases: logins({ "the same digits": as("1", "007"), "the same number": as("1", "7") }),
  },
  {
    name: "credentials from the environment",
    text: `authorization { users: [ { user: $MIDGE_TEST_USER, password: $MIDGE_TEST_PASSWORD }\n
      { user: e, password: $MIDGE_TEST_HASH } ] }`,
    env: {
      MIDGE_TEST_USER: "from-outside",
      MIDGE_TEST_PASSWORD: "said-outside",
      MIDGE_TEST_HASH: `'${PASSWORD_HASH}'`,
    },
    cases: logins({
      "the values": as("from-outside", "said-outside"),
      "the names": as("$MIDGE_TEST_USER", "$MIDGE_TEST_PASSWORD"),
      "a hashed value": as("e", PASSWORD),
      "the hash itself": as("e", PASSWORD_HASH),
      nothing: login(),
    }),
  },
  {
    name: "credentials from variables",
    text: `BOB = "b"\nauthorization { PW = "$2b$ is no hash"\n users = [ {user: bob, pass: $BOB}, {user: c, pass: $PW} ] }`,
    cases: logins({
      "the value": as("bob", "b"),
      "the other value": as("c", "$2b$ is no hash"),
      "a wrong value": as("bob", "$BOB"),
    }),
  },
  {
    name: "users",
    text: `authorization { users: [
      { user: a, password: b }, { username: b, pass: a }
      { user: empty, password: "" }, { user: without }
      { user: "two words", password: "p q" }, { user: "q\\"uote", password: "b\\\\s" }
      { user: ${JSON.stringify(UNICODE)}, password: ${JSON.stringify(UNICODE)} }
      { user: a1, password: b1 }, { user: long, password: "${LONG}" }
    ] }`,
    cases: [
      ...logins({
        ...TRIES,
        "another user": as("b", "a"),
        "another user's password": as("a", "a"),
        "an empty password": as("empty", ""),
        "no password where it is empty": login({ user: "empty" }),
        "a password where it is empty": as("empty", "x"),
        "no password where there is none": login({ user: "without" }),
        "a password where there is none": as("without", "x"),
        "blanks in it": as("two words", "p q"),
        "quotes in it": as('q"uote', "b\\s"),
        "other scripts": as(UNICODE, UNICODE),
        "other scripts, wrong": as(UNICODE, `${UNICODE}é`),
        "a user who begins alike": as("a1", "b1"),
        "a long password": as("long", LONG),
        "a long password cut at 72 bytes": as("long", LONG_READ),
        "a second CONNECT as another user": as("a", "b") + as("b", "a"),
        "a second CONNECT as another, wrong": as("a", "b") + as("b", "b"),
        "a second CONNECT with half of it": as("a", "b") + login({ user: "b" }),
        "a NUL in the password": as("a", "b\0"),
      }),
      ...openings(BEGINNINGS),
    ],
  },
  {
    name: "users whose passwords are hashes",
    text: `authorization { users: [
      { user: a, password: "${respelled(PASSWORD_HASH, "a")}" }
      { user: b, password: "${respelled(PASSWORD_HASH, "b")}" }
      { user: x, password: "${respelled(PASSWORD_HASH, "x")}" }
      { user: y, password: "${respelled(PASSWORD_HASH, "y")}" }
      { user: z, password: "${respelled(PASSWORD_HASH, "z")}" }
      { user: upper, password: "${PASSWORD_HASH.replace("$2a", "$2A")}" }
      { user: one, password: "$2$04$short" }
      { user: short, password: "$2a$04$tooshort" }
      { user: cost, password: "${PASSWORD_HASH.replace("$04$", "$4$")}" }
      { user: costly, password: "${PASSWORD_HASH.replace("$04$", "$32$")}" }
      { user: cheap, password: "${PASSWORD_HASH.replace("$04$", "$03$")}" }
      { user: tail, password: "${PASSWORD_HASH}xyz" }
      { user: long, password: "${LONG_HASH}" }
      { user: unicode, password: "${bcrypt(UNICODE)}" }
      { user: nothing, password: "${bcrypt(" ")}" }
      { user: plain, password: plain }
    ] }`,
    cases: logins({
      "2a": as("a", PASSWORD),
      "2b": as("b", PASSWORD),
      "2x": as("x", PASSWORD),
      "2y": as("y", PASSWORD),
      "2z": as("z", PASSWORD),
      "2z, the text itself": as("z", respelled(PASSWORD_HASH, "z")),
      "2A": as("upper", PASSWORD),
      "2A, the text itself": as("upper", PASSWORD_HASH.replace("$2a", "$2A")),
      "2a wrong": as("a", "x"),
      "2b wrong": as("b", "x"),
      "2a, the hash itself": as("a", PASSWORD_HASH),
      "2b, the hash itself": as("b", respelled(PASSWORD_HASH, "b")),
      "2y, the hash itself": as("y", respelled(PASSWORD_HASH, "y")),
      "a text that is no hash": as("one", "$2$04$short"),
      "a hash that is too short": as("short", "x"),
      "a hash that is too short, itself": as("short", "$2a$04$tooshort"),
      "a cost of one digit": as("cost", PASSWORD),
      "a cost of one digit, itself": as("cost", PASSWORD_HASH.replace("$04$", "$4$")),
      "a cost beyond the highest": as("costly", PASSWORD),
      "a cost below the lowest": as("cheap", PASSWORD),
      "a hash with something after it": as("tail", PASSWORD),
      "72 bytes": as("long", LONG_READ),
      "more than 72 bytes that begin right": as("long", LONG),
      "71 bytes": as("long", LONG.slice(0, 71)),
      "72 bytes, the last one wrong": as("long", `${LONG.slice(0, 71)}x`),
      "other scripts": as("unicode", UNICODE),
      "an empty password": as("nothing", ""),
      "a blank": as("nothing", " "),
      "a plain one beside them": as("plain", "plain"),
      "a NUL after it": as("a", `${PASSWORD}\0`),
      "a second CONNECT from plain to hash": as("plain", "plain") + as("a", PASSWORD),
      "a second CONNECT from hash to plain": as("a", PASSWORD) + as("plain", "plain"),
      "a second CONNECT from hash to wrong": as("a", PASSWORD) + as("b", "x"),
      "three CONNECTs": as("a", PASSWORD) + as("b", PASSWORD) + as("y", PASSWORD),
    }),
  },
  {
    name: "an empty list of users",
    text: `authorization { users: [] }`,
    cases: logins({ nothing: login(), "a user": as("a", "b"), PING: "PING\r\n" }),
  },
  {
    name: "users and keys of 0.9.6",
    text: `authorization {
      ADMIN = { publish = ">", subscribe = ">" }
      REQUESTOR = { publish = ["req.foo", "req.bar"], subscribe = "_INBOX.*" }
      RESPONDER = { subscribe = ["req.foo", "req.bar"], publish = "_INBOX.*" }
      DEFAULT_PERMISSIONS = { publish = "SANDBOX.*", subscribe = ["PUBLIC.>", "_INBOX.>"] }
      PASS: "x"
      users = [
        {user: alice, password: foo, permissions: $ADMIN}
        {user: bob, password: bar, permissions: $REQUESTOR}
        {user: susan, password: baz, permissions: $RESPONDER}
        {user: joe, password: bar}
      ]
    }`,
    cases: [
      ...logins({ nothing: login(), "a wrong password": as("joe", "baz") }),
      ...actions("alice", as("alice", "foo"), { "do anything": sub(">") + pub("any") }),
      ...actions("bob", as("bob", "bar"), {
        ask: sub("_INBOX.*") + pub("req.foo", "_INBOX.1"),
        "ask somebody else": pub("req.baz", "_INBOX.1"),
        "listen to requests": sub("req.foo"),
        "listen to more inboxes": sub("_INBOX.>"),
      }),
      ...actions("joe", as("joe", "bar"), {
        "publish in the sandbox": pub("SANDBOX.x"),
        "publish elsewhere": pub("foo"),
        "listen to what is public": sub("PUBLIC.a.b"),
        "listen elsewhere": sub("foo"),
      }),
      talk(
        "ask and answer",
        ["susan", as("susan", "baz") + sub("req.foo")],
        ["client", as("bob", "bar") + sub("_INBOX.*")],
        ["client", pub("req.foo", "_INBOX.7")],
        ["susan", pub("_INBOX.7")],
      ),
    ],
  },
  {
    name: "a short time-out",
    text: `authorization { user: a, password: b, timeout: 0.15 }`,
    cases: [
      { name: "say nothing", steps: [{ by: "client", says: "", open: "until closed" }] },
      {
        name: "say half of a CONNECT",
        steps: [{ by: "client", says: 'CONNECT {"user":"a"', open: "until closed" }],
      },
      ...logins({ "the right password": as("a", "b") }),
    ],
  },
  {
    name: "a time-out as a duration",
    text: `authorization { token: t, timeout: "120ms" }`,
    cases: [{ name: "say nothing", steps: [{ by: "client", says: "", open: "until closed" }] }],
  },
];
