// Encrypted routes: Midge with Midge and with a real nats-server, and who is not let in.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { TestAuthority, type IssuedCertificate } from "../support/certificates.ts";
import { describeWithPeer } from "../support/peer.ts";
import { meet, routeTo, startMidge, startOriginal } from "./nodes.ts";

let authority: TestAuthority;
let stranger: TestAuthority;
let issued: IssuedCertificate;
let foreign: IssuedCertificate;

beforeAll(async () => {
  authority = await TestAuthority.create();
  stranger = await TestAuthority.create("Somebody else");
  const request = { commonName: "node", hosts: ["127.0.0.1", "localhost"], peer: true };
  issued = await authority.issue(request);
  foreign = await stranger.issue(request);
});

afterAll(() => {
  authority[Symbol.dispose]();
  stranger[Symbol.dispose]();
});

const own = () => ({
  certFile: issued.certFile,
  keyFile: issued.keyFile,
  caFile: authority.caFile,
});

test("two servers with certificates of one authority talk in secret", async () => {
  await using one = await startMidge("A", { tls: own() });
  await using two = await startMidge("B", { tls: own(), routes: [routeTo(one)] });
  await meet(one, two);
});

test("a stranger's certificate gets in nowhere, as who dials and as who is dialled", async () => {
  const theirs = { certFile: foreign.certFile, keyFile: foreign.keyFile, caFile: stranger.caFile };
  await using one = await startMidge("A", { tls: own() });
  await using _two = await startMidge("B", {
    tls: { ...theirs, caFile: authority.caFile },
    routes: [routeTo(one)],
  });
  await one.logged(/TLS route handshake error/);
  await using three = await startMidge("C", { tls: theirs, routes: [routeTo(one)] });
  await three.logged(/Error trying to connect to route .*TLS route handshake error/);
  await using plain = await startMidge("D", { routes: [routeTo(one)] });
  await plain.logged(/Router connection closed|Error trying to connect/);
});

test("a certificate for another host is not enough", async () => {
  const other = await authority.issue({ hosts: ["elsewhere.example"], peer: true });
  const theirs = { certFile: other.certFile, keyFile: other.keyFile, caFile: authority.caFile };
  await using one = await startMidge("A", { tls: theirs });
  await using two = await startMidge("B", { tls: own(), routes: [routeTo(one)] });
  await two.logged(/certificate is not valid for the host that was dialled/);
});

test("who is heard of by its address is known by the name that routes are configured with", async () => {
  const named = await authority.issue({ hosts: ["localhost"], peer: true });
  const tls = { certFile: named.certFile, keyFile: named.keyFile, caFile: authority.caFile };
  await using seed = await startMidge("S", { tls });
  const routes = [`nats://localhost:${seed.clusterPort}`];
  await using one = await startMidge("A", { tls, routes });
  await using two = await startMidge("B", { tls, routes });
  await meet(seed, one, two);
});

test("certificates that a reload brings are shown to those who connect from then on", async () => {
  await using one = await startMidge("A", { tls: own() });
  await using two = await startMidge("B", { tls: own(), routes: [routeTo(one)] });
  await meet(one, two);
  const tls = { certFile: foreign.certFile, keyFile: foreign.keyFile, caFile: stranger.caFile };
  await one.midge!.reload({ serverName: "A", port: -1, cluster: { port: -1, name: "c1", tls } });
  await meet(one, two);
  await using three = await startMidge("C", { tls, routes: [routeTo(one)] });
  await meet(one, three);
});

test("a certificate that cannot be read refuses the reload, and nothing changes", async () => {
  await using one = await startMidge("A", { tls: own() });
  const tls = { ...own(), certFile: "/nowhere/cert.pem" };
  const cluster = { port: -1, name: "c1", tls, noAdvertise: true };
  const reload = one.midge!.reload({ serverName: "A", port: -1, cluster });
  const error = await reload.then(
    () => null,
    (reason: Error) => reason,
  );
  expect(error?.message).toContain("/nowhere/cert.pem");
  expect(one.midge!.options.cluster).toMatchObject({ noAdvertise: false });
  await using two = await startMidge("B", { tls: own(), routes: [routeTo(one)] });
  await meet(one, two);
});

describeWithPeer("encrypted routes with nats-server 2.15", "2.15", (path) => {
  const block = () =>
    `tls { cert_file: ${issued.certFile}, key_file: ${issued.keyFile}, ca_file: ${authority.caFile} }`;

  test("Midge dials", async () => {
    await using original = await startOriginal(path, "N", [], block());
    await using midge = await startMidge("M", { tls: own(), routes: [routeTo(original)] });
    await meet(midge, original);
  });

  test("Midge is dialled", async () => {
    await using midge = await startMidge("M", { tls: own() });
    await using original = await startOriginal(path, "N", [routeTo(midge)], block());
    await meet(midge, original);
  });
});
