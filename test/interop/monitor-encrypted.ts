// Monitors of servers whose clients use TLS, and monitors that are asked over TLS.
import { afterAll } from "bun:test";
import { TestAuthority } from "../support/certificates.ts";
import { login } from "./access-words.ts";
import { CONNZ, NAMED, TOTALS, type Scene, type SecureArrival } from "./monitor-scenes.ts";

const trusted = await TestAuthority.create();
const server = await trusted.issue({ days: 90 });
const client = await trusted.issue({
  client: true,
  subject: "CN=bob, O=Acme+OU=Sales <&>, C=DE",
  emails: ["bob@acme.example"],
});
afterAll(() => trusted[Symbol.dispose]());

const FILES = `cert_file: "${server.certFile}", key_file: "${server.keyFile}", ca_file: "${trusted.caFile}"`;

function arrival(name: string, more: object = {}): SecureArrival {
  return { secure: name, subjects: ["foo", "bar.*"], tls: { caFile: trusted.caFile, ...more } };
}

const certificate = { certFile: client.certFile, keyFile: client.keyFile };

export const encrypted: readonly Scene[] = [
  {
    name: "TLS",
    config: `${NAMED}tls { ${FILES} }\n`,
    steps: [arrival("alice"), { by: "plain", says: login(), isLast: "until closed" }],
    questions: [...CONNZ, "/connz?state=closed", ...TOTALS],
  },
  {
    name: "TLS with certificates of clients",
    config: `${NAMED}tls { ${FILES}, verify: true, timeout: 3 }\n`,
    steps: [arrival("bob", certificate)],
    questions: [...CONNZ, "/connz?cid={bob}&auth=1", ...TOTALS],
  },
  {
    name: "TLS with users who are known by their certificates",
    config: `${NAMED}tls { ${FILES}, verify_and_map: true }
      authorization { users: [ { user: "bob@acme.example" } ] }\n`,
    steps: [arrival("bob", certificate)],
    questions: [...CONNZ, "/connz?user=bob@acme.example", ...TOTALS],
  },
  {
    name: "TLS for those who want it",
    config: `${NAMED}allow_non_tls: true\ntls { ${FILES} }\n`,
    steps: [arrival("alice"), { by: "plain", says: login() }],
    questions: [...CONNZ, ...TOTALS],
  },
  {
    name: "TLS first",
    config: `${NAMED}tls { ${FILES}, handshake_first: true }\n`,
    steps: [arrival("alice", { handshakeFirst: true })],
    questions: [...CONNZ, ...TOTALS],
  },
  {
    name: "a monitor over TLS",
    isSecure: true,
    config: `${NAMED}tls { ${FILES}, verify: true }\n`,
    questions: ["/varz", "/connz", "/", "HEAD /varz", "//varz", "/nothing", "/connz?limit=x"],
  },
];
