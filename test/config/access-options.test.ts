// Users, accounts and encryption as an embedding program gives them: the friendly forms, what they become,
// and what is refused, in words that name the place and never a secret.
import { describe, expect, test } from "bun:test";
import { loginTimeout } from "../../src/config/access.ts";
import { isPublicNkey } from "../../src/config/nkey.ts";
import { OptionsError, resolveOptions, type MidgeOptions } from "../../src/config/options.ts";
import { NKEY_A, NKEY_O, NKEY_U } from "./samples.ts";

function complaints(given: unknown): string[] {
  try {
    resolveOptions(given as MidgeOptions);
  } catch (error) {
    if (error instanceof OptionsError) return error.problems.map((problem) => problem.message);
    throw error;
  }
  return [];
}

/** What one user's permissions become. */
function permissions(given: object): unknown {
  const users = [{ user: "a", permissions: given }];
  return resolveOptions({ authorization: { users } }).authorization?.users?.[0]?.permissions;
}

const PINNED = "7F83b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d677284addd200126d9069";
const PAIR = { certFile: "a.pem", keyFile: "b.pem" };

describe("the forms of permissions", () => {
  test.each<[given: object, expected: object]>([
    [{ publish: "foo" }, { publish: { allow: ["foo"] } }],
    [{ publish: ["foo", "bar.>"] }, { publish: { allow: ["foo", "bar.>"] } }],
    [{ publish: { deny: "foo" } }, { publish: { deny: ["foo"] } }],
    [
      { subscribe: { allow: "a", deny: ["b", " c   q.* "] } },
      { subscribe: { allow: ["a"], deny: ["b", "c q.*"] } },
    ],
    [{ allowResponses: true }, { allowResponses: { max: 1, expires: 120_000 } }],
    [{ allowResponses: {} }, { allowResponses: { max: 1, expires: 120_000 } }],
    [
      { allowResponses: { max: 0, expires: "0s" } },
      { allowResponses: { max: 1, expires: 120_000 } },
    ],
    [
      { allowResponses: { max: 5, expires: "10s" } },
      { allowResponses: { max: 5, expires: 10_000 } },
    ],
    [{ allowResponses: { max: -7, expires: -7 } }, { allowResponses: { max: -1, expires: -1 } }],
    [{ allowResponses: false }, {}],
    [{}, {}],
  ])("%j", (given, expected) => {
    expect(permissions(given)).toEqual(expected);
  });
});

