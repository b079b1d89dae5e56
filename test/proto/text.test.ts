// The small texts of the protocol: quoting, server ids, INFO and CONNECT.

import { describe, expect, test } from "bun:test";
import { defaultConnectOptions, mergeConnect, redactConnect } from "../../src/proto/connect.ts";
import { encodeInfo, type Info } from "../../src/proto/info.ts";
import { encodePublicNkey } from "../../src/proto/nkey.ts";
import { quote } from "../../src/proto/quote.ts";

describe("bytes in quotes, as Go prints them", () => {
  const latin1 = (text: string) => Buffer.from(text, "utf8").toString("latin1");
  test.each([
    ["foo.bar", '"foo.bar"'],
    ['a"b\\c', '"a\\"b\\\\c"'],
    ["\x07\b\f\n\r\t\v", '"\\a\\b\\f\\n\\r\\t\\v"'],
    ["\x00\x1b\x7f", '"\\x00\\x1b\\x7f"'],
    [latin1("é.ü.日本.🚀"), '"é.ü.日本.🚀"'],
    ["\xff\xc3", '"\\xff\\xc3"'],
    [latin1("\u200b\u{e0001}"), '"\\u200b\\U000e0001"'],
  ])("case %#", (given, wanted) => {
    expect(quote(given)).toBe(wanted);
  });
});

describe("a server's id", () => {
  test("is a public nkey: type letter, 56 characters, checksum", () => {
    // The same key bytes in the text form that the nkeys tools print.
    const key = Uint8Array.from({ length: 32 }, (_, i) => i);
    const id = encodePublicNkey("server", key);
    expect(id).toMatch(/^N[A-Z2-7]{55}$/);
    expect(encodePublicNkey("curve", key)).toMatch(/^X[A-Z2-7]{55}$/);
    expect(checksumHolds(id)).toBe(true);
  });
});

/** Decodes base32 and computes the CRC bit by bit, in another way than the encoder does. */
function checksumHolds(text: string): boolean {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...text]
    .map((each) => alphabet.indexOf(each).toString(2).padStart(5, "0"))
    .join("");
  const bytes = (bits.match(/.{8}/g) ?? []).map((each) => Number.parseInt(each, 2));
  let crc = 0;
  for (const byte of bytes.slice(0, -2)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc & 0x8000) === 0 ? (crc << 1) & 0xffff : ((crc << 1) ^ 0x1021) & 0xffff;
    }
  }
  return bytes.at(-2) === (crc & 0xff) && bytes.at(-1) === crc >> 8;
}

describe("INFO", () => {
  const info: Info = {
    server_id: "N",
    server_name: "a<b>&c",
    version: "2.15.0",
    midge: "0.1.0",
    proto: 1,
    go: "bun",
    host: "0.0.0.0",
    port: 4222,
    headers: false,
    max_payload: 1,
    client_id: 7,
    client_ip: "::1",
  };

  test("is one line in the known order, a blank before its end, markup escaped", () => {
    expect(encodeInfo(info)).toBe(
      'INFO {"server_id":"N","server_name":"a\\u003cb\\u003e\\u0026c","version":"2.15.0","midge":"0.1.0",' +
        '"proto":1,"go":"bun","host":"0.0.0.0","port":4222,"headers":false,"max_payload":1,' +
        '"client_id":7,"client_ip":"::1"} \r\n',
    );
  });

  test("leaves out what is false or empty, but says that headers are off", () => {
    const line = encodeInfo({ ...info, ldm: false, connect_urls: [], nonce: "" });
    expect(line).toBe(encodeInfo(info));
    expect(encodeInfo({ ...info, ldm: true })).toContain('"ldm":true');
  });
});

describe("CONNECT", () => {
  const merge = (json: string) => {
    const options = defaultConnectOptions();
    return { problem: mergeConnect(options, json), options };
  };

  test.each([
    ['{"VERBOSE":false}', { verbose: false }],
    ['{"echo":false,"echo":true}', { echo: true }],
    ['{"verbose":null}', { verbose: true }],
    ['{"unknown":1,"name":"x"}', { name: "x" }],
    ["null", { verbose: true }],
    ['{"no_responders":true,"protocol":1}', { noResponders: true, protocol: 1 }],
  ])("%s is taken", (json, wanted) => {
    const { problem, options } = merge(json);
    expect(problem).toBeNull();
    expect(options).toMatchObject(wanted);
  });

  test.each([
    '{"verbose":"yes"}',
    '{"name":123}',
    '{"protocol":1.0}',
    '{"protocol":"1"}',
    "[]",
    "{} x",
    "",
    "7",
  ])("%s is refused", (json) => {
    expect(merge(json).problem).not.toBeNull();
  });

  test("a refusal never shows a secret", () => {
    expect(merge('{"pass":12345,"verbose":"hunter2"}').problem).not.toMatch(/12345|hunter2/);
  });

  test("secrets are replaced for the trace, whatever quotes they hold", () => {
    const shown = redactConnect(
      '{"user":"u","pass":"p\\"q","auth_token": "t","jwt":"j","sig":"s","nkey":"k","verbose":true}',
    );
    expect(shown).toBe(
      '{"user":"u","pass":"[REDACTED]","auth_token": "[REDACTED]","jwt":"[REDACTED]",' +
        '"sig":"[REDACTED]","nkey":"[REDACTED]","verbose":true}',
    );
  });
});
