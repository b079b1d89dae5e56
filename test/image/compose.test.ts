// The cluster of compose.yaml, started as it stands there: three containers on a network, each under the
// name of its service.
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../e2e/support.ts";
import { Container, describeWithContainers, Image, readDockerfile, root } from "./container.ts";
import { Network } from "./network.ts";

interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly links?: readonly string[];
  readonly read_only: boolean;
  readonly cap_drop: readonly string[];
  readonly security_opt: readonly string[];
  readonly healthcheck: { readonly test: readonly string[] };
  readonly stop_grace_period: string;
}

const text = readFileSync(join(root, "compose.yaml"), "utf8");
const { services } = Bun.YAML.parse(text) as { services: Readonly<Record<string, Service>> };

describe("compose.yaml", () => {
  test("has the servers that the documentation of NATS has, linked to the first", () => {
    expect(Object.keys(services)).toEqual(["nats-main", "nats-1", "nats-2"]);
    expect(services["nats-main"]!.command).toEqual(["--cluster_name=NATS"]);
    for (const name of ["nats-1", "nats-2"]) {
      expect(services[name]).toMatchObject({
        links: ["nats-main"],
        command: ["--cluster_name=NATS", "--routes=nats-route://ruser:T0pS3cr3t@nats-main:6222"],
      });
    }
  });

  test("lets every server write nothing, do nothing that takes a capability, and end in peace", () => {
    const [, check = ""] = /CMD (\[.*\])$/.exec(readDockerfile().get("HEALTHCHECK") ?? "") ?? [];
    for (const service of Object.values(services)) {
      expect(service).toMatchObject({
        image: "midge:latest",
        read_only: true,
        cap_drop: ["ALL"],
        security_opt: ["no-new-privileges:true"],
        healthcheck: { test: ["CMD", ...JSON.parse(check)] },
        stop_grace_period: "15s",
      });
    }
  });
});

describeWithContainers("the cluster of compose.yaml", () => {
  test("becomes a full mesh in which a message finds its subscriber, and every server ends with 0", async () => {
    using image = await Image.create();
    const names = Object.keys(services);
    using network = await Network.create(...names);
    await using running = new AsyncDisposableStack();
    const containers: Container[] = [];
    for (const name of names) {
      const flags = services[name]!.command ?? [];
      const container = await Container.start(image, { flags, network: { of: network, name } });
      containers.push(running.use(container));
    }
    for (const container of containers) {
      const remotes = async () => (await container.ask("/varz"))["remotes"];
      await until(async () => (await remotes()) === names.length - 1, "it knows all others");
    }
    const [main, first, second] = containers;
    using subscriber = first!.converse(4222, "SUB news 1\r\nPING\r\n");
    await subscriber.heard.line(/^PONG/);
    const known = async () => (await second!.ask("/routez?subs=1"))["routes"];
    await until(async () => JSON.stringify(await known()).includes("news"), "the other side knows");
    using publisher = second!.converse(4222, "PUB news 5\r\nhello\r\nPING\r\n");
    await publisher.heard.line(/^PONG/);
    expect(await subscriber.heard.line(/^hello/)).toBe("hello\r");
    for (const container of [second!, first!, main!]) {
      expect((await container.checkHealth()).code).toBe(0);
      container.signal("SIGTERM");
      expect(await container.ended).toBe(0);
    }
  }, 15_000);
});
