// Users known by a key pair, alone and beside others (auth.md §6), and who nobody in particular is (§7).
import { createAccount } from "@nats-io/nkeys";
import { bcrypt } from "../support/access-config.ts";
import { base64url, type Nkey, newNkey } from "../support/nkeys.ts";
import type { Configuration } from "./access-play.ts";
import {
  actions,
  as,
  both,
  login,
  logins,
  openings,
  pub,
  sub,
  talk,
  withNkey,
} from "./access-words.ts";

const first = newNkey();
const second = newNkey();
const third = newNkey();
const stranger = newNkey();
const account = accountKey();

/** An account's key pair, which looks almost like a user's. */
function accountKey(): Nkey {
  const key = createAccount();
  return { nkey: key.getPublicKey(), seed: Buffer.from(key.getSeed()).toString() };
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
/** base64url as some libraries write it, with the padding that the standard makes optional. */
const padded = (bytes: Uint8Array) => `${base64url(bytes)}==`;
const decoded = (nonce: string) => Buffer.from(nonce, "base64url");

const SIGNED = {
  "the right signature": withNkey(first),
  "a signature in plain base64": withNkey(first, { encoding: base64 }),
  "somebody else's signature": withNkey({ nkey: first.nkey, seed: second.seed }),
  "a signature of the decoded nonce": withNkey(first, { signed: decoded }),
  "a signature of nothing": withNkey(first, { signed: () => new Uint8Array(0) }),
  "a signature of another nonce": withNkey(first, { signed: () => Buffer.from("AAAAAAAAAAAAAAA") }),
  "a signature that is too short": withNkey(first, { encoding: (s) => base64url(s.subarray(1)) }),
  "a signature with something after it": withNkey(first, {
    encoding: (s) => base64url(Buffer.concat([s, Buffer.from("x")])),
  }),
  "a signature with line breaks in it": withNkey(first, {
    encoding: (s) => base64url(s).replace(/^..../, "$&\r\n"),
  }),
  "a signature with a blank after it": withNkey(first, { encoding: (s) => `${base64url(s)} ` }),
  "a signature that is no base64": login({ nkey: first.nkey, sig: "%%%" }),
  "an empty signature": login({ nkey: first.nkey, sig: "" }),
  "no signature": login({ nkey: first.nkey }),
  "a signature and no nkey": withNkey({ nkey: "", seed: first.seed }),
  "an unknown nkey": withNkey(stranger),
  "an nkey that is none": withNkey({ nkey: "UNKEY", seed: first.seed }),
  "an account's nkey": withNkey(account),
  "an nkey in lower case": withNkey({ nkey: first.nkey.toLowerCase(), seed: first.seed }),
  "the right signature and a wrong user": withNkey(first, { says: { user: "a", pass: "x" } }),
  "an unknown nkey and the right user": withNkey(stranger, { says: { user: "a", pass: "b" } }),
  "a wrong signature and the right user": withNkey(
    { nkey: first.nkey, seed: second.seed },
    { says: { user: "a", pass: "b" } },
  ),
  "the nkey as user": as(first.nkey, ""),
  "the seed as password": as(first.nkey, first.seed),
  "a token": login({ auth_token: first.nkey }),
  "user and password": as("a", "b"),
  "a wrong password": as("a", "x"),
  nothing: login(),
};

/** Words with a signature that contains neither - nor _ are valid base64 even with padding, so they are not here. */
const PADDED: Configuration["cases"] = logins({
  "a padded signature": withNkey(first, {
    // Until it cannot be read as plain base64: then the verdict does not depend on luck.
    encoding: (signature) => (/[-_]/.test(base64url(signature)) ? padded(signature) : "-_=="),
  }),
});

const LIMITED = `permissions: { publish: { allow: ["foo", "bar"], deny: "bar" }, subscribe: "foo" }`;
const ALLOWED = {
  "publish what is allowed": sub("foo") + pub("foo"),
  "publish what is denied": pub("bar"),
  "subscribe to what is not allowed": sub("x"),
};

export const NKEY_CONFIGURATIONS: readonly Configuration[] = [
  {
    name: "one nkey",
    text: `authorization { users: [ { nkey: ${first.nkey} } ] }`,
    cases: [
      ...logins(SIGNED),
      ...PADDED,
      ...openings({ PING: "PING\r\n", "a publish": pub("foo"), CONX: "CONX\r\n" }),
      ...logins({
        "a second CONNECT": both(withNkey(first), login()),
        "a second CONNECT with a wrong signature": both(withNkey(first), login({ sig: "x" })),
        "a second CONNECT without a signature": both(withNkey(first), login({ sig: "" })),
      }),
    ],
  },
  {
    name: "nkeys and users",
    text: `authorization { users: [
      { nkey: ${first.nkey}, ${LIMITED} }
      { nkey: ${second.nkey} }
      { user: a, password: b }
    ] }`,
    cases: [
      ...logins(SIGNED),
      ...actions("an nkey with permissions", withNkey(first), ALLOWED),
      ...actions("an nkey without permissions", withNkey(second), ALLOWED),
      ...actions("a user beside nkeys", as("a", "b"), ALLOWED),
      ...logins({
        "a second CONNECT as a user": both(withNkey(second), as("a", "b")),
        "a second CONNECT as user alone": both(
          withNkey(second),
          login({ nkey: "", sig: "", user: "a", pass: "b" }),
        ),
      }),
      talk(
        "deliver between them",
        ["other", both(withNkey(second), sub(">"))],
        ["client", both(withNkey(first), pub("foo"), pub("bar"))],
      ),
    ],
  },
  {
    name: "nkeys in accounts",
    text: `accounts {
      A { nkey: ${account.nkey}, users: [ { nkey: ${first.nkey} }, { user: a, password: b } ] }
      B { users: [ { nkey: ${second.nkey}, connection_types: ["WEBSOCKET"] }, { nkey: ${third.nkey} } ] }
    }`,
    cases: [
      ...logins({
        "an nkey of A": withNkey(first),
        "an nkey of A, protocol 1": both(withNkey(first, { says: { protocol: 1 } }), "PING\r\n"),
        "an nkey for WebSocket only": withNkey(second),
        "an nkey of B": withNkey(third),
        "a user of A": as("a", "b"),
      }),
      talk(
        "deliver within an account only",
        ["same", as("a", "b") + sub(">")],
        ["other", both(withNkey(third), sub(">"))],
        ["client", both(withNkey(first), pub("foo"))],
      ),
    ],
  },
  {
    name: "nobody is an nkey",
    text: `no_auth_user: ${first.nkey}\nauthorization { users: [
      { nkey: ${first.nkey}, ${LIMITED} }, { nkey: ${second.nkey} }, { user: a, password: b }
    ] }`,
    cases: [
      ...logins(SIGNED),
      ...logins({
        "nothing, protocol 1": login({ protocol: 1 }) + "PING\r\n",
        "another nkey": withNkey(second),
        "another nkey, not signed": login({ nkey: second.nkey }),
        "another nkey, signed by nobody": withNkey({ nkey: second.nkey, seed: first.seed }),
        "a wrong signature and the other user": login({
          nkey: second.nkey,
          sig: "x",
          user: "a",
          pass: "b",
        }),
        "an empty nkey and signature": login({ nkey: "", sig: "" }),
        "a second CONNECT as a user": login() + as("a", "b"),
        "a second CONNECT as an nkey without signature": login() + login({ nkey: second.nkey }),
        "a second CONNECT as nobody": as("a", "b") + login({ user: "", pass: "" }),
      }),
      ...openings({ PING: "PING\r\n", "a publish": pub("foo"), "a subscription": sub("foo") }),
      ...actions("nobody", login(), ALLOWED),
    ],
  },
  {
    name: "nobody is a user",
    text: `no_auth_user: n\nauthorization { users: [
      { user: n, password: secret, ${LIMITED} }, { user: a, password: b }, { nkey: ${first.nkey} }
    ] }`,
    cases: [
      ...logins(SIGNED),
      ...logins({
        "its name": login({ user: "n" }),
        "its name and password": as("n", "secret"),
        "its name and a wrong password": as("n", "x"),
        "only a password": login({ pass: "secret" }),
        "an empty user": login({ user: "" }),
        "a JWT": login({ jwt: "x" }),
        "a name": login({ name: "x" }),
        "a second CONNECT as a user": login() + as("a", "b"),
        "a second CONNECT as nobody": as("a", "b") + login({ user: "", pass: "" }),
        "a second CONNECT, wrong": login() + as("a", "x"),
        "protocol 1": login({ protocol: 1 }) + "PING\r\n",
      }),
      ...openings({
        PING: "PING\r\n",
        "a publish": pub("foo"),
        "a publish that is denied": pub("bar"),
        "a subscription": sub("foo") + pub("foo"),
        "a subscription that is not allowed": sub("x"),
        PONG: "PONG\r\n",
        "an unknown word": "FOO\r\n",
        "an INFO": "INFO {}\r\n",
        CONX: "CONX\r\n",
        "an empty line": "\r\n",
        "a CONNECT later": pub("foo") + as("a", "b") + pub("bar"),
        "a wrong CONNECT later": pub("foo") + as("a", "x"),
        "a CONNECT as nobody later": sub("foo") + login() + pub("foo"),
      }),
      ...actions("nobody", login(), ALLOWED),
      ...actions("nobody who does not say so", "PING\r\n", ALLOWED),
    ],
  },
  ...(["plain", "hashed"] as const).map((kind): Configuration => ({
    name: `nobody is a user of an account whose password is ${kind}`,
    text: `no_auth_user: n\naccounts {
      A { users: [ { user: n, password: "${kind === "plain" ? "secret" : bcrypt("secret")}" }
        { user: twin, password: secret } ] }
      B { users: [ { user: b, password: b } ] }
    }`,
    cases: [
      ...logins({
        nothing: login(),
        "nothing, protocol 1": login({ protocol: 1 }) + "PING\r\n",
        "its name and password": as("n", "secret"),
        "its name and hash": as("n", bcrypt("secret")),
        "its name": login({ user: "n" }),
        "another user": as("b", "b"),
        "a user who does not exist": as("x", "x"),
        "a second CONNECT as somebody with the same password": login() + login({ user: "twin" }),
        "a second CONNECT as nobody's name": login() + login({ user: "n" }),
        "a second CONNECT as nobody, named, with a password": login() + as("n", "x"),
      }),
      ...openings({
        PING: "PING\r\n",
        "a publish": pub("foo"),
        "a subscription": sub("foo") + pub("foo"),
        "a CONNECT later": pub("foo") + login(),
        "a CONNECT later as somebody": pub("foo") + as("b", "b"),
      }),
      talk(
        "be in its account",
        ["same", login() + sub(">")],
        ["other", as("b", "b") + sub(">")],
        ["client", pub("foo")],
      ),
    ],
  })),
  {
    name: "nobody is a user who may connect by WebSocket only",
    text: `no_auth_user: n\nauthorization { users: [
      { user: n, password: secret, allowed_connection_types: [ "WEBSOCKET" ] }, { user: a, password: b }
    ] }`,
    cases: [
      ...logins({
        nothing: login(),
        "its name and password": as("n", "secret"),
        "a user": as("a", "b"),
      }),
      ...openings({ PING: "PING\r\n", "a publish": pub("foo") }),
    ],
  },
];
