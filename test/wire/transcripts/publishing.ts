// PUB: replies, echo, reserved subjects, max_payload (client protocol §7, §8, §20).
import type { Transcript } from "../transcripts.ts";

/** Publishes that differ in their payload only, as clients in a hurry send them. */
const RUN = [..."abcdefg"].map((payload) => `PUB foo.x 1\r\n${payload}\r\n`).join("");
const SMALL = { maxPayload: 8 };
const TOO_LARGE = "-ERR 'Maximum Payload Violation'\r\n";
const refusal = (subject: string) => `-ERR 'Permissions Violation for Publish to "${subject}"'\r\n`;
const replyRefusal = (reply: string) =>
  `-ERR 'Permissions Violation for Publish with Reply of "${reply}"'\r\n`;

export const publishing: readonly Transcript[] = [
  {
    name: "a reply subject is delivered",
    connect: {},
    says: "SUB foo 1\r\nPUB foo reply.to 2\r\nok\r\n",
    hears: "MSG foo 1 reply.to 2\r\nok\r\n",
  },
  {
    name: "a reply subject is never validated",
    connect: { pedantic: true },
    says: "SUB foo 1\r\nPUB foo > 0\r\n\r\nPUB foo a..b 0\r\n\r\nPUB foo . 0\r\n\r\n",
    hears: "MSG foo 1 > 0\r\n\r\nMSG foo 1 a..b 0\r\n\r\nMSG foo 1 . 0\r\n\r\n",
  },
  {
    name: "+OK comes before the message that the publish causes",
    says: "SUB foo 1\r\nPUB foo 1\r\nx\r\nPING\r\n",
    hears: "+OK\r\n+OK\r\nMSG foo 1 1\r\nx\r\nPONG\r\n",
  },
  {
    name: "without echo a connection does not hear itself",
    connect: { echo: false },
    says: "SUB foo 1\r\nSUB foo q 2\r\nPUB foo 0\r\n\r\n",
    hears: "",
  },
  {
    name: "messages are delivered in the order of publishing",
    connect: {},
    says: "SUB foo.* 1\r\nPUB foo.a 1\r\n1\r\nPUB foo.b 1\r\n2\r\nPUB foo.a 1\r\n3\r\n",
    hears: "MSG foo.a 1 1\r\n1\r\nMSG foo.b 1 1\r\n2\r\nMSG foo.a 1 1\r\n3\r\n",
  },
  {
    name: "a payload as large as the limit passes",
    connect: {},
    options: SMALL,
    says: "SUB foo 1\r\nPUB foo 8\r\n12345678\r\n",
    hears: "MSG foo 1 8\r\n12345678\r\n",
  },
  {
    name: "a payload over the limit is refused before it is sent",
    connect: {},
    options: SMALL,
    says: "PUB foo 9\r\n",
    hears: TOO_LARGE,
    closes: true,
  },
  {
    name: "headers count against the payload limit",
    connect: { headers: true },
    options: SMALL,
    says: "HPUB foo 4 9\r\n",
    hears: TOO_LARGE,
    closes: true,
  },
  {
    name: "a pedantic error comes before the refusal of a large payload",
    options: SMALL,
    says: "PUB foo.* 9\r\n",
    hears: TOO_LARGE,
    closes: true,
  },

  // Runs of publishes that are alike.
  {
    name: "a run is delivered message by message",
    connect: {},
    says: `SUB foo.x 1\r\n${RUN}`,
    hears: [..."abcdefg"].map((payload) => `MSG foo.x 1 1\r\n${payload}\r\n`).join(""),
  },
  {
    name: "two subscriptions of one connection hear a run in the order of publishing",
    connect: {},
    says: `SUB foo.> 1\r\nSUB foo.x 22\r\n${RUN}`,
    hears: [..."abcdefg"]
      .map((payload) => `MSG foo.x 1 1\r\n${payload}\r\nMSG foo.x 22 1\r\n${payload}\r\n`)
      .join(""),
  },
  {
    name: "a subscription and a queue member hear a run in the order of publishing",
    connect: {},
    says: `SUB foo.x q 1\r\nSUB foo.> 2\r\n${RUN}`,
    hears: [..."abcdefg"]
      .map((payload) => `MSG foo.x 2 1\r\n${payload}\r\nMSG foo.x 1 1\r\n${payload}\r\n`)
      .join(""),
  },
  {
    name: "a maximum is reached within a run",
    connect: {},
    says: `SUB foo.x 1\r\nUNSUB 1 3\r\n${RUN}SUB foo.x 1\r\n${RUN.slice(0, RUN.length / 7)}`,
    hears: [..."abca"].map((payload) => `MSG foo.x 1 1\r\n${payload}\r\n`).join(""),
  },
  {
    name: "every message of a run gets its +OK",
    connect: { verbose: true },
    says: `SUB foo.x 1\r\n${RUN}`,
    hears:
      "+OK\r\n" +
      [..."abcdefg"].map((payload) => `+OK\r\nMSG foo.x 1 1\r\n${payload}\r\n`).join(""),
  },
  {
    name: "every message of a run that nobody hears gets its notice",
    connect: { headers: true, no_responders: true },
    says: `SUB foo.in 1\r\n${"PUB foo.x foo.in 0\r\n\r\n".repeat(3)}`,
    hears: "HMSG foo.in 1 37 37\r\nNATS/1.0 503\r\nNats-Subject: foo.x\r\n\r\n\r\n".repeat(3),
  },
  {
    name: "every message of a run with a reserved reply is refused",
    connect: {},
    says: "PUB foo.x _R_.x 1\r\ny\r\n".repeat(3),
    hears: replyRefusal("_R_.x").repeat(3),
  },
  {
    name: "without echo a connection hears no run of its own",
    connect: { echo: false },
    says: `SUB foo.x 1\r\n${RUN}`,
    hears: "",
  },
  {
    name: "a run with headers keeps them",
    connect: { headers: true },
    says: `SUB foo.x 1\r\n${"HPUB foo.x 12 13\r\nNATS/1.0\r\n\r\nz\r\n".repeat(3)}`,
    hears: "HMSG foo.x 1 12 13\r\nNATS/1.0\r\n\r\nz\r\n".repeat(3),
  },
  {
    name: "what follows a run is not drawn into it",
    connect: {},
    says: `SUB foo.x 1\r\n${RUN}PUB foo.y 1\r\nz\r\nPUB foo.x r 1\r\nz\r\nPUB foo.x 2\r\nzz\r\n`,
    hears:
      [..."abcdefg"].map((payload) => `MSG foo.x 1 1\r\n${payload}\r\n`).join("") +
      "MSG foo.x 1 r 1\r\nz\r\nMSG foo.x 1 2\r\nzz\r\n",
  },

  // Reserved subjects.
  {
    name: "_GR_. is refused to publishers",
    says: "PUB _GR_.foo 2\r\nok\r\nPUB _GR_ 0\r\n\r\nPUB _GR_. 0\r\n\r\n",
    hears: refusal("_GR_.foo") + "+OK\r\n-ERR 'Invalid Publish Subject'\r\n+OK\r\n",
  },
  {
    name: "$NRG. is refused to publishers",
    connect: { verbose: true },
    says: "PUB $NRG.foo 2\r\nok\r\nPUB $NRG.V.foo 0\r\n\r\nPUB $NRG 0\r\n\r\nPUB $NRGX.foo 0\r\n\r\n",
    hears: refusal("$NRG.foo") + refusal("$NRG.V.foo") + "+OK\r\n+OK\r\n",
  },
  {
    name: "reserved replies are refused",
    connect: { verbose: true },
    says: ["_R_.foo", "$JS.ACK.foo", "_GR_.foo", "_R_."]
      .map((reply) => `PUB foo ${reply} 0\r\n\r\n`)
      .join(""),
    hears:
      replyRefusal("_R_.foo") +
      replyRefusal("$JS.ACK.foo") +
      replyRefusal("_GR_.foo") +
      replyRefusal("_R_."),
  },
  {
    name: "replies that only resemble reserved ones are allowed",
    connect: { verbose: true },
    says: ["_R_", "_R_foo", "$JS.ACK", "$JS.ACK.", "$JS.ACKX", "_GR_", "_GR_."]
      .map((reply) => `PUB foo ${reply} 0\r\n\r\n`)
      .join(""),
    hears: "+OK\r\n".repeat(7),
  },
  {
    name: "_SYS. and $SYS. are ordinary subjects",
    connect: {},
    says: "SUB _SYS.foo 1\r\nSUB $SYS.foo 2\r\nPUB _SYS.foo 1\r\na\r\nPUB $SYS.foo 1\r\nb\r\n",
    hears: "MSG _SYS.foo 1 1\r\na\r\nMSG $SYS.foo 2 1\r\nb\r\n",
  },
  {
    name: "a refusal quotes the subject",
    connect: {},
    says: 'PUB _GR_."\\\x01\x7f\xc3\xa9\xff 0\r\n\r\n',
    hears:
      '-ERR \'Permissions Violation for Publish to "_GR_.\\"\\\\\\x01\\x7f\xc3\xa9\\xff"\'\r\n',
  },
];