describe("what options become", () => {
  test.each<[given: MidgeOptions, expected: object]>([
    [
      { authorization: { user: "a", password: "b", timeout: "3s" } },
      { authorization: { user: "a", password: "b", timeout: 3000 } },
    ],
    [{ authorization: { token: "a", user: "", timeout: 0 } }, { authorization: { token: "a" } }],
    [
      { authorization: { users: [{ user: "a", password: "" }] } },
      { authorization: { users: [{ user: "a" }] } },
    ],
    [
      { authorization: { users: [{ nkey: NKEY_U }] } },
      { authorization: { users: [{ nkey: NKEY_U }] } },
    ],
    [
      { authorization: { users: [{ user: "a", allowedConnectionTypes: ["STANDARD"] }] } },
      { authorization: { users: [{ user: "a", allowedConnectionTypes: ["STANDARD"] }] } },
    ],
    [
      { authorization: { users: [{ user: "a" }], defaultPermissions: { publish: "x" } } },
      {
        authorization: {
          users: [{ user: "a" }],
          defaultPermissions: { publish: { allow: ["x"] } },
        },
      },
    ],
    [
      { accounts: ["A", "B"], systemAccount: "B" },
      { accounts: { A: {}, B: {} }, systemAccount: "B" },
    ],
    [{ systemAccount: "$SYS" }, { systemAccount: "$SYS" }],
    [
      { accounts: { A: { limits: { maxConnections: -1, maxPayload: 0 } } } },
      { accounts: { A: { limits: { maxPayload: 0 } } } },
    ],
    [
      { accounts: { A: { users: [{ user: "a" }] } }, noAuthUser: "a" },
      { accounts: { A: { users: [{ user: "a" }] } }, noAuthUser: "a" },
    ],
    [{ authorization: { users: [{ nkey: NKEY_U }] }, noAuthUser: NKEY_U }, { noAuthUser: NKEY_U }],
    [
      { monitorAuthorization: { user: "a", password: "b", token: "" } },
      { monitorAuthorization: { user: "a", password: "b" } },
    ],
    [{ monitorAuthorization: { user: "", token: "a" } }, { monitorAuthorization: { token: "a" } }],
    [
      { tls: PAIR, httpsPort: -1, httpsHost: "[::1]" },
      { tls: PAIR, httpsPort: -1, httpsHost: "::1", httpHost: "::1" },
    ],
    [{ tls: { ...PAIR, verify: false, caFile: "" } }, { tls: PAIR }],
    [{ tls: { certs: [PAIR] } }, { tls: { certs: [PAIR] } }],
    [
      { tls: { ...PAIR, verifyAndMap: true } },
      { tls: { ...PAIR, verifyAndMap: true, verify: true } },
    ],
    [
      { tls: { ...PAIR, timeout: "500ms", handshakeFirst: "auto", connectionRateLimit: 0 } },
      { tls: { ...PAIR, timeout: 500, handshakeFirst: 50 } },
    ],
    [
      { tls: { ...PAIR, handshakeFirst: false, pinnedCerts: PINNED } },
      { tls: { ...PAIR, pinnedCerts: [PINNED.toLowerCase()] } },
    ],
    [
      { tls: { ...PAIR, cipherSuites: "tls_aes_128_gcm_sha256", curvePreferences: ["x25519"] } },
      { tls: { ...PAIR, cipherSuites: ["TLS_AES_128_GCM_SHA256"], curvePreferences: ["X25519"] } },
    ],
  ])("%j", (given, expected) => {
    const options = resolveOptions(given);
    for (const entry of Object.entries(expected)) {
      expect(Object.entries(options)).toContainEqual(entry);
    }
    expect(resolveOptions({ ...options })).toEqual(options);
  });

  test("what is inside can't be changed afterwards, and what was given stays as it was", () => {
    const publish = ["a"];
    const users = [{ user: "a", permissions: { publish } }];
    const options = resolveOptions({ authorization: { users }, accounts: ["A"], tls: PAIR });
    expect(Object.isFrozen(options.authorization?.users?.[0]?.permissions?.publish?.allow)).toBe(
      true,
    );
    expect(Object.isFrozen(options.accounts?.["A"])).toBe(true);
    expect(Object.isFrozen(options.tls)).toBe(true);
    publish.push("b");
    users.pop();
    expect(options.authorization?.users).toEqual([
      { user: "a", permissions: { publish: { allow: ["a"] } } },
    ]);
  });
});

