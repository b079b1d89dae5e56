// What permissions allow, row by row of auth.md §5.

import { describe, expect, test } from "bun:test";
import { Permissions } from "../../src/auth/permissions.ts";
import type { PermissionOptions, SubjectRule } from "../../src/config/access.ts";
import { matches } from "../../src/proto/subject.ts";
import { Dice } from "../support/dice.ts";
import { utf8 } from "../support/wire.ts";

const publishing = (publish: SubjectRule, more: PermissionOptions = {}) =>
  Permissions.compile({ publish, ...more });
const subscribing = (subscribe: SubjectRule) => Permissions.compile({ subscribe });

/** Which of these subjects may be published to. */
const published = (permissions: Permissions, ...subjects: string[]) =>
  subjects.filter((subject) => permissions.mayPublish(subject));

describe("publishing", () => {
  test("without rules everything is allowed", () => {
    const none = Permissions.compile({});
    expect(published(none, "a", "a.b", "$SYS.x", "a..b")).toEqual(["a", "a.b", "$SYS.x", "a..b"]);
    expect(none.responses).toBeNull();
  });

  test("an empty list is no list", () => {
    expect(published(publishing({ allow: [] }), "a")).toEqual(["a"]);
    expect(published(publishing({ allow: [], deny: [] }), "a")).toEqual(["a"]);
    expect(published(publishing({ allow: ["a"], deny: [] }), "a", "b")).toEqual(["a"]);
  });

  test("with an allow list only what matches it", () => {
    const some = publishing({ allow: ["foo.*", "req.>", "one"] });
    const asked = ["foo.a", "foo.*", "foo.>", "req.a.b", "one", "foo", "foo.a.b", "req", "two", ""];
    expect(published(some, ...asked)).toEqual(["foo.a", "foo.*", "foo.>", "req.a.b", "one"]);
  });

  test("a deny list takes away, from everything or from what is allowed", () => {
    expect(published(publishing({ deny: ["foo.>"] }), "foo", "foo.a", "b")).toEqual(["foo", "b"]);
    const both = publishing({ allow: ["foo.*"], deny: ["foo.b"] });
    expect(published(both, "foo.a", "foo.b", "c")).toEqual(["foo.a"]);
  });

  test("subjects with an empty token match no entry of either list", () => {
    expect(published(publishing({ allow: [">"] }), "a..b", ".a", "a.", "", ".")).toEqual([]);
    expect(published(publishing({ deny: [">"] }), "a..b", ".a", "a.")).toEqual([
      "a..b",
      ".a",
      "a.",
    ]);
  });

  test("entries are text, subjects are the bytes on the wire", () => {
    const some = publishing({ allow: ["für.*", "à.b"] });
    expect(published(some, utf8("für.x"), utf8("à.b"), "für.x")).toEqual([
      utf8("für.x"),
      utf8("à.b"),
    ]);
  });

  test("a blank in a publish subject is no queue group", () => {
    expect(published(publishing({ allow: ["foo bar"] }), "foo")).toEqual([]);
  });
});

describe("allow_responses", () => {
  test("takes everything away that is not allowed by name", () => {
    const allowResponses = { max: 3, expires: 5_000 };
    const only = Permissions.compile({ allowResponses });
    expect(only.mayPublish("a")).toBe(false);
    expect(only.responses).toEqual({ max: 3, expiresMs: 5_000 });
    const named = publishing({ allow: ["a"] }, { allowResponses });
    expect(published(named, "a", "b")).toEqual(["a"]);
    expect(published(publishing({ deny: ["a"] }, { allowResponses }), "a", "b")).toEqual([]);
    expect(published(publishing({ allow: [] }, { allowResponses }), "a")).toEqual([]);
  });

  test("zero stands for the default, a negative number for no limit", () => {
    const rule = (max: number, expires: number) =>
      Permissions.compile({ allowResponses: { max, expires } }).responses;
    expect(rule(0, 0)).toEqual({ max: 1, expiresMs: 120_000 });
    expect(rule(-1, -1)).toEqual({ max: -1, expiresMs: -1 });
  });
});

/** allow, deny and what a subscription such as `foo` or `foo queue` gets; "filtered": not all of it. */
type Row = [allow: string[], deny: string[], asked: Record<string, "yes" | "no" | "filtered">];

