// The configuration file that the NATS image brings along, with a second server beside it that is given
// `--routes=nats-route://ruser:T0pS3cr3t@host:port -DV`, as the image's page has it: the executable with
// itself and with a real nats-server, and what its log says of it.
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as pathOf } from "node:path";
import { executable } from "../e2e/support.ts";
import { describeWithPeer, LogLines } from "../support/peer.ts";
import { join } from "../support/wire.ts";

/** As the image has it, but for the ports. */
const IMAGE_CONFIG = `# Client port of 4222 on all interfaces
port: -1

# HTTP monitoring port
monitor_port: -1

# This is for clustering multiple servers together.
cluster {
  # It is recommended to set a cluster name
  name: "my_cluster"

  # Route connections to be received on any interface on port 6222
  port: -1

  # Routes are protected, so need to use them with --routes flag
  # e.g. --routes=nats-route://ruser:T0pS3cr3t@otherdockerhost:6222
  authorization {
    user: ruser
    password: T0pS3cr3t
    timeout: 2
  }

  # Routes are actively solicited and connected to from this server.
  # This Docker image has none by default, but you can pass a
  # flag to the nats-server docker image to create one to an existing server.
  routes = []
}
`;
const SECRET = "T0pS3cr3t";
const PATIENCE_MS = 20_000;

const folder = mkdtempSync(pathOf(tmpdir(), "midge-image-"));
const configFile = pathOf(folder, "nats-server.conf");
writeFileSync(configFile, IMAGE_CONFIG);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Running extends AsyncDisposable {
  readonly log: LogLines;
  readonly port: number;
  readonly clusterPort: number;
  stop(): Promise<void>;
}

async function start(path: string, ...flags: string[]): Promise<Running> {
  const child = Bun.spawn([path, "-c", configFile, "-a", "127.0.0.1", ...flags], {
    stdout: "ignore",
    stderr: "pipe",
  });
  const log = new LogLines();
  const reading = log.read(child.stderr);
  const portIn = async (pattern: RegExp) => Number(/:(\d+)$/.exec(await log.line(pattern))![1]);
  const stop = async () => {
    child.kill("SIGTERM");
    await Promise.all([child.exited, reading]);
  };
  return {
    log,
    port: await portIn(/Listening for client connections on .*:\d+$/),
    clusterPort: await portIn(/Listening for route connections on .*:\d+$/),
    stop,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}

const routesTo = ({ clusterPort }: Running) =>
  `--routes=nats-route://ruser:${SECRET}@127.0.0.1:${clusterPort}`;

/** A client of each hears the other one. */
async function exchange(...servers: readonly Running[]): Promise<void> {
  const clients = await Promise.all(
    servers.map(({ port }) => join(port, { headers: true, no_responders: true })),
  );
  for (const [at, client] of clients.entries()) {
    await client.says(`SUB to.${at} 1\r\nSUB nobody.${at} 2\r\n`);
    await client.silent();
  }
  for (const [from, client] of clients.entries()) {
    for (const [to, hearer] of clients.entries()) {
      if (to === from) continue;
      for (;;) {
        await client.says(`PUB to.${to} nobody.${from} 2\r\nhi\r\nPING\r\n`);
        // Nobody there yet: asked again when the servers had their turn.
        if ((await client.hearsItem()) === "PONG\r\n") break;
        await client.hears("PONG\r\n");
        await new Promise((resolve) => setImmediate(resolve));
      }
      await hearer.hears(`MSG to.${to} 1 nobody.${from} 2\r\nhi\r\n`);
    }
  }
  for (const client of clients) client.close();
}

/** What a person looks for who wants to know whether routes are connected, each line with its rid. */
const TOLD = [
  / - rid:\d+ - Route connection created$/,
  / - rid:\d+ - Route connect msg sent$/,
  / - rid:\d+ - Registering remote route "\w+"$/,
  / - rid:\d+ - Sent local subscriptions to route$/,
] as const;

async function tellsOfRoutes({ log }: Running, port: number): Promise<void> {
  await log.line(new RegExp(`Trying to connect to route on 127\\.0\\.0\\.1:${port}`));
  for (const line of TOLD) await log.line(line);
}

test(
  "two of it: the second one finds the first, and its log says how",
  async () => {
    await using one = await start(executable, "-DV");
    await using two = await start(executable, routesTo(one), "-DV");
    await exchange(one, two);
    await tellsOfRoutes(two, one.clusterPort);
    await one.log.line(/ - rid:\d+ - Registering remote route "\w+"$/);
    await one.stop();
    await two.log.line(/ - rid:\d+ - Router connection closed: \w.* - Remote: \w+$/);
    await two.stop();
    for (const { log } of [one, two]) expect(log.text()).not.toContain(SECRET);
  },
  PATIENCE_MS,
);

test(
  "with a wrong secret it is refused, and says why without saying the secret",
  async () => {
    await using one = await start(executable, "-DV");
    const wrong = `--routes=nats-route://ruser:wr0ng5ecret@127.0.0.1:${one.clusterPort}`;
    await using two = await start(executable, wrong, "-DV");
    await two.log.line(/\[ERR\] Error trying to connect to route .*Authorization Violation/);
    await one.log.line(/\[ERR\] .* - rid:\d+ - .*authentication error/i);
    for (const { log } of [one, two]) {
      expect(log.text()).not.toContain(SECRET);
      expect(log.text()).not.toContain("wr0ng5ecret");
    }
  },
  PATIENCE_MS,
);

for (const level of ["2.15", "2.9"] as const) {
  describeWithPeer(`the image's configuration with nats-server ${level}`, level, (path) => {
    test(
      "Midge joins it",
      async () => {
        await using original = await start(path, "-DV");
        await using midge = await start(executable, routesTo(original), "-DV");
        await exchange(original, midge);
        await tellsOfRoutes(midge, original.clusterPort);
        await original.stop();
        await midge.log.line(/ - rid:\d+ - Router connection closed: \w.* - Remote: \w+$/);
        expect(midge.log.text()).not.toContain(SECRET);
      },
      PATIENCE_MS,
    );

    test(
      "it joins Midge, and a third server one of them",
      async () => {
        await using midge = await start(executable, "-DV");
        await using original = await start(path, routesTo(midge), "-DV");
        await using third = await start(executable, routesTo(original), "-DV");
        await exchange(midge, original, third);
        await midge.log.line(/ - rid:\d+ - Registering remote route "\w+"$/);
        for (const { log } of [midge, third]) expect(log.text()).not.toContain(SECRET);
      },
      PATIENCE_MS,
    );
  });
}
