// Plays every transcript in one piece, split in two at every byte, and byte by byte, on real sockets.
import { afterAll, describe, test } from "bun:test";
import {
  againstPeer,
  startServer,
  type ServerOptions,
  type TestServer,
} from "../support/server.ts";
import { connect, connectLine, quote, type WireClient } from "../support/wire.ts";
import { TRANSCRIPTS, type Transcript } from "./transcripts.ts";

/** How many connections play at once. */
const LANES = 64;
/** A split run of the longest transcript, on a busy machine. */
const PATIENCE_MS = 20_000;

/**
 * When a read ends inside a payload, nats-server parses the line of that payload again and repeats its
 * complaint about the subject. How bytes are cut into reads must not change what they mean: Midge says it once.
 */
const ONCE_SAID = "-ERR 'Invalid Publish Subject'\r\n";
const TWICE_SAID = ONCE_SAID + ONCE_SAID;

/** One server for every set of options that a transcript asks for. */
const servers = new Map<string, Promise<TestServer>>();

afterAll(async () => {
  for (const server of servers.values()) await (await server).stop();
});

function serverWith(options: ServerOptions): Promise<TestServer> {
  const key = JSON.stringify(options);
  let server = servers.get(key);
  if (!server) servers.set(key, (server = startServer(options)));
  return server;
}

for (const transcript of TRANSCRIPTS) {
  describe(transcript.name, () => {
    const { says } = transcript;
    test("in one piece", () => play(transcript, [says]));
    if (againstPeer && transcript.onlyWholeAtPeer) return;
    test(
      "split in two at every byte",
      () =>
        playAll(
          transcript,
          [...says].map((_, at) => [says.slice(0, at), says.slice(at)]),
        ),
      PATIENCE_MS,
    );
    test("byte by byte", () => play(transcript, [...says]), PATIENCE_MS);
  });
}

async function playAll(transcript: Transcript, splits: string[][]): Promise<void> {
  const lane = async () => {
    for (let pieces = splits.pop(); pieces; pieces = splits.pop()) await play(transcript, pieces);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

/** Says the pieces one by one on a connection of its own and compares all that is heard. */
async function play(transcript: Transcript, pieces: string[]): Promise<void> {
  const server = await serverWith(transcript.options ?? {});
  await using client = await connect(server.port);
  // Sizes count bytes, so the token that stands for `foo` is as long.
  const token = freshToken();
  const own = (text: string) => text.replaceAll("foo", token);
  if (transcript.connect) {
    await client.says(connectLine(transcript.connect) + "PING\r\n");
    const verbose = (transcript.connect as { verbose?: boolean }).verbose;
    await client.hears(verbose ? "+OK\r\nPONG\r\n" : "PONG\r\n");
  }
  // The token may lie across a split: split after the exchange, at the same places.
  const bytes = own(pieces.join(""));
  let at = 0;
  for (const piece of pieces) {
    if (client.closed) break;
    await client.says(bytes.slice(at, at + piece.length));
    at += piece.length;
    if (pieces.length > 1) await consumed();
  }
  const heard = transcript.closes ? await client.hearsUntilClose() : await hearsUntilPong(client);
  const expected = own(transcript.hears);
  let masked = heard.replace(/INFO \{.*?\} \r\n/g, "<INFO>");
  if (againstPeer && pieces.length > 1) masked = masked.replaceAll(TWICE_SAID, ONCE_SAID);
  if (masked !== expected) {
    const where = pieces.length === 2 ? `split after ${quote(pieces[0]!)}\n` : "";
    throw new Error(`${where}expected ${quote(expected)}\nreceived ${quote(masked)}`);
  }
}

/** Everything up to the answer to one more PING, without that answer. */
async function hearsUntilPong(client: WireClient): Promise<string> {
  // A half-close makes the server close after all that it has to say, PONG included.
  await client.says("PING\r\n");
  client.shutdown();
  const heard = await client.hearsUntilClose();
  if (!heard.endsWith("PONG\r\n")) throw new Error(`no PONG at the end of ${quote(heard)}`);
  return heard.slice(0, -"PONG\r\n".length);
}

/** Two turns of the loop: in the first the server reads, in the second its answer can be sent. */
async function consumed(): Promise<void> {
  await Bun.sleep(1);
  await Bun.sleep(1);
}

let tokens = 0;

/** A subject token of three characters that no connection had before. */
function freshToken(): string {
  return (tokens++ % 36 ** 3).toString(36).padStart(3, "0");
}
