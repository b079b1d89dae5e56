// Who hears a message, in which order and in which form (client protocol §8, §9, §10).
import { afterAll, describe, expect, test } from "bun:test";
import { startServer } from "../support/server.ts";
import { connect, join, utf8, type WireClient } from "../support/wire.ts";

const server = await startServer();
afterAll(() => server.stop());

/** Joins with subscriptions already known to the server. */
async function listen(says: string, options: object = {}): Promise<WireClient> {
  const client = await join(server.port, options);
  await client.says(says);
  await client.silent();
  return client;
}

const message = (subject: string, sid: string, payload = "") =>
  `MSG ${subject} ${sid} ${payload.length}\r\n${payload}\r\n`;

describe("order", () => {
  test("a message comes to broad patterns first and to the literal before the last wildcard", async () => {
    await using client = await listen(
      "SUB order.bar 5\r\nSUB order.* 6\r\nSUB order.> 4\r\nSUB *.* 3\r\nSUB *.bar 2\r\nSUB > 1\r\n" +
        "SUB order.bar.> 7\r\nSUB * 8\r\n",
    );
    await client.says("PUB order.bar 0\r\n\r\n");
    for (const sid of ["1", "2", "3", "4", "5", "6"]) await client.hears(message("order.bar", sid));
    await client.silent();
  });

  test("queue members hear a message after all plain subscribers", async () => {
    await using client = await listen("SUB last q 9\r\nSUB last 1\r\nSUB * r 8\r\nUNSUB 8\r\n");
    await client.says("PUB last 0\r\n\r\n");
    await client.hears(message("last", "1") + message("last", "9"));
  });

  test("one publisher's messages keep their order across subjects and sizes", async () => {
    await using client = await listen("SUB many.> 1\r\n");
    await using publisher = await join(server.port);
    const payloads = Array.from({ length: 500 }, (_, at) => `${at}`.padEnd((at * 37) % 3000, "."));
    await publisher.says(
      payloads.map((text, at) => `PUB many.${at % 7} ${text.length}\r\n${text}\r\n`).join(""),
    );
    for (const [at, text] of payloads.entries())
      await client.hears(message(`many.${at % 7}`, "1", text));
    await client.silent();
  });

  test("a request's answer reaches a requester that subscribed just before it", async () => {
    await using responder = await listen("SUB service 1\r\n");
    await using requester = await join(server.port);
    await requester.says("SUB answer 7\r\nUNSUB 7 1\r\nPUB service answer 2\r\nhi\r\n");
    await responder.hears("MSG service 1 answer 2\r\nhi\r\n");
    await responder.says("PUB answer 5\r\nhello\r\nPUB answer 4\r\nmore\r\n");
    await requester.hears(message("answer", "7", "hello"));
    await responder.silent();
    await requester.silent();
  });
});

describe("a run of publishes that are alike", () => {
  const payloads = Array.from({ length: 300 }, (_, at) => `${at}`.padStart(4, "0"));
  const run = payloads.map((payload) => `PUB run.x 4\r\n${payload}\r\n`).join("");

  test("reaches each of several connections whole and in order", async () => {
    await using one = await listen("SUB run.x 1\r\n");
    await using same = await listen("SUB run.x 1\r\n");
    await using other = await listen("SUB run.* 4567\r\n");
    await using publisher = await join(server.port);
    await publisher.says(run);
    for (const [client, sid] of [
      [one, "1"],
      [same, "1"],
      [other, "4567"],
    ] as const) {
      await client.hears(payloads.map((payload) => message("run.x", sid, payload)).join(""));
      await client.silent();
    }
  });

  test("ends for one receiver at its maximum and goes on for the others", async () => {
    await using limited = await listen("SUB run.x 1\r\nUNSUB 1 7\r\n");
    await using other = await listen("SUB run.x 1\r\n");
    await using publisher = await join(server.port);
    await publisher.says(run);
    const heard = payloads.map((payload) => message("run.x", "1", payload));
    await limited.hears(heard.slice(0, 7).join(""));
    await other.hears(heard.join(""));
    await limited.silent();
  });

  test("loses its headers for receivers without them", async () => {
    await using plain = await listen("SUB run.h 1\r\n");
    await using rich = await listen("SUB run.h 1\r\n", { headers: true });
    await using publisher = await join(server.port, { headers: true });
    const blocks = payloads.map((payload) => `12 16\r\nNATS/1.0\r\n\r\n${payload}\r\n`);
    await publisher.says(blocks.map((block) => `HPUB run.h ${block}`).join(""));
    await rich.hears(blocks.map((block) => `HMSG run.h 1 ${block}`).join(""));
    await plain.hears(payloads.map((payload) => message("run.h", "1", payload)).join(""));
  });
});

