// What a user may publish and hear (auth.md §5.1, §5.2, §5.4).
import type { Configuration } from "./access-play.ts";
import {
  actions,
  as,
  hpub,
  login,
  logins,
  pub,
  publishes,
  queueSub,
  sub,
  subscribes,
  talk,
} from "./access-words.ts";

/** A user "u" with these permissions beside one who may do anything. */
function users(permissions: string): string {
  return `authorization { users: [
    { user: u, password: p, permissions: ${permissions} }
    { user: all, password: p }
  ] }`;
}

const U = as("u", "p");
const ALL = as("all", "p");
const loud = (options: object) =>
  `CONNECT ${JSON.stringify({ user: "u", pass: "p", pedantic: false, ...options })}\r\n`;

/** A publish that asks for a report on where it went. */
function traced(subject: string, report: string): string {
  const block = `NATS/1.0\r\nNats-Trace-Dest: ${report}\r\n\r\n`;
  return `HPUB ${subject} ${block.length} ${block.length + 2}\r\n${block}hi\r\n`;
}

/** What an ordinary rule for "foo.*" and "bar" is tried with. */
const SUBJECTS = ["foo", "foo.a", "foo.a.b", "foo.*", "bar", "x"];
const WISHES = [
  "foo",
  "foo.a",
  "foo.*",
  "foo.>",
  "foo.a.b",
  "*.a",
  ">",
  "*",
  "bar",
  "bar q",
  "foo.a q",
];

/** Both directions, and one message that goes round where that is allowed. */
const bothWays = [
  ...publishes("u", U, SUBJECTS),
  ...subscribes("u", U, WISHES),
  talk(
    "as u hear what others publish",
    ["u", U + sub("foo.>")],
    ["all", ALL + pub("foo.a") + pub("foo.a.b")],
  ),
];

