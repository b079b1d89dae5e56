// What clients are told of a mixed cluster as its servers come, leave and go lame (cluster §4.13), and how
// servers of both kinds agree on the name of a cluster (§4.8).
import { expect, test } from "bun:test";
import { greeting, meet, type Node, routeTo, startMidge, startOriginal } from "../cluster/nodes.ts";
import { describeWithPeer, startPeer } from "../support/peer.ts";
import { connect, join, type WireClient } from "../support/wire.ts";

const PATIENCE_MS = 20_000;

const urlsOf = (...nodes: readonly { port: number }[]) =>
  nodes.map(({ port }) => `127.0.0.1:${port}`).sort();

/** A client that wants to be told. */
const curious = (node: { port: number }) => join(node.port, { protocol: 1 });

/** The client is told of exactly these servers, now or after what it is told before. */
async function learns(client: WireClient, urls: readonly string[]): Promise<void> {
  for (;;) {
    const item = (await client.hearsItem())!;
    if (!item.startsWith("INFO ")) continue;
    const info = JSON.parse(Buffer.from(item.slice("INFO ".length), "latin1").toString());
    const told = [...((info.connect_urls ?? []) as string[])].sort();
    if (Bun.deepEquals(told, urls)) return;
  }
}

/** What a newcomer is told at once. */
async function firstUrls(node: Node): Promise<unknown> {
  await using client = await connect(node.port);
  const urls = client.info["connect_urls"];
  return Array.isArray(urls) ? urls.toSorted() : urls;
}

/** A peer made of bytes that the server knows. */
async function registered(node: Node): Promise<WireClient> {
  const peer = await connect(node.clusterPort);
  await peer.says(`${greeting("D")}PING\r\n`);
  while ((await peer.hearsItem()) !== "PONG\r\n");
  return peer;
}

/** The next INFO about another server. */
async function hearsOfServer(peer: WireClient): Promise<unknown> {
  for (;;) {
    const line = await peer.hearsLine();
    if (line.startsWith("INFO ")) return JSON.parse(line.slice("INFO ".length));
  }
}

