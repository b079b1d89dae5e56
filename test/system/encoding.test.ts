// Answers are packed for who says so (monitoring §21.1, Accept-Encoding): by gzip, and in snappy's frames with
// the checksums that readers of it demand.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { encodingFor } from "../../src/system/encoding.ts";
import { snappyFramed } from "../../src/system/snappy.ts";
import { Asker, Stage } from "./stage.ts";

const STREAM_BEGIN = Buffer.from("\xff\x06\0\0sNaPpY", "latin1");

/** CRC-32C, bit by bit. */
function checksum(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) * 0x82f63b78);
  }
  return ~crc >>> 0;
}

/** As the format hides it: turned by 15 bits and shifted. */
const masked = (crc: number) => (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;

/** The chunks of a stream that leaves them as they are. Throws where it breaks the format. */
function chunksOf(stream: Buffer): Buffer[] {
  expect(stream.subarray(0, 10)).toEqual(STREAM_BEGIN);
  const chunks: Buffer[] = [];
  for (let at = 10; at < stream.length;) {
    expect(stream[at]).toBe(1);
    const end = at + 4 + stream.readUIntLE(at + 1, 3);
    const chunk = stream.subarray(at + 8, end);
    expect(end).toBeLessThanOrEqual(stream.length);
    expect(stream.readUInt32LE(at + 4)).toBe(masked(checksum(chunk)));
    chunks.push(chunk);
    at = end;
  }
  return chunks;
}

describe("snappy's frames", () => {
  test("are read here with the checksum that everybody knows", () => {
    expect(checksum(Buffer.from("123456789"))).toBe(0xe3069283);
    expect(checksum(Buffer.alloc(32))).toBe(0x8a9136aa);
    expect(checksum(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
  });

  test("have that checksum, turned and shifted, in front of each chunk", () => {
    const head = Buffer.from([1, 13, 0, 0, ...checksumBytes("123456789")]);
    expect(snappyFramed(Buffer.from("123456789"))).toEqual(
      Buffer.concat([STREAM_BEGIN, head, Buffer.from("123456789")]),
    );
  });

  test.each([0, 1, 65_535, 65_536, 65_537, 200_000])("hold %d bytes in chunks of 64 KB", (size) => {
    const bytes = Buffer.from(
      Uint8Array.from({ length: size }, (_, at) => (at * 7 + (at >> 8)) & 0xff),
    );
    const chunks = chunksOf(snappyFramed(bytes));
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    expect(chunks).toHaveLength(Math.ceil(size / 65_536));
    for (const chunk of chunks) expect(chunk.length).toBeLessThanOrEqual(65_536);
  });
});

function checksumBytes(text: string): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(masked(checksum(Buffer.from(text))));
  return bytes;
}

test("how to pack is what the header names, snappy first", () => {
  const wanted = (value: string) => encodingFor(`NATS/1.0\r\nAccept-Encoding: ${value}\r\n\r\n`);
  for (const value of ["snappy", "s2", "S2", "gzip, snappy", "Snappy;q=1"]) {
    expect([value, wanted(value)]).toEqual([value, "snappy"]);
  }
  for (const value of ["gzip", "GZip", "br, gzip", "xgzipx"]) {
    expect([value, wanted(value)]).toEqual([value, "gzip"]);
  }
  expect(wanted("br")).toBe("identity");
  expect(wanted("")).toBe("none");
  expect(encodingFor("")).toBe("none");
  expect(encodingFor("NATS/1.0\r\nX: gzip\r\n\r\n")).toBe("none");
  expect(encodingFor("NATS/1.0\r\naccept-encoding: gzip\r\n\r\n")).toBe("none");
});

describe("an answer", () => {
  let stage: Stage;
  let sys: Asker;

  beforeAll(async () => {
    stage = await Stage.withPeople();
    sys = await stage.join("sys");
  });

  afterAll(async () => {
    await sys[Symbol.asyncDispose]();
    await stage[Symbol.asyncDispose]();
  });

  const VARZ = "$SYS.REQ.SERVER.PING.VARZ";

  async function packed(encoding: string, subject = VARZ, body = "") {
    await sys.sends(subject, body, `Accept-Encoding: ${encoding}`);
    const { headers, payload } = await sys.hears();
    return { headers, bytes: Buffer.from(payload, "latin1") };
  }

  const heading = (encoding: string) => `NATS/1.0\r\nContent-Encoding: ${encoding}\r\n\r\n`;

  test("by gzip is the same document", async () => {
    const { headers, bytes } = await packed("gzip");
    expect(headers).toBe(heading("gzip"));
    const { server, data } = JSON.parse(
      Buffer.from(Bun.gunzipSync(new Uint8Array(bytes))).toString(),
    );
    expect([server.name, data.server_id]).toEqual(["one", stage.id]);
  });

  test("in snappy's frames is the same document", async () => {
    for (const encoding of ["snappy", "s2", "gzip, snappy"]) {
      const { headers, bytes } = await packed(encoding);
      expect(headers).toBe(heading("snappy"));
      expect(JSON.parse(Buffer.concat(chunksOf(bytes)).toString()).data.server_id).toBe(stage.id);
    }
  });

  test("in another way that nobody here knows is left as it is, and says so", async () => {
    const { headers, bytes } = await packed("br");
    expect(headers).toBe(heading("identity"));
    expect(JSON.parse(bytes.toString()).data.server_id).toBe(stage.id);
  });

  test("has no header for who asks for nothing", async () => {
    await sys.sends(VARZ);
    expect((await sys.hears()).headers).toBeUndefined();
    expect((await packed("")).headers).toBeUndefined();
  });

  test("that is a refusal, or no document of the monitor, is never packed", async () => {
    const { headers, bytes } = await packed("gzip", "$SYS.REQ.SERVER.PING.CONNZ", "{");
    expect(headers).toBeUndefined();
    expect(JSON.parse(bytes.toString()).error.code).toBe(400);
    for (const subject of ["SERVER.PING.IDZ", "SERVER.PING.STATSZ", "USER.INFO"]) {
      expect((await packed("gzip", `$SYS.REQ.${subject}`)).headers).toBeUndefined();
    }
  });

  test("to a header that makes no sense is not packed", async () => {
    const block = "nonsense \xff\0gzip\r\n\r\n";
    const sizes = `${block.length} ${block.length}`;
    await sys.wire.says(`HPUB ${VARZ} ${sys.inbox}.x ${sizes}\r\n${block}\r\n`);
    const { headers, payload } = await sys.wire.hearsMessage();
    expect(headers).toBeUndefined();
    expect(JSON.parse(payload).data.server_id).toBe(stage.id);
  });
});
