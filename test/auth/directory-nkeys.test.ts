// Logins with nkeys (auth.md §6), and what goes before what when there are users as well (§1.2).

import { describe, expect, test } from "bun:test";
import { Directory, type AccessOptions } from "../../src/auth/directory.ts";
import { PasswordVerifier } from "../../src/auth/hashes.ts";
import { defaultConnectOptions, type ConnectOptions } from "../../src/proto/connect.ts";
import { base64url, newNkey, sign } from "../support/nkeys.ts";

const known = newNkey();
const guest = newNkey();
const web = newNkey();
const inAccount = newNkey();
const stranger = newNkey();
const NONCE = "PXoWU7zWAMt75FY";
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const users = [
  { nkey: known.nkey, permissions: { publish: { allow: ["x"] } } },
  { nkey: guest.nkey },
  { nkey: web.nkey, allowedConnectionTypes: ["WEBSOCKET" as const] },
  { user: "a", password: "b" },
];

const directory = (options: Partial<AccessOptions> = {}) =>
  Directory.from(
    {
      noSystemAccount: false,
      authorization: { users },
      accounts: { A: { users: [{ nkey: inAccount.nkey }] } },
      ...options,
    },
    new PasswordVerifier(1),
  );

/** `user in account`, or the reason. */
async function ask(connect: Partial<ConnectOptions>, from = directory()): Promise<string> {
  const verdict = await from.login({
    connect: { ...defaultConnectOptions(), ...connect },
    nonce: NONCE,
    connectionType: "STANDARD",
    certificate: null,
    isWanted: () => true,
  });
  if ("refused" in verdict) return verdict.refused;
  return `${verdict.granted.user} in ${verdict.granted.account}`;
}

const good = sign(known, NONCE);
const welcome = `${known.nkey} in $G`;
const withSignature = (sig: string) => ask({ nkey: known.nkey, sig });

describe("an nkey", () => {
  test("gets in with its signature over the characters of the nonce", async () => {
    expect(await withSignature(base64url(good))).toBe(welcome);
    expect(await ask({ nkey: inAccount.nkey, sig: base64url(sign(inAccount, NONCE)) })).toBe(
      `${inAccount.nkey} in A`,
    );
  });

  test("may spell the signature in padded standard base64", async () => {
    expect(await withSignature(Buffer.from(good).toString("base64"))).toBe(welcome);
  });

  test("may break the signature's line, and need not clear its last bits", async () => {
    const text = base64url(good);
    expect(await withSignature(`${text.slice(0, 9)}\r\n${text.slice(9)}\n`)).toBe(welcome);
    const last = ALPHABET[ALPHABET.indexOf(text.at(-1)!) + 1]!;
    expect(await withSignature(text.slice(0, -1) + last)).toBe(welcome);
  });

  test("does not get in with a signature in another spelling", async () => {
    // Signatures with a digit that only one of the alphabets has.
    const special = [...Array(200).keys()]
      .map((i) => sign(known, `${NONCE}${i}`))
      .find((bytes) => /-.*_|_.*-/.test(base64url(bytes)))!;
    const url = base64url(special);
    for (const text of [
      `${url}==`,
      Buffer.from(special).toString("base64").replaceAll("=", ""),
      `${url}!`,
      ` ${url}`,
      "!!!",
      "A",
    ]) {
      expect(await withSignature(text)).toBe("Signature not valid base64");
    }
  });

  test("does not get in without its own signature over this nonce", async () => {
    expect(await withSignature("")).toBe("Signature missing");
    const wrong = [
      sign(stranger, NONCE),
      sign(known, "another nonce"),
      sign(known, Buffer.from(NONCE, "base64url")),
      good.subarray(0, 63),
      Buffer.concat([good, good]),
      Buffer.alloc(64),
      Buffer.alloc(0),
    ];
    for (const bytes of wrong) {
      expect(await withSignature(base64url(bytes) || "\n")).toBe("Signature not verified");
    }
  });

  test("has to be known and allowed on this kind of connection", async () => {
    expect(await ask({ nkey: stranger.nkey, sig: base64url(sign(stranger, NONCE)) })).toBe(
      "Nkey not known",
    );
    expect(await ask({ nkey: known.nkey.toLowerCase(), sig: base64url(good) })).toBe(
      "Nkey not known",
    );
    expect(await ask({ nkey: web.nkey, sig: base64url(sign(web, NONCE)) })).toBe(
      "Connection type not allowed",
    );
  });

  test("that is none at all lets nobody in", async () => {
    const broken = `${known.nkey.slice(0, -1)}${known.nkey.endsWith("A") ? "B" : "A"}`;
    const from = directory({ authorization: { users: [{ nkey: broken }] } });
    expect(await ask({ nkey: broken, sig: base64url(good) }, from)).toBe("User nkey not valid");
  });

  test("has its permissions", async () => {
    const verdict = await directory().login({
      connect: { ...defaultConnectOptions(), nkey: known.nkey, sig: base64url(good) },
      nonce: NONCE,
      connectionType: "STANDARD",
      certificate: null,
      isWanted: () => true,
    });
    if (!("granted" in verdict)) throw new Error("refused");
    expect(verdict.granted.permissions?.mayPublish("x")).toBe(true);
    expect(verdict.granted.permissions?.mayPublish("y")).toBe(false);
  });
});

describe("nkeys and users together", () => {
  test("an nkey decides alone, even beside a good user", async () => {
    expect(await ask({ nkey: known.nkey, sig: base64url(good), user: "z", pass: "z" })).toBe(
      welcome,
    );
    expect(await ask({ nkey: stranger.nkey, user: "a", pass: "b" })).toBe("Nkey not known");
    expect(await ask({ nkey: known.nkey, user: "a", pass: "b" })).toBe("Signature missing");
  });

  test("without an nkey the user decides", async () => {
    expect(await ask({ user: "a", pass: "b" })).toBe("a in $G");
    expect(await ask({ user: "a", pass: "x" })).toBe("Password not right");
    expect(await ask({})).toBe("No credentials");
  });

  test("without nkeys in the configuration those that clients send are ignored", async () => {
    const only = directory({
      authorization: { users: [{ user: "a", password: "b" }] },
      accounts: {},
    });
    expect(only.usesNonces).toBe(false);
    expect(await ask({ nkey: stranger.nkey, user: "a", pass: "b" }, only)).toBe("a in $G");
    expect(directory().usesNonces).toBe(true);
  });

  test("are known by their names", () => {
    expect(directory().knows(known.nkey)).toBe(true);
    expect(directory().knows(stranger.nkey)).toBe(false);
  });
});

describe("no_auth_user as an nkey", () => {
  const from = directory({ noAuthUser: guest.nkey });
  const asGuest = `${guest.nkey} in $G`;

  test("is who sends CONNECT without credentials, and needs no signature", async () => {
    expect(from.advertised).toBe(false);
    expect(await ask({}, from)).toBe(asGuest);
    expect(await ask({ nkey: guest.nkey, sig: "anything" }, from)).toBe(asGuest);
  });

  test("is not who sends some, or no CONNECT", async () => {
    expect(from.implicit).toBeNull();
    expect(await ask({ user: "a" }, from)).toBe("Password not right");
    expect(await ask({ nkey: known.nkey }, from)).toBe("Signature missing");
    expect(await ask({ authToken: "x" }, from)).toBe("No credentials");
  });
});
