// Monitors of servers with one client, with many, and with clients that have gone.
import { login as connect } from "./access-words.ts";
import { CONNZ, NAMED, TOTALS, type Scene, type Step } from "./monitor-scenes.ts";

const GO = { lang: "go", version: "1.50.0", protocol: 1, headers: true, no_responders: true };
const publish = (subject: string, bytes: number) =>
  `PUB ${subject} ${bytes}\r\n${"x".repeat(bytes)}\r\n`;

export const one: readonly Scene[] = [
  {
    name: "one that has said nothing",
    config: NAMED,
    steps: [{ by: "mute", says: "", isLast: "not waited for" }],
    questions: [...CONNZ, "/connz?cid={mute}", ...TOTALS],
  },
  {
    name: "one that has only said who it is",
    config: NAMED,
    steps: [{ by: "alice", says: connect({ ...GO, name: 'a "b" <c> & é\u2028 \\' }) }],
    questions: [
      ...CONNZ,
      "/connz?cid={alice}",
      "/connz?cid={alice}&limit=9&state=all",
      "/connz?cid={alice}&offset=1",
      "/connz?cid={alice}&state=closed",
      "/connz?cid={alice}&user=x",
      "/connz?cid={alice}&acc=$G",
      "/connz?cid={alice}&acc=nope",
      "/connz?limit=1&offset=1",
      "/connz?user=x",
      "/connz?acc=$G",
      "/connz?acc=$SYS",
      "/connz?mqtt_client=x",
      ...TOTALS,
    ],
  },
  {
    name: "one with subscriptions of all kinds",
    config: NAMED,
    steps: [
      {
        by: "alice",
        says:
          connect({ ...GO, name: "alice", user: "ignored", pass: "ignored" }) +
          "SUB foo 1\r\nSUB foo 2\r\nSUB foo.* work 3\r\nSUB foo.> rest 4\r\nSUB > 5\r\n" +
          "SUB max 6\r\nUNSUB 6 3\r\nSUB gone 7\r\nUNSUB 7\r\nSUB ended 8\r\nUNSUB 8 1\r\n" +
          `${publish("foo", 5)}${publish("foo.bar", 7)}${publish("max", 2)}${publish("ended", 0)}` +
          "HPUB foo 12 15\r\nNATS/1.0\r\n\r\nhey\r\n",
      },
    ],
    questions: [
      ...CONNZ,
      "/connz?subs=detail&cid={alice}",
      ...TOTALS,
      "/subsz?subs=1&test=foo",
      "/subsz?subs=1&test=foo.bar",
      "/subsz?subs=1&test=nothing",
      "/subsz?subs=1&acc=$G",
      "/subsz?acc=$G",
      "/subsz?acc=$SYS",
      "/subsz?subs=1&test=foo&limit=2",
      "/subsz?subs=1&test=foo&limit=2&offset=2",
      "/subsz?subs=1&test=foo&offset=3",
      "/subscriptionsz?subs=1&test=foo&offset=99",
      "/accountz?acc=$G",
      "/accountz?acc=$SYS",
    ],
  },
];

/** Each of them differs from all others in everything that can be sorted by, and never in the same order. */
const crowd: readonly Step[] = Array.from({ length: 12 }, (_, at): Step => {
  const [one, two, three, four] = [5, 7, 11, 1].map((factor) => (at * factor + 3) % 12) as Four;
  const others = Array.from({ length: one }, (_, sid) => `SUB own.${at}.${sid} ${sid}\r\n`);
  return {
    by: `guest${at}`,
    says:
      `${connect({ ...GO, name: `guest ${at}` })}SUB own.${at} inbox\r\n${others.join("")}` +
      publish(`own.${at}`, 20 * three) +
      publish(`own.${at}`, 1).repeat(two) +
      publish("void", 21).repeat(12 * four),
  };
});
type Four = [number, number, number, number];
const SORTS = ["cid", "start", "subs", "msgs_to", "msgs_from", "bytes_to", "bytes_from"];
const MEASURED = ["pending", "last", "idle", "uptime", "rtt"];

/** More than there are on a page unless one asks for more. */
const COUNT = 1_030;

const crowded: Scene = {
  name: "more than a page",
  config: `${NAMED}max_connections: 2000\n`,
  steps: Array.from({ length: COUNT }, (_, at): Step => ({
    by: `guest${at}`,
    says: "",
    isLast: "not waited for",
  })),
  questions: ["/connz", "/connz?offset=1020", "/connz?offset=1020&limit=2000", "/connz?limit=1026"],
};

export const many: readonly Scene[] = [
  {
    name: "many",
    config: NAMED,
    steps: crowd,
    questions: [
      "/connz",
      "/connz?state=all&subs=1",
      ...SORTS.flatMap((sort) => [
        `/connz?sort=${sort}`,
        `/connz?sort=${sort}&limit=5`,
        `/connz?sort=${sort}&limit=3&offset=4`,
      ]),
      ...MEASURED.map((sort) => `/connz?sort=${sort}`),
      "/connz?limit=5",
      "/connz?offset=10",
      "/connz?offset=12",
      "/connz?offset=99&limit=9",
      "/connz?limit=4&offset=4",
      "/connz?acc=$G&limit=3&offset=3",
      "/connz?cid={guest3}",
      ...TOTALS,
    ],
  },
  crowded,
];

