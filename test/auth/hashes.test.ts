// Passwords and tokens, plain and hashed (auth.md §2). Hashes here have the lowest cost there is.

import { describe, expect, test } from "bun:test";
import { PasswordVerifier, isBcrypt } from "../../src/auth/hashes.ts";

const PASSWORD = "IW@$6v(y1(t@fhPDvf!5^%";
const HASH = "$2a$04$Q.CgCP2Sl9pkcTXEZHazaeMwPaAkSHk7AI51HkyMt5iJQQyUA4qxq";
const TOKEN = "0uhJOSr3GW7xvHvtd^K6pa";
const TOKEN_HASH = "$2a$04$u5ZClXpcjHgpfc61Ee0VKuwI1K3vTC4zq7SjphjnlHMeb1Llkb5Y6";
/** Made with crypt(3): of the empty password, of 72 times "x", of 40 times "é". */
const EMPTY_HASH = "$2b$04$Q.CgCP2Sl9pkcTXEZHazaeK/D9PmREskTaYH5ySgNYxJvzmfiJM8i";
const wanted = () => true;

const verify = (configured: string, given: string, verifier = new PasswordVerifier(1)) =>
  verifier.verify(configured, given, wanted);

const hashOf = (password: string) => Bun.password.hash(password, { algorithm: "bcrypt", cost: 4 });

describe("plain passwords", () => {
  test("are compared at once and whole", () => {
    expect(verify("secret", "secret")).toBe(true);
    for (const wrong of ["", "secre", "secret ", "Secret", "secret\0"]) {
      expect(verify("secret", wrong)).toBe(false);
    }
  });

  test("may be empty: that is a password, too", () => {
    expect(verify("", "")).toBe(true);
    expect(verify("", "x")).toBe(false);
  });

  test("are not what begins like a hash without being one", () => {
    for (const text of ["$2c$04$abc", "$2$04$abc", "$2a$4$abc", "$2a$", "2a$04$abc", " $2a$04$"]) {
      expect(isBcrypt(text)).toBe(false);
      expect(verify(text, text)).toBe(true);
    }
  });
});

describe("hashed passwords", () => {
  test("are right for the password, whichever of the four variants names the algorithm", async () => {
    for (const variant of ["a", "b", "x", "y"]) {
      const hash = HASH.replace("$2a", `$2${variant}`);
      expect(isBcrypt(hash)).toBe(true);
      expect(await verify(hash, PASSWORD)).toBe(true);
      expect(await verify(hash, `${PASSWORD}!`)).toBe(false);
    }
    expect(await verify(TOKEN_HASH, TOKEN)).toBe(true);
  });

  test("are never right for the hash itself", async () => {
    expect(await verify(HASH, HASH)).toBe(false);
  });

  test("may be of the empty password", async () => {
    expect(await verify(EMPTY_HASH, "")).toBe(true);
    expect(await verify(EMPTY_HASH, "x")).toBe(false);
    expect(await verify(HASH, "")).toBe(false);
  });

  test("look at the first 72 bytes only", async () => {
    const hash = await hashOf("x".repeat(72));
    expect(await verify(hash, "x".repeat(72))).toBe(true);
    expect(await verify(hash, "x".repeat(200))).toBe(true);
    expect(await verify(hash, "x".repeat(71))).toBe(false);
    const accents = await hashOf("é".repeat(36));
    expect(await verify(accents, `${"é".repeat(36)}more`)).toBe(true);
    expect(await verify(accents, "é".repeat(35))).toBe(false);
  });

  test("do not end at a NUL", async () => {
    const hash = await hashOf("a\0b");
    expect(await verify(hash, "a\0b")).toBe(true);
    expect(await verify(hash, "a")).toBe(false);
    expect(await verify(hash, "a\0c")).toBe(false);
  });

  test("may have something behind them, and a salt that fills its last bits", async () => {
    expect(await verify(`${HASH}tail`, PASSWORD)).toBe(true);
    expect(await verify(`${HASH.slice(0, 28)}f${HASH.slice(29)}`, PASSWORD)).toBe(true);
    expect(await verify(`${HASH.slice(0, 28)}u${HASH.slice(29)}`, PASSWORD)).toBe(false);
  });

  test("match nothing when they make no sense", async () => {
    const broken = [
      "$2a$04$",
      HASH.slice(0, 59),
      HASH.replace("$04$", "$03$"),
      HASH.replace("$04$", "$32$"),
      `$2a$04$${"!".repeat(53)}`,
      "$2a$04$\nfoo",
    ];
    for (const hash of broken) {
      expect(isBcrypt(hash)).toBe(true);
      expect({ hash, is: await verify(hash, PASSWORD) }).toEqual({ hash, is: false });
      expect({ hash, is: await verify(hash, hash) }).toEqual({ hash, is: false });
    }
  });
});

describe("what was verified once", () => {
  test("is answered at once from then on, right or wrong", async () => {
    const verifier = new PasswordVerifier(1);
    expect(verify(HASH, PASSWORD, verifier)).toBeInstanceOf(Promise);
    await verify(HASH, PASSWORD, verifier);
    expect(verify(HASH, PASSWORD, verifier)).toBe(true);
    await verify(HASH, "wrong", verifier);
    expect(verify(HASH, "wrong", verifier)).toBe(false);
    expect(verify(HASH, PASSWORD, verifier)).toBe(true);
  });

  test("is known for its own hash only", async () => {
    const verifier = new PasswordVerifier(1);
    await verify(HASH, PASSWORD, verifier);
    expect(verify(TOKEN_HASH, PASSWORD, verifier)).toBeInstanceOf(Promise);
    expect(await verify(TOKEN_HASH, PASSWORD, verifier)).toBe(false);
  });

  test("is one wrong password for each hash, however many are tried", async () => {
    const verifier = new PasswordVerifier(1);
    await verify(HASH, "first", verifier);
    await verify(HASH, "second", verifier);
    expect(verify(HASH, "second", verifier)).toBe(false);
    expect(verify(HASH, "first", verifier)).toBeInstanceOf(Promise);
  });

  test("costs one hash for a crowd that comes at the same time", async () => {
    const verifier = new PasswordVerifier(1);
    const crowd = Array.from({ length: 500 }, () => verify(HASH, PASSWORD, verifier));
    expect(verifier.waiting).toBe(0);
    const other = verify(HASH, "wrong", verifier);
    expect(verifier.waiting).toBe(1);
    expect(await Promise.all(crowd)).toEqual(crowd.map(() => true));
    expect(await other).toBe(false);
  });
});

test("who has gone is not checked", async () => {
  const verifier = new PasswordVerifier(1);
  const first = verify(HASH, PASSWORD, verifier);
  const gone = verifier.verify(TOKEN_HASH, TOKEN, () => false);
  expect(await first).toBe(true);
  expect(await gone).toBe(false);
  // Nothing was learnt from it.
  expect(await verify(TOKEN_HASH, TOKEN, verifier)).toBe(true);
});
