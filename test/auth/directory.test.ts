// Who gets in, by which credentials and as whom (auth.md §1, §2, §4, §7, §8, §14).

import { describe, expect, test } from "bun:test";
import { Directory, whoOf, type AccessOptions, type Verdict } from "../../src/auth/directory.ts";
import { PasswordVerifier } from "../../src/auth/hashes.ts";
import { defaultConnectOptions, type ConnectOptions } from "../../src/proto/connect.ts";
import { newNkey } from "../support/nkeys.ts";

const PASSWORD = "IW@$6v(y1(t@fhPDvf!5^%";
const HASH = "$2a$04$Q.CgCP2Sl9pkcTXEZHazaeMwPaAkSHk7AI51HkyMt5iJQQyUA4qxq";

const directory = (options: Partial<AccessOptions>) =>
  Directory.from({ noSystemAccount: false, ...options }, new PasswordVerifier(1));

const offer = (connect: Partial<ConnectOptions>) => ({ ...defaultConnectOptions(), ...connect });

const ask = (from: Directory, connect: Partial<ConnectOptions>) =>
  from.login({
    connect: offer(connect),
    nonce: "",
    connectionType: "STANDARD",
    certificate: null,
    isWanted: () => true,
  });

/** `user in account`, or null. */
function decided(verdict: Verdict | Promise<Verdict>): string | null {
  if (verdict instanceof Promise) throw new Error("decides later");
  return "granted" in verdict ? `${verdict.granted.user} in ${verdict.granted.account}` : null;
}
const who = (from: Directory, connect: Partial<ConnectOptions>) => decided(ask(from, connect));

describe("without credentials in the configuration", () => {
  const open: Partial<AccessOptions>[] = [
    {},
    { authorization: {} },
    { authorization: { password: "x" } },
    { authorization: { users: [] } },
    { authorization: { defaultPermissions: { publish: { allow: ["a"] } } } },
    { accounts: { A: {} } },
  ];

  test("everybody gets in, whatever they say", () => {
    for (const options of open) {
      const everybody = directory(options);
      expect(everybody).toMatchObject({ required: false, advertised: false, usesNonces: false });
      expect(who(everybody, {})).toBe(" in $G");
      expect(who(everybody, { user: "a", pass: "b" })).toBe("a in $G");
      expect(who(everybody, { authToken: "t" })).toBe("[REDACTED] in $G");
      expect(everybody.implicit).toEqual({ account: "$G", user: "", permissions: null });
    }
  });
});

describe("a single user", () => {
  const single = directory({ authorization: { user: "a", password: "b" } });

  test("gets in with the password", () => {
    expect(single).toMatchObject({ required: true, advertised: true, implicit: null });
    expect(who(single, { user: "a", pass: "b" })).toBe("a in $G");
  });

  test("nobody else does", () => {
    for (const connect of [{}, { user: "a" }, { pass: "b" }, { user: "x", pass: "b" }]) {
      expect(who(single, connect)).toBeNull();
    }
    expect(who(single, { authToken: "b" })).toBeNull();
    expect(who(single, { nkey: "U", user: "a", pass: "x" })).toBeNull();
  });

  test("has no permissions by default: those are for an array of users", () => {
    const verdict = ask(
      directory({
        authorization: {
          user: "a",
          password: "b",
          defaultPermissions: { publish: { allow: ["x"] } },
        },
      }),
      { user: "a", pass: "b" },
    );
    expect(verdict).toMatchObject({ granted: { permissions: null } });
  });

  test("may have no password, and then must send none", () => {
    const bare = directory({ authorization: { user: "a" } });
    expect(who(bare, { user: "a" })).toBe("a in $G");
    expect(who(bare, { user: "a", pass: "x" })).toBeNull();
  });
});

describe("a token", () => {
  const token = directory({ authorization: { token: "t" } });

  test("lets in, whoever else the client claims to be", () => {
    expect(who(token, { authToken: "t" })).toBe("[REDACTED] in $G");
    expect(who(token, { authToken: "t", user: "x", pass: "y" })).toBe("[REDACTED] in $G");
  });

  test("is no user and no password", () => {
    for (const connect of [{}, { authToken: "x" }, { user: "t", pass: "t" }]) {
      expect(who(token, connect)).toBeNull();
    }
  });

  test("may be a hash, which is checked later and does not let in itself", async () => {
    const hashed = directory({ authorization: { token: HASH } });
    expect(await ask(hashed, { authToken: PASSWORD })).toHaveProperty("granted");
    expect(await ask(hashed, { authToken: HASH })).toEqual({ refused: "Token not right" });
  });
});

