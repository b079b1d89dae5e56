// The ways to encrypt a client's connection, each with clients and servers that show the right certificate
// and with such that show a wrong one or none (client protocol §17, auth.md §12).
import type { IssuedCertificate, TestAuthority } from "../support/certificates.ts";
import { secret } from "../support/secrets.ts";
import type { Luggage, TlsLuggage } from "./guests.ts";
import type { Scene } from "./scenes.ts";

/** Sooner than a client gives up. */
const HANDSHAKE_SECONDS = 0.5;

/** All scenes. Everybody trusts the one authority and nobody the other. */
export async function tlsScenes(trusted: TestAuthority, other: TestAuthority): Promise<Scene[]> {
  const cast = await certificates(trusted, other);
  return [
    classic(cast),
    withPassword(cast),
    ...wrongServers(cast),
    severalCertificates(cast),
    plainServer(cast),
    allowNonTls(cast),
    handshakeFirst(cast),
    handshakeFirstOrLater(cast),
    mutual(cast),
    mutualOfFlags(cast),
    mutualWithPassword(cast),
    pinned(cast),
    mapped(cast),
  ];
}

type Cast = Awaited<ReturnType<typeof certificates>>;

async function certificates(trusted: TestAuthority, other: TestAuthority) {
  const client = { client: true, commonName: "client" };
  const byDn = "CN=dave, OU=Brokers, O=Midge, C=DE";
  return {
    caFile: trusted.caFile,
    otherCaFile: other.caFile,
    server: await trusted.issue({}),
    expiredServer: await trusted.issue({ days: -1 }),
    futureServer: await trusted.issue({ validFrom: new Date(Date.now() + 86_400_000) }),
    elsewhere: await trusted.issue({ hosts: ["midge.example"] }),
    client: await trusted.issue(client),
    rsaClient: await trusted.issue({ ...client, rsa: true }),
    expiredClient: await trusted.issue({ ...client, days: -1 }),
    strangeClient: await other.issue(client),
    byEmail: await trusted.issue({ ...client, emails: ["alice@midge.example"] }),
    byHost: await trusted.issue({ ...client, hosts: ["bob.midge.example"] }),
    byUri: await trusted.issue({ ...client, uris: ["spiffe://midge.example/carol"] }),
    byDn: await trusted.issue({ client: true, subject: byDn }),
    unknown: await trusted.issue({ ...client, emails: ["mallory@midge.example"] }),
  };
}

function classic({ server, client, caFile, otherCaFile }: Cast): Scene {
  return {
    name: "TLS",
    config: tls(server),
    visits: [
      { name: "with the authority", brings: { tls: { caFile } } },
      { name: "with the authority, by address", brings: { tls: { caFile }, host: "127.0.0.1" } },
      { name: "with a certificate that nobody asks for", brings: showing(client, caFile) },
      {
        name: "with another authority",
        brings: { tls: { caFile: otherCaFile } },
        refusal: ofClient,
      },
      { name: "with the system's authorities", brings: { tls: {} }, refusal: ofClient },
      { name: "with a handshake too early", brings: first({ caFile }), refusal: ofClient },
    ],
  };
}

function withPassword({ server, caFile }: Cast): Scene {
  const password = secret();
  const trusting = { tls: { caFile } };
  return {
    name: "TLS with a password",
    config: `${tls(server)} authorization { user: "alice", password: "${password}" }`,
    visits: [
      { name: "with the password", brings: { ...trusting, user: "alice", password } },
      {
        name: "with another password",
        brings: { ...trusting, user: "alice", password: secret() },
        refusal: "credentials",
      },
      { name: "without a password", brings: trusting, refusal: "credentials" },
    ],
  };
}

/** What a client must find out; the servers are careless. */
function wrongServers({ expiredServer, futureServer, elsewhere, caFile }: Cast): Scene[] {
  const servers: [string, IssuedCertificate][] = [
    ["a server whose certificate has expired", expiredServer],
    ["a server whose certificate is not valid yet", futureServer],
    ["a server with another host's certificate", elsewhere],
  ];
  return servers.map(([name, certificate]) => ({
    name,
    config: tls(certificate),
    visits: [{ name: "and refuses in turn", brings: { tls: { caFile } }, refusal: ofClient }],
  }));
}

function severalCertificates({ server, elsewhere, caFile }: Cast): Scene {
  const [first, second] = [elsewhere, server].map(
    ({ certFile, keyFile }) => `{ cert_file: "${certFile}", key_file: "${keyFile}" }`,
  );
  return {
    name: "a server with several certificates",
    config: `tls { certs: [ ${first}, ${second} ] }`,
    visits: [
      { name: "by the name in the second", brings: { tls: { caFile } } },
      {
        name: "by its address, for which it shows the first",
        brings: { tls: { caFile }, host: "127.0.0.1" },
        refusal: ofClient,
      },
    ],
  };
}

function plainServer({ caFile }: Cast): Scene {
  return {
    name: "a server without TLS",
    config: "",
    visits: [
      { name: "in the clear", brings: {} },
      { name: "insisting on TLS", brings: { tls: { caFile } }, refusal: ofClient, insisting: true },
      { name: "beginning with the handshake", brings: first({ caFile }), refusal: ofClient },
    ],
  };
}

function allowNonTls({ server, caFile, otherCaFile }: Cast): Scene {
  return {
    name: "allow_non_tls",
    config: `${tls(server)} allow_non_tls: true`,
    visits: [
      { name: "in the clear", brings: {} },
      { name: "with the authority", brings: { tls: { caFile } } },
      {
        name: "with another authority",
        brings: { tls: { caFile: otherCaFile } },
        refusal: ofClient,
        insisting: true,
      },
    ],
  };
}

