// The pure parts of the page: numbers in words, events in pieces, series with gaps, rows of the tree, places
// of the graph.
import { describe, expect, test } from "bun:test";
import {
  SAMPLE_FIELDS,
  type History,
  type RouteEdge,
  type Sample,
  type ServerNode,
  type SubjectNode,
} from "../../src/http/live-shapes.ts";
import { rowsOf } from "../../src/http/page/branches.ts";
import { EventReader } from "../../src/http/page/events.ts";
import {
  bytes,
  duration,
  milliseconds,
  percent,
  short,
  whole,
} from "../../src/http/page/format.ts";
import { GRAPH_WIDTH, layOut } from "../../src/http/page/graph.ts";
import { Series } from "../../src/http/page/series.ts";

describe("numbers", () => {
  test.each([
    [0, "0"],
    [0.5, "0.5"],
    [12.34, "12.3"],
    [99.94, "99.9"],
    [99.96, "100"],
    [999.4, "999"],
    [999.6, "1k"],
    [1234, "1.23k"],
    [12_345_678, "12.3M"],
    [9e15, "9P"],
    [9e20, "900000P"],
  ])("%d is short for %s", (value, text) => {
    expect(short(value)).toBe(text);
  });

  test("have units", () => {
    expect([bytes(512), bytes(1500), bytes(4.5e7)]).toEqual(["512 B", "1.5 kB", "45 MB"]);
    expect([milliseconds(0.127), milliseconds(1500)]).toEqual(["0.13 ms", "1.5 s"]);
    expect([percent(7.25), whole(1_234_567)]).toEqual(["7.25 %", "1,234,567"]);
  });

  test.each([
    [-5, "0s"],
    [12_999, "12s"],
    [303_000, "5m 3s"],
    [7_500_000, "2h 5m"],
    [273_600_000, "3d 4h"],
  ])("%d ms take %s", (ms, text) => {
    expect(duration(ms)).toBe(text);
  });
});

test("events are the same, however they are cut", () => {
  const text = 'event: hello\ndata: {"a":1}\n\nevent: sample\ndata: 2\n\n';
  const expected = [
    { name: "hello", data: '{"a":1}' },
    { name: "sample", data: "2" },
  ];
  for (let at = 0; at <= text.length; at++) {
    const reader = new EventReader();
    expect([...reader.read(text.slice(0, at)), ...reader.read(text.slice(at))]).toEqual(expected);
  }
});

describe("the series", () => {
  const sampleAt = (time: number): Sample =>
    Object.fromEntries(SAMPLE_FIELDS.map((field) => [field, time])) as unknown as Sample;
  const historyOf = (...times: number[]): History =>
    Object.fromEntries(SAMPLE_FIELDS.map((field) => [field, times])) as unknown as History;

  test("begins with the history and goes on with samples, each once", () => {
    const series = new Series();
    expect([series.last, series.end]).toEqual([null, 0]);
    series.replace(historyOf(1000, 2000), true);
    series.add(sampleAt(2000));
    series.add(sampleAt(3000));
    expect(series.times()).toEqual([1, 2, 3]);
    expect(series.last).toEqual(sampleAt(3000));
  });

  test("keeps what a server told before it was restarted, with a gap", () => {
    const series = new Series();
    series.replace(historyOf(1000, 2000), true);
    series.replace(historyOf(9000), true);
    expect(series.column("cpu")).toEqual([1000, 2000, null, 9000]);
    expect(series.times()).toEqual([1, 2, 2.001, 9]);
    expect(series.at(2)).toBeNull();
  });

  test("takes the history of the same server as the truth", () => {
    const series = new Series();
    series.replace(historyOf(1000, 5000), true);
    series.replace(historyOf(1000, 2000, 5000), false);
    expect(series.times()).toEqual([1, 2, 5]);
  });

  test("holds ten minutes", () => {
    const series = new Series();
    for (let time = 1; time <= 700; time++) series.add(sampleAt(time * 1000));
    expect(series.times()).toHaveLength(600);
    expect(series.start).toBe(101);
  });

  test("begins anew when the clock of the server is set back", () => {
    const series = new Series();
    series.replace(historyOf(90_000, 91_000), true);
    series.add(sampleAt(10_000));
    expect(series.times()).toEqual([10]);
  });
});