describe("copies", () => {
  test("each matching subscription of a connection gets its own copy", async () => {
    await using client = await listen("SUB copy a\r\nSUB copy b\r\nSUB copy c\r\n");
    await client.says("PUB copy 1\r\nx\r\n");
    const sids = [];
    for (let count = 0; count < 3; count++) sids.push((await client.hearsMessage()).sid);
    expect(sids.sort()).toEqual(["a", "b", "c"]);
    await client.silent();
  });

  test("each connection gets its own copy", async () => {
    await using one = await listen("SUB shared 1\r\n");
    await using two = await listen("SUB shared 22\r\n");
    await using publisher = await join(server.port);
    await publisher.says("PUB shared 2\r\nok\r\n");
    await one.hears(message("shared", "1", "ok"));
    await two.hears(message("shared", "22", "ok"));
  });

  test("a message of many sizes arrives whole", async () => {
    await using client = await listen("SUB sizes 1\r\n");
    await using publisher = await join(server.port);
    for (const size of [0, 1, 2, 63, 64, 1000, 4095, 4096, 65_535, 65_536, 1_048_576]) {
      const payload = Buffer.alloc(size, `${size}\r\n`).toString("latin1");
      await publisher.says(`PUB sizes ${size}\r\n${payload}\r\n`);
      await client.hears(message("sizes", "1", payload));
    }
  });

  test("a lone > hears everything, a lone * every subject of one token", async () => {
    await using all = await listen("SUB > 1\r\n");
    await using single = await listen("SUB * 2\r\n");
    await using publisher = await join(server.port);
    await publisher.says(
      "PUB one 0\r\n\r\nPUB one.two 0\r\n\r\nPUB a..b 0\r\n\r\nPUB three 0\r\n\r\n",
    );
    await publisher.silent();
    await single.hears(message("one", "2") + message("three", "2"));
    await all.hears(message("one", "1") + message("one.two", "1") + message("three", "1"));
    await all.silent();
    await single.silent();
  });

  test("a subject may have many tokens", async () => {
    const subject = Array.from({ length: 300 }, (_, at) => `t${at}`).join(".");
    await using client = await listen(`SUB ${subject} 1\r\nSUB t0.> 2\r\nUNSUB 2\r\n`);
    await client.says(`PUB ${subject} 0\r\n\r\n`);
    await client.hears(message(subject, "1"));
  });

  test("subjects are bytes, whatever they spell", async () => {
    const subject = utf8("grüße.日本.🎉");
    await using client = await listen(`SUB ${utf8("grüße.*.🎉")} 1\r\n`);
    await client.says(`PUB ${subject} 0\r\n\r\n`);
    await client.hears(message(subject, "1"));
  });
});

describe("echo", () => {
  test("a connection without echo hears others, not itself", async () => {
    await using deaf = await listen("SUB echo.off 1\r\n", { echo: false });
    await using other = await listen("SUB echo.off 2\r\n");
    await deaf.says("PUB echo.off 4\r\nmine\r\n");
    await other.hears(message("echo.off", "2", "mine"));
    await other.says("PUB echo.off 6\r\ntheirs\r\n");
    await deaf.hears(message("echo.off", "1", "theirs"));
    await other.hears(message("echo.off", "2", "theirs"));
    await deaf.silent();
  });

  test("a queue group passes over a publisher without echo", async () => {
    await using deaf = await listen("SUB echo.queue q 1\r\n", { echo: false });
    await using other = await listen("SUB echo.queue q 2\r\n");
    await deaf.says("PUB echo.queue 0\r\n\r\n".repeat(20));
    await other.hears(message("echo.queue", "2").repeat(20));
    await deaf.silent();
  });
});

describe("header forms", () => {
  const block = "NATS/1.0\r\nFoo: Bar\r\n\r\n";

  test("a receiver without headers gets the payload alone, its size without leading zeros", async () => {
    await using plain = await listen("SUB forms 7\r\n");
    await using rich = await listen("SUB forms 8\r\n", { headers: true });
    await using publisher = await join(server.port, { headers: true });
    await publisher.says(
      `HPUB forms r.r 022 0024\r\n${block}hi\r\nHPUB forms 22 22\r\n${block}\r\n`,
    );
    await plain.hears("MSG forms 7 r.r 2\r\nhi\r\nMSG forms 7 0\r\n\r\n");
    await rich.hears(
      `HMSG forms 8 r.r 022 0024\r\n${block}hi\r\nHMSG forms 8 22 22\r\n${block}\r\n`,
    );
  });

  test("a receiver before its CONNECT gets no headers", async () => {
    await using early = await connect(server.port);
    await early.says("SUB early 1\r\n");
    await early.hears("+OK\r\n");
    await using publisher = await join(server.port, { headers: true });
    await publisher.says(`HPUB early 22 24\r\n${block}hi\r\n`);
    await early.hears("MSG early 1 2\r\nhi\r\n");
  });

  test("a header block as large as the payload limit arrives whole", async () => {
    await using client = await listen("SUB big.headers 1\r\n", { headers: true });
    const large = `NATS/1.0\r\nX: ${"x".repeat(1_048_576 - 17)}\r\n\r\n`;
    await client.says(`HPUB big.headers 1048576 1048576\r\n${large}\r\n`);
    await client.hears(`HMSG big.headers 1 1048576 1048576\r\n${large}\r\n`);
  });
});
