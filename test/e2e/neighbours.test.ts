// Clients that misbehave, each in its own way, against the executable. Whatever they do, neighbours
// are served meanwhile, and the log says how it ended with the culprit.
import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { connect as open } from "../support/wire.ts";
import { Mailbox, Neighbours, flavours } from "./clients.ts";
import { Broker, within } from "./support.ts";

let broker: Broker;
let neighbours: Neighbours;
beforeAll(async () => {
  broker = await Broker.start({ flags: ["-D"] });
  neighbours = await Neighbours.moveIn(broker.url);
});
afterAll(async () => {
  await neighbours[Symbol.asyncDispose]();
  await broker.stop();
});
/** Nobody may hold the server for longer than this, on a busy machine. */
const SLOWEST_MS = 1500;
afterEach(() => {
  expect(neighbours.slowestMs).toBeLessThan(SLOWEST_MS);
  neighbours.slowestMs = 0;
});

const quiet = 'CONNECT {"verbose":false}\r\n';
const { connect } = flavours[1] ?? flavours[0]!;

/** The reason for which the log says that the connection with this id was closed. */
async function closeReason(clientId: unknown): Promise<string> {
  const line = await broker.line(new RegExp(` - cid:${clientId} - .*connection closed: `));
  return line.slice(line.lastIndexOf(": ") + 2);
}

test("a client that never reads is closed as a slow consumer, and the other reader gets all", async () => {
  await using sleeper = await open(broker.port);
  await sleeper.says(`${quiet}SUB flood 1\r\nPING\r\n`);
  await sleeper.hears("PONG\r\n");
  sleeper.pause();
  const [reader, publisher] = [
    await connect({ servers: broker.url }),
    await connect({ servers: broker.url }),
  ];
  let received = 0;
  reader.subscribe("flood", {
    callback: (_, { data }) => {
      received += data.length;
    },
  });
  await reader.flush();
  // More than max_pending (64 MiB) and all that the kernel takes in between.
  const [count, payload] = [1400, new Uint8Array(65_536)];
  const flood = async (): Promise<void> => {
    for (let i = 0; i < count; i += 1) {
      publisher.publish("flood", payload);
      if (i % 50 === 49) await publisher.flush();
    }
    await reader.flush();
  };
  await neighbours.talkDuring(flood());
  expect(received).toBe(count * payload.length);
  await broker.line(/cid:\d+ - .*Slow Consumer Detected: MaxPending of 67108864 Exceeded/);
  expect(await closeReason(sleeper.info.client_id)).toBe("Slow Consumer (Pending Bytes)");
  await Promise.all([reader.close(), publisher.close()]);
});

test("subscribers that reset their connection in mid-flood take nothing with them", async () => {
  const publisher = await connect({ servers: broker.url });
  const stayer = new Mailbox(publisher, "torrent");
  const payload = new Uint8Array(1000);
  const rounds = 40;
  const torrent = async (): Promise<void> => {
    for (let round = 0; round < rounds; round += 1) {
      await using leaver = await open(broker.port);
      await leaver.says(`${quiet}SUB torrent 1\r\nPING\r\n`);
      await leaver.hears("PONG\r\n");
      for (let i = 0; i < 1000; i += 1) publisher.publish("torrent", payload);
      await leaver.hears("MSG torrent 1 1000\r\n");
    }
    await publisher.flush();
  };
  await neighbours.talkDuring(torrent());
  expect(stayer.messages.length).toBe(rounds * 1000);
  await publisher.close();
});

