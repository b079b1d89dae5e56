// The vectors that the protocol's description ends with (client protocol §23), word for word.
import type { Transcript } from "../transcripts.ts";

const NOTICE = "NATS/1.0 503\r\nNats-Subject: foo.bar\r\n\r\n";

export const vectors: readonly Transcript[] = [
  {
    name: "vector: defaults without CONNECT",
    says: "SUB foo 1\r\nPUB foo 2\r\nok\r\nPUB foo.* 0\r\n\r\n",
    hears: "+OK\r\n+OK\r\nMSG foo 1 2\r\nok\r\n-ERR 'Invalid Publish Subject'\r\n+OK\r\n",
  },
  {
    name: "vector: duplicate sid on another subject",
    connect: {},
    says: "SUB foo 1\r\nSUB foo.bar 1\r\nPUB foo 0\r\n\r\nPUB foo.bar 0\r\n\r\nPING\r\n",
    hears: "MSG foo 1 0\r\n\r\nPONG\r\n",
  },
  {
    name: "vector: auto-unsubscribe counts earlier deliveries",
    connect: {},
    says: "SUB foo 1\r\nPUB foo 1\r\na\r\nPUB foo 1\r\na\r\nUNSUB 1 2\r\nPUB foo 1\r\nb\r\nPING\r\n",
    hears: "MSG foo 1 1\r\na\r\nMSG foo 1 1\r\na\r\nPONG\r\n",
  },
  {
    name: "vector: verbose",
    says:
      'CONNECT {"verbose":true,"pedantic":false}\r\n' +
      "SUB foo 1\r\nUNSUB 1\r\nUNSUB 99\r\nPUB foo 0\r\n\r\nPING\r\n",
    hears: "+OK\r\n+OK\r\n+OK\r\n+OK\r\n+OK\r\nPONG\r\n",
  },
  {
    name: "vector: payload too large",
    connect: {},
    says: "PUB foo 1048577\r\n",
    hears: "-ERR 'Maximum Payload Violation'\r\n",
    closes: true,
  },
  {
    name: "vector: a size that overflows nine digits",
    connect: {},
    says: "PUB foo 9999999999\r\n",
    hears: "",
    closes: true,
  },
  {
    name: "vector: headers",
    connect: { headers: true },
    says: "SUB foo 1\r\nHPUB foo 12 14\r\nNATS/1.0\r\n\r\nhi\r\n",
    hears: "HMSG foo 1 12 14\r\nNATS/1.0\r\n\r\nhi\r\n",
  },
  {
    name: "vector: no responders",
    connect: { headers: true, no_responders: true },
    says: "SUB _INBOX.foo.* 9\r\nPUB foo.bar _INBOX.foo.1 0\r\n\r\n",
    hears: `HMSG _INBOX.foo.1 9 ${NOTICE.length} ${NOTICE.length}\r\n${NOTICE}\r\n`,
  },
  { name: "vector: a client's -ERR", says: "-ERR 'foo'\r\n", hears: "", closes: true },
  {
    name: "vector: an empty line",
    says: "\r\n",
    hears: "-ERR 'Unknown Protocol Operation'\r\n",
    closes: true,
  },
];