const ROWS: readonly Row[] = [
  [[], [], { foo: "yes", "foo q": "yes", ">": "yes" }],
  [["foo"], [], { foo: "yes", "foo q": "yes", bar: "no", "foo.a": "no", "*": "no" }],
  [["foo v1"], [], { foo: "no", "foo v1": "yes", "foo v2": "no" }],
  [["foo", "foo v1"], [], { foo: "yes", "foo v1": "yes", "foo v2": "no" }],
  [["foo bar.*"], [], { "foo bar.fizz": "yes", "foo bar": "no", "foo bar.a.b": "no" }],
  [["> bar.>"], [], { whizz: "no", "whizz bar.bang": "yes", "whizz bar": "no" }],
  [[">"], ["foo"], { "foo bar": "no", foo: "no", bar: "yes", "bar q": "yes" }],
  [[">"], ["> >"], { foo: "yes", "foo bar": "no" }],
  [[], ["> *.dev"], { "foo bar": "yes", "foo x.dev": "no", foo: "yes" }],
  [[], ["foo *"], { "foo a": "no", "foo a.b": "yes", foo: "yes" }],
  [[], ["foo.y"], { "foo.y": "no", "foo.*": "filtered", ">": "filtered", "bar.*": "yes" }],
  [[], ["foo.*"], { "foo.*": "no", "foo.>": "no", ">": "filtered", "*.a": "filtered", foo: "yes" }],
  [["foo.*"], [], { "foo.>": "yes", "foo.*": "yes", "foo.a": "yes", foo: "no", ">": "no" }],
  [["foo", "bar v1"], [], { "foo v1": "yes", "bar v1": "yes", bar: "no" }],
  // A plain deny entry stays, whatever those for queue groups say.
  [[], ["foo", "foo v1"], { "foo v2": "no", "foo v1": "no", foo: "no" }],
  // Denied to a queue group only: its members alone get less.
  [[], ["foo.a q"], { "foo.*": "yes", "foo.* q": "filtered", "foo.* r": "yes", "foo.a q": "no" }],
  [[], ["foo.a q.*"], { "foo.> q.x": "filtered", "foo.> q": "yes" }],
  // The queue's name is compared as a subject is, its own wildcards included.
  [["foo *"], [], { "foo *": "yes", "foo >": "no", "foo a": "yes" }],
  [["foo a.*"], [], { "foo a.*": "yes", "foo a.>": "no", "foo a.": "no" }],
  [["foo a.>"], [], { "foo a.>": "yes", "foo a.*.c": "yes", "foo a..b": "yes", "foo a": "no" }],
];

describe("subscribing", () => {
  for (const [allow, deny, asked] of ROWS) {
    const permissions = subscribing({ allow, deny });
    for (const [line, result] of Object.entries(asked)) {
      const [subject = "", queue = null] = line.split(" ");
      test(`allow ${JSON.stringify(allow)} deny ${JSON.stringify(deny)}: SUB ${line} is ${result}`, () => {
        expect(permissions.maySubscribe(subject, queue)).toBe(result !== "no");
        if (result === "no") return;
        expect(permissions.filterFor(subject, queue) !== null).toBe(result === "filtered");
      });
    }
  }

  test("blanks of any kind part the queue group from the subject", () => {
    const some = subscribing({ allow: [" foo \t v1 "] });
    expect(some.maySubscribe("foo", "v1")).toBe(true);
    expect(some.maySubscribe("foo", null)).toBe(false);
  });

  test("publish rules do not bear on subscriptions, nor the reverse", () => {
    const some = Permissions.compile({ publish: { allow: ["a"] }, subscribe: { allow: ["b"] } });
    expect(some.mayPublish("b")).toBe(false);
    expect(some.maySubscribe("a", null)).toBe(false);
    expect(some.maySubscribe("b", null)).toBe(true);
  });
});

describe("the delivery filter", () => {
  test("keeps back what a deny entry names", () => {
    const filter = subscribing({ deny: ["foo.y", "bar.*", "für"] }).filterFor(">", null);
    const asked = ["foo.y", "foo.z", "bar.a", "bar", "bar.a.b", utf8("für")];
    expect(asked.filter((subject) => filter?.denies(subject))).toEqual([
      "foo.y",
      "bar.a",
      utf8("für"),
    ]);
  });

  test("keeps back what is denied to the subscription's queue group, too", () => {
    const permissions = subscribing({ deny: ["foo.a q", "foo.b", "foo.c r.*"] });
    const kept = (queue: string | null) =>
      ["foo.a", "foo.b", "foo.c", "foo.d"].filter((subject) =>
        permissions.filterFor("foo.*", queue)?.denies(subject),
      );
    expect(kept(null)).toEqual(["foo.b"]);
    expect(kept("q")).toEqual(["foo.a", "foo.b"]);
    expect(kept("r.x")).toEqual(["foo.b", "foo.c"]);
    expect(kept("s")).toEqual(["foo.b"]);
  });

  test("is one for all subscriptions that no queue group sets apart", () => {
    const permissions = subscribing({ deny: ["foo.a"] });
    expect(permissions.filterFor("foo.*", null)).toBe(permissions.filterFor(">", "q"));
  });

  test("is not made where a pattern and the deny list have nothing in common", () => {
    const permissions = subscribing({ deny: ["a.b.c", "x.*.z", "only.>"] });
    const patterns = [
      "a.*",
      "a.*.d",
      "x.y.*.w",
      "only",
      "b.>",
      "*.*.*.*",
      "*.b.c",
      "x.>",
      "only.*",
    ];
    expect(patterns.filter((pattern) => permissions.filterFor(pattern, null) !== null)).toEqual([
      "*.*.*.*",
      "*.b.c",
      "x.>",
      "only.*",
    ]);
  });
});