export const PERMISSION_CONFIGURATIONS: readonly Configuration[] = [
  { name: "empty permissions", text: users("{}"), cases: bothWays },
  {
    name: "a subject as a word",
    text: users(`{ publish: "foo.*", subscribe: bar }`),
    cases: bothWays,
  },
  {
    name: "lists of subjects",
    text: users(`{ pub: ["foo.*", "bar"], sub: ["foo.*", "bar"] }`),
    cases: bothWays,
  },
  { name: "empty lists", text: users(`{ publish: [], subscribe: [] }`), cases: bothWays },
  { name: "empty rules", text: users(`{ publish: {}, subscribe: {} }`), cases: bothWays },
  {
    name: "allow lists",
    text: users(`{ publish: { allow: ["foo.*"] }, subscribe: { allow: "foo.>" } }`),
    cases: bothWays,
  },
  {
    name: "deny lists",
    text: users(`{ publish: { deny: ["foo.*"] }, subscribe: { deny: ["foo.*"] } }`),
    cases: bothWays,
  },
  {
    name: "allow and deny",
    text: users(
      `{ publish: { allow: ">", deny: ["foo.a", "bar"] }, subscribe: { allow: [">"], deny: "foo.a" } }`,
    ),
    cases: bothWays,
  },
  {
    name: "deny everything",
    text: users(`{ publish: { deny: ">" }, subscribe: { deny: ">" } }`),
    cases: bothWays,
  },
  { name: "only publishing limited", text: users(`{ publish: "bar" }`), cases: bothWays },
  { name: "only subscribing limited", text: users(`{ subscribe: "bar" }`), cases: bothWays },
  {
    name: "links' words for it",
    text: users(`{ import: "bar", export: { deny: "foo.a" } }`),
    cases: bothWays,
  },
  {
    name: "a rule with subjects that only look like wildcards",
    text: users(`{ publish: ["foo*", "a.>b"], subscribe: ["*foo", "a.>x"] }`),
    cases: [
      ...publishes("u", U, ["foo*", "foox", "a.>b", "a.b", "foo"]),
      ...subscribes("u", U, ["*foo", "xfoo", "a.>x", "a.x"]),
    ],
  },
  {
    name: "ways to publish and be refused",
    text: users(`{ publish: { allow: ["foo", "ok.>"], deny: "ok.no" } }`),
    cases: [
      ...actions("u", U, {
        "publish with headers": hpub("x"),
        "publish with headers, without having asked for them": hpub("foo"),
        "publish and go on": pub("x") + pub("foo") + sub("foo") + pub("foo"),
        "publish many and hear of each": pub("x") + pub("y") + pub("z"),
        "publish to a subject with a quote": pub('a"b\\c'),
        "publish to a subject of other bytes": pub("\xff\xc3\xa9"),
        "publish to a subject with a control byte": pub("a\x01b"),
        "publish with a reserved reply": pub("foo", "_R_.x"),
        "publish with a reserved reply to what is refused": pub("x", "_R_.x"),
        "publish to the servers' replies": pub("_GR_.x"),
        "publish to the servers' elections": pub("$NRG.x"),
        "publish to the system": pub("$SYS.x"),
        "publish an empty payload": "PUB x 0\r\n\r\n",
        "publish more than one may": "PUB x 1048577\r\n",
        "publish with a broken end": "PUB x 2\r\nhi!!",
        "publish with a size that is none": "PUB x -1\r\n",
        "publish to an invalid subject": pub("foo..a"),
        "publish to an invalid subject that is allowed": pub("ok..a"),
        "publish to a subject ending in a dot": pub("ok."),
        "publish to a wildcard that is allowed": pub("ok.*"),
        "publish to a wildcard that contains what is denied": pub("ok.>"),
        "publish to what allow and deny name": pub("ok.no"),
      }),
      ...actions("u with headers", login({ user: "u", pass: "p", headers: true }), {
        "publish what is refused": hpub("x"),
        "publish what is allowed": sub("foo") + hpub("foo"),
        "have a message traced where nothing may be published": sub("foo") + traced("foo", "x"),
        "have a message traced that may not be published": traced("bar", "foo"),
      }),
      ...actions("u verbose", loud({ verbose: true }), {
        "publish what is refused": pub("x"),
        "publish what is allowed": pub("foo"),
        "publish both": pub("foo") + pub("x") + pub("foo"),
        "publish with a reserved reply": pub("foo", "$JS.ACK.x"),
      }),
      ...actions("u pedantic", loud({ verbose: false, pedantic: true }), {
        "publish what is refused": pub("x"),
        "publish to an invalid subject": pub("x..a"),
        "publish to an invalid subject that is allowed": pub("ok..a"),
        "publish to a wildcard": pub("x.*"),
        "publish to a wildcard that is allowed": pub("ok.*"),
      }),
      ...actions("u verbose and pedantic", loud({ verbose: true, pedantic: true }), {
        "publish to an invalid subject": pub("x..a"),
        "publish to an invalid subject that is allowed": pub("ok..a"),
      }),
      ...actions(
        "u without responders",
        login({ user: "u", pass: "p", headers: true, no_responders: true }),
        {
          "ask what is refused": sub("in") + pub("x", "in"),
          "ask what nobody answers": sub("in") + pub("foo", "in"),
        },
      ),
    ],
  },
  {
    name: "ways to subscribe and be refused",
    text: `max_subscriptions: 3\nmax_subscription_tokens: 3\n${users(
      `{ subscribe: { allow: ["foo", "ok.>", "inbox.*"], deny: "ok.no" } }`,
    )}`,
    cases: [
      ...actions("u", U, {
        "subscribe and go on": sub("x") + sub("foo", "2") + pub("foo"),
        "subscribe, be refused and publish there": sub("x") + pub("x"),
        "subscribe to what is allowed and refused under one sid":
          sub("foo") + sub("x") + pub("foo"),
        "subscribe to what is refused and allowed under one sid":
          sub("x") + sub("foo") + pub("foo"),
        "unsubscribe what was refused": sub("x") + "UNSUB 1\r\n",
        "subscribe with a queue": queueSub("x", "q"),
        "subscribe with the servers' queue": queueSub("foo", "_sys_"),
        "subscribe with the servers' queue to what is refused": queueSub("x", "_sys_"),
        "subscribe to an invalid subject": sub("x..a"),
        "subscribe to an invalid subject that is allowed": sub("ok..a"),
        "subscribe to more tokens than there may be": sub("x.a.b.c"),
        "subscribe to more tokens than there may be, allowed": sub("ok.a.b.c"),
        "subscribe to a subject with a quote": sub('a"b\\c'),
        "subscribe to a subject of other bytes": sub("\xff\xc3\xa9"),
        "subscribe with a queue with a quote": queueSub("x", 'q"'),
        "subscribe too often": sub("foo", "1") + sub("foo", "2") + sub("foo", "3") + sub("x", "4"),
        "subscribe too often, all allowed": ["1", "2", "3", "4"]
          .map((sid) => sub("foo", sid))
          .join(""),
        "be refused more often than there may be subscriptions":
          ["1", "2", "3", "4", "5"].map((sid) => sub("x", sid)).join("") + sub("foo", "6"),
        "subscribe to a wildcard over what is denied": sub("ok.*") + pub("ok.no") + pub("ok.yes"),
      }),
      ...actions("u verbose", loud({ verbose: true }), {
        "subscribe to what is refused": sub("x"),
        "subscribe to what is allowed": sub("foo"),
        "unsubscribe what was refused": sub("x") + "UNSUB 1\r\n",
      }),
    ],
  },
  {
    name: "what is denied is filtered out of wildcards",
    text: users(
      `{ publish: ">", subscribe: { deny: ["foo.no", "deep.no.>", "bar.* q", "baz.no Q.*"] } }`,
    ),
    cases: [
      ...actions("u", U, {
        "hear the rest of foo.*": sub("foo.*") + pub("foo.no") + pub("foo.yes"),
        "hear the rest of foo.> in a queue":
          queueSub("foo.>", "q") + pub("foo.no") + pub("foo.yes"),
        "hear the rest of >": sub(">") + pub("foo.no") + pub("deep.no.x") + pub("deep.yes"),
        "hear the rest of *.*": sub("*.*") + pub("foo.no") + pub("deep.no") + pub("deep.no.x"),
        "hear the rest of deep.*.*": sub("deep.*.*") + pub("deep.no.x") + pub("deep.a.b"),
        "hear the rest of deep.>": sub("deep.>") + pub("deep.no.x.y") + pub("deep.no"),
        "count only what is delivered":
          sub("foo.*") + "UNSUB 1 1\r\n" + pub("foo.no") + pub("foo.yes") + pub("foo.yes"),
        "hear bar.a as the denied queue": queueSub("bar.a", "q") + pub("bar.a"),
        "hear bar.a as another queue": queueSub("bar.a", "r") + pub("bar.a"),
        "hear bar.a plainly": sub("bar.a") + pub("bar.a"),
        "hear bar.* as the denied queue": queueSub("bar.*", "q") + pub("bar.a"),
        "hear bar.> as the denied queue": queueSub("bar.>", "q") + pub("bar.a"),
        "hear > as the denied queue": queueSub(">", "q") + pub("bar.a") + pub("x"),
        "hear > as another queue": queueSub(">", "r") + pub("bar.a") + pub("x"),
        "hear *.no as a queue of the denied kind":
          queueSub("*.no", "Q.a") + pub("baz.no") + pub("x.no"),
        "hear *.no as a queue not quite of the denied kind":
          queueSub("*.no", "Q.a.b") + pub("baz.no"),
        "hear *.no plainly": sub("*.no") + pub("baz.no") + pub("foo.no"),
      }),
      talk(
        "be told that nobody hears what is filtered out",
        ["u", U + sub("foo.*")],
        ["all", login({ user: "all", pass: "p", headers: true, no_responders: true }) + sub("in")],
        ["all", pub("foo.no", "in")],
        ["all", pub("foo.yes", "in")],
      ),
      talk(
        "give a filtered message to another member of the queue",
        ["u", U + queueSub("foo.*", "q")],
        ["all", ALL + queueSub("foo.*", "q")],
        ["all", pub("foo.no") + pub("foo.no") + pub("foo.no") + pub("foo.no")],
      ),
    ],
  },
  {
    name: "queue groups that may be joined",
    text: users(
      `{ subscribe: { allow: ["foo", "foo v1", "bar v1", "baz v1.*", "any.> >", "* one"], deny: ["foo v1.x"] } }`,
    ),
    cases: subscribes("u", U, [
      "foo",
      "foo v1",
      "foo v2",
      "foo v1.x",
      "bar",
      "bar v1",
      "bar v2",
      "baz v1",
      "baz v1.a",
      "baz v1.a.b",
      "any.x",
      "any.x q",
      "any.x q.r",
      "any.*",
      "any.* q",
      "x",
      "x one",
      "x two",
      "* one",
      "> one",
    ]),
  },
  {
    name: "queue groups that may not be joined",
    text: users(
      `{ subscribe: { allow: [">"], deny: ["foo q", "bar", "bar q", "baz *.dev", "all.> >", "> last"] } }`,
    ),
    cases: subscribes("u", U, [
      "foo",
      "foo q",
      "foo r",
      "bar",
      "bar q",
      "bar r",
      "baz",
      "baz a.dev",
      "baz dev",
      "baz a.b.dev",
      "all.x",
      "all.x q",
      "x last",
      "x first",
      "> last",
      "*",
    ]),
  },
  {
    name: "any queue is denied",
    text: users(`{ subscribe: { allow: ">", deny: "> >" } }`),
    cases: subscribes("u", U, ["foo", "foo bar", "foo a.b", ">", "> q"]),
  },
  {
    name: "only with a queue",
    text: users(`{ subscribe: "> bar.>" }`),
    cases: subscribes("u", U, ["whizz", "whizz bar.bang", "whizz bar", "> bar.x"]),
  },
  {
    name: "blanks around queues",
    text: users(`{ subscribe: { allow: ["  foo   v1  ", "bar\\tq"], deny: "bar  x" } }`),
    cases: subscribes("u", U, ["foo", "foo v1", "bar", "bar q", "bar x"]),
  },
  {
    name: "defaults after the users",
    text: `authorization {
      users: [
        { user: a, password: p }
        { user: own, password: p, permissions: { publish: "own" } }
        { user: empty, password: p, permissions: {} }
      ]
      default_permissions: { publish: "foo", subscribe: { deny: "bar" } }
    }`,
    cases: ["a", "own", "empty"].flatMap((user) => [
      ...publishes(user, as(user, "p"), ["foo", "own", "x"]),
      ...subscribes(user, as(user, "p"), ["foo", "bar"]),
    ]),
  },
  {
    name: "defaults before the users, by their other name",
    text: `authorization {
      permissions: { publish: { deny: "foo" } }
      users: [ { user: a, password: p }, { user: own, password: p, authorization: { subscribe: "x" } } ]
    }`,
    cases: ["a", "own"].flatMap((user) => [
      ...publishes(user, as(user, "p"), ["foo", "x"]),
      ...subscribes(user, as(user, "p"), ["foo", "x"]),
    ]),
  },
  {
    name: "permissions that change with a second login",
    text: `authorization { users: [
      { user: a, password: p, permissions: { publish: "a", subscribe: "a" } }
      { user: b, password: p, permissions: { publish: "b", subscribe: "b" } }
      { user: all, password: p }
    ] }`,
    cases: [
      ...logins({
        "one user and then another":
          as("a", "p") + sub("a") + as("b", "p") + pub("a") + pub("b") + sub("b", "2"),
        "a limited user and then another": as("a", "p") + as("all", "p") + sub("x", "2") + pub("x"),
        "an unlimited user and then another":
          as("all", "p") + sub("x", "2") + as("a", "p") + pub("x"),
        "the same user twice": as("a", "p") + sub("a", "2") + as("a", "p") + pub("a"),
      }),
    ],
  },
];
