// Encrypted connections of the official JavaScript clients, and peers that make nothing of the handshake.
import { afterAll, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { TestAuthority } from "../support/certificates.ts";
import { connect as open, connectLine } from "../support/wire.ts";
import { officialClients, refusalOf } from "./guests.ts";
import { play } from "./scenes.ts";
import { tlsScenes } from "./scenes-tls.ts";
import { Broker } from "./support.ts";

const trusted = await TestAuthority.create();
const other = await TestAuthority.create("Somebody else");
const server = await trusted.issue({});
afterAll(() => {
  trusted[Symbol.dispose]();
  other[Symbol.dispose]();
});

play(await tlsScenes(trusted, other), officialClients);

/** Long enough for a good handshake, and a wait that a test can afford. */
const HANDSHAKE_SECONDS = 0.5;
const config = `tls {
  cert_file: "${server.certFile}", key_file: "${server.keyFile}", timeout: ${HANDSHAKE_SECONDS}
}\n`;

describe.each(officialClients.map((client) => ({ name: client.name, client })))(
  "what goes wrong beside $name",
  ({ client }) => {
    const trouble: [string, (port: number) => Promise<void>][] = [
      [
        "plain text where TLS is required closes without a word",
        async (port) => {
          await using stranger = await open(port);
          expect(stranger.info).toMatchObject({ tls_required: true });
          await stranger.says(`${connectLine()}PING\r\n`);
          await stranger.hearsClose();
        },
      ],
      [
        "a client that stays silent is closed when the time for the handshake is over",
        async (port) => {
          await using stranger = await open(port);
          await stranger.hearsClose();
        },
      ],
      [
        "a handshake that stops half-way is closed when its time is over",
        async (port) => {
          await using stranger = await open(port);
          // The head of a record with a ClientHello of 256 bytes, of which none comes.
          await stranger.says("\x16\x03\x01\x01\x00\x01\x00\x00\xfc");
          expect(await stranger.hearsUntilClose()).toBe("");
        },
      ],
    ];
    test.each(trouble)("%s", async (_, makeTrouble) => {
      await using broker = await Broker.start({ config, flags: ["-D"] });
      const luggage = { tls: { caFile: trusted.caFile } };
      const connection = await client.connect(broker.port, luggage);
      connection.subscribe("round", { callback: (_, message) => message.respond("trip") });
      const from = broker.lines.length;
      await makeTrouble(broker.port);
      await broker.line(/ - TLS handshake (error|timeout)/, from);
      expect((await connection.request("round")).string()).toBe("trip");
      await client.knock(broker.port, luggage);
      await connection.close();
    });
  },
);

describe.each(officialClients.map((client) => ({ name: client.name, client })))(
  "a reload with $name",
  ({ client }) => {
    test("shows new clients the new certificate and keeps those that came before", async () => {
      using first = await TestAuthority.create();
      using second = await TestAuthority.create();
      const [before, after] = [await first.issue({}), await second.issue({})];
      await using broker = await Broker.start({
        config: `tls { cert_file: "${before.certFile}", key_file: "${before.keyFile}" }\n`,
      });
      const [old, young] = [first, second].map(({ caFile }) => ({ tls: { caFile } }));
      const connection = await client.connect(broker.port, old);
      connection.subscribe("round", { callback: (_, message) => message.respond("trip") });

      // The files keep their names, as with a certificate that was renewed.
      writeFileSync(before.certFile, after.cert);
      writeFileSync(before.keyFile, after.key);
      broker.child.kill("SIGHUP");
      await broker.line(/Reloaded server configuration/);

      await client.knock(broker.port, young!);
      expect(await refusalOf(client, broker.port, old!)).toBeInstanceOf(Error);
      expect((await connection.request("round")).string()).toBe("trip");
      await connection.close();
    });
  },
);