describe("an array of users", () => {
  const users = directory({
    authorization: {
      users: [
        { user: "a", password: "b" },
        { user: "hashed", password: HASH },
        { user: "empty" },
        { user: "web", password: "x", allowedConnectionTypes: ["WEBSOCKET", "MQTT"] },
        { user: "here", password: "x", allowedConnectionTypes: ["STANDARD"] },
        { user: "jürgen", password: "pä" },
        { user: "__proto__", password: "p" },
      ],
    },
  });

  test("each get in with their own password", () => {
    expect(who(users, { user: "a", pass: "b" })).toBe("a in $G");
    expect(who(users, { user: "jürgen", pass: "pä" })).toBe("jürgen in $G");
    expect(who(users, { user: "__proto__", pass: "p" })).toBe("__proto__ in $G");
    expect(who(users, { user: "empty" })).toBe("empty in $G");
    expect(who(users, { user: "a", pass: "x" })).toBeNull();
    expect(who(users, { user: "a", pass: "" })).toBeNull();
    expect(who(users, { user: "A", pass: "b" })).toBeNull();
    expect(who(users, { user: "empty", pass: "x" })).toBeNull();
    expect(who(users, { user: "constructor", pass: "" })).toBeNull();
    expect(who(users, {})).toBeNull();
  });

  test("decide at once, and later where a hash is to be checked", async () => {
    const later = ask(users, { user: "hashed", pass: PASSWORD });
    expect(later).toBeInstanceOf(Promise);
    expect(await later).toMatchObject({ granted: { user: "hashed" } });
    expect(await ask(users, { user: "hashed", pass: HASH })).toEqual({
      refused: "Password not right",
    });
    // Known by now.
    expect(who(users, { user: "hashed", pass: PASSWORD })).toBe("hashed in $G");
  });

  test("get in by the kinds of connection they may use", () => {
    expect(who(users, { user: "here", pass: "x" })).toBe("here in $G");
    expect(ask(users, { user: "web", pass: "x" })).toEqual({
      refused: "Connection type not allowed",
    });
  });

  test("are known by their names after a reload", () => {
    expect(users.knows("a")).toBe(true);
    expect(users.knows("x")).toBe(false);
    expect(users.knows("")).toBe(true);
    expect(directory({ authorization: { user: "s" } }).knows("s")).toBe(true);
    expect(directory({ authorization: { token: "t" } }).knows("[REDACTED]")).toBe(true);
    expect(directory({}).knows("a")).toBe(false);
  });

  test("are told nothing secret about why they are refused", async () => {
    const refusals = await Promise.all([
      ask(users, { user: "a", pass: "hunter2" }),
      ask(users, { user: "hashed", pass: "hunter2" }),
      ask(users, { user: "zed", pass: "hunter2" }),
      ask(users, { authToken: "hunter2" }),
    ]);
    expect(JSON.stringify(refusals)).not.toContain("hunter2");
    expect(refusals.every((verdict) => "refused" in verdict)).toBe(true);
  });
});

describe("permissions", () => {
  const grantOf = (from: Directory, user: string) => {
    const verdict = ask(from, { user, pass: "p" });
    if (!("granted" in verdict)) throw new Error("refused");
    return verdict.granted;
  };
  const block = {
    users: [
      { user: "own", password: "p", permissions: { publish: { allow: ["own"] } } },
      { user: "none", password: "p", permissions: {} },
      { user: "default", password: "p" },
    ],
    defaultPermissions: { publish: { allow: ["default"] } },
  };

  test("are a user's own or else those of the block, never both", () => {
    const one = directory({ authorization: block });
    expect(grantOf(one, "own").permissions?.mayPublish("own")).toBe(true);
    expect(grantOf(one, "own").permissions?.mayPublish("default")).toBe(false);
    expect(grantOf(one, "none").permissions?.mayPublish("anything")).toBe(true);
    expect(grantOf(one, "default").permissions?.mayPublish("default")).toBe(true);
    expect(grantOf(one, "default").permissions?.mayPublish("own")).toBe(false);
  });

  test("by default are those of the user's own block", () => {
    const two = directory({
      authorization: { users: [{ user: "g", password: "p" }], defaultPermissions: {} },
      accounts: {
        A: { users: [{ user: "a", password: "p" }], defaultPermissions: block.defaultPermissions },
        B: { users: [{ user: "b", password: "p" }] },
      },
    });
    expect(grantOf(two, "g").permissions?.mayPublish("x")).toBe(true);
    expect(grantOf(two, "a").permissions?.mayPublish("x")).toBe(false);
    expect(grantOf(two, "b").permissions).toBeNull();
  });

  test("are one object for all logins of a user", () => {
    const one = directory({ authorization: block });
    expect(grantOf(one, "own")).toBe(grantOf(one, "own"));
  });
});

describe("accounts", () => {
  test("are those of their users", () => {
    const two = directory({
      authorization: { users: [{ user: "g", password: "p" }] },
      accounts: { A: { users: [{ user: "a", password: "p" }] }, B: {} },
      systemAccount: "B",
    });
    expect(two.accountNames).toEqual(["$G", "B", "A"]);
    expect(who(two, { user: "g", pass: "p" })).toBe("g in $G");
    expect(who(two, { user: "a", pass: "p" })).toBe("a in A");
  });

  test("include one for the system unless there shall be none", () => {
    expect(directory({}).accountNames).toEqual(["$G", "$SYS"]);
    expect(directory({ noSystemAccount: true }).accountNames).toEqual(["$G"]);
    expect(directory({ accounts: { $SYS: {} } }).accountNames).toEqual(["$G", "$SYS"]);
  });
});

