// Monitors of servers with accounts and users.
import { newNkey } from "../support/nkeys.ts";
import { secret } from "../support/secrets.ts";
import { as, login, sub, withNkey } from "./access-words.ts";
import { CONNZ, NAMED, TOTALS, type Scene } from "./monitor-scenes.ts";

const password = secret();
const token = secret();
const nkey = newNkey();

const ACCOUNTS = `${NAMED}
accounts {
  A { users: [ { user: a, password: ${password} }, { user: "a <2>", password: ${password} } ] }
  "B & B" { users: [ { user: b, password: ${password} }, { nkey: ${nkey.nkey} } ] }
  SYS { users: [ { user: s, password: ${password} } ] }
}
system_account: SYS
`;
const HELLO = "SUB hello 1\r\nPUB hello 2\r\nhi\r\n";

export const accounts: readonly Scene[] = [
  {
    name: "accounts with nobody",
    config: ACCOUNTS,
    questions: [
      "/varz",
      "/accountz",
      "/accountz?acc=A",
      "/accountz?acc=SYS",
      "/accountz?acc=$SYS",
      "/accountz?acc=B%20%26%20B",
      "/accstatz",
      "/accstatz?unused=1",
      "/subsz?acc=A",
      "/connz?acc=A",
      "/connz?acc=A&state=closed",
      "/raftz",
      "/raftz?acc=A",
      "/jsz?acc=A&accounts=1",
    ],
  },
  {
    name: "accounts",
    config: ACCOUNTS,
    steps: [
      { by: "alice", says: as("a", password) },
      { by: "alice", says: HELLO + sub("more", "2") },
      { by: "adam", says: as("a <2>", password) + sub("hello") + sub("x.*", "y") },
      { by: "bob", says: as("b", password) },
      { by: "bob", says: HELLO },
      { by: "key", says: withNkey(nkey) },
      { by: "key", says: HELLO },
      { by: "system", says: as("s", password) + sub("hello") },
      { by: "gone", says: as("a", password) },
      { by: "gone", says: HELLO },
      { leaves: "gone" },
      { by: "gone too", says: as("b", password) + sub("x") },
      { leaves: "gone too" },
      { by: "wrong", says: as("a", `${password}x`), isLast: "until closed" },
      { by: "unknown", says: as("nobody", password), isLast: "until closed" },
      { by: "nameless", says: login(), isLast: "until closed" },
      { by: "mute", says: "", isLast: "not waited for" },
    ],
    questions: [
      ...CONNZ,
      "/connz?state=closed",
      "/connz?state=closed&auth=1",
      "/connz?state=closed&auth=1&subs=detail",
      ...["A", "B%20%26%20B", "SYS", "$G"].flatMap((name) => [
        `/connz?acc=${name}`,
        `/connz?acc=${name}&auth=1&subs=1`,
        `/accountz?acc=${name}`,
        `/subsz?acc=${name}`,
        `/subsz?acc=${name}&test=hello&subs=1`,
      ]),
      "/connz?acc=A&state=closed",
      "/connz?acc=A&state=all&auth=1",
      "/connz?user=a",
      "/connz?user=a&auth=1&state=all",
      "/connz?user=a&acc=A",
      "/connz?user=a&acc=SYS",
      "/connz?user=a+%3C2%3E",
      "/connz?user=A",
      `/connz?user=${nkey.nkey}&auth=1`,
      "/connz?user=nobody&state=closed&auth=1",
      "/connz?user=a&limit=1",
      "/connz?user=a&offset=1",
      "/connz?cid={alice}&acc=A",
      "/connz?cid={alice}&acc=SYS",
      "/connz?cid={alice}&acc=A&auth=1",
      "/connz?cid={alice}&user=b",
      "/connz?cid={alice}&user=a",
      "/connz?cid={alice}&mqtt_client=x",
      "/connz?cid={gone}&acc=A&state=closed",
      "/connz?cid={gone}&acc=SYS&state=closed",
      "/connz?cid={gone}&user=a&state=closed",
      "/connz?cid={gone}&user=b&state=closed",
      "/connz?cid={gone}&user=b&state=all",
      ...TOTALS,
      "/subsz?subs=1&test=hello",
    ],
  },
  {
    name: "a token",
    config: `${NAMED}authorization { token: ${token}, timeout: 3.5 }\n`,
    steps: [
      { by: "alice", says: login({ auth_token: token }) + HELLO },
      { by: "wrong", says: login({ auth_token: `${token}x` }), isLast: "until closed" },
    ],
    questions: [...CONNZ, "/connz?state=closed&auth=1", "/connz?user=[REDACTED]", ...TOTALS],
  },
  {
    name: "users without accounts, and nobody being one of them",
    config: `${NAMED}
      authorization { users: [ { user: u, password: ${password} }, { user: n, password: ${password} } ] }
      no_auth_user: n\n`,
    steps: [
      { by: "nobody", says: login() + HELLO },
      { by: "somebody", says: as("u", password) + HELLO },
      { by: "silent", says: HELLO },
    ],
    questions: [...CONNZ, "/connz?user=n", "/connz?user=u&auth=1", ...TOTALS, "/accountz?acc=$G"],
  },
  {
    name: "one user",
    config: `${NAMED}authorization { user: u, password: ${password} }\n`,
    steps: [{ by: "alice", says: as("u", password) + HELLO }],
    questions: [...CONNZ, ...TOTALS],
  },
  {
    name: "no system account",
    config: `${NAMED}no_system_account: true\n`,
    steps: [{ by: "alice", says: login() + HELLO }],
    questions: [
      ...CONNZ,
      ...TOTALS,
      "/accountz?acc=$G",
      "/accountz?acc=$SYS",
      "/raftz",
      "/raftz?acc=$G",
    ],
  },
];
