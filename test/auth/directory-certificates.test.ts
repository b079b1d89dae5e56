// Certificates that name users (auth.md §12).

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Directory, type AccessOptions, type Verdict } from "../../src/auth/directory.ts";
import { parseCertificate, type ClientCertificate } from "../../src/auth/certificate.ts";
import { PasswordVerifier } from "../../src/auth/hashes.ts";
import type { UserOptions } from "../../src/config/access.ts";
import { defaultConnectOptions, type ConnectOptions } from "../../src/proto/connect.ts";
import { TestAuthority } from "../support/certificates.ts";

let authority: TestAuthority;
/** With names of every kind. */
let bob: ClientCertificate;
/** Only a subject: C=DE, O=Acme, OU=dev, CN=ann in the order of the certificate. */
let ann: ClientCertificate;

beforeAll(async () => {
  authority = await TestAuthority.create();
  const bobs = await authority.issue({
    client: true,
    subject: "CN=bob",
    emails: ["bob@example.com", "rob@example.com"],
    hosts: ["bob.example.com", "rob.example.com"],
    uris: ["spiffe://example.com/bob"],
  });
  bob = parseCertificate(bobs.der);
  ann = {
    ...bob,
    emails: [],
    dnsNames: [],
    uris: [],
    subject: ["2.5.4.6=DE", "2.5.4.10=Acme", "2.5.4.11=dev", "2.5.4.3=ann"].map((part) => {
      const [type = "", value = ""] = part.split("=");
      return [{ type, value }];
    }),
  };
});
afterAll(() => authority[Symbol.dispose]());

const directory = (users: readonly (string | UserOptions)[], more: Partial<AccessOptions> = {}) =>
  Directory.from(
    {
      noSystemAccount: false,
      tls: { verify: true, verifyAndMap: true },
      authorization: {
        users: users.map((user) => (typeof user === "string" ? { user } : user)),
      },
      ...more,
    },
    new PasswordVerifier(1),
  );

function ask(
  from: Directory,
  certificate: ClientCertificate | null,
  connect: Partial<ConnectOptions> = {},
): Verdict {
  const verdict = from.login({
    connect: { ...defaultConnectOptions(), ...connect },
    nonce: "",
    connectionType: "STANDARD",
    certificate,
    isWanted: () => true,
  });
  if (verdict instanceof Promise) throw new Error("decides later");
  return verdict;
}

/** The user's name, or null. */
const who = (...asked: Parameters<typeof ask>) => {
  const verdict = ask(...asked);
  return "granted" in verdict ? verdict.granted.user : null;
};

describe("a certificate names its user", () => {
  test("by e-mail first, then host name, URI and subject", () => {
    const all = ["CN=bob", "spiffe://example.com/bob", "rob.example.com", "rob@example.com"];
    for (let count = all.length; count > 0; count--) {
      expect(who(directory(all.slice(0, count)), bob)).toBe(all[count - 1]!);
    }
    expect(who(directory(["rob.example.com", "bob.example.com"]), bob)).toBe("bob.example.com");
    expect(who(directory(["rob@example.com", "bob@example.com"]), bob)).toBe("bob@example.com");
  });

  test("by its subject in the written order, or else in any", () => {
    expect(who(directory(["CN=ann,OU=dev,O=Acme,C=DE"]), ann)).toBe("CN=ann,OU=dev,O=Acme,C=DE");
    expect(who(directory(["cn=ann, ou=dev, o=Acme, c=DE"]), ann)).toBe(
      "cn=ann, ou=dev, o=Acme, c=DE",
    );
    const reverse = "C=DE,O=Acme,OU=dev,CN=ann";
    expect(who(directory([reverse]), ann)).toBe(reverse);
    expect(who(directory([reverse, "cn=ann,OU=dev,O=Acme,C=DE"]), ann)).toBe(
      "cn=ann,OU=dev,O=Acme,C=DE",
    );
    expect(who(directory(["CN=ann", "CN=ann,O=Acme,C=DE", "ann"]), ann)).toBeNull();
  });

  test("by the text of its subject where it has parts that can't be compared", () => {
    const uid = { type: "0.9.2342.19200300.100.1.1", value: "42" };
    const strange = { ...ann, subject: [...ann.subject, [uid]] };
    expect(who(directory(["UID=42,CN=ann,OU=dev,O=Acme,C=DE"]), strange)).toBeNull();
    expect(who(directory(["CN=ann,OU=dev,O=Acme,C=DE"]), strange)).toBe(
      "CN=ann,OU=dev,O=Acme,C=DE",
    );
    expect(who(directory(["C=DE,O=Acme,OU=dev,CN=ann"]), strange)).toBeNull();
  });

  test("by that text with its domain components behind, or without", () => {
    const components = ["org", "example"].map((value) => [
      { type: "0.9.2342.19200300.100.1.25", value },
    ]);
    const uid = [{ type: "0.9.2342.19200300.100.1.1", value: "42" }];
    const strange = { ...ann, subject: [...components, uid, [{ type: "2.5.4.3", value: "ann" }]] };
    const whole = "CN=ann,DC=org,DC=example";
    expect(who(directory(["CN=ann", whole]), strange)).toBe(whole);
    expect(who(directory(["CN=ann"]), strange)).toBe("CN=ann");
  });

  test("who has to be allowed on this kind of connection, or else is passed over", () => {
    const web = { user: "bob@example.com", allowedConnectionTypes: ["WEBSOCKET" as const] };
    expect(who(directory([web, "bob.example.com"]), bob)).toBe("bob.example.com");
    expect(who(directory([web]), bob)).toBeNull();
  });

  test("of any account", () => {
    const from = directory([], { accounts: { A: { users: [{ user: "bob@example.com" }] } } });
    expect(ask(from, bob)).toMatchObject({ granted: { account: "A" } });
  });
});

