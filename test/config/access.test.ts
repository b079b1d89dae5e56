// What a file may say about users, permissions, accounts and encryption: every mistake that ends a start of
// nats-server (auth.md §3, §4, §8 and §12) ends ours by its place, and what is right starts.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseFlags } from "../../src/config/flags.ts";
import { loadOptions, type LoadedConfig } from "../../src/config/load.ts";
import { EMPTY, MISTAKES, permitted, PERMISSIONS, tls, user, type Row } from "./access-mistakes.ts";
import { NKEY_A } from "./samples.ts";

let folder = "";
let file = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "midge-access-"));
  file = join(folder, "a.conf");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function load(text: string, env: Record<string, string> = {}): LoadedConfig {
  writeFileSync(file, text);
  return loadOptions(file, parseFlags([]), env);
}

function errors(text: string, env?: Record<string, string>): string[] {
  try {
    load(text, env);
  } catch (error) {
    if (error instanceof Error) return error.message.replaceAll(file, "a.conf").split("\n");
  }
  return [];
}

const warnings = (text: string, env?: Record<string, string>) =>
  load(text, env).warnings.map((each) => each.replaceAll(file, "a.conf"));

for (const [title, rows] of Object.entries(MISTAKES)) {
  describe(`a mistake in ${title} ends the start by its place`, () => {
    test.each(rows)("%j", (text, message) => {
      expect(errors(text)).toEqual([`a.conf:1:${message}`]);
    });
  });
}

describe("a server that was meant to be closed is never open", () => {
  test.each<Row>([
    ['authorization { token: "" }', `17: authorization.token: ${EMPTY}`],
    ['authorization { user: "" }', `17: authorization.user: ${EMPTY}`],
    ['authorization { user: "", pass: "" }', `17: authorization.user: ${EMPTY}`],
    ['authorization { user: "", pass: x }', `17: authorization.user: ${EMPTY}`],
    ['authorization { token: "", users: [] }', `17: authorization.token: ${EMPTY}`],
    ["authorization { token: $NOBODY }", `17: authorization.token: ${EMPTY}`],
  ])("%j asks for credentials and names none", (text, message) => {
    expect(errors(text, { NOBODY: "" })).toEqual([`a.conf:1:${message}`]);
  });

  test.each([
    ['authorization { token: "", users: [{ user: a }] }'],
    ['authorization { user: "", users: [{ user: a }] }'],
    ['authorization { user: a, token: "" }'],
    ['authorization { token: "" }, accounts { A { users: [{ user: a }] } }'],
  ])("%j keeps out who is no user", (text) => {
    expect(errors(text)).toEqual([]);
  });

  const OPEN = "keeps nobody out: there is no user and no token";
  test.each([
    ["authorization {}"],
    ["authorization { timeout: 3 }"],
    ["authorization { users: [] }"],
    ["authorization { password: x }"],
  ])("%j is open, as with nats-server, and warned about", (text) => {
    expect(warnings(text)).toEqual([`a.conf:1:1: authorization: ${OPEN}`]);
  });

  test("permissions that nobody would have are warned about", () => {
    const nobody = "default_permissions are for users in an array, and there are none";
    expect(warnings("authorization { default_permissions: { publish: a } }")).toEqual([
      `a.conf:1:1: authorization: ${nobody}`,
      `a.conf:1:1: authorization: ${OPEN}`,
    ]);
    expect(warnings("authorization { user: a, default_permissions: { publish: a } }")).toEqual([
      `a.conf:1:1: authorization: ${nobody}`,
    ]);
    expect(warnings("accounts { A { default_permissions: { publish: a } } }")).toEqual([
      "a.conf:1:12: accounts.A: default_permissions are for users, and there are none",
    ]);
  });

  test("an empty password lets in whoever knows the user, and is warned about", () => {
    const empty = "the password is empty, and whoever knows the user gets in";
    expect(warnings("authorization { user: a, pass: $NONE }", { NONE: "" })).toEqual([
      `a.conf:1:1: authorization: ${empty}`,
    ]);
    expect(warnings(user('pass: ""'))).toEqual([`a.conf:1:25: authorization.users[0]: ${empty}`]);
    expect(warnings(user("permissions: {}"))).toEqual([]);
  });

  test("an empty list of subjects allows all, as with nats-server, and is warned about", () => {
    const { options } = load(permitted("publish: [], subscribe: { allow: [], deny: a }"));
    expect(options.authorization?.users).toEqual([
      { user: "a", permissions: { subscribe: { deny: ["a"] } } },
    ]);
    expect(warnings(permitted("publish: []"))).toEqual([
      `a.conf:1:${PERMISSIONS}.publish: is empty, and that allows all; to allow none, deny ">"`,
    ]);
  });
});

