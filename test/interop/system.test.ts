// The services of the system account of Midge and of a real nats-server, message by message: in every scene
// everybody must hear the same messages in the same order, with the same headers, keys, types and values,
// but for the differences named in system-differences.ts.
import { describe, expect, test } from "bun:test";
import { executable } from "../e2e/support.ts";
import { describeWithPeer } from "../support/peer.ts";
import { SYSTEM_DIFFERENCES, type SystemDifference } from "./system-differences.ts";
import { SCENES } from "./system-matrix.ts";
import { play, type Played } from "./system-play.ts";
import { describeStep } from "./system-scenes.ts";
import { tell } from "./system-told.ts";

const DIFFERENCES_MAX = 10;
/** For two servers, also when one of them does not say what it should. */
const PATIENCE_MS = 60_000;
/** Enough to see a pattern, little enough to read. */
const LINES_MAX = 6;
const SHOWN_MAX = 25;

describeWithPeer("system account compared with nats-server 2.15", "2.15", (path) => {
  const seen = new Set<SystemDifference>();

  /** Who plays the servers of a scene, besides two real ones. */
  const casts = {
    "": [executable, executable],
    ", the first one being Midge": [executable, path],
    ", the second one being Midge": [path, executable],
  } as const;

  for (const scene of SCENES) {
    for (const [name, [first, second]] of Object.entries(casts)) {
      if (scene.second === undefined && name !== "") continue;
      const compare = async () => {
        const there = await play(path, scene);
        const here = await play(first, scene, second);
        const found = scene.steps.flatMap((step, at) => {
          const wanted = tell(there, there.exchanges[at]!, seen);
          const got = tell(here, here.exchanges[at]!, seen);
          const note = parting(wanted, got);
          return note === "" ? [] : [`${describeStep(step)}\n${note}`];
        });
        if (found.length > 0)
          throw new Error(
            `${found.length} of ${scene.steps.length} steps are heard otherwise:\n` +
              found.slice(0, SHOWN_MAX).join("\n"),
          );
        expect(numbers(here)).toEqual(ascending(numbers(here)));
      };
      test(scene.name + name, compare, PATIENCE_MS);
    }
  }

  test("every named difference is one", () => {
    const idle = SYSTEM_DIFFERENCES.filter((each) => !seen.has(each)).map(({ name }) => name);
    expect(idle).toEqual([]);
  });
});

describe("the named differences of the system account", () => {
  test(`are at most ${DIFFERENCES_MAX}`, () => {
    expect(SYSTEM_DIFFERENCES.length).toBeLessThanOrEqual(DIFFERENCES_MAX);
  });
});

/** The lines that only one of two has, or the first that is in another place; "" where they are equal. */
function parting(wanted: readonly string[], got: readonly string[]): string {
  const missing = wanted.filter((line) => !got.includes(line)).map((line) => `  wanted: ${line}`);
  const surplus = got.filter((line) => !wanted.includes(line)).map((line) => `  got:    ${line}`);
  const notes = [...missing.slice(0, LINES_MAX), ...surplus.slice(0, LINES_MAX)];
  if (notes.length > 0) return notes.join("\n");
  const at = wanted.findIndex((line, index) => line !== got[index]);
  if (at < 0 && wanted.length === got.length) return "";
  return `  wanted here: ${wanted[at]}\n  got:         ${got[at]}`;
}

/** The numbers that the first server gave what it said to "sys", in the order in which it was heard. */
function numbers({ exchanges, serverNames }: Played): number[] {
  const [own] = serverNames.keys();
  return exchanges.flatMap(({ heard }) =>
    heard
      .filter(({ who, payload }) => who === "sys" && payload.includes(`"id":"${own}"`))
      .flatMap(({ payload }) => /"seq":(\d+)/.exec(payload)?.[1] ?? [])
      .map(Number),
  );
}

/** Each of them once, smaller ones first. */
const ascending = (all: readonly number[]) => [...new Set(all)].sort((one, other) => one - other);