describe("with certificates for names", () => {
  test("the user in CONNECT is ignored, with a warning", () => {
    const from = directory(["bob@example.com", { user: "a", password: "b" }]);
    expect(ask(from, bob, { user: "a" })).toMatchObject({
      granted: { user: "bob@example.com" },
      debug: 'Using email found in cert for auth ["bob@example.com"]',
      warning: 'User "a" found in connect proto, but user required from cert',
    });
    expect(who(from, bob, { user: "a", pass: "b" })).toBeNull();
  });

  test("the password still has to be the named user's, which is none as a rule", () => {
    expect(who(directory(["bob@example.com"]), bob, { pass: "x" })).toBeNull();
    const guarded = directory([{ user: "bob@example.com", password: "p" }]);
    expect(who(guarded, bob)).toBeNull();
    expect(who(guarded, bob, { pass: "p" })).toBe("bob@example.com");
  });

  test("nobody gets in by name, or without a certificate, or without credentials", () => {
    const users = ["bob@example.com", { user: "a", password: "b" }];
    const from = directory(users, { noAuthUser: "a" });
    expect(who(from, null, { user: "a", pass: "b" })).toBeNull();
    expect(who(from, null)).toBeNull();
    expect(from.implicit).toBeNull();
    expect(ask(from, ann)).toEqual({
      refused: 'User in cert ["CN=ann,OU=dev,O=Acme,C=DE"], not found',
    });
    expect(ask(from, { ...ann, subject: [] })).toEqual({
      refused: "User required in cert, none found",
    });
  });

  test("a single user and a token are what they are without", () => {
    const single = directory([], { authorization: { user: "a", password: "b" } });
    expect(who(single, bob, { user: "a", pass: "b" })).toBe("a");
    expect(who(single, bob)).toBeNull();
    const token = directory([], { authorization: { token: "t" } });
    expect(who(token, bob, { authToken: "t" })).toBe("[REDACTED]");
  });

  test("a server without users asks for none", () => {
    expect(who(directory([], { authorization: {} }), bob)).toBe("");
  });

  test("that are only verified, users log in as without", () => {
    const from = directory([{ user: "a", password: "b" }, "bob@example.com"], {
      tls: { verify: true },
    });
    expect(who(from, bob)).toBeNull();
    expect(who(from, bob, { user: "a", pass: "b" })).toBe("a");
  });

  test("the system's account alone lets in whom it knows", () => {
    const only = Directory.from(
      {
        noSystemAccount: false,
        tls: { verify: true, verifyAndMap: true },
        accounts: { $SYS: { users: [{ user: "bob@example.com" }] } },
      },
      new PasswordVerifier(1),
    );
    expect(ask(only, bob)).toMatchObject({ granted: { account: "$SYS" } });
    expect(who(only, ann)).toBeNull();
    expect(only.implicit).toBeNull();
  });
});