describe("what has no effect yet is warned about once, by its place", () => {
  test.each<[text: string, ...warnings: string[]]>([
    [
      `accounts { A { nkey: ${NKEY_A}, jetstream: enabled } }`,
      "16: accounts.A.nkey: has no effect yet",
      "80: accounts.A.jetstream: has no effect yet",
    ],
    [
      "accounts { A { exports: [{ stream: a }, { service: b }] }, B { imports: [{ stream: { account: A, subject: a } }] } }",
      "16: accounts.A.exports: has no effect yet",
      "64: accounts.B.imports: has no effect yet",
    ],
    [
      "accounts { A { mappings { a: b }, msg_trace: c, limits { max_leafs: 3 } } }",
      "16: accounts.A.mappings: has no effect yet",
      "35: accounts.A.msg_trace: has no effect yet",
      "58: accounts.A.limits.max_leafs: has no effect yet",
    ],
    [tls("insecure: true"), "34: tls.insecure: has no effect on a listener"],
    [tls("cert_match: x"), "34: tls.cert_match: has no effect yet"],
    [tls("insecure: false, ocsp_peer: false, ocsp_peer: { verify: false }")],
    [user("proxy_required: false")],
  ])("%j", (text, ...expected) => {
    expect(warnings(text)).toEqual(expected.map((each) => `a.conf:1:${each}`));
  });
});

describe("files of the time of gnatsd", () => {
  test("roles are variables, and helpers may have the names of keys", () => {
    const text = `authorization {
      ADMIN = { publish = ">", subscribe = ">" }
      REQUESTOR = {
        publish = ["req.foo", "req.bar"]
        subscribe = "_INBOX.>"
      }
      DEFAULT_PERMISSIONS = { publish = "SANDBOX.*", subscribe = ["PUBLIC.>", "_INBOX.>"] }
      PASS: abcdefghijklmnopqrstuvwxyz0123456789
      users = [
        {user: joe,   password: $PASS, permission: $ADMIN}
        {user: alice, password: $PASS, permissions: $REQUESTOR}
        {username: susan, pass: $PASS}
      ]
    }`;
    const password = "abcdefghijklmnopqrstuvwxyz0123456789";
    expect(load(text).options.authorization).toEqual({
      password,
      defaultPermissions: {
        publish: { allow: ["SANDBOX.*"] },
        subscribe: { allow: ["PUBLIC.>", "_INBOX.>"] },
      },
      users: [
        {
          user: "joe",
          password,
          permissions: { publish: { allow: [">"] }, subscribe: { allow: [">"] } },
        },
        {
          user: "alice",
          password,
          permissions: {
            publish: { allow: ["req.foo", "req.bar"] },
            subscribe: { allow: ["_INBOX.>"] },
          },
        },
        { user: "susan", password },
      ],
    });
    expect(load(text).warnings).toEqual([]);
  });

  test("a bcrypt hash needs no quotes", () => {
    const hash = "$2a$04$Q.CgCP2Sl9pkcTXEZHazaeMwPaAkSHk7AI51HkyMt5iJQQyUA4qxq";
    expect(load(`authorization { user: a, pass: ${hash} }`).options.authorization).toEqual({
      user: "a",
      password: hash,
    });
  });
});

test("accounts may be variables of each other, and names stay as they are written", () => {
  const text = "accounts { ROLE: { users: [{ user: a }] }, A: $ROLE, a { users: [{ user: A }] } }";
  expect(load(text).options.accounts).toEqual({
    A: { users: [{ user: "a" }] },
    a: { users: [{ user: "A" }] },
  });
});

test("all mistakes of the blocks are told at once", () => {
  const text = "authorization { usr: a }\naccounts { A { foo: 1 } }\ntls { verfy: true }";
  expect(errors(text).map((each) => each.split(": ")[0])).toEqual([
    "a.conf:1:17",
    "a.conf:2:16",
    "a.conf:3:7",
  ]);
});

test("no message repeats a password, a token or a seed", () => {
  const texts = [
    "authorization { user: a, pass: hunter2, token: hunter2 }",
    "authorization { users: [{ user: a, pass: [hunter2] }, { nkey: hunter2, pass: hunter2 }] }",
    "authorization { token: hunter2, users: [{ user: a, pass: hunter2 }] }",
    "authorization { users: [{ user: a, pass: hunter2 }, { user: a, pass: hunter2 }] }",
    "authorization { user: a, pass: hunter2 }, accounts { A { users: [{ user: b, pass: hunter2 }] } }",
    "no_auth_user: b, authorization { users: [{ user: a, pass: hunter2 }] }",
    "accounts { A { users: [{ user: a, pass: hunter2, permissions: hunter2 }] } }",
  ];
  for (const text of texts) {
    const told = errors(text);
    expect(told).not.toEqual([]);
    expect(told.join("\n")).not.toContain("hunter2");
  }
});
