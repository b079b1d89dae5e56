// The monitors of Midge and of a real nats-server, field by field: in every state the same questions must be
// answered with the same status, headers, keys, types, order and values, but for the differences named in
// monitor-differences.ts.
import { describe, expect, test } from "bun:test";
import { executable } from "../e2e/support.ts";
import { describeWithPeer } from "../support/peer.ts";
import { difference } from "./access-play.ts";
import { CLUSTER_DIFFERENCES } from "./cluster-monitor-differences.ts";
import { MONITOR_DIFFERENCES, type MonitorDifference } from "./monitor-differences.ts";
import { SCENES } from "./monitor-matrix.ts";
import { settleChance } from "./monitor-order.ts";
import { play, type Played } from "./monitor-play.ts";
import type { Scene } from "./monitor-scenes.ts";
import { type Context, lines } from "./monitor-told.ts";

const DIFFERENCES_MAX = 15;
/** Enough to see a pattern, little enough to read. */
const SHOWN_MAX = 5;

/** What nats-top and prometheus-nats-exporter read (monitoring §22): no server may lack it. */
const NEEDED = new Set(
  `server_id server_name version now uptime mem cpu in_msgs in_bytes out_msgs out_bytes slow_consumers
  num_connections total offset limit connections cid kind type ip port start last_activity rtt idle
  pending_bytes subscriptions name lang account tls_version tls_cipher_suite subscriptions_list name_tag
  status error accounts account_name client_connections leafnode_connections is_system expired complete
  jetstream_enabled update_time account_statz acc conns leafnodes total_conns num_subscriptions sent
  received msgs bytes leafs disabled config max_memory max_storage streams consumers messages`.split(
    /\s+/,
  ),
);

describeWithPeer("monitors compared with nats-server 2.15", "2.15", (path) => {
  const seen = new Set<MonitorDifference>();

  for (const scene of SCENES) {
    test(scene.name, async () => {
      const there = await play(path, scene);
      const here = await play(executable, scene);
      const found = scene.questions.flatMap((question, at) => {
        const wanted = settled(scene, there, at, seen);
        const got = settled(scene, here, at, seen);
        const note = difference(wanted, got);
        return note === undefined ? [] : [`${question}\n${note}`];
      });
      if (found.length > 0)
        throw new Error(
          `${found.length} of ${scene.questions.length} questions are answered otherwise:\n` +
            found.slice(0, SHOWN_MAX).join("\n"),
        );
    });
  }

  test("every named difference is one", () => {
    const idle = MONITOR_DIFFERENCES.filter((each) => !seen.has(each)).map(({ name }) => name);
    expect(idle).toEqual([]);
  });
});

describe("the named differences of monitors", () => {
  test(`are at most ${DIFFERENCES_MAX}, with those of clusters`, () => {
    const all = [...MONITOR_DIFFERENCES, ...CLUSTER_DIFFERENCES];
    expect(all.length).toBeLessThanOrEqual(DIFFERENCES_MAX);
  });

  test("take no field from those who read them", () => {
    const lacking = MONITOR_DIFFERENCES.flatMap(({ lacks = [] }) => lacks);
    expect(lacking.filter((key) => NEEDED.has(key))).toEqual([]);
  });
});

/** What this answer says besides chance and named differences; those that it shows are noted in `seen`. */
function settled(
  { questions, base = "", measured = [] }: Scene,
  { told, names }: Played,
  at: number,
  seen: Set<MonitorDifference>,
): string[] {
  const question = questions[at]!;
  const answer = told[at]!;
  const context: Context = { names, measured: new Set(measured) };
  let before = lines(answer, context);
  for (const each of MONITOR_DIFFERENCES) {
    each.settle(answer, { question, base });
    const after = lines(answer, context);
    if (difference(before, after) !== undefined) seen.add(each);
    before = after;
  }
  settleChance(answer, question);
  return lines(answer, context);
}
