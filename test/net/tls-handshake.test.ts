// Handshakes that a server of ours must finish, and those that it must not.

import { afterAll, describe, expect, test } from "bun:test";
import { TlsServer } from "../../src/net/tls-server.ts";
import { type IssuedCertificate, TestAuthority } from "../support/certificates.ts";
import { Peer, Scene } from "./tls-scene.ts";

const authority = await TestAuthority.create();
const stranger = await TestAuthority.create("A stranger");
afterAll(() => {
  authority[Symbol.dispose]();
  stranger[Symbol.dispose]();
});
const server = await authority.issue({ days: 365 });
const { ca, caFile } = authority;
const rules = { certFile: server.certFile, keyFile: server.keyFile };
const TLS_12 = 0x0303;

const client = (request: object = {}, from = authority): Promise<IssuedCertificate> =>
  from.issue({ client: true, commonName: "bob", ...request });

const credentials = ({ cert, key }: IssuedCertificate) => ({ ca, cert, key });

describe("a client that trusts the authority", () => {
  test("gets in with TLS 1.3, and the facts say so", async () => {
    using scene = await Scene.open(rules);
    const { peer, owner } = await scene.call({ ca });
    await owner.told("secured 1.3");
    expect((await peer.shakesHands()).failure).toBeNull();
    expect(owner.connection.tls).toEqual({
      version: "1.3",
      cipher: expect.stringMatching(/^TLS_(AES_\d+_GCM|CHACHA20_POLY1305)_SHA\d+$/),
      certificate: null,
      servername: "localhost",
    });
  });

  test("gets in with TLS 1.2, and its suite has IANA's name", async () => {
    using scene = await Scene.open(rules);
    const { owner } = await scene.call({ ca, maxVersion: TLS_12 });
    await owner.told("secured 1.2");
    expect(owner.connection.tls?.cipher).toStartWith("TLS_ECDHE_ECDSA_WITH_");
  });

  test("turns its back on a server that another authority signed, and that is logged", async () => {
    using scene = await Scene.open(rules);
    const { peer, owner } = await scene.call({ ca: stranger.ca });
    expect((await peer.shakesHands()).failure).not.toBeNull();
    await owner.told("gone");
    expect(owner.events[0]).toStartWith("insecure: ");
  });

  test("is answered in the words it spoke before and after", async () => {
    using scene = new Scene(await TlsServer.load(rules), (owner) => {
      owner.connection.appendText("hello in the clear\r\n");
      owner.connection.encrypt(scene.server);
    });
    const { peer, owner } = await scene.call();
    await peer.receives("hello in the clear\r\n");
    peer.encrypt({ ca });
    await owner.told("secured 1.3");
    await peer.says("a secret");
    await owner.receives("a secret");
    owner.connection.appendText("well kept");
    await peer.receives("hello in the clear\r\nwell kept");
    expect(owner.connection.handshakeFirst).toBe(false);
  });
});

describe("rules of a server", () => {
  test("minVersion 1.3 keeps TLS 1.2 out", async () => {
    using scene = await Scene.open({ ...rules, minVersion: "1.3" });
    const { owner } = await scene.call({ ca, maxVersion: TLS_12 });
    await owner.told("insecure: tls: client offered only unsupported versions");
  });

  test("suites that are named are the only ones of TLS 1.2", async () => {
    const suite = "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256";
    using scene = await Scene.open({ ...rules, cipherSuites: [suite] });
    const { owner } = await scene.call({ ca, maxVersion: TLS_12 });
    await owner.told("secured 1.2");
    expect(owner.connection.tls?.cipher).toBe(suite);
  });

  test("curves that are named are enough", async () => {
    using scene = await Scene.open({ ...rules, curvePreferences: ["CurveP384"] });
    const { owner } = await scene.call({ ca });
    await owner.told("secured 1.3");
  });

  test("of several certificates a client gets the one for the host it names, else the first", async () => {
    const other = await authority.issue({ hosts: ["other.example", "*.wild.example"] });
    using scene = await Scene.open({
      certs: [rules, { certFile: other.certFile, keyFile: other.keyFile }],
    });
    for (const serverName of ["localhost", "other.example", "any.wild.example"]) {
      const { peer, owner } = await scene.call({ ca, serverName });
      await owner.told("secured 1.3");
      expect((await peer.shakesHands()).failure).toBeNull();
      expect(owner.connection.tls?.servername).toBe(serverName);
    }
    // The first one is not for this host: that is the client's to find out.
    const { peer } = await scene.call({ ca, serverName: "nobody.example" });
    expect((await peer.shakesHands()).failure).not.toBeNull();
  });
});

