// HPUB, HMSG and the no-responder notice (client protocol §7.2, §8.2, §11).
import type { Transcript } from "../transcripts.ts";

const on = { headers: true };
const asking = { headers: true, no_responders: true };
const BLOCK = "NATS/1.0\r\nFoo: Bar\r\n\r\n"; // 22 bytes
const TRACE = "NATS/1.0\r\n\r\n"; // 12 bytes

/** The notice that nobody listens on `subject`, as delivered on `reply`. */
function notice(reply: string, sid: string, subject: string): string {
  const block = `NATS/1.0 503\r\nNats-Subject: ${subject}\r\n\r\n`;
  return `HMSG ${reply} ${sid} ${block.length} ${block.length}\r\n${block}\r\n`;
}

const malformed = (name: string, says: string): Transcript => ({
  name,
  connect: on,
  says,
  hears: "",
  closes: true,
});

export const headers: readonly Transcript[] = [
  {
    name: "a message with headers is delivered with them",
    connect: on,
    says: `SUB foo 1\r\nHPUB foo 22 24\r\n${BLOCK}hi\r\nHPUB foo r.r 12 12\r\n${TRACE}\r\n`,
    hears: `HMSG foo 1 22 24\r\n${BLOCK}hi\r\nHMSG foo 1 r.r 12 12\r\n${TRACE}\r\n`,
  },
  {
    name: "a message without headers stays a MSG",
    connect: on,
    says: "SUB foo 1\r\nPUB foo 2\r\nhi\r\n",
    hears: "MSG foo 1 2\r\nhi\r\n",
  },
  {
    name: "a header block of no bytes makes a MSG",
    connect: on,
    says: "SUB foo 1\r\nHPUB foo 0 2\r\nhi\r\nHPUB foo r.r 00 02\r\nhi\r\n",
    hears: "MSG foo 1 2\r\nhi\r\nMSG foo 1 r.r 02\r\nhi\r\n",
  },
  {
    name: "a header block is never looked into",
    connect: on,
    says: "SUB foo 1\r\nHPUB foo 3 5\r\nabchi\r\nHPUB foo 2 2\r\n\x00\xff\r\n",
    hears: "HMSG foo 1 3 5\r\nabchi\r\nHMSG foo 1 2 2\r\n\x00\xff\r\n",
  },
  {
    name: "leading zeros of both sizes are echoed",
    connect: on,
    says: "SUB foo 1\r\nHPUB foo 003 0005\r\nabchi\r\n",
    hears: "HMSG foo 1 003 0005\r\nabchi\r\n",
  },
  {
    name: "verbs and whitespace of HPUB are as free as those of PUB",
    connect: on,
    says: "SUB foo 1\r\nhPuB \t foo\t3  5 \t\r\nabchi\r\n",
    hears: "HMSG foo 1 3 5\r\nabchi\r\n",
  },
  {
    name: "HPUB needs a client that asked for headers",
    connect: {},
    says: "HPUB foo 12 14\r\n",
    hears: "",
    closes: true,
  },
  { name: "HPUB needs a CONNECT", says: "HPUB foo 12 14\r\n", hears: "", closes: true },
  {
    name: "HPUB needs a server with headers",
    connect: on,
    options: { noHeaderSupport: true },
    says: "HPUB foo 12 14\r\n",
    hears: "",
    closes: true,
  },
  malformed("headers must not be larger than the whole", "HPUB foo 3 2\r\n"),
  malformed("HPUB needs two sizes", "HPUB foo 2\r\n"),
  malformed("HPUB takes four arguments at most", "HPUB foo r 1 2 3\r\n"),
  malformed("a header size has no sign", "HPUB foo -1 2\r\n"),
  malformed("a header size is a number", "HPUB foo a 2\r\n"),
  malformed("a total size is a number", "HPUB foo 1 b\r\n"),
  malformed("a header size has at most nine digits", "HPUB foo 0000000001 2\r\n"),
  {
    name: "a message with headers must end in CRLF",
    connect: on,
    says: "HPUB foo 1 2\r\nabcd\r\n",
    hears: "-ERR 'Unknown Protocol Operation'\r\n",
    closes: true,
  },

  // No responders.
  {
    name: "a request that nobody hears is answered by a 503",
    connect: asking,
    says: "SUB _INBOX.foo.* 9\r\nPUB foo.bar _INBOX.foo.1 2\r\nhi\r\n",
    hears: notice("_INBOX.foo.1", "9", "foo.bar"),
  },
  {
    name: "a request with headers that nobody hears is answered by a 503",
    connect: asking,
    says: `SUB foo.in 9\r\nHPUB foo.bar foo.in 12 14\r\n${TRACE}hi\r\n`,
    hears: notice("foo.in", "9", "foo.bar"),
  },
  {
    name: "under verbose the +OK comes before the 503",
    connect: { ...asking, verbose: true },
    says: "SUB foo.in 9\r\nPUB foo.bar foo.in 0\r\n\r\n",
    hears: "+OK\r\n+OK\r\n" + notice("foo.in", "9", "foo.bar"),
  },
  {
    name: "a publish without a reply is not answered",
    connect: asking,
    says: "SUB foo.in 9\r\nPUB foo.bar 0\r\n\r\n",
    hears: "",
  },
  {
    name: "a request that somebody hears is not answered",
    connect: asking,
    says: "SUB foo.in 9\r\nSUB foo.bar q 1\r\nPUB foo.bar foo.in 0\r\n\r\n",
    hears: "MSG foo.bar 1 foo.in 0\r\n\r\n",
  },
  {
    name: "a client that did not ask hears no 503",
    connect: on,
    says: "SUB foo.in 9\r\nPUB foo.bar foo.in 0\r\n\r\n",
    hears: "",
  },
  {
    name: "a reply that nobody hears gets no 503",
    connect: asking,
    says: "PUB foo.bar foo.in 0\r\n\r\n",
    hears: "",
  },
  {
    name: "a reply that only a queue member hears gets no 503",
    connect: asking,
    says: "SUB foo.in q 9\r\nPUB foo.bar foo.in 0\r\n\r\n",
    hears: "",
  },
  {
    name: "without echo a connection's own subscription does not count as a responder",
    connect: { ...asking, echo: false },
    says: "SUB foo.in 9\r\nSUB foo.bar 1\r\nPUB foo.bar foo.in 0\r\n\r\n",
    hears: notice("foo.in", "9", "foo.bar"),
  },
  {
    name: "a 503 does not count against the maximum of UNSUB",
    connect: asking,
    says: "SUB foo.in 9\r\nUNSUB 9 1\r\nPUB foo.bar foo.in 0\r\n\r\nPUB foo.in 1\r\nx\r\nPUB foo.in 0\r\n\r\n",
    hears: notice("foo.in", "9", "foo.bar") + "MSG foo.in 9 1\r\nx\r\n",
  },
  {
    name: "a pedantic error does not stop the 503",
    connect: { ...asking, pedantic: true },
    says: "SUB foo.in 9\r\nPUB foo.* foo.in 0\r\n\r\n",
    hears: "-ERR 'Invalid Publish Subject'\r\n" + notice("foo.in", "9", "foo.*"),
  },
];