const LIMITS = `${NAMED}max_payload: 100\nmax_control_line: 256\nmax_connections: 4\n`;
export const closed: readonly Scene[] = [
  {
    name: "closed",
    config: LIMITS,
    steps: [
      {
        by: "leaver",
        says: `${connect({ ...GO, name: "leaver" })}SUB foo 1\r\nSUB bar q 2\r\n${publish("foo", 3)}`,
      },
      { leaves: "leaver" },
      { by: "mute", says: "" },
      { leaves: "mute" },
      { by: "liar", says: "nonsense\r\n", isLast: "until closed" },
      { by: "parser", says: "-ERR 'x'\r\n", isLast: "until closed" },
      { by: "big", says: `${connect(GO)}PUB foo 101\r\n`, isLast: "until closed" },
      { by: "long", says: `${connect(GO)}SUB ${"x".repeat(300)} 1\r\n`, isLast: "until closed" },
      { by: "future", says: connect({ protocol: 7 }), isLast: "until closed" },
      { by: "headless", says: connect({ no_responders: true }), isLast: "until closed" },
      { by: "stranger", says: connect({ account: "A" }), isLast: "until closed" },
      { by: "first", says: connect(GO) },
      { by: "second", says: connect(GO) },
      { by: "third", says: connect(GO) },
      { by: "fourth", says: connect(GO) },
      { by: "fifth", says: "", isLast: "until closed" },
    ],
    questions: [
      "/connz",
      "/connz?state=closed",
      "/connz?state=closed&subs=1",
      "/connz?state=closed&subs=detail",
      "/connz?state=closed&auth=1",
      "/connz?state=closed&auth=1&subs=detail",
      "/connz?state=all",
      "/connz?state=any&limit=3&offset=3",
      "/connz?state=closed&sort=reason",
      "/connz?state=closed&sort=stop",
      "/connz?state=closed&sort=uptime",
      "/connz?state=closed&sort=idle",
      "/connz?state=closed&sort=last",
      "/connz?state=closed&sort=subs&limit=1",
      "/connz?state=closed&sort=msgs_to&limit=1",
      "/connz?state=closed&cid={leaver}",
      "/connz?state=all&cid={leaver}",
      "/connz?state=open&cid={leaver}",
      "/connz?state=all&cid={first}",
      "/connz?state=closed&cid={first}",
      "/connz?cid={liar}",
      "/connz?state=closed&acc=$G",
      "/connz?state=all&acc=$G",
      "/connz?state=closed&limit=2&offset=1",
      "/connz?state=closed&user=x",
      "/connz?state=closed&sort=reason&limit=3&offset=2",
      ...TOTALS,
    ],
  },
];

/** Room for a few messages only. */
const TIGHT = `${NAMED}max_payload: 100000\nmax_pending: 1000000\n`;
const FLOODED = ["pending_bytes", "out_msgs", "out_bytes", "out_client_msgs", "out_client_bytes"];
const flood: readonly Step[] = [
  { by: "slow", says: `${connect(GO)}SUB flood 1\r\n`, isLazy: true },
  { by: "fast", says: connect(GO) + publish("flood", 100_000).repeat(160) },
];

export const slow: readonly Scene[] = [
  {
    name: "one that does not read",
    config: NAMED,
    measured: ["pending_bytes"],
    steps: [
      { by: "lazy", says: `${connect(GO)}SUB flood 1\r\n`, isLazy: true },
      { by: "fast", says: connect(GO) + publish("flood", 1_000_000).repeat(16) },
    ],
    questions: [...CONNZ, "/connz?sort=pending", ...TOTALS],
  },
  {
    name: "one that was too slow",
    config: TIGHT,
    measured: [...FLOODED, "stalls", "stalled_clients"],
    // nats-server counts one twice that goes on reading nothing: for what waits, and when a last write fails.
    steps: [...flood, { lost: "slow" }],
    questions: ["/connz", "/connz?state=closed&auth=1", "/varz"],
  },
  {
    name: "one that was too slow, and publishers who do not wait",
    config: `${TIGHT}no_fast_producer_stall: true\nwrite_deadline: "200ms"\n`,
    // How often the page is asked until the slow one is gone depends on the time.
    measured: [...FLOODED, "/connz"],
    steps: [...flood, { lost: "slow", isStill: true }],
    questions: ["/connz", "/connz?state=closed&auth=1", "/varz"],
  },
  {
    name: "some that did not answer in time",
    config: `${NAMED}ping_interval: "40ms"\nping_max: 1\n`,
    steps: [{ by: "dead", says: connect(GO), isLast: "until closed" }],
    questions: ["/connz", "/connz?state=closed&auth=1", "/varz"],
  },
  {
    name: "one that did not log in in time",
    config: `${NAMED}authorization { user: somebody, password: something, timeout: 0.05 }\n`,
    steps: [{ by: "late", says: "", isLast: "until closed" }],
    questions: ["/connz", "/connz?state=closed&auth=1", "/varz"],
  },
];
