// The whole list of -ERR texts that a client can reach without access control and encryption, and whether
// the server closes after each (client protocol §13). A closing error must arrive before the close.
import { expect, test } from "bun:test";
import { secret } from "../support/secrets.ts";
import { midgeOnly, startServer, type ServerOptions } from "../support/server.ts";
import { connect, connectLine } from "../support/wire.ts";

interface ErrorCase {
  readonly text: string;
  readonly says: string;
  readonly closes: boolean;
  readonly options?: ServerOptions;
  /** What is heard before it. */
  readonly before?: string;
}

const cases: readonly ErrorCase[] = [
  { text: "Unknown Protocol Operation", says: "FOO\r\n", closes: true },
  {
    text: "maximum control line exceeded",
    says: `SUB ${"x".repeat(5000)} 1\r\n`,
    closes: true,
  },
  { text: "Maximum Payload Violation", says: "PUB foo 99999999\r\n", closes: true },
  {
    text: "maximum connections exceeded",
    says: "",
    closes: true,
    options: { maxConnections: -1 },
  },
  { text: "invalid client protocol", says: connectLine({ protocol: 2 }), closes: true },
  {
    text: "no responders requires headers support",
    says: connectLine({ no_responders: true }),
    closes: true,
  },
  { text: "Authorization Violation", says: connectLine({ account: "A" }), closes: true },
  {
    text: "Stale Connection",
    says: "",
    closes: true,
    options: { pingInterval: 20, pingMax: 1 },
    before: "PING\r\n",
  },
  {
    text: "maximum subscriptions exceeded",
    says: `${connectLine()}SUB foo 1\r\nSUB foo 2\r\n`,
    closes: false,
    options: { maxSubscriptions: 1 },
  },
  { text: "Invalid Subject", says: "SUB foo. 1\r\n", closes: false },
  {
    text: "Invalid Publish Subject",
    says: `${connectLine({ pedantic: true })}PUB foo. 0\r\n\r\n`,
    closes: false,
  },
  {
    text: 'Permissions Violation for Publish to "_GR_.x"',
    says: "PUB _GR_.x 0\r\n\r\n",
    closes: false,
  },
  {
    text: 'Permissions Violation for Publish with Reply of "_R_.x"',
    says: "PUB foo _R_.x 0\r\n\r\n",
    closes: false,
  },
  {
    text: 'Permissions Violation for Subscription to "foo" using queue "_sys_"',
    says: "SUB foo _sys_ 1\r\n",
    closes: false,
  },
  {
    text: 'Permissions Violation for Subscription to "a.b", too many tokens',
    says: "SUB a.b 1\r\n",
    closes: false,
    options: { maxSubscriptionTokens: 1 },
  },
];

for (const { text, says, closes, options, before = "" } of cases) {
  test(`${text}: ${closes ? "closes" : "stays open"}`, async () => {
    await using server = await startServer(options);
    await using client = await connect(server.port);
    await client.says(says);
    await client.hears(`${before}-ERR '${text}'\r\n`);
    if (closes) await client.hearsClose();
    else await client.silent();
  });
}

test("a closing error arrives although much that follows it was never read", async () => {
  await using server = await startServer();
  for (let attempt = 0; attempt < 20; attempt++) {
    await using client = await connect(server.port);
    await client.says("FOO\r\n" + "PUB foo 10\r\n0123456789\r\n".repeat(1000));
    await client.hears("-ERR 'Unknown Protocol Operation'\r\n");
    await client.hearsClose();
  }
});

/** Lines and payloads that cannot be understood, with credentials where a client may have put them. */
const mistaken: readonly [name: string, says: (password: string) => string, told: string][] = [
  [
    "a CONNECT that is too long",
    (pass) => `CONNECT {"pass":"${pass}","name":"${"x".repeat(5000)}"}\r\n`,
    "control line longer than max_control_line \\(4096\\): CONNECT",
  ],
  [
    "a CONNECT that is too long and no JSON",
    (pass) => `CONNECT ${pass} ${"x".repeat(5000)}\r\n`,
    "control line longer than max_control_line \\(4096\\): CONNECT",
  ],
  [
    "a CONNECT that is too long and has no end",
    (pass) => `CONNECT ${pass} ${"x".repeat(5000)}`,
    "control line longer than max_control_line \\(4096\\): CONNECT",
  ],
  [
    "an INFO that is too long",
    (pass) => `INFO {"pass":"${pass}","name":"${"x".repeat(5000)}"}\r\n`,
    'control line longer than max_control_line \\(4096\\): ""',
  ],
  [
    "a CONNECT with a letter missing",
    (pass) => `CONECT {"pass":"${pass}"}\r\n`,
    'unknown protocol operation "CONECT"',
  ],
  [
    "a CONNECT with a letter missing and nothing before the brace",
    (pass) => `CONECT{"pass":"${pass}"}\r\n`,
    'unknown protocol operation "CONECT"',
  ],
  ["JSON without a CONNECT", (pass) => `{"pass":"${pass}"}\r\n`, 'unknown protocol operation ""'],
  [
    "a payload with a CONNECT behind it",
    (pass) => `PUB foo 2\r\nhiCONNECT {"pass":"${pass}"}\r\n`,
    "expected CRLF after the payload",
  ],
  [
    "a payload that ends within a CONNECT",
    (pass) => `PUB foo 17\r\nCONNECT {"pass":"${pass}"}\r\n`,
    "expected CRLF after the payload",
  ],
  [
    "a publish with a CONNECT in its line",
    (pass) => `PUB \nCONNECT {"pass":"${pass}"}\r\n`,
    'PUB "\\\\nCONNECT {...": line end',
  ],
];

for (const [name, says, told] of mistaken) {
  midgeOnly(`${name} shows the log no password`, "nats-server shows excerpts", async () => {
    const password = secret();
    await using server = await startServer();
    await using client = await connect(server.port);
    await client.says(says(password));
    await client.hearsUntilClose();
    // To the end of the line: nothing more of it.
    expect(await server.logged(new RegExp(`${told}$`))).not.toContain(password);
  });
}
