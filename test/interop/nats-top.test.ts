// nats-top watching dist/midge: what it prints is what clients did, and the same as of nats-server.
import { afterAll, expect, test } from "bun:test";
import { executable } from "../e2e/support.ts";
import { TestAuthority } from "../support/certificates.ts";
import { describeWithPeer } from "../support/peer.ts";
import { PRESENT, Scene, TOTAL } from "./consumers-scene.ts";
import { type Snapshot, snapshot } from "./consumers-top.ts";
import { build, describeWith, Folder } from "./consumers.ts";

const folder = new Folder();
const trusted = await TestAuthority.create();
const certificate = await trusted.issue({});
const client = await trusted.issue({ client: true });
afterAll(() => {
  folder[Symbol.dispose]();
  trusted[Symbol.dispose]();
});
const TLS = `tls { cert_file: "${certificate.certFile}", key_file: "${certificate.keyFile}" }
  allow_non_tls: true\n`;

const found = await build(folder, "consumers-top", "github.com/nats-io/nats-top");

/** The names in the order that each value of -sort gives. */
const ORDERS: Readonly<Record<string, string>> = {
  cid: "alice bob carol",
  start: "alice bob carol",
  subs: "alice bob carol",
  msgs_to: "alice bob carol",
  bytes_to: "alice bob carol",
  msgs_from: "bob carol alice",
  bytes_from: "carol bob alice",
};
/** The order of these is chance here: who is first must only be somebody. */
const BY_CHANCE = ["pending", "idle", "last", "rtt", "uptime"];
/** Nobody who is connected has these, and words that are none. */
const REFUSED = ["stop", "reason", "nonsense"];

describeWith("nats-top", found, (path) => {
  const look = (scene: Scene, ...flags: string[]) =>
    snapshot(path, "-m", String(scene.monitor.port), ...flags);

  test("prints what clients did", async () => {
    await using scene = await Scene.open(executable);
    const seen = await look(scene);
    expectScene(seen);
    for (const row of seen.rows) {
      expect(row["HOST"]).toMatch(/^127\.0\.0\.1:\d+$/);
      expect(row["UPTIME"]).toMatch(/^\d+s$/);
      const last = Date.parse((row["LAST_ACTIVITY"] ?? "").replace(" +0000 UTC", "Z"));
      expect(last).toBeWithin(Date.now() - 60_000, Date.now() + 1);
    }
    expect(seen.head["Load"]?.["CPU"]).toMatch(/^\d+\.\d%$/);
    expect(seen.head["Load"]?.["Memory"]).toMatch(/^\d+\.\dM$/);
  });

  test.each(Object.entries(ORDERS))("sorts by %s", async (by, names) => {
    await using scene = await Scene.open(executable);
    const { rows } = await look(scene, "-sort", by);
    expect(rows.map((row) => row["NAME"]).join(" ")).toBe(names);
  });

  test("polls no more connections than it is told to", async () => {
    await using scene = await Scene.open(executable);
    const { rows, polled } = await look(scene, "-n", "2", "-sort", "bytes_from");
    expect(rows.map((row) => row["NAME"])).toEqual(["carol", "bob"]);
    expect(polled).toBe(2);
  });

  test("prints the same over https, whose certificate it checks", async () => {
    await using scene = await Scene.open(executable, { config: TLS, isSecure: true });
    const port = String(scene.monitor.port);
    expectScene(await snapshot(path, "-ms", port, "-cacert", trusted.caFile));
    expectScene(await snapshot(path, "-ms", port, "-k"));
    const refused = await snapshot(path, "-ms", port);
    expect(refused.complaint).toContain("certificate");
    expect(refused.code).not.toBe(0);
  });

  test("prints the same with a certificate of its own", async () => {
    await using scene = await Scene.open(executable, { config: TLS, isSecure: true });
    const own = ["-cert", client.certFile, "-key", client.keyFile, "-cacert", trusted.caFile];
    expectScene(await snapshot(path, "-ms", String(scene.monitor.port), ...own));
  });

  describeWithPeer("nats-top, which prints the same of nats-server 2.15", "2.15", (peer) => {
    test.each([...Object.keys(ORDERS), ...BY_CHANCE, ...REFUSED])("sorted by %s", async (by) => {
      const [there, here] = await Promise.all(
        [peer, executable].map(async (each) => {
          await using scene = await Scene.open(each);
          return comparable(await look(scene, "-sort", by), BY_CHANCE.includes(by));
        }),
      );
      expect(here).toEqual(there!);
    });
  });
});

function expectScene({ code, head, polled, rows }: Snapshot): void {
  expect(code).toBe(0);
  expect(head["Load"]).toMatchObject({ "Slow Consumers": "0" });
  const { inMsgs, inBytes, outMsgs, outBytes } = TOTAL;
  expect(head["In"]).toMatchObject({ Msgs: String(inMsgs), Bytes: String(inBytes) });
  expect(head["Out"]).toMatchObject({ Msgs: String(outMsgs), Bytes: String(outBytes) });
  expect(polled).toBe(3);
  const wanted = Object.entries(PRESENT).map(([name, numbers]) => ({
    NAME: name,
    SUBS: String(numbers.subs),
    PENDING: "0",
    MSGS_TO: String(numbers.toMsgs),
    MSGS_FROM: String(numbers.fromMsgs),
    BYTES_TO: String(numbers.toBytes),
    BYTES_FROM: String(numbers.fromBytes),
    LANG: "go",
    VERSION: "1.2.3",
    SUBSCRIPTIONS: numbers.subjects.join("  "),
  }));
  expect(rows.map(withSortedSubjects)).toMatchObject(wanted);
}

/** What is printed without what tells servers and moments apart. */
function comparable({ code, complaint, head, polled, rows }: Snapshot, isByChance: boolean) {
  const { Load, In, Out } = head;
  const kept = rows.map((row) => ({
    ...withSortedSubjects(row),
    ...{ HOST: "", CID: "", UPTIME: "", LAST_ACTIVITY: "" },
  }));
  if (isByChance) kept.sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
  // A refusal by the server ends nats-top 0.6.3 with a panic; only the first line of it is always the same.
  const [said] = complaint.split("\n");
  return { code, said, slow: Load?.["Slow Consumers"], In, Out, polled, rows: kept };
}

/** The subscriptions of a connection come in no promised order. */
function withSortedSubjects(row: Readonly<Record<string, string>>): Record<string, string> {
  const subjects = (row["SUBSCRIPTIONS"] ?? "").split("  ").sort().join("  ");
  return { ...row, SUBSCRIPTIONS: subjects };
}