describe("what is refused", () => {
  const users = (user: object) => ({ authorization: { users: [user] } });
  const permitted = (given: object) => users({ user: "a", permissions: given });
  const inPermissions = "authorization.users[0].permissions";
  const SUBJECTS = "a subject or a list of subjects";
  const SIDE = `${SUBJECTS}, or an object with allow and deny`;
  const EMPTY = "is empty, and midge does not start unprotected; remove it to do without";
  const exclude = "and accounts with users exclude each other";

  test.each<[given: unknown, ...messages: string[]]>([
    [
      { authorization: "hunter2" },
      "authorization must be an object with user and password, token or users, not a string",
    ],
    [
      { authorization: [] },
      "authorization must be an object with user and password, token or users, not an empty list",
    ],
    [
      { authorization: { usr: "hunter2" } },
      "authorization.usr is not an option; did you mean user?",
    ],
    [{ authorization: { token: 5 } }, "authorization.token must be a token, not a number"],
    [
      { monitorAuthorization: "hunter2" },
      "monitorAuthorization must be an object with user and password, or with token, not a string",
    ],
    [
      { monitorAuthorization: { token: ["hunter2"] } },
      "monitorAuthorization.token must be a token, not a list",
    ],
    [
      { monitorAuthorization: { usr: "hunter2" } },
      "monitorAuthorization.usr is not an option; did you mean user?",
    ],
    [
      { monitorAuthorization: { user: "a", password: undefined } },
      "monitorAuthorization.password must be a password, not undefined",
    ],
    [
      { monitorAuthorization: {} },
      "monitorAuthorization: a user with a password or a token is missing; remove it to let everybody ask",
    ],
    [
      { monitorAuthorization: { user: "a", password: "" } },
      "monitorAuthorization: a user needs a password",
    ],
    [
      { authorization: { users: {} } },
      "authorization.users must be a list of users, not an object",
    ],
    [
      users(["hunter2"]),
      "authorization.users[0] must be a user: an object with user and password, or with nkey, not a list",
    ],
    [users({}), "authorization.users[0]: a user needs a name or an nkey"],
    [
      users({ user: "a", nkey: NKEY_U }),
      "authorization.users[0]: an nkey takes no user name and no password",
    ],
    [
      users({ nkey: NKEY_A }),
      "authorization.users[0].nkey must be a public nkey that starts with U, not a string",
    ],
    [
      users({ user: "a", allowedConnectionTypes: [] }),
      "authorization.users[0].allowedConnectionTypes must be a list of kinds such as STANDARD, not an empty list",
    ],
    [permitted({ publish: [] }), `${inPermissions}.publish must be ${SUBJECTS}, not an empty list`],
    [permitted({ publish: 5 }), `${inPermissions}.publish must be ${SIDE}, not a number`],
    [permitted({ publish: "a b" }), `${inPermissions}.publish must be a subject, not a string`],
    [
      permitted({ publish: ["a", "a..b"] }),
      `${inPermissions}.publish[1] must be a subject, not a string`,
    ],
    [
      permitted({ subscribe: "a b c" }),
      `${inPermissions}.subscribe must be a subject, perhaps with a queue group after a blank, not a string`,
    ],
    [
      permitted({ allowResponses: { expires: "soon" } }),
      `${inPermissions}.allowResponses.expires must be a duration such as "2m" or a number of milliseconds, negative for no end, not a string`,
    ],
    [
      { authorization: { user: "a", token: "hunter2" } },
      "authorization: a user and a token exclude each other",
    ],
    [
      { authorization: { user: "a", users: [{ user: "b" }] } },
      "authorization: a single user and an array of users exclude each other",
    ],
    [
      {
        authorization: { users: [{ user: "a" }] },
        accounts: { "a b": { users: [{ user: "a" }] } },
      },
      'accounts."a b".users[0]: "a" is there already, at authorization.users[0]',
    ],
    [
      { authorization: { user: "x" }, accounts: { A: { users: [{ user: "a" }] } } },
      `authorization.user: a single user ${exclude}`,
    ],
    [
      { accounts: { $G: {} } },
      "accounts.$G: this account is the server's own and can't be configured",
    ],
    [{ accounts: ["A", ""] }, 'accounts."": an account needs a name'],
    [
      { accounts: JSON.parse('{"__proto__":{}}') },
      "accounts.__proto__: no account can have this name",
    ],
    [{ accounts: { constructor: {} } }, "accounts.constructor: no account can have this name"],
    [
      { accounts: { A: 5 } },
      "accounts.A must be an account: an object with users, defaultPermissions or limits, not a number",
    ],
    [
      { accounts: { A: { limits: { maxPayload: -2 } } } },
      "accounts.A.limits.maxPayload must be a whole number, -1 for no limit, not a number",
    ],
    [{ noAuthUser: "a" }, "noAuthUser: must be one of the users, and there are none"],
    [
      { ...users({ user: "a" }), noAuthUser: "b" },
      'noAuthUser: must be one of the users, and "b" is none of them',
    ],
    [{ systemAccount: "A" }, 'systemAccount: must be one of the accounts, and "A" is none of them'],
    [{ tls: true }, "tls must be an object with certFile and keyFile, not true"],
    [{ tls: {} }, "tls: certFile and keyFile are missing"],
    [{ tls: { certFile: "a" } }, "tls: keyFile is missing"],
    [{ tls: { ...PAIR, certs: [PAIR] } }, "tls: certFile and certs exclude each other"],
    [{ tls: { certs: [{ certFile: "a" }] } }, "tls.certs[0].keyFile must be given, not undefined"],
    [
      { tls: { ...PAIR, minVersion: "1.1", caFil: "x" } },
      'tls.minVersion must be "1.2" or "1.3", not "1.1"',
      "tls.caFil is not an option; did you mean caFile?",
    ],
    [
      { tls: { ...PAIR, handshakeFirst: 0 } },
      'tls.handshakeFirst must be true, false, "auto" or a duration such as "300ms" or a number of milliseconds, not 0',
    ],
    [
      { tls: { ...PAIR, pinnedCerts: [] } },
      "tls.pinnedCerts must be a list of SHA-256 in hex, not an empty list",
    ],
    // A value that was lost on its way must not open a server.
    [{ authorization: { token: "" } }, `authorization.token: ${EMPTY}`],
    [{ authorization: { user: "", password: "hunter2" } }, `authorization.user: ${EMPTY}`],
    [{ authorization: { token: undefined } }, "authorization.token must be a token, not undefined"],
    [
      users({ user: "a", password: undefined }),
      "authorization.users[0].password must be a password, not undefined",
    ],
    [permitted({ publish: undefined }), `${inPermissions}.publish must be ${SIDE}, not undefined`],
    [
      users({ user: "a", permissions: undefined }),
      `${inPermissions} must be an object with publish, subscribe or allowResponses, not undefined`,
    ],
    [{ tls: { ...PAIR, verify: undefined } }, "tls.verify must be true or false, not undefined"],
  ])("%j", (given, ...messages) => {
    expect(complaints(given)).toEqual(messages);
    expect(complaints(given).join()).not.toContain("hunter2");
  });

  test("all of it is told at once", () => {
    const given = {
      port: "x",
      authorization: { token: 5, users: [{ user: 5 }, { nkey: "x" }] },
      tls: { timeout: -1 },
    };
    expect(complaints(given).map((message) => message.split(" ")[0])).toEqual([
      "port",
      "authorization.token",
      "authorization.users[0].user",
      "authorization.users[1].nkey",
      "tls.timeout",
    ]);
  });
});

