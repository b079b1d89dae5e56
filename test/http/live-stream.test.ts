// The stream of events: who gets them, and who is let go.
import { expect, test } from "bun:test";
import { eventBytes, Viewers } from "../../src/http/live-stream.ts";

const request = new Request("http://127.0.0.1/live");

function hostThatNotes() {
  const seconds: number[] = [];
  return { seconds, timeout: (_: Request, each: number) => void seconds.push(each) };
}

test("an event is a name and a line of JSON", () => {
  expect(Buffer.from(eventBytes("sample", { a: "\n" })).toString()).toBe(
    'event: sample\ndata: {"a":"\\n"}\n\n',
  );
});

test("a viewer gets the first bytes and then what is sent to all", async () => {
  const viewers = new Viewers();
  const host = hostThatNotes();
  const response = viewers.open(request, host, Buffer.from("hello "))!;
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  viewers.send(Buffer.from("one "));
  viewers.send(Buffer.from("two"));
  viewers.close();
  expect(await response.text()).toBe("hello one two");
  expect(host.seconds).toEqual([0, 5]);
});

test("one that goes is forgotten", async () => {
  const viewers = new Viewers();
  const response = viewers.open(request, hostThatNotes(), Buffer.from("hello"))!;
  expect(viewers.size).toBe(1);
  await response.body!.cancel();
  expect(viewers.size).toBe(0);
  viewers.send(Buffer.from("to nobody"));
});

test("one that does not read is let go before much is kept for it; others go on", async () => {
  const viewers = new Viewers();
  const host = hostThatNotes();
  viewers.open(request, host, Buffer.from("hello"));
  const reader = viewers.open(request, hostThatNotes(), Buffer.from("hello"))!.body!.getReader();
  const event = Buffer.alloc(10_000);
  for (let i = 0; i < 40; i++) {
    viewers.send(event);
    await reader.read();
  }
  expect(viewers.size).toBe(1);
  expect(host.seconds).toEqual([0, 5]);
});

test("there is room for 64 of them", () => {
  const viewers = new Viewers();
  for (let i = 0; i < 64; i++)
    expect(viewers.open(request, hostThatNotes(), Buffer.from("x"))).not.toBeNull();
  expect(viewers.open(request, hostThatNotes(), Buffer.from("x"))).toBeNull();
  viewers.close();
  expect(viewers.size).toBe(0);
});
