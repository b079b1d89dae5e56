// Message tracing: where a message with a Nats-Trace-Dest header went is told to that subject (client
// protocol §21). The fields that differ from run to run are checked for their form only.
import { afterAll, describe, expect, test } from "bun:test";
import { startServer } from "../support/server.ts";
import { join, type WireClient } from "../support/wire.ts";

const server = await startServer({ serverName: "tracer" });
afterAll(() => server.stop());

interface TraceEvent extends Readonly<Record<string, unknown>> {
  readonly ts: string;
}

interface Trace {
  readonly server: Readonly<Record<string, unknown>>;
  readonly request: { readonly header: Record<string, string[]>; readonly msgsize: number };
  readonly hops?: number;
  readonly events: readonly TraceEvent[];
}

/** One traced publish and the listener for its trace. */
interface Scene {
  readonly publisher: WireClient;
  readonly cid: unknown;
  /** Publishes to `subject`, with these header lines and this payload. */
  publish(subject: string, headerLines: readonly string[], payload?: string): Promise<number>;
  /** The next trace, and a look at whether there is just one. */
  trace(): Promise<Trace>;
  untraced(): Promise<void>;
}

async function inScene(
  options: object,
  says: string,
  play: (scene: Scene) => Promise<void>,
): Promise<void> {
  await using witness = await join(server.port);
  await witness.says("SUB trace.* 1\r\n");
  await witness.silent();
  await using publisher = await join(server.port, { headers: true, name: "pub", ...options });
  await publisher.says(says);
  await publisher.silent();
  await play({
    publisher,
    cid: publisher.info["client_id"],
    async publish(subject, headerLines, payload = "hi") {
      const block = ["NATS/1.0", ...headerLines, "", ""].join("\r\n");
      const size = block.length + payload.length;
      await publisher.says(`HPUB ${subject} ${block.length} ${size}\r\n${block}${payload}\r\n`);
      return size;
    },
    async trace() {
      const message = await witness.hearsMessage();
      expect(message.subject).toBe("trace.here");
      expect(message.headers).toBeUndefined();
      await witness.silent();
      return JSON.parse(message.payload);
    },
    async untraced() {
      await publisher.silent();
      await witness.silent();
    },
  });
}

const DEST = "Nats-Trace-Dest: trace.here";

/** The events without their times, whose form is checked on the way. */
function events(trace: Trace): object[] {
  return trace.events.map(({ ts, ...rest }) => {
    expect(ts).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
    return rest;
  });
}

describe("a traced message", () => {
  test("that nobody hears is told as an ingress alone", async () => {
    await inScene({}, "", async ({ publish, trace, cid }) => {
      const size = await publish("lonely", [DEST]);
      const told = await trace();
      expect(told.server).toMatchObject({ name: "tracer", host: "127.0.0.1", jetstream: false });
      expect(told.server["id"]).toMatch(/^N[A-Z2-7]{55}$/);
      expect(told.server["ver"]).toMatch(/^2\.15\.\d+$/);
      expect(told.server["time"]).toMatch(/^\d{4}-/);
      expect(told.request).toEqual({
        header: { "Nats-Trace-Dest": ["trace.here"] },
        msgsize: size,
      });
      expect(told.hops).toBeUndefined();
      expect(events(told)).toEqual([
        { type: "in", kind: 0, cid, name: "pub", acc: "$G", subj: "lonely" },
      ]);
    });
  });

  test("is delivered, and each delivery is told", async () => {
    await inScene({}, "SUB heard 5\r\nSUB heard q 6\r\n", async (scene) => {
      const { publisher, publish, trace, cid } = scene;
      const size = await publish("heard", [DEST]);
      for (const sid of ["5", "6"]) {
        const message = await publisher.hearsMessage();
        expect([message.sid, message.payload]).toEqual([sid, "hi"]);
      }
      const told = await trace();
      expect(told.request.msgsize).toBe(size);
      const egress = { type: "eg", kind: 0, cid, name: "pub", sub: "heard" };
      expect(events(told)).toEqual([
        { type: "in", kind: 0, cid, name: "pub", acc: "$G", subj: "heard" },
        egress,
        { ...egress, queue: "q" },
      ]);
    });
  });

  test("names the receiving connection and its pattern", async () => {
    await using receiver = await join(server.port, { name: "sub" });
    await receiver.says("SUB named.* 1\r\n");
    await receiver.silent();
    await inScene({}, "", async ({ publish, trace }) => {
      await publish("named.x", [DEST]);
      const egress = {
        type: "eg",
        kind: 0,
        cid: receiver.info["client_id"],
        name: "sub",
        sub: "named.*",
      };
      expect(events(await trace())[1]).toEqual(egress);
      await receiver.hears("MSG named.x 1 2\r\nhi\r\n");
    });
  });

  test("tells all its headers, in one list for each name", async () => {
    await inScene({}, "", async ({ publish, trace }) => {
      await publish("rich", [DEST, "X: 1", "X: 2", "y:3"]);
      expect((await trace()).request.header).toEqual({
        "Nats-Trace-Dest": ["trace.here"],
        X: ["1", "2"],
        y: ["3"],
      });
    });
  });

  test("tells of a delivery that echo:false prevents", async () => {
    await inScene({ echo: false }, "SUB deaf 5\r\n", async ({ publish, trace }) => {
      await publish("deaf", [DEST]);
      expect(events(await trace())[1]).toMatchObject({
        type: "eg",
        sub: "deaf",
        error: "Not delivered because of no echo",
      });
    });
  });

  test("tells of a reserved subject", async () => {
    await inScene({}, "", async ({ publisher, publish, trace }) => {
      await publish("_GR_.x", [DEST]);
      const text = 'Permissions Violation for Publish to "_GR_.x"';
      await publisher.hears(`-ERR '${text}'\r\n`);
      expect(events(await trace())).toMatchObject([{ type: "in", subj: "_GR_.x", error: text }]);
    });
  });

  test("tells of a reserved reply", async () => {
    await inScene({}, "", async ({ publisher, publish, trace }) => {
      await publish("fine _GR_.x", [DEST]);
      const text = 'Permissions Violation for Publish with Reply of "_GR_.x"';
      await publisher.hears(`-ERR '${text}'\r\n`);
      expect(events(await trace())).toMatchObject([{ type: "in", subj: "fine", error: text }]);
    });
  });
});