describe("a server that verifies clients", () => {
  const strict = { ...rules, caFile, verify: true };

  test("lets in whom its authority signed, and hands the certificate on", async () => {
    using scene = await Scene.open(strict);
    const bob = await client();
    for (const maxVersion of [TLS_12, TLS_12 + 1]) {
      const { owner } = await scene.call({ ...credentials(bob), maxVersion });
      await owner.told(maxVersion === TLS_12 ? "secured 1.2" : "secured 1.3");
      expect(owner.connection.tls?.certificate).toEqual(bob.der);
    }
  });

  const refused: [string, () => Promise<IssuedCertificate | null>, string][] = [
    ["nobody", async () => null, "client didn't provide a certificate"],
    ["a stranger's", () => client({}, stranger), "signed by unknown authority"],
    ["an expired one", () => client({ days: -1 }), "has expired or is not yet valid"],
    [
      "one of tomorrow",
      () => client({ validFrom: new Date(Date.now() + 86_400_000) }),
      "has expired or is not yet valid",
    ],
    ["a server's", () => authority.issue({}), "specifies an incompatible key usage"],
  ];
  for (const [who, issue, reason] of refused) {
    for (const maxVersion of [TLS_12, TLS_12 + 1]) {
      const version = maxVersion === TLS_12 ? "1.2" : "1.3";
      test(`refuses ${who} with TLS ${version}, and says why`, async () => {
        using scene = await Scene.open(strict);
        const certificate = await issue();
        const { peer, owner } = await scene.call({
          ...(certificate === null ? { ca } : credentials(certificate)),
          maxVersion,
        });
        await owner.told("gone");
        expect(owner.events[0]).toStartWith("insecure: tls: ");
        expect(owner.events[0]).toEndWith(reason);
        expect(await peer.receivesEnd()).toBe("");
        expect(owner.received).toBe("");
      });
    }
  }

  test("verifyAndMap verifies, too", async () => {
    using scene = await Scene.open({ ...rules, caFile, verifyAndMap: true });
    const { owner } = await scene.call({ ca });
    await owner.told("insecure: tls: client didn't provide a certificate");
  });

  test("pinned keys get in, others do not, however well they are signed", async () => {
    const bob = await client();
    const eve = await client({ commonName: "eve" });
    using scene = await Scene.open({ ...strict, pinnedCerts: [bob.spkiSha256] });
    const { owner } = await scene.call(credentials(bob));
    await owner.told("secured 1.3");
    const { owner: other } = await scene.call(credentials(eve));
    await other.told(`insecure: certificate not pinned: key id ${eve.spkiSha256}`);
  });

  test("pinned keys without verify let nobody in, and a warning says so", async () => {
    const bob = await client();
    using scene = await Scene.open({ ...rules, pinnedCerts: [bob.spkiSha256] });
    expect(scene.server.warnings).toEqual([
      "tls: pinned_certs without verify lets nobody in: no certificate is asked for",
    ]);
    const { owner } = await scene.call(credentials(bob));
    await owner.told("insecure: certificate not pinned: the client did not provide one");
  });
});

describe("what is no handshake", () => {
  const NOT_TLS = "insecure: tls: first record does not look like a TLS handshake";
  for (const text of [
    "CONNECT {}\r\nPING\r\n",
    "GET / HTTP/1.1\r\n\r\n",
    "\x16\x09\x09\0\x05hello",
  ]) {
    test(`${JSON.stringify(text)} is told from one`, async () => {
      using scene = await Scene.open(rules);
      const { peer, owner } = await scene.call();
      await peer.says(text);
      await owner.told("gone");
      expect(owner.events).toEqual([NOT_TLS, "gone"]);
      await peer.receivesEnd();
    });
  }

  const HALF_HELLO = Buffer.from("1603010200010001fc03", "hex");

  for (const [what, bytes] of [
    ["nothing", Buffer.alloc(0)],
    ["half a greeting", HALF_HELLO],
  ] as const) {
    test(`the peer ends after ${what}`, async () => {
      using scene = await Scene.open(rules);
      const { peer, owner } = await scene.call();
      await peer.says(bytes);
      peer.shutdown();
      await owner.told("gone");
      expect(owner.events).toEqual(["insecure: EOF", "gone"]);
      await peer.receivesEnd();
    });

    test(`the peer resets after ${what}`, async () => {
      using scene = await Scene.open(rules);
      const { peer, owner } = await scene.call();
      await peer.says(bytes);
      peer.reset();
      await owner.told("gone");
      expect(owner.events).toEqual(["insecure: read: connection reset by peer", "gone"]);
    });

    test(`the owner loses its patience after ${what}`, async () => {
      using scene = await Scene.open(rules);
      const { peer, owner } = await scene.call();
      await peer.says(bytes);
      owner.connection.close(false);
      expect(owner.events).toEqual(["gone"]);
      expect(await peer.receivesEnd()).toBe("");
    });
  }

  test("rubbish in the middle of a handshake ends it", async () => {
    using scene = await Scene.open(rules);
    const { peer, owner } = await scene.call();
    await peer.says(Buffer.concat([HALF_HELLO, Buffer.alloc(600, 0xff)]));
    await owner.told("gone");
    expect(owner.events[0]).toStartWith("insecure: tls: ");
    expect(scene.bugs).toEqual([]);
  });

  test("many that begin and never go on cost nothing once they are let go", async () => {
    using scene = await Scene.open(rules);
    const peers = await Promise.all(Array.from({ length: 200 }, () => Peer.call(scene.port)));
    await Promise.all(peers.map((peer) => peer.says(HALF_HELLO)));
    await scene.owner(199);
    for (const { connection } of scene.owners) connection.close(false);
    expect(scene.owners.every(({ events }) => events.join() === "gone")).toBe(true);
    await Promise.all(peers.map((peer) => peer.receivesEnd()));
    const { owner } = await scene.call({ ca });
    await owner.told("secured 1.3");
    expect(scene.bugs).toEqual([]);
    for (const peer of peers) peer[Symbol.dispose]();
  });
});