for (const level of ["2.15", "2.9"] as const) {
  describeWithPeer(`a cluster with nats-server ${level}`, level, (path) => {
    test(
      "clients of either hear of the other as it comes and goes",
      async () => {
        await using midge = await startMidge("M");
        await using here = await curious(midge);
        const original = await startOriginal(path, "N", [routeTo(midge)]);
        await learns(here, urlsOf(midge, original));
        expect(await firstUrls(original)).toEqual(urlsOf(midge, original));
        await using there = await curious(original);
        const second = await startMidge("M2", { routes: [routeTo(midge)] });
        await learns(there, urlsOf(midge, original, second));
        await learns(here, urlsOf(midge, original, second));
        await second.stop();
        await learns(there, urlsOf(midge, original));
        await learns(here, urlsOf(midge, original));
        await original.stop();
        await learns(here, urlsOf(midge));
      },
      PATIENCE_MS,
    );

    test(
      "a lame duck is named to clients no more, of either kind",
      async () => {
        await using midge = await startMidge("M", {}, { lameDuckGracePeriod: 20 });
        const lame = await startPeer(
          path,
          `server_name: N\nlame_duck_duration: "30s"\ncluster { name: c1, listen: "127.0.0.1:-1", ` +
            `routes: ["${routeTo(midge)}"] }`,
        );
        await using here = await curious(midge);
        await learns(here, urlsOf(midge, lame));
        await using there = await curious(lame);
        lame.signal("SIGUSR2");
        await learns(here, urlsOf(midge));
        await learns(there, urlsOf(midge));
        await lame.stop("SIGKILL");

        await using original = await startOriginal(path, "N2", [routeTo(midge)]);
        await meet(original, midge);
        await using other = await curious(original);
        void midge.midge!.lameDuck();
        await learns(other, urlsOf(original));
      },
      PATIENCE_MS,
    );

    test(
      "no_advertise keeps a server's clients in the dark, and others from its address",
      async () => {
        await using quiet = await startMidge("M", { noAdvertise: true });
        await using original = await startOriginal(path, "N", [routeTo(quiet)]);
        await meet(quiet, original);
        expect(await firstUrls(quiet)).toBeUndefined();
        // Where there is nowhere else to go, the original names not even itself, and Midge itself alone.
        expect(await firstUrls(original)).toBeUndefined();

        await using midge = await startMidge("M2");
        await using silent = await startOriginal(
          path,
          "N2",
          [routeTo(midge)],
          "no_advertise: true",
        );
        await meet(midge, silent);
        expect(await firstUrls(midge)).toEqual(urlsOf(midge));
      },
      PATIENCE_MS,
    );

    test(
      "cluster_advertise is where others are sent, whoever advertises and whoever tells",
      async () => {
        const elsewhere = "elsewhere.example";
        const ip = `nats-route://${elsewhere}:6222/`;
        await using original = await startOriginal(path, "N");
        await using peer = await registered(original);
        const advertise = `${elsewhere}:6222`;
        await using _ = await startMidge("M", { advertise, routes: [routeTo(original)] });
        expect(await hearsOfServer(peer)).toMatchObject({ server_name: "M", ip });

        await using midge = await startMidge("M2");
        await using other = await registered(midge);
        const extra = `cluster_advertise: "${advertise}"`;
        await using __ = await startOriginal(path, "N2", [routeTo(midge)], extra);
        expect(await hearsOfServer(other)).toMatchObject({ server_name: "N2", ip });
      },
      PATIENCE_MS,
    );

    test(
      "a name that was made up gives way to one that was configured, on either side",
      async () => {
        await using named = await startOriginal(path, "N");
        await using midge = await startMidge("M", { name: "", routes: [routeTo(named)] });
        await midge.logged(/Cluster name updated to c1/);
        await meet(midge, named);
        await using host = await startMidge("M2");
        await using nameless = await startPeer(
          path,
          `server_name: N2\ncluster { listen: "127.0.0.1:-1", routes: ["${routeTo(host)}"] }`,
        );
        await nameless.logged(/Cluster name updated to c1/);
      },
      PATIENCE_MS,
    );

    test(
      "two names that were made up become one",
      async () => {
        await using midge = await startMidge("M", { name: "" });
        await using nameless = await startPeer(
          path,
          `server_name: N\ndebug: true\ncluster { listen: "127.0.0.1:-1", routes: ["${routeTo(midge)}"] }`,
        );
        await Promise.any([
          midge.logged(/Cluster name updated to /),
          nameless.logged(/Cluster name updated to /),
        ]);
        await midge.logged(/Registering remote route/);
      },
      PATIENCE_MS,
    );

    test(
      "two names that were configured keep apart, and both logs say so",
      async () => {
        await using midge = await startMidge("M", { name: "c2" });
        await using original = await startOriginal(path, "N", [routeTo(midge)]);
        await midge.logged(/Rejecting connection, cluster name "c1" does not match "c2"/);
        await original.logged(/cluster name "c1" does not match "c2"|Cluster Name Conflict/);
        await using other = await startMidge("M2", { name: "c2", routes: [routeTo(original)] });
        await other.logged(/Error trying to connect to route .*"c[12]" does not match "c[12]"/);
        expect([midge, other].map(({ midge: each }) => each!.cluster!.remotes)).toEqual([0, 0]);
      },
      PATIENCE_MS,
    );

    test(
      "an equal server name is refused by who is dialled",
      async () => {
        await using midge = await startMidge("SAME");
        await using _ = await startOriginal(path, "SAME", [routeTo(midge)]);
        await midge.logged(/Remote server has a duplicate name: "SAME"/);
        await midge.logged(/Router connection closed: Duplicate Server Name/);
        await using original = await startOriginal(path, "OTHER");
        await using other = await startMidge("OTHER", { routes: [routeTo(original)] });
        await original.logged(/Remote server has a duplicate name: "OTHER"/);
        await other.logged(/Router connection closed/);
        expect(midge.midge!.cluster!.remotes).toBe(0);
      },
      PATIENCE_MS,
    );
  });
}