describe("no_auth_user", () => {
  const users = [
    { user: "g", password: "p", permissions: { publish: { allow: ["x"] } } },
    { user: "a", password: "b" },
    { user: "hashed", password: HASH },
    { user: "web", password: "p", allowedConnectionTypes: ["WEBSOCKET" as const] },
  ];
  const guest = directory({ authorization: { users }, noAuthUser: "g" });

  test("is who comes without credentials, with or without CONNECT", () => {
    expect(guest).toMatchObject({ required: true, advertised: false });
    expect(who(guest, {})).toBe("g in $G");
    expect(who(guest, { jwt: "x", sig: "y", nkey: "UX" })).toBe("g in $G");
    expect(guest.implicit).toMatchObject({ user: "g" });
    expect(guest.implicit?.permissions?.mayPublish("y")).toBe(false);
  });

  test("is not who comes with some", () => {
    for (const connect of [{ user: "g" }, { pass: "p" }, { authToken: "p" }, { user: "z" }]) {
      expect(who(guest, connect)).toBeNull();
    }
    expect(who(guest, { user: "a", pass: "b" })).toBe("a in $G");
  });

  test("has to be allowed on this kind of connection", () => {
    const web = directory({ authorization: { users }, noAuthUser: "web" });
    expect(who(web, {})).toBeNull();
    expect(web.implicit).toBeNull();
  });

  test("with a hashed password lets nobody in, as in nats-server", () => {
    const hashed = directory({ authorization: { users }, noAuthUser: "hashed" });
    expect(who(hashed, {})).toBeNull();
    expect(hashed.implicit).toBeNull();
  });
});

describe("a configuration of only the system's account", () => {
  const users = [{ user: "s", password: "p" }];

  test("leaves $G to whoever comes without credentials, and says that they are asked for", () => {
    for (const options of [
      { accounts: { $SYS: { users } } },
      { accounts: { S: { users } }, systemAccount: "S" },
      { accounts: { $SYS: { users } }, noSystemAccount: true },
    ]) {
      const only = directory(options);
      expect(only).toMatchObject({ required: true, advertised: true });
      expect(who(only, {})).toBe(" in $G");
      expect(only.implicit).toMatchObject({ account: "$G" });
      expect(who(only, { user: "s", pass: "p" })).toMatch(/^s in (\$SYS|S)$/);
      expect(who(only, { user: "s" })).toBeNull();
      expect(who(only, { pass: "p" })).toBeNull();
      expect(who(only, { authToken: "x" })).toBeNull();
    }
    expect(who(directory({ accounts: { $SYS: {} } }), { user: "x" })).toBeNull();
  });

  test("is not one with other accounts, an authorization block or no_auth_user", () => {
    for (const options of [
      { accounts: { $SYS: { users }, B: {} } },
      { accounts: { S: { users } } },
      { accounts: { S: { users } }, systemAccount: "T" },
      { accounts: { $SYS: { users } }, authorization: {} },
      { accounts: { $SYS: { users } }, noAuthUser: "nobody" },
    ]) {
      const strict = directory(options);
      expect(strict.implicit).toBeNull();
      expect(who(strict, {})).toBeNull();
    }
  });
});

describe("plain passwords are noticed", () => {
  const cases: [string, Partial<AccessOptions>, boolean][] = [
    ["in none", {}, false],
    ["of a single user", { authorization: { user: "a", password: "b" } }, true],
    ["without a user", { authorization: { password: "b" } }, true],
    ["hashed", { authorization: { user: "a", password: HASH } }, false],
    ["missing for a single user", { authorization: { user: "a" } }, false],
    ["missing for one of many", { authorization: { users: [{ user: "a" }] } }, true],
    ["of a token", { authorization: { token: "t" } }, false],
    ["all hashed", { authorization: { users: [{ user: "a", password: HASH }] } }, false],
    ["in an account", { accounts: { A: { users: [{ user: "a", password: "b" }] } } }, true],
    ["beside an nkey", { authorization: { users: [{ nkey: newNkey().nkey }] } }, false],
  ];
  for (const [name, options, expected] of cases) {
    test(name, () => expect(directory(options).plaintextPasswords).toBe(expected));
  }
});

describe("the log says who was refused", () => {
  test("by nkey, else by user, else that there was a token", () => {
    expect(whoOf(offer({}))).toBe("");
    expect(whoOf(offer({ user: "a", pass: "b" }))).toBe(' - User "a"');
    expect(whoOf(offer({ nkey: "UABC", user: "a" }))).toBe(' - Nkey "UABC"');
    expect(whoOf(offer({ authToken: "t" }))).toBe(' - Token "[REDACTED]"');
    expect(whoOf(offer({ authToken: "t", user: "a" }))).toBe(' - User "a"');
    expect(whoOf(offer({ jwt: "x", pass: "y" }))).toBe("");
  });

  test("in one line and not at length", () => {
    expect(whoOf(offer({ user: 'a"é\n\u0001' }))).toBe(' - User "a\\"é\\n\\x01"');
    expect(whoOf(offer({ user: "y".repeat(5_000) }))).toBe(` - User "${"y".repeat(256)}…"`);
  });
});
