// What a file may say about users, permissions, accounts and encryption: every mistake that ends a start of
// nats-server (auth.md §3, §4, §8 and §12) ends ours by its place, and what is right starts.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseFlags } from "../../src/config/flags.ts";
import { loadOptions, type LoadedConfig } from "../../src/config/load.ts";
import { EMPTY, MISTAKES, permitted, PERMISSIONS, tls, user, type Row } from "./access-mistakes.ts";
import { NKEY_A, NKEY_U } from "./samples.ts";

let folder = "";
let file = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "midge-access-"));
  file = join(folder, "a.conf");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function load(text: string, env: Record<string, string> = {}, flags = ""): LoadedConfig {
  writeFileSync(file, text);
  return loadOptions(file, parseFlags(flags.split(" ").filter(Boolean)), env);
}

function errors(text: string, env?: Record<string, string>, flags?: string): string[] {
  try {
    load(text, env, flags);
  } catch (error) {
    if (error instanceof Error) return error.message.replaceAll(file, "a.conf").split("\n");
  }
  return [];
}

const warnings = (text: string, env?: Record<string, string>) =>
  load(text, env).warnings.map((each) => each.replaceAll(file, "a.conf"));

const UNGUARDED = "has no password, and whoever knows the name gets in";
/** Warnings about other things than that the user of `user` and `permitted` has no password. */
const otherWarnings = (text: string) =>
  warnings(text).filter((each) => each !== `a.conf:1:25: authorization.users[0]: ${UNGUARDED}`);

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
  ])("%j is open, as with nats-server, and warned about", (text) => {
    expect(warnings(text)).toEqual([`a.conf:1:1: authorization: ${OPEN}`]);
  });

  const NOBODY = "hold only for the users of an array, and there are none; use users instead";
  test.each([
    [
      "authorization { default_permissions: { publish: a } }",
      "17: authorization.default_permissions",
    ],
    ["authorization { user: a, permissions: { publish: a } }", "26: authorization.permissions"],
    ["authorization { token: t, permissions: { publish: a } }", "27: authorization.permissions"],
    ["authorization { users: [], permissions: { publish: a } }", "28: authorization.permissions"],
    [
      "authorization { default_permission: {} }, accounts { A { users: [{ user: a, pass: b }] } }",
      "17: authorization.default_permission",
    ],
  ])("%j has permissions that nothing would enforce", (text, place) => {
    expect(errors(text)).toEqual([`a.conf:1:${place}: ${NOBODY}`]);
  });

  test("permissions of an account that nobody belongs to are warned about", () => {
    expect(warnings("accounts { A { default_permissions: { publish: a } } }")).toEqual([
      "a.conf:1:12: accounts.A: default_permissions are for users, and there are none",
    ]);
  });

  const LONELY = "keeps nobody out without a user; name one, or remove it";
  test("a password without a user guards nothing, in the file or as a flag", () => {
    const text = "authorization { password: hunter2 }";
    expect(errors(text)).toEqual([`a.conf:1:17: authorization.password: ${LONELY}`]);
    expect(errors("port: 1", {}, "--pass hunter2")).toEqual([`-pass: ${LONELY}`]);
    expect(errors("authorization { PASS: x, users: [{ user: a, pass: $PASS }] }")).toEqual([]);
  });

  test("users without a password are warned about by their places", () => {
    const single = `authorization.user: ${UNGUARDED}`;
    expect(warnings("authorization { user: a, pass: $NONE }", { NONE: "" })).toEqual([
      `a.conf:1:17: ${single}`,
    ]);
    expect(warnings("authorization { user: a }")).toEqual([`a.conf:1:17: ${single}`]);
    const listed = [`a.conf:1:25: authorization.users[0]: ${UNGUARDED}`];
    expect(warnings(user('pass: ""'))).toEqual(listed);
    expect(warnings(user("permissions: {}"))).toEqual(listed);
    expect(warnings("accounts { A { users: [{ user: a, pass: b }, { user: c }] } }")).toEqual([
      `a.conf:1:46: accounts.A.users[1]: ${UNGUARDED}`,
    ]);
  });

  test("nor are those that a certificate, an nkey or no_auth_user lets in", () => {
    const mapped = tls("verify_and_map: true");
    expect(warnings(`authorization { users: [{ user: a }] }, ${mapped}`)).toEqual([]);
    expect(warnings(`authorization { users: [{ nkey: ${NKEY_U} }] }`)).toEqual([]);
    expect(warnings("no_auth_user: a, authorization { users: [{ user: a }] }")).toEqual([]);
    // Certificates name users of arrays only.
    expect(warnings(`authorization { user: a }, ${mapped}`)).toHaveLength(1);
  });

  test("--tls=false ends the start where certificates guard users without a password", () => {
    const mapped = (inside: string) =>
      `authorization { ${inside} }\n${tls("verify_and_map: true")}`;
    const why = "has no password, and -tls=false switches off the certificates that guard it";
    const advice = "give it a password, or leave the flag out";
    expect(errors(mapped("users: [{ user: a }]"), {}, "--tls=false")).toEqual([
      `a.conf:1:25: authorization.users[0]: ${why}; ${advice}`,
    ]);
    expect(errors(mapped("user: a"), {}, "--tls=false")).toEqual([
      `a.conf:1:17: authorization.user: ${why}; ${advice}`,
    ]);
    expect(errors(mapped("users: [{ user: a, pass: b }]"), {}, "--tls=false")).toEqual([]);
    expect(errors(mapped("users: [{ user: a }]"))).toEqual([]);
    const verified = `authorization { user: a, pass: b }\n${tls("verify: true")}`;
    expect(errors(verified, {}, "--tls=false")).toEqual([]);
  });

  test("an empty list of subjects allows all, as with nats-server, and is warned about", () => {
    const { options } = load(permitted("publish: [], subscribe: { allow: [], deny: a }"));
    expect(options.authorization?.users).toEqual([
      { user: "a", permissions: { subscribe: { deny: ["a"] } } },
    ]);
    expect(otherWarnings(permitted("publish: []"))).toEqual([
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
    [tls("insecure: false, ocsp_peer: { verify: false }")],
    [user("proxy_required: false")],
  ])("%j", (text, ...expected) => {
    expect(otherWarnings(text)).toEqual(expected.map((each) => `a.conf:1:${each}`));
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

  test("a helper gives way to the entry that means the key, wherever it stands", () => {
    for (const passwords of [
      "PASS: other, password: right, permissions: { publish: $PASS }",
      "password: right, PASS: other, permissions: { publish: $PASS }",
      "pass: right, pass: other, permissions: { publish: $pass }",
    ]) {
      expect(load(user(passwords)).options.authorization?.users).toEqual([
        { user: "a", password: "right", permissions: { publish: { allow: ["other"] } } },
      ]);
    }
    const defaults = `authorization {
      DEFAULT_PERMISSIONS = { publish = "SANDBOX.*" }
      default_permission = { publish = "mine" }
      users = [{ user: a, pass: b, permission: $DEFAULT_PERMISSIONS }]
    }`;
    expect(load(defaults).options.authorization?.defaultPermissions).toEqual({
      publish: { allow: ["mine"] },
    });
  });

  test("helpers with the names of one key are as many as one likes, if they are texts", () => {
    const text = `authorization { PASS: x, PASSWORD: y,
      users: [{ user: a, pass: $PASS }, { user: b, pass: $PASSWORD }] }`;
    expect(load(text).options.authorization?.users).toEqual([
      { user: "a", password: "x" },
      { user: "b", password: "y" },
    ]);
  });

  test("a block that others use as well is no mere helper where its name is there twice", () => {
    const text = `${tls("verify: true")}, websocket { tls: $tls }, ${tls("timeout: 1")}`;
    expect(errors(text)).toEqual(["a.conf:1:75: tls: is there already, at a.conf:1:1: tls"]);
  });

  test("of two roles that both could be the default permissions nobody could tell which is", () => {
    const text = `authorization { DEFAULT_PERMISSIONS { publish: a }, PERMISSIONS { publish: ">" }, users: [
      { user: a, pass: b, permissions: $DEFAULT_PERMISSIONS }
      { user: b, pass: b, permissions: $PERMISSIONS } ] }`;
    const [first, second] = ["DEFAULT_PERMISSIONS", "PERMISSIONS"].map(
      (each) => `authorization.${each}`,
    );
    expect(errors(text)).toEqual([
      `a.conf:1:53: ${second}: is there already, at a.conf:1:17: ${first}`,
    ]);
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

test("what an included file sets must not be set again", () => {
  const other = join(folder, "b.conf");
  writeFileSync(other, "authorization { user: a, pass: b }\naccounts { A {} }\nport: 1");
  const place = (line: number) => other.replace(file, "a.conf") + `:${line}:1`;
  expect(errors("include b.conf\nauthorization {}\nport: 2")).toEqual([
    `a.conf:2:1: authorization: is there already, at ${place(1)}: authorization`,
  ]);
  expect(errors("include b.conf\ninclude b.conf").map((each) => each.split(", ")[0])).toEqual([
    `${place(1)}: authorization: is there already`,
    `${place(2)}: accounts: is there already`,
  ]);
});

test("a second entry can't undo what is not enforced", () => {
  expect(errors('operator: "a.jwt", operator: ""')).toContain(
    "a.conf:1:20: operator: is there already, at a.conf:1:1: operator",
  );
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
