// The 503 that tells a requester that nobody listens, between connections (client protocol §11).
import { afterAll, expect, test } from "bun:test";
import { startServer } from "../support/server.ts";
import { join, type WireClient } from "../support/wire.ts";

const server = await startServer();
afterAll(() => server.stop());

const ASKING = { headers: true, no_responders: true };

async function requester(says: string, options: object = ASKING): Promise<WireClient> {
  const client = await join(server.port, options);
  await client.says(says);
  await client.silent();
  return client;
}

function notice(reply: string, sid: string, subject: string): string {
  const size = 32 + subject.length;
  return `HMSG ${reply} ${sid} ${size} ${size}\r\nNATS/1.0 503\r\nNats-Subject: ${subject}\r\n\r\n\r\n`;
}

test("a listener on another connection is a responder", async () => {
  await using client = await requester("SUB in 1\r\n");
  await using responder = await requester("SUB there 1\r\n", {});
  await client.says("PUB there in 0\r\n\r\nPUB nowhere in 0\r\n\r\n");
  await client.hears(notice("in", "1", "nowhere"));
  await responder.hears("MSG there 1 in 0\r\n\r\n");
});

test("only the requester hears that nobody listens", async () => {
  await using client = await requester("SUB mine.* 1\r\n");
  await using eavesdropper = await requester("SUB mine.> 1\r\n");
  await client.says("PUB nobody mine.1 0\r\n\r\n");
  await client.hears(notice("mine.1", "1", "nobody"));
  await client.silent();
  await eavesdropper.silent();
});

test("a reply that only another connection hears gets no notice", async () => {
  await using client = await requester("");
  await using other = await requester("SUB theirs 1\r\n");
  await client.says("PUB nobody theirs 0\r\n\r\n");
  await client.silent();
  await other.silent();
});

test("of several subscriptions on the reply one hears the notice", async () => {
  await using client = await requester("SUB twice 1\r\nSUB twi* 2\r\nSUB twice 1x\r\n");
  await client.says("PUB nobody twice 0\r\n\r\n");
  expect(["1", "1x"]).toContain((await client.hearsMessage()).sid);
  await client.silent();
});

test("a publisher's own listener without echo is no responder, another's is", async () => {
  await using client = await requester("SUB reply 1\r\nSUB own 2\r\n", { ...ASKING, echo: false });
  await client.says("PUB own reply 0\r\n\r\n");
  await client.hears(notice("reply", "1", "own"));
  await using other = await requester("SUB own 1\r\n", {});
  await client.says("PUB own reply 0\r\n\r\n");
  await client.silent();
  await other.hears("MSG own 1 reply 0\r\n\r\n");
});

test("a listener whose maximum is used up is no responder", async () => {
  await using client = await requester("SUB reply 1\r\n");
  await using responder = await requester("SUB once 1\r\nUNSUB 1 1\r\n", {});
  await client.says("PUB once reply 0\r\n\r\nPUB once reply 0\r\n\r\n");
  await client.hears(notice("reply", "1", "once"));
  await responder.hears("MSG once 1 reply 0\r\n\r\n");
});

test("a literal wildcard or an empty token in the subject is told as it was published", async () => {
  await using client = await requester("SUB reply 1\r\n");
  for (const subject of ["any.*", "all.>", "a..b", ".", "x."]) {
    await client.says(`PUB ${subject} reply 0\r\n\r\n`);
    await client.hears(notice("reply", "1", subject));
  }
});
