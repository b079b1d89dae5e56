// Lines, verbs, whitespace, sizes and payload framing (client protocol §2).
import type { Transcript } from "../transcripts.ts";

const UNKNOWN = "-ERR 'Unknown Protocol Operation'\r\n";
const LINE_TOO_LONG = "-ERR 'maximum control line exceeded'\r\n";
const SMALL_LINES = { maxControlLine: 16 };

/** Each of these lines is refused as an unknown operation. */
const unknown = (name: string, says: string): Transcript => ({
  name,
  says,
  hears: UNKNOWN,
  closes: true,
});

/** Each of these is malformed: closed without a word. */
const malformed = (name: string, says: string): Transcript => ({
  name,
  connect: {},
  says,
  hears: "",
  closes: true,
});

export const framing: readonly Transcript[] = [
  { name: "PING is answered before CONNECT", says: "PING\r\n", hears: "PONG\r\n" },
  {
    name: "verbs are read in any case",
    says: "pInG\r\nsub foo 1\r\nPub foo 2\r\nok\r\nuNSUB 1\r\npong\r\n+ok\r\n",
    hears: "PONG\r\n+OK\r\n+OK\r\nMSG foo 1 2\r\nok\r\n+OK\r\n",
  },
  {
    name: "everything between PING and its line end is ignored",
    says: "PINGGG\r\nPING x y\r\nPING\tz\n",
    hears: "PONG\r\nPONG\r\nPONG\r\n",
  },
  { name: "PONG and +OK are ignored", says: "PONG\r\nPONG x\r\n+OK\r\n+OKAY\r\n", hears: "" },
  { name: "an INFO from a client is ignored", says: 'INFO {"a":1}\r\nINFO{}\r\n', hears: "" },
  malformed("an INFO from a client must hold JSON", "INFO {a}\r\n"),
  {
    name: "an -ERR from a client closes without a word",
    says: "-ERR 'foo'\r\n",
    hears: "",
    closes: true,
  },
  {
    name: "a line may end in a bare LF",
    connect: {},
    says: "SUB foo 1\nPUB foo 2\nok\r\nPING\n",
    hears: "MSG foo 1 2\r\nok\r\nPONG\r\n",
  },
  {
    name: "arguments are separated by any run of spaces and tabs",
    connect: {},
    says: "SUB \t foo \t 1 \t\r\nPUB\tfoo\t \t2  \r\nok\r\nUNSUB  1\t \r\n",
    hears: "MSG foo 1 2\r\nok\r\n",
  },
  unknown("an empty line is an unknown operation", "\r\n"),
  unknown("a verb must not follow whitespace", "\tPING\r\n"),
  unknown("a payload must not follow a line it does not belong to", "hello\r\n"),
  unknown("PUB needs whitespace after the verb", "PUBS foo 0\r\n\r\n"),
  unknown("HPUB needs whitespace after the verb", "HPUBS foo 0 0\r\n\r\n"),
  unknown("SUB needs whitespace after the verb", "SUBZZZ foo 1\r\n"),
  unknown("UNSUB needs whitespace after the verb", "UNSUBS 1\r\n"),
  unknown("-ERR needs whitespace after the verb", "-ERRX\r\n"),
  unknown("PUB cut short by its line end is unknown", "PUB\r\n"),
  unknown("a half verb is unknown", "PIN\r\n"),
  unknown("a misspelt CONNECT is unknown", "CONX {}\r\n"),
  unknown("MSG is no operation of a client", "MSG foo 1 2\r\nok\r\n"),
  unknown("HMSG is no operation of a client", "HMSG foo 1 0 2\r\nok\r\n"),
  unknown("RMSG is no operation of a client", "RMSG $G foo 2\r\nok\r\n"),
  unknown("LMSG is no operation of a client", "LMSG foo 2\r\nok\r\n"),
  unknown("RS+ is no operation of a client", "RS+ $G foo\r\n"),
  unknown("LS- is no operation of a client", "LS- foo\r\n"),
  unknown("A+ is no operation of a client", "A+ $G\r\n"),
  unknown("binary noise is unknown", "\x00\xff\x16\x03"),
  // No line end is waited for where a line can be no operation any more.
  ...["X", "PX", "PIX", "POX", "PUX", "PUBX", "SX", "SUX", "SUBX", "UX", "UNSUX", "UNSUBX"].map(
    (start) => unknown(`${start} is refused before its line ends`, start),
  ),
  ...["HX", "HPUX", "HPUBX", "CX", "CONX", "IX", "INFX", "+X", "+OX", "-X", "-ERX", "-ERRX"].map(
    (start) => unknown(`${start} is refused before its line ends`, start),
  ),
  {
    name: "what was complete before an error has happened, what follows it has not",
    says: "SUB foo 1\r\nPUB foo 1\r\nx\r\nnonsense\r\nPUB foo 1\r\ny\r\n",
    hears: "+OK\r\n+OK\r\nMSG foo 1 1\r\nx\r\n" + UNKNOWN,
    closes: true,
  },

  // A CR that does not belong to a line's end.
  {
    name: "SUB takes a CR for whitespace",
    connect: {},
    onlyWholeAtPeer: true,
    says: "SUB foo\r1\r\nSUB foo.x \r 2\r\r\nPUB foo 0\r\n\r\nPUB foo.x 0\r\n\r\n",
    hears: "MSG foo 1 0\r\n\r\nMSG foo.x 2 0\r\n\r\n",
  },
  {
    name: "PUB takes a CR for a byte of the subject",
    connect: {},
    onlyWholeAtPeer: true,
    says: "SUB foo.> 1\r\nPUB foo.\rx 2\r\nok\r\nPUB foo.x\r 0\r\n\r\n",
    hears: "MSG foo.\rx 1 2\r\nok\r\nMSG foo.x\r 1 0\r\n\r\n",
  },
  {
    ...malformed("a size has no CR before its line end", "PUB foo 1\r\r\nx\r\n"),
    onlyWholeAtPeer: true,
  },
  {
    name: "a line with a CR that ends in a bare LF loses its last byte",
    connect: {},
    onlyWholeAtPeer: true,
    says: "SUB foo 12\rx\nSUB foo.x 1\r23\nPUB foo 0\r\n\r\n",
    hears: "MSG foo 12 0\r\n\r\n",
  },

  // Sizes and payloads.
  {
    name: "a payload is opaque",
    connect: {},
    says: "SUB foo 1\r\nPUB foo 14\r\n\r\nPING\r\n\x00\xff\r\n..\r\n",
    hears: "MSG foo 1 14\r\n\r\nPING\r\n\x00\xff\r\n..\r\n",
  },
  {
    name: "a payload may be empty",
    connect: {},
    says: "SUB foo 1\r\nPUB foo 0\r\n\r\nPUB foo 0\r\n\r\n",
    hears: "MSG foo 1 0\r\n\r\nMSG foo 1 0\r\n\r\n",
  },
  {
    name: "leading zeros of a size are echoed",
    connect: {},
    says: "SUB foo 1\r\nPUB foo 00002\r\nok\r\nPUB foo 000000000\r\n\r\n",
    hears: "MSG foo 1 00002\r\nok\r\nMSG foo 1 000000000\r\n\r\n",
  },
  unknown("a payload must end in CRLF", "PUB foo 2\r\nok\n\n"),
  unknown("a payload must not be longer than announced", "PUB foo 2\r\nokay\r\n"),
  unknown("a payload's wrong end is refused at its first byte", "PUB foo 2\r\nokX"),
  unknown("a payload's CR must have its LF", "PUB foo 2\r\nok\r\r\n"),
  malformed("a size has no sign", "PUB foo -1\r\n"),
  malformed("a size has no plus sign", "PUB foo +1\r\nx\r\n"),
  malformed("a size is decimal", "PUB foo 0x1\r\nx\r\n"),
  malformed("a size is a number", "PUB foo bar\r\n"),
  malformed("a size has at most nine digits", "PUB foo 0000000001\r\nx\r\n"),
  malformed("a size of ten digits is malformed, not too large", "PUB foo 9999999999\r\n"),
  malformed("PUB needs a size", "PUB foo\r\n"),
  malformed("PUB needs arguments", "PUB  \r\n"),
  malformed("PUB takes three arguments at most", "PUB foo bar baz 0\r\n"),
  malformed("SUB needs a sid", "SUB foo\r\n"),
  malformed("SUB takes three arguments at most", "SUB foo q 1 2\r\n"),
  malformed("UNSUB needs a sid", "UNSUB \r\n"),
  malformed("UNSUB takes two arguments at most", "UNSUB 1 2 3\r\n"),
  {
    name: "a payload may have nine digits of size, if the limit allows",
    connect: {},
    says: "PUB foo 999999999\r\n",
    hears: "-ERR 'Maximum Payload Violation'\r\n",
    closes: true,
  },

  // The longest control line: its argument is what counts.
  {
    name: "an argument as long as the limit passes",
    options: SMALL_LINES,
    says: "SUB foo.56789.1234 1\r\nSUB   foo.56789.1234 1\r\n",
    hears: "+OK\r\n+OK\r\n",
  },
  {
    name: "a SUB argument over the limit is refused",
    options: SMALL_LINES,
    says: "SUB foo.56789.12345 1\r\n",
    hears: LINE_TOO_LONG,
    closes: true,
  },
  {
    name: "a PUB argument over the limit is refused",
    options: SMALL_LINES,
    says: "PUB foo.56789.12345 1\r\nx\r\n",
    hears: LINE_TOO_LONG,
    closes: true,
  },
  {
    name: "an HPUB argument over the limit is refused",
    options: SMALL_LINES,
    says: "HPUB foo.56789.123 12 14\r\nx\r\n",
    hears: LINE_TOO_LONG,
    closes: true,
  },
  {
    name: "an UNSUB argument over the limit is refused",
    options: SMALL_LINES,
    says: "UNSUB 12345678901234567\r\n",
    hears: LINE_TOO_LONG,
    closes: true,
  },
  {
    name: "a CONNECT argument over the limit is refused",
    options: SMALL_LINES,
    says: 'CONNECT {"verbose":false}\r\n',
    hears: LINE_TOO_LONG,
    closes: true,
  },
];
