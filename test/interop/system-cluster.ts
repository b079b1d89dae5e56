// Two servers, asked by a client of one of them: each answers for itself, and tells the other what happens.
import { ACCOUNTS, enters, publish, SYS, WATCHER } from "./system-cast.ts";
import { type Asking, type Scene, SUBSCRIBED } from "./system-scenes.ts";

/** Only one connection between the two: what is said first is heard first. */
const cluster = (more = "") =>
  `cluster { name: "C", listen: "127.0.0.1:-1", pool_size: -1, ${more} }\n`;

/** Questions that so many servers answer, in any order. */
const asked = (brings: number, ...questions: readonly (readonly [string, object?])[]): Asking[] =>
  questions.map(([asks, body]) => ({
    asks,
    body: body === undefined ? "" : JSON.stringify(body),
    brings,
    isUnordered: true,
  }));

export const clusterOfTwo: Scene = {
  name: "a cluster of two",
  config: ACCOUNTS + cluster(),
  second: `${ACCOUNTS.replace('"one"', '"two"').replace("az:1", "az:2")}${cluster('routes: ["nats-route://127.0.0.1:{port}"]')}`,
  watcher: WATCHER,
  isUncounted: true,
  steps: [
    SYS,
    { by: "sys", says: "SUB $SYS.ACCOUNT.> account\r\n" },
    { by: "adam", says: enters("adam"), brings: 2, isUnordered: true },
    { by: "adam", says: "SUB foo.bar 1\r\nSUB foo.bar q 2\r\n" },
    { by: "bob", at: 1, says: enters("bob"), brings: 2, isUnordered: true },
    { by: "ada", at: 1, says: enters("adam"), brings: 2, isUnordered: true },
    { by: "ada", says: "SUB foo.* 1\r\nSUB foo.bar q 2\r\n" },
    { leaves: "bob", brings: 2, isUnordered: true },
    ...asked(
      2,
      ["$SYS.REQ.SERVER.PING"],
      ["$SYS.REQ.SERVER.PING.STATSZ"],
      ["$SYS.REQ.SERVER.PING.IDZ"],
      ["$SYS.REQ.SERVER.PING.IDZ", { server_name: "two" }],
      ["$SYS.REQ.SERVER.PING.HEALTHZ"],
      ["$SYS.REQ.SERVER.PING.HEALTHZ", { cluster: "C" }],
      ["$SYS.REQ.SERVER.PING.HEALTHZ", { tags: ["dc:x"] }],
      ["$SYS.REQ.ACCOUNT.A.CONNZ"],
      ["$SYS.REQ.ACCOUNT.A.STATZ"],
      ["$SYS.REQ.ACCOUNT.A.CONNS"],
      ["$SYS.REQ.ACCOUNT.PING.STATZ", { accounts: ["A"] }],
    ),
    ...asked(
      1,
      ["$SYS.REQ.SERVER.PING.HEALTHZ", { server_name: "two" }],
      ["$SYS.REQ.SERVER.PING.HEALTHZ", { server_name: "one" }],
      ["$SYS.REQ.SERVER.PING.HEALTHZ", { tags: ["az:2"] }],
      ["$SYS.REQ.SERVER.PING.VARZ", { server_name: "two", exact_match: true }],
      ["$SYS.REQ.ACCOUNT.PING.STATZ", { accounts: ["SYS"] }],
      ["$SYS.REQ.SERVER.{id}.HEALTHZ"],
      ["$SYS.REQ.SERVER.{other}.HEALTHZ"],
      ["$SYS.REQ.SERVER.{other}.IDZ"],
      ["$SYS.REQ.SERVER.{other}.ROUTEZ"],
      ["$SYS.REQ.USER.INFO"],
    ),
    ...asked(0, ["$SYS.REQ.SERVER.PING.HEALTHZ", { server_name: "three" }]),
    ...asked(1, ["$SYS.REQ.SERVER.NOPE.HEALTHZ"], ["$SYS.REQ.SERVER.PING.NOPE"]),
    { by: "remote", at: 1, says: enters("sys"), brings: 2, isUnordered: true },
    { by: "remote", says: "SUB foo 1\r\nSUB foo q 2\r\nSUB * q 3\r\n" },
    { by: "sys", says: "SUB foo 4\r\nSUB foo q 5\r\n" },
    ...["foo", "foo q", "*", "nothing"].map((body) => ({
      asks: "$SYS.DEBUG.SUBSCRIBERS",
      body,
      brings: 1,
    })),
    { asks: "$SYS.REQ.ACCOUNT.NSUBS", body: '{"acc":"A","subject":"foo.bar"}', brings: 2 },
    { by: "adam", says: SUBSCRIBED + publish("foo.none") },
    { asks: "$SYS.REQ.USER.INFO", by: "adam", isUnordered: true },
    { by: "sys", says: "SUB $SYS.SERVER.> server\r\n" },
    { asks: "$SYS.REQ.SERVER.{other}.KICK", body: '{"cid":{ada}}', brings: 4, isUnordered: true },
    { signal: "SIGTERM", brings: 1, isUnordered: true },
  ],
};
