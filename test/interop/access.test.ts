// Who may do what, decided by Midge and by a real nats-server under the same configuration file: for every
// case of the matrix the same verdict, in the same words.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  type ConfiguredServer,
  startConfiguredMidge,
  startConfiguredPeer,
} from "../support/configured.ts";
import { Dice } from "../support/dice.ts";
import { describeWithPeer } from "../support/peer.ts";
import { ACCESS_DIFFERENCES, RELOADS_NAME } from "./access-differences.ts";
import { MATRIX } from "./access-matrix.ts";
import { randomConfiguration } from "./access-random.ts";
import { type Case, difference, play } from "./access-play.ts";
import { RELOADS } from "./access-reloads.ts";

const CASES_MIN = 200;
/** Random configurations in a run; MIDGE_COMPARE_SEED chooses others. */
const RANDOM_COUNT = 8;
const SEED = Number(process.env["MIDGE_COMPARE_SEED"] ?? Date.now() % 1_000_000_000);

describeWithPeer("access compared with nats-server 2.15", "2.15", (path) => {
  for (const { name, text, env, cases } of MATRIX)
    describe(name, () => {
      let peer: ConfiguredServer;
      let midge: ConfiguredServer;
      beforeAll(async () => {
        peer = await startConfiguredPeer(path, text, env);
        midge = await startConfiguredMidge(text, env);
      });
      afterAll(async () => {
        await peer?.[Symbol.asyncDispose]();
        await midge?.[Symbol.asyncDispose]();
      });
      for (const each of cases) compare(name, each, () => agree(peer, midge, each));
    });

  describe(RELOADS_NAME, () => {
    for (const each of RELOADS)
      compare(RELOADS_NAME, each, async () => {
        await using peer = await startConfiguredPeer(path, each.config);
        await using midge = await startConfiguredMidge(each.config);
        return await agree(peer, midge, each);
      });
  });

  test("random permissions", async () => {
    console.log(`comparing random permissions from seed ${SEED}`);
    for (let seed = SEED; seed < SEED + RANDOM_COUNT; seed++) {
      const { text, cases } = randomConfiguration(new Dice(seed));
      await using peer = await startConfiguredPeer(path, text);
      await using midge = await startConfiguredMidge(text);
      for (const each of cases) {
        const found = await agree(peer, midge, each);
        if (found !== null) throw new Error(`seed ${seed}, ${each.name}:\n${text}\n${found.note}`);
      }
    }
  });
});

describe("the access matrix", () => {
  const names = [
    ...MATRIX.flatMap(({ name, cases }) => cases.map((each) => `${name}: ${each.name}`)),
    ...RELOADS.map(({ name }) => `${RELOADS_NAME}: ${name}`),
  ];

  test(`has more than ${CASES_MIN} cases, and no two of one name`, () => {
    expect(names.length).toBeGreaterThan(CASES_MIN);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });

  test("has a case for every named difference", () => {
    for (const { under, case: name } of ACCESS_DIFFERENCES)
      expect(names).toContain(`${under}: ${name}`);
  });
});

/** Where two servers part: what each says there. */
interface Disagreement {
  readonly there: string;
  readonly here: string;
  readonly note: string;
}

/** The servers must agree on this case, or else differ just as it is named. */
function compare(under: string, { name }: Case, agree: () => Promise<Disagreement | null>): void {
  const wanted = ACCESS_DIFFERENCES.find((one) => one.under === under && one.case === name);
  if (wanted === undefined)
    test(name, async () => {
      const found = await agree();
      if (found !== null) throw new Error(`Midge says something else:\n${found.note}`);
    });
  else
    test(`${name}, otherwise on purpose: ${wanted.reason}`, async () => {
      expect((await agree())?.here).toBe(wanted.midge);
    });
}

/** Plays a case on both servers; nothing where they say the same. */
async function agree(
  peer: ConfiguredServer,
  midge: ConfiguredServer,
  { steps, logs = [] }: Case,
): Promise<Disagreement | null> {
  const there = await play(peer, steps);
  const here = await play(midge, steps);
  const note = difference(there.heard, here.heard);
  if (note !== undefined)
    return { there: there.heard.at(-1) ?? "", here: here.heard.at(-1) ?? "", note };
  for (const text of logs) {
    const wanted = await logLine(peer, there.cids.get("client"), text);
    const got = await logLine(midge, here.cids.get("client"), text);
    if (wanted !== got)
      return { there: wanted, here: got, note: `  wanted: ${wanted}\n  got:    ${got}` };
  }
  return null;
}

/** What this server logs of that client with this text in it, without what tells connections apart. */
async function logLine(
  server: ConfiguredServer,
  cid: number | undefined,
  text: string,
): Promise<string> {
  const escaped = text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const line = await server.logged(new RegExp(` - cid:${cid} - .*${escaped}`));
  return line.replace(/\S+ - cid:\d+ - /, "");
}
