// Which subjects are valid and which patterns match what (client protocol §9).
import type { Transcript } from "../transcripts.ts";

const PEDANTIC_ERROR = "-ERR 'Invalid Publish Subject'\r\n";

/** The pattern hears exactly these of the published subjects. */
function matches(
  pattern: string,
  heard: readonly string[],
  unheard: readonly string[],
): Transcript {
  return {
    name: `${JSON.stringify(pattern)} matches ${heard.join(" ") || "nothing"}, not ${unheard.join(" ")}`,
    connect: {},
    says:
      `SUB ${pattern} 1\r\n` +
      [...unheard, ...heard].map((subject) => `PUB ${subject} 0\r\n\r\n`).join(""),
    hears: heard.map((subject) => `MSG ${subject} 1 0\r\n\r\n`).join(""),
  };
}

/** SUB with this subject is refused, and its sid stays free. */
const refusedForSub = (subject: string): Transcript => ({
  name: `${JSON.stringify(subject)} is refused for SUB`,
  says: `SUB ${subject} 1\r\nSUB foo 1\r\nPUB foo 0\r\n\r\n`,
  hears: "-ERR 'Invalid Subject'\r\n+OK\r\n+OK\r\nMSG foo 1 0\r\n\r\n",
});

/** A pedantic PUB with this subject is answered by an error. */
const refusedForPub = (subject: string): Transcript => ({
  name: `${JSON.stringify(subject)} is refused for a pedantic PUB`,
  connect: { pedantic: true },
  says: `PUB ${subject} 0\r\n\r\n`,
  hears: PEDANTIC_ERROR,
});

const allowedForPub = (subject: string): Transcript => ({
  name: `${JSON.stringify(subject)} is allowed for a pedantic PUB`,
  connect: { pedantic: true },
  says: `PUB ${subject} 0\r\n\r\n`,
  hears: "",
});

export const subjects: readonly Transcript[] = [
  matches("foo", ["foo"], ["foo.bar", "fo", "FOO", "foo.foo"]),
  matches("foo.bar", ["foo.bar"], ["foo", "foo.bar.baz", "foo.Bar", "bar.foo"]),
  matches("foo.*", ["foo.bar", "foo.*", "foo.>"], ["foo", "foo.bar.baz"]),
  matches("*.foo", ["bar.foo", "*.foo"], ["foo", "a.b.foo"]),
  matches("foo.*.baz", ["foo.bar.baz"], ["foo.baz", "foo.bar.bar.baz", "foo.bar"]),
  matches("foo.>", ["foo.bar", "foo.bar.baz", "foo.*", "foo.>.x"], ["foo"]),
  matches("*.foo.>", ["a.foo.b", "a.foo.b.c"], ["a.foo", "foo.b"]),
  matches("foo.*.>", ["foo.a.b", "foo.a.b.c"], ["foo.a", "foo"]),
  matches("foo.*.*", ["foo.a.b"], ["foo.a", "foo.a.b.c"]),

  // A wildcard is a whole token; anything else is literal.
  matches("foo*", ["foo*"], ["foo", "foox", "foo.x"]),
  matches("foo>", ["foo>"], ["foo", "foo.x", "foox"]),
  matches("foo.b*r", ["foo.b*r"], ["foo.bar"]),
  matches("foo.**", ["foo.**"], ["foo.ab", "foo.a.b"]),
  matches("*foo", ["*foo"], ["xfoo", "foo"]),
  matches(">foo", [">foo"], ["x.foo", "foo"]),
  matches("foo.*>", ["foo.*>"], ["foo.a", "foo.a.b"]),
  matches("foo.>bar", ["foo.>bar"], ["foo.xbar", "foo.a.b"]),

  // Bytes are bytes.
  matches("foo.\xc3\xa9.\xc3\xbc", ["foo.\xc3\xa9.\xc3\xbc"], ["foo.e.u"]),
  matches("foo\x00bar", ["foo\x00bar"], ["foo"]),
  matches("foo\x01", ["foo\x01"], ["foo"]),
  matches("foo.\xff\xfe", ["foo.\xff\xfe"], ["foo.\xff"]),
  matches("foo.\x7f\x0b\x0c", ["foo.\x7f\x0b\x0c"], ["foo."]),

  // Empty tokens.
  matches("foo.>", ["foo.a"], ["foo.", "foo..bar", "foo.a."]),
  matches("foo.*", ["foo.a"], ["foo."]),
  ...[".foo", "foo.", "foo..bar", "foo.>.bar", ">.foo", "foo.>.", "..foo"].map(refusedForSub),
  ...["foo.*", "foo.>", "*.foo", ">.foo", "foo.>.bar", ".foo", "foo.", "foo..bar"].map(
    refusedForPub,
  ),
  ...["foo*", "foo.b*r", "foo>", "*foo", ">foo", "foo.**", "foo\x00bar"].map(allowedForPub),
];
