// Whoever asks the live page's questions without naming a host, or a wrong one, is answered all the same.
import { expect, test } from "bun:test";
import { TestMonitor } from "./ask.ts";

test.each([
  "GET /live/servers HTTP/1.0\r\n\r\n",
  "GET /live/servers HTTP/1.1\r\nHost: a:99999\r\n\r\n",
])("%j is no error of ours", async (words) => {
  await using monitor = await TestMonitor.open();
  const answered = Promise.withResolvers<string>();
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port: monitor.monitor.port,
    socket: {
      data: (_, chunk) => answered.resolve(chunk.toString("latin1")),
      close: () => answered.resolve(""),
    },
  });
  socket.write(words);
  expect(await answered.promise).not.toContain(" 500 ");
  expect(monitor.log.join("\n")).not.toContain("Internal error");
  socket.terminate();
});