describe("rows of the tree", () => {
  const none = { subjects: 0, messages: 0, rate: 0 };
  const node = (token: string, messages: number, ...children: SubjectNode[]): SubjectNode => {
    const below = children.reduce((sum, each) => sum + each.subjects, 0);
    return { token, messages, rate: 0, subjects: below || 1, children, rest: none };
  };

  test("join tokens where there is only one way, and open what is much of the whole", () => {
    const root = node(
      "",
      100,
      node("a", 95, node("b", 95, node("c", 90), node("d", 5))),
      node("e", 5),
    );
    const rows = rowsOf(root, "", "rate", new Map());
    expect(rows.map(({ path, level, isOpen }) => [path, level, isOpen])).toEqual([
      ["a.b", 0, true],
      ["a.b.c", 1, null],
      ["a.b.d", 1, null],
      ["e", 0, null],
    ]);
    expect(rows[0]!.share).toBe(0.95);
  });

  test("are opened and closed by people, below any subject", () => {
    const root = node("x", 100, node("a", 100, node("b", 60), node("c", 40)));
    const closed = rowsOf(root, "x", "messages", new Map([["x.a", false]]));
    expect(closed.map(({ path, isOpen }) => [path, isOpen])).toEqual([["x.a", false]]);
  });

  test("say how many are not shown", () => {
    const root = { ...node("", 10, node("a", 5)), rest: { subjects: 3, messages: 5, rate: 0 } };
    const rows = rowsOf(root, "", "messages", new Map());
    expect(rows.at(-1)).toMatchObject({ label: "3 more subjects", isRest: true, share: 0.5 });
  });
});

describe("the graph", () => {
  const server = (name: string, isSelf = false): ServerNode => ({
    id: name,
    name,
    version: "",
    address: "",
    isSelf,
    connections: 0,
    subscriptions: 0,
    inMsgs: 0,
    outMsgs: 0,
  });
  const route = (from: string, to: string, inMsgs: number): RouteEdge => {
    return { from, to, inMsgs, outMsgs: 0, inBytes: 0, outBytes: 0, pending: 0, rtt: 0 };
  };

  test("has this server in the middle and everybody in the picture, apart from each other", () => {
    for (let others = 2; others <= 30; others++) {
      const servers = [
        server("me", true),
        ...Array.from({ length: others }, (_, i) => server(`n${i}`)),
      ];
      const { servers: placed, height } = layOut({ servers, routes: [] });
      const [me, ...rest] = placed;
      expect([me!.x, me!.y]).toEqual([GRAPH_WIDTH / 2, height / 2]);
      for (const { x, y } of rest) {
        expect(x).toBeWithin(0, GRAPH_WIDTH);
        expect(y).toBeWithin(0, height);
      }
      expect(new Set(placed.map(({ x, y }) => `${Math.round(x)} ${Math.round(y)}`)).size).toBe(
        others + 1,
      );
    }
  });

  test("has this server and its only neighbour side by side, as far from the edges", () => {
    const servers = [server("me", true), server("b")];
    const { servers: placed, height } = layOut({ servers, routes: [] });
    const [me, other] = placed;
    expect([me!.y, other!.y]).toEqual([height / 2, height / 2]);
    expect(me!.x).toBe(GRAPH_WIDTH - other!.x);
    expect(me!.x).toBeLessThan(other!.x);
  });

  test("draws busy routes thicker, and none to servers that it does not know", () => {
    const servers = [server("me", true), server("b"), server("c")];
    const routes = [route("me", "b", 1e6), route("me", "c", 0), route("me", "nobody", 5)];
    const { routes: placed } = layOut({ servers, routes });
    expect(placed).toHaveLength(2);
    expect(placed[0]!.width).toBeGreaterThan(placed[1]!.width);
  });
});