describe("Nats-Trace-Only", () => {
  for (const value of ["1", "true", "on", "TRUE", "On"]) {
    test(`${value}: tells and delivers nothing`, async () => {
      await inScene({}, "SUB only 5\r\n", async ({ publish, publisher, trace }) => {
        await publish("only", [DEST, `Nats-Trace-Only: ${value}`]);
        expect(events(await trace())).toMatchObject([{ type: "in" }, { type: "eg", sub: "only" }]);
        await publisher.silent();
      });
    });
  }

  for (const value of ["0", "false", "yes"]) {
    test(`${value}: tells and delivers`, async () => {
      await inScene({}, "SUB both 5\r\n", async ({ publish, publisher, trace }) => {
        await publish("both", [DEST, `Nats-Trace-Only: ${value}`]);
        expect((await publisher.hearsMessage()).payload).toBe("hi");
        await trace();
      });
    });
  }

  test("without a destination means nothing", async () => {
    await inScene({}, "SUB alone 5\r\n", async ({ publish, publisher, untraced }) => {
      await publish("alone", ["Nats-Trace-Only: 1"]);
      expect((await publisher.hearsMessage()).payload).toBe("hi");
      await untraced();
    });
  });

  test("does not count against the maximum of UNSUB", async () => {
    await inScene({}, "SUB max 5\r\nUNSUB 5 1\r\n", async ({ publish, publisher, trace }) => {
      await publish("max", [DEST, "Nats-Trace-Only: 1"]);
      await trace();
      await publisher.says("PUB max 1\r\nx\r\nPUB max 1\r\ny\r\n");
      await publisher.hears("MSG max 5 1\r\nx\r\n");
      await publisher.silent();
    });
  });

  test("counts as delivered where somebody would have heard it", async () => {
    const options = { no_responders: true };
    await inScene(options, "SUB asked 5\r\nSUB reply 6\r\n", async (scene) => {
      await scene.publish("asked reply", [DEST, "Nats-Trace-Only: 1"]);
      await scene.trace();
      await scene.publisher.silent();
      await scene.publish("unasked reply", [DEST, "Nats-Trace-Only: 1"]);
      expect((await scene.publisher.hearsMessage()).headers).toStartWith("NATS/1.0 503\r\n");
      await scene.trace();
    });
  });
});

describe("nothing is traced", () => {
  const lines: [name: string, line: string][] = [
    ["when the value turns it off", "Nats-Trace-Dest: trace disabled"],
    ["when the name is in another case", "nats-trace-dest: trace.here"],
    ["to a wildcard", "Nats-Trace-Dest: trace.*"],
    ["to a subject with an empty token", "Nats-Trace-Dest: trace..here"],
    ["to nowhere", "Nats-Trace-Dest: "],
    [
      "for a traceparent where the account has no destination",
      "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    ],
  ];
  for (const [name, line] of lines) {
    test(`${name}, and the message is delivered`, async () => {
      await inScene({}, "SUB plain 5\r\n", async ({ publish, publisher, untraced }) => {
        await publish("plain", [line]);
        expect((await publisher.hearsMessage()).payload).toBe("hi");
        await untraced();
      });
    });
  }

  test("when the destination is reserved, and the message is refused", async () => {
    await inScene({}, "SUB plain 5\r\n", async ({ publish, publisher, untraced }) => {
      await publish("plain", ["Nats-Trace-Dest: _GR_.x"]);
      await publisher.hears(`-ERR 'Permissions Violation for Publish to "_GR_.x"'\r\n`);
      await untraced();
    });
  });

  test("when the block does not begin with NATS/1.0", async () => {
    await inScene({}, "SUB plain 5\r\n", async ({ publisher, untraced }) => {
      const block = `HTTP/1.1\r\n${DEST}\r\n\r\n`;
      await publisher.says(`HPUB plain ${block.length} ${block.length}\r\n${block}\r\n`);
      expect((await publisher.hearsMessage()).headers).toBe(block);
      await untraced();
    });
  });
});
