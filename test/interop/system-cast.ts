// The configurations and the people of the scenes about the system account.
import { secret } from "../support/secrets.ts";
import { as, login } from "./access-words.ts";
import { SUBSCRIBED, type Step } from "./system-scenes.ts";

export const password = secret();
const ALL = { headers: true, no_responders: true, protocol: 1, lang: "go", version: "1.50.0" };

export const ACCOUNTS = `
server_name: "one"
server_tags: ["az:1", "dc:x"]
max_connections: 1000
accounts {
  A {
    users: [
      { user: alice, password: ${password}, permissions: {
        publish: { allow: ["foo.>", "$SYS.REQ.>", "_INBOX.>"], deny: ["foo.secret"] }
        subscribe: { allow: ["answer.>", "foo.>", "bar q", "$SYS.>"], deny: "foo.secret.*" }
        allow_responses: { max: 3, expires: "2s" }
      } }
      { user: adam, password: ${password} }
      { user: guest, password: ${password} }
    ]
  }
  B { users: [ { user: bob, password: ${password} } ] }
  SYS { users: [ { user: sys, password: ${password} } ] }
}
system_account: SYS
no_auth_user: guest
`;
/** Of the accounts that there are. */
export const NAMES: ReadonlySet<string> = new Set(["A", "B", "SYS", "$G"]);
export const WATCHER = { user: "sys", pass: password };

/** Logs in as this user, with all that clients can do. */
export const enters = (user: string, more: object = {}): string =>
  login({ ...ALL, user, pass: password, name: user, ...more });

/** The one who asks, and nobody else. */
export const SYS: Step = { by: "sys", says: enters("sys") + SUBSCRIBED };

export const publish = (subject: string, payload = "hi"): string =>
  `PUB ${subject} ${payload.length}\r\n${payload}\r\n`;

/** Some who are there, one who has gone and one who was not let in. */
export const PEOPLE: readonly Step[] = [
  SYS,
  { by: "sys", says: "SUB $SYS.ACCOUNT.*.DISCONNECT gone\r\n" },
  {
    by: "alice",
    says: `${enters("alice")}SUB foo.* 1\r\nSUB foo.bar q 2\r\nSUB bar q 3\r\n`,
  },
  // The real server counts what comes with a CONNECT for the account in which one is before.
  { by: "alice", says: publish("foo.bar") },
  {
    by: "adam",
    says: `${enters("adam")}SUB foo.bar 1\r\nSUB foo.bar others 2\r\nSUB max 3\r\nUNSUB 3 2\r\nSUB more 4\r\n`,
  },
  { by: "adam", says: publish("foo.bar", "hello") + publish("max") + publish("nothing", "") },
  { by: "bob", says: `${enters("bob")}SUB foo.> x\r\n` },
  { by: "bob", says: publish("foo.bar", "bob") },
  { by: "gone", says: `${enters("adam", { name: "gone" })}SUB x 1\r\nSUB y q 2\r\n` },
  { by: "gone", says: publish("x") },
  { leaves: "gone", brings: 1 },
  { by: "wrong", says: as("adam", `${password}x`), isLast: true, brings: 1 },
  { by: "sys", says: "UNSUB gone\r\n" },
];