describe("long lists", () => {
  const LENGTH = 10_000;
  /** Nodes of the list that an answer may cost: next to nothing beside its length. */
  const WORK_MAX = 200;
  const entries = (entry: (at: number) => string) =>
    Array.from({ length: LENGTH }, (_, at) => entry(at));
  const workOf = (ask: () => unknown) => {
    const before = Permissions.work;
    ask();
    return Permissions.work - before;
  };

  test("of queue groups answer at once, whatever group is asked for", () => {
    const permissions = subscribing({ allow: entries((at) => `foo q${at}.*`) });
    expect(permissions.maySubscribe("foo", "q9999.x")).toBe(true);
    expect(permissions.maySubscribe("foo", "q10000.x")).toBe(false);
    const started = performance.now();
    for (let i = 0; i < 5_000; i++) permissions.maySubscribe("foo", `x.y${i}`);
    // Ten thousand comparisons each took 2 ms.
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  test("make a filter without a search through all of them", () => {
    const permissions = subscribing({ deny: entries((at) => `a.t${at}.b`) });
    for (const pattern of ["*.*.z", "*.*.b", ">", "a.>", "a.*", "*.t1.b", "b.>"]) {
      expect(workOf(() => permissions.filterFor(pattern, null))).toBeLessThan(WORK_MAX);
    }
    expect(permissions.filterFor("b.>", null)).toBeNull();
    const filter = permissions.filterFor("*.*.b", null);
    expect(filter?.denies("a.t9999.b")).toBe(true);
    expect(filter?.denies("a.t10000.b")).toBe(false);
  });

  test("tell what an answer cost", () => {
    const stars = Array.from({ length: 1 << 10 }, (_, bits) =>
      Array.from({ length: 10 }, (_token, at) => ((bits >> at) & 1 ? "*" : "a")).join("."),
    );
    const permissions = subscribing({ allow: stars });
    const subject = `${"a.".repeat(10)}z`;
    expect(workOf(() => permissions.maySubscribe(subject, null))).toBeGreaterThan(1 << 10);
    expect(workOf(() => permissions.maySubscribe("b", null))).toBeLessThan(10);
  });
});

describe("queue groups", () => {
  const allows = (pattern: string, queue: string) =>
    subscribing({ allow: [`foo ${pattern}`] }).maySubscribe("foo", queue);

  test("are compared token by token, with wildcards for the last or for any", () => {
    for (const [pattern, queue] of [
      ["a.*.c", "a.b.c"],
      ["*.b", "a.b"],
      ["a.>", "a.b.c"],
      ["a.>", "a.>"],
      ["a.*", "a.*"],
      [">", "a"],
    ] as const) {
      expect({ pattern, queue, is: allows(pattern, queue) }).toEqual({ pattern, queue, is: true });
    }
    for (const [pattern, queue] of [
      ["a.*.c", "a.b"],
      ["a.*.c", "a.b.d"],
      ["a.*", "a"],
      ["a.*", "a.>"],
      ["a.*", "a."],
      ["a.>", "a"],
      ["*", "a.b"],
    ] as const) {
      expect({ pattern, queue, is: allows(pattern, queue) }).toEqual({ pattern, queue, is: false });
    }
  });
});

const seed = Number(process.env.MIDGE_TEST_SEED ?? Date.now() & 0xffff);

test(`long lists give the same answers as asking every entry (seed ${seed})`, () => {
  const dice = new Dice(seed);
  const token = () => dice.pick(["a", "b", "c", "d", "*"]);
  const subject = () => {
    const tokens = Array.from({ length: 1 + dice.below(4) }, token);
    if (dice.once(5)) tokens[tokens.length - 1] = ">";
    return tokens.join(".");
  };
  for (let round = 0; round < 60; round++) {
    const allow = Array.from({ length: 1 + dice.below(60) }, subject);
    const deny = Array.from({ length: dice.below(20) }, subject);
    const permissions = publishing({ allow, deny });
    for (let i = 0; i < 40; i++) {
      const asked = subject();
      const expected =
        allow.some((pattern) => matches(pattern, asked)) &&
        !deny.some((pattern) => matches(pattern, asked));
      expect({ allow, deny, asked, may: permissions.mayPublish(asked) }).toEqual({
        allow,
        deny,
        asked,
        may: expected,
      });
    }
  }
});
