// What clients notice of the keys that say who gets in: rows for effects.test.ts.
import { expect } from "bun:test";
import { once } from "node:events";
import { createConnection } from "node:net";
import { connect as tls } from "node:tls";
import { connect, connectLine } from "../support/wire.ts";
import { authority, served, type Row, type Served } from "./served.ts";

const refusal = "-ERR 'Authorization Violation'\r\n";

/** Whoever says this in CONNECT is sent away. */
async function refused(server: Served, options: object = {}): Promise<void> {
  await using client = await connect(server.port);
  await client.says(connectLine(options));
  await client.hears(refusal);
  await client.hearsClose();
}

const ANN = "{ user: ann, password: hunter2 }";
const USERS = `authorization { users: [${ANN}] }`;
const asAnn = { user: "ann", pass: "hunter2" };

/** Keys of access and encryption. */
export const ACCESS: readonly Row[] = [
  [
    "authorization",
    ANN,
    "who knows the password gets in and nobody else",
    served(async (server) => {
      expect(await server.info()).toMatchObject({ auth_required: true });
      await using _ann = await server.join(asAnn);
      await refused(server, { user: "ann", pass: "hunter3" });
      await refused(server);
    }),
  ],
  [
    "authorization",
    "{ token: hunter2 }",
    "who has the token gets in and nobody else",
    served(async (server) => {
      await using _client = await server.join({ auth_token: "hunter2" });
      await refused(server, { auth_token: "hunter3" });
    }),
  ],
  [
    "authorization",
    `{ timeout: "150ms", user: ann }`,
    "who does not log in in time is sent away",
    served(async (server) => {
      await using client = await connect(server.port);
      await client.hears("-ERR 'Authentication Timeout'\r\n");
      await client.hearsClose();
    }),
  ],
  [
    "authorization",
    '{ default_permissions: { publish: a, subscribe: "b.>" }, users: [{ user: ann }, { user: bob, permissions: {} }] }',
    "users may do what they are permitted to",
    served(async (server) => {
      await using ann = await server.join({ user: "ann" });
      await using bob = await server.join({ user: "bob" });
      await bob.says("SUB > 1\r\n");
      await bob.silent();
      await ann.says("SUB c 1\r\nPUB d 2\r\nhi\r\nPUB a 2\r\nhi\r\n");
      await ann.hears("-ERR 'Permissions Violation for Subscription to \"c\"'\r\n");
      await ann.hears("-ERR 'Permissions Violation for Publish to \"d\"'\r\n");
      await bob.hears("MSG a 1 2\r\nhi\r\n");
    }),
  ],
  [
    "accounts",
    "{ A { users: [{ user: ann }] }, B { users: [{ user: bob }], limits { max_conn: 1 } } }",
    "each has its subjects and limits",
    served(async (server) => {
      await using ann = await server.join({ user: "ann" });
      await using bob = await server.join({ user: "bob" });
      await bob.says("SUB > 1\r\n");
      await bob.silent();
      await ann.says("SUB > 1\r\nPUB a 2\r\nhi\r\n");
      await ann.hears("MSG a 1 2\r\nhi\r\n");
      await bob.silent();
      await using second = await connect(server.port);
      await second.says(connectLine({ user: "bob" }));
      await second.hears("-ERR 'maximum account active connections exceeded'\r\n");
    }),
  ],
  [
    "no_auth_user",
    "ann",
    "who gives no credentials is that user",
    served(async (server) => {
      expect(await server.info()).not.toHaveProperty("auth_required");
      await using _ann = await server.join();
      await refused(server, { user: "ann", pass: "hunter3" });
    }, USERS),
  ],
  [
    "system_account system",
    "A",
    "its users keep nobody out who is none of them",
    served(async (server) => {
      await using _anybody = await server.join();
      await refused(server, { user: "ann", pass: "hunter3" });
    }, `accounts { A { users: [${ANN}] } }`),
  ],
  [
    "tls",
    "{ cert_file: '$CERT', key_file: '$KEY' }",
    "who does not encrypt is sent away",
    served(async (server) => {
      expect(await server.info()).toMatchObject({ tls_required: true });
      await using client = await connect(server.port);
      await client.says("CONNECT {}\r\nPING\r\n");
      await client.hearsClose();
      await using _encrypted = await encrypt(server.port);
    }),
  ],
  [
    "allow_non_tls",
    "true",
    "who does not encrypt gets in, too",
    served(async (server) => {
      const client = await server.join();
      expect(client.info).toMatchObject({ tls_available: true });
      expect(client.info).not.toHaveProperty("tls_required");
      await client[Symbol.asyncDispose]();
      await using _encrypted = await encrypt(server.port);
    }, "tls { cert_file: '$CERT', key_file: '$KEY' }"),
  ],
];

/** A connection that took INFO in the clear and was answered after its handshake. */
async function encrypt(port: number): Promise<AsyncDisposable> {
  const plain = createConnection({ host: "127.0.0.1", port });
  await once(plain, "data");
  const socket = tls({ socket: plain, servername: "localhost", ca: authority.ca });
  await once(socket, "secureConnect");
  socket.write("CONNECT {}\r\nPING\r\n");
  const [answer] = await once(socket, "data");
  expect(String(answer)).toContain("PONG");
  return {
    async [Symbol.asyncDispose]() {
      socket.destroy();
    },
  };
}