test("a client killed in the middle of a payload leaves nothing behind", async () => {
  const program = `
    let id;
    await Bun.connect({ hostname: "127.0.0.1", port: ${broker.port}, socket: {
      data(socket, bytes) {
        const text = bytes.toString();
        id ??= /"client_id":(\\d+)/.exec(text)[1];
        if (text.startsWith("INFO")) socket.write("SUB words 1\\r\\nPING\\r\\n");
        if (!text.includes("PONG")) return;
        socket.write("PUB words 1000\\r\\nhalf a pay");
        console.log(id);
      },
    } });`;
  const victim = Bun.spawn([process.execPath, "-e", program], { stdout: "pipe" });
  const listener = await connect({ servers: broker.url });
  const box = new Mailbox(listener, "words");
  await listener.flush();
  const output = victim.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const half = within(output.read(), () => "the victim's half payload");
  const { value: id = "" } = await neighbours.talkDuring(half);
  victim.kill("SIGKILL");
  await neighbours.talkDuring(victim.exited);
  expect(await closeReason(id.trim())).toMatch(/^(Client Closed|Read Error)$/);
  await neighbours.talk(20);
  await listener.flush();
  expect(box.messages.length).toBe(0);
  await listener.close();
});

test("a client that sends one byte at a time is understood all the same", async () => {
  await using slow = await open(broker.port);
  const talk = `${quiet}SUB drip.* 1\r\nPUB drip.x re 5\r\nhe\r\no\r\nPUB drip.y 0\r\n\r\nPING\r\n`;
  const drip = async (): Promise<void> => {
    for (const byte of talk) {
      await slow.says(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await neighbours.talkDuring(drip());
  await slow.hears("MSG drip.x 1 re 5\r\nhe\r\no\r\nMSG drip.y 1 0\r\n\r\nPONG\r\n");
});

test("connections that send random bytes are closed, and nobody else notices", async () => {
  // A linear congruential generator: the same garbage in every run.
  let state = 20_261_123;
  const random = (): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state >>> 16;
  };
  const vandals = await Promise.all(Array.from({ length: 40 }, () => open(broker.port)));
  const rampage = vandals.map(async (vandal) => {
    const garbage = Uint8Array.from({ length: 20_000 }, () => random() % 256);
    // The first byte begins no verb, so that the very first operation is wrong.
    garbage[0] = 0x80;
    await vandal.says(garbage);
    const heard = await vandal.hearsUntilClose();
    expect(["", "-ERR 'Unknown Protocol Operation'\r\n"]).toContain(heard);
    expect(await closeReason(vandal.info.client_id)).toMatch(
      /^(Protocol Violation|Maximum Control Line Exceeded)$/,
    );
  });
  await neighbours.talkDuring(Promise.all(rampage));
  await neighbours.talk(20);
});

test.each([
  ["an endless control line", `PUB ${"x".repeat(10_000)}`, "maximum control line exceeded"],
  ["a payload over the maximum", "PUB big 1048577\r\n", "Maximum Payload Violation"],
  ["a web browser", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "Unknown Protocol Operation"],
])("%s is refused with an error that arrives, then closed", async (_, bytes, error) => {
  await using client = await open(broker.port);
  await client.says(bytes);
  await client.hears(`-ERR '${error}'\r\n`);
  await client.hearsClose();
  await neighbours.talk(5);
});

test("an error reaches a client that still has megabytes on the way", async () => {
  await using client = await open(broker.port);
  const payload = Buffer.concat([Buffer.from("PUB big 8000000\r\n"), new Uint8Array(8_000_000)]);
  const heard = client.hearsUntilClose();
  await neighbours.talkDuring(Promise.all([client.says(payload), heard]));
  expect(await heard).toBe("-ERR 'Maximum Payload Violation'\r\n");
});

test("connections that come and go by hundreds do not disturb", async () => {
  const visit = async (): Promise<void> => {
    for (let round = 0; round < 10; round += 1) {
      const visitors = await Promise.all(Array.from({ length: 50 }, () => open(broker.port)));
      for (const [i, visitor] of visitors.entries()) {
        if (i % 3 === 0) await visitor.says("SUB a.b.* 1\r\nPUB a.b.c 10\r\nunfinis");
        if (i % 2 === 0) visitor.close();
        else await visitor[Symbol.asyncDispose]();
      }
    }
  };
  await neighbours.talkDuring(visit());
  await neighbours.talk(20);
});