test("the time to log in is what was given, or follows that of encryption", () => {
  const timeout = (given: MidgeOptions) => loginTimeout(resolveOptions(given));
  expect(timeout({})).toBe(2000);
  expect(timeout({ tls: PAIR })).toBe(3000);
  expect(timeout({ tls: { ...PAIR, timeout: "500ms" } })).toBe(1500);
  expect(timeout({ tls: PAIR, authorization: { timeout: "5s" } })).toBe(5000);
});

describe("a public nkey", () => {
  test("has 56 characters, a letter for its type and the right sum", () => {
    for (const key of [NKEY_A, NKEY_O, NKEY_U]) expect(isPublicNkey(key)).toBe(true);
    expect(isPublicNkey(NKEY_U, "U")).toBe(true);
    expect(isPublicNkey(NKEY_U, "A")).toBe(false);
  });

  test.each([
    ["", "nothing"],
    [NKEY_U.toLowerCase(), "lower case"],
    [NKEY_U.slice(1), "a letter too few"],
    [`${NKEY_U}A`, "a letter too many"],
    [NKEY_U.replace("B", "C"), "another letter"],
    [`UC${NKEY_U.slice(2)}`, "another type byte"],
    [`Z${NKEY_U.slice(1)}`, "no type at all"],
    [`S${NKEY_U}A`, "a seed"],
    ["U".repeat(56), "a wrong sum"],
    [NKEY_U.replace("M", "1"), "no base32"],
  ])("%j is none: %s", (text) => {
    expect(isPublicNkey(text)).toBe(false);
  });
});