function handshakeFirst({ server, caFile, otherCaFile }: Cast): Scene {
  return {
    name: "handshake_first",
    config: tls(server, `handshake_first: true, timeout: ${HANDSHAKE_SECONDS}`),
    visits: [
      { name: "beginning with the handshake", brings: first({ caFile }) },
      { name: "with another authority", brings: first({ caFile: otherCaFile }), refusal: ofClient },
      { name: "waiting to be greeted", brings: { tls: { caFile } }, refusal: ofClient },
    ],
  };
}

function handshakeFirstOrLater({ server, caFile }: Cast): Scene {
  return {
    name: "handshake_first: auto",
    config: tls(server, "handshake_first: auto"),
    visits: [
      { name: "beginning with the handshake", brings: first({ caFile }) },
      { name: "waiting to be greeted", brings: { tls: { caFile } } },
    ],
  };
}

function mutual(cast: Cast): Scene {
  const { caFile } = cast;
  return {
    name: "mutual TLS",
    config: tls(cast.server, `verify: true, ca_file: "${caFile}"`),
    visits: [
      { name: "with a certificate", brings: showing(cast.client, caFile) },
      { name: "with an RSA certificate", brings: showing(cast.rsaClient, caFile) },
      { name: "without one", brings: { tls: { caFile } }, refusal: "handshake" },
      {
        name: "with one of another authority",
        brings: showing(cast.strangeClient, caFile),
        refusal: "handshake",
      },
      {
        name: "with an expired one",
        brings: showing(cast.expiredClient, caFile),
        refusal: "handshake",
      },
      { name: "with a server's", brings: showing(cast.server, caFile), refusal: "handshake" },
      { name: "with a certificate after all of that", brings: showing(cast.client, caFile) },
    ],
  };
}

function mutualOfFlags({ server, client, caFile }: Cast): Scene {
  const files = ["--tlscert", server.certFile, "--tlskey", server.keyFile, "--tlscacert", caFile];
  return {
    name: "mutual TLS of the command line",
    config: "",
    flags: ["--tls", "--tlsverify", ...files],
    visits: [
      { name: "with a certificate", brings: showing(client, caFile) },
      { name: "without one", brings: { tls: { caFile } }, refusal: "handshake" },
    ],
  };
}

function mutualWithPassword({ server, client, caFile }: Cast): Scene {
  const password = secret();
  const shown = showing(client, caFile);
  return {
    name: "mutual TLS with a password",
    config: `${tls(server, `verify: true, ca_file: "${caFile}"`)}
    authorization { user: "alice", password: "${password}" }`,
    visits: [
      { name: "with both", brings: { ...shown, user: "alice", password } },
      { name: "with the certificate only", brings: shown, refusal: "credentials" },
      {
        name: "with the certificate and another password",
        brings: { ...shown, user: "alice", password: secret() },
        refusal: "credentials",
      },
      {
        name: "with the password only",
        brings: { tls: { caFile }, user: "alice", password },
        refusal: "handshake",
      },
    ],
  };
}

function pinned({ server, client, rsaClient, caFile }: Cast): Scene {
  const pins = `pinned_certs: ["${client.spkiSha256}"]`;
  return {
    name: "pinned_certs",
    config: tls(server, `verify: true, ca_file: "${caFile}", ${pins}`),
    visits: [
      { name: "with the pinned certificate", brings: showing(client, caFile) },
      {
        name: "with another of the same authority",
        brings: showing(rsaClient, caFile),
        refusal: "handshake",
      },
    ],
  };
}

function mapped(cast: Cast): Scene {
  const { caFile } = cast;
  return {
    name: "verify_and_map",
    config: `${tls(cast.server, `verify_and_map: true, ca_file: "${caFile}"`)}
    authorization { users: [
      { user: "alice@midge.example" }
      { user: "bob.midge.example" }
      { user: "spiffe://midge.example/carol" }
      { user: "CN=dave,OU=Brokers,O=Midge,C=DE" }
    ] }`,
    visits: [
      { name: "named by e-mail", brings: showing(cast.byEmail, caFile) },
      { name: "named by host", brings: showing(cast.byHost, caFile) },
      { name: "named by URI", brings: showing(cast.byUri, caFile) },
      { name: "named by subject", brings: showing(cast.byDn, caFile) },
      {
        name: "with a name that nobody has",
        brings: showing(cast.unknown, caFile),
        refusal: "credentials",
      },
      {
        name: "with a password, which no such user has",
        brings: {
          ...showing(cast.byEmail, caFile),
          user: "alice@midge.example",
          password: secret(),
        },
        refusal: "credentials",
      },
      { name: "without a certificate", brings: { tls: { caFile } }, refusal: "handshake" },
      {
        name: "with the right name from another authority",
        brings: showing(cast.strangeClient, caFile),
        refusal: "handshake",
      },
    ],
  };
}

const ofClient = "by the client";

/** A configuration's block, with more in it. */
function tls({ certFile, keyFile }: IssuedCertificate, more = ""): string {
  return `tls { cert_file: "${certFile}", key_file: "${keyFile}", ${more} }\n`;
}

function showing({ certFile, keyFile }: IssuedCertificate, caFile: string): Luggage {
  return { tls: { caFile, certFile, keyFile } };
}

function first(luggage: TlsLuggage): Luggage {
  return { tls: { ...luggage, first: true } };
}
