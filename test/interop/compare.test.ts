// Midge against real nats-servers: the same random conversations must sound the same. MIDGE_COMPARE_SEED
// and MIDGE_COMPARE_COUNT choose other conversations or more of them.
import { describe, expect, test } from "bun:test";
import { configText, startServer } from "../support/server.ts";
import { describeWithPeer, startPeer } from "../support/peer.ts";
import { connect } from "../support/wire.ts";
import { DIFFERENCES_TO_2_9, asIn215 } from "./differences.ts";
import { difference, infoFields, Stage, type Heard } from "./run.ts";
import { makeScript, OPTION_SETS, type Avoidance } from "./scripts.ts";

const COUNT = Number(process.env["MIDGE_COMPARE_COUNT"] ?? 300);
const SEED = Number(process.env["MIDGE_COMPARE_SEED"] ?? Date.now() % 1_000_000_000);
/** A script takes a few milliseconds on both servers; this is for busy machines. */
const PATIENCE_MS = 10_000 + COUNT * 100;
/** Enough to see a pattern, little enough to read. */
const SHOWN_MAX = 5;

type Start = (config: (typeof OPTION_SETS)[number]) => Promise<{ port: number } & AsyncDisposable>;

const peer =
  (path: string): Start =>
  (options) =>
    startPeer(path, configText(options));

/** Plays the scripts of this run on both servers and collects where they part. */
async function compare(
  wanted: Start,
  got: Start,
  avoid: Avoidance = {},
  adapt: (heard: Heard) => Heard = (heard) => heard,
): Promise<void> {
  console.log(`comparing ${COUNT} scripts from seed ${SEED}`);
  const found: string[] = [];
  for (const [turn, options] of OPTION_SETS.entries()) {
    await using first = await wanted(options);
    await using second = await got(options);
    await using firstStage = await Stage.open(first.port);
    await using secondStage = await Stage.open(second.port);
    for (let seed = SEED; seed < SEED + COUNT; seed++) {
      // The seed alone says all of a script, its options too, so that one can be played again.
      if (seed % OPTION_SETS.length !== turn) continue;
      const script = makeScript(seed, options, avoid);
      const note = await Promise.all([firstStage.play(script), secondStage.play(script)]).then(
        ([one, two]) => difference(script, adapt(one), adapt(two)),
        (error: Error) => `seed ${seed}: ${error.message}`,
      );
      if (note) found.push(`${JSON.stringify(options)} ${note}`);
    }
  }
  if (found.length > 0)
    throw new Error(
      `${found.length} of ${COUNT} scripts differ (MIDGE_COMPARE_SEED and MIDGE_COMPARE_COUNT=1 play one ` +
        `again):\n${found.slice(0, SHOWN_MAX).join("\n")}`,
    );
}

describeWithPeer("compared with nats-server 2.15", "2.15", (path) => {
  test("it answers random scripts alike", () => compare(peer(path), startServer), PATIENCE_MS);

  test(
    "it agrees with itself: what is compared is what it promises",
    () => compare(peer(path), peer(path)),
    PATIENCE_MS,
  );
});

describeWithPeer("compared with nats-server 2.9", "2.9", (path) => {
  test(
    "Midge answers alike but for the differences named below",
    () =>
      compare(
        peer(path),
        startServer,
        { secondConnect: true, protocolOne: true, raftSubjects: true },
        asIn215,
      ),
    PATIENCE_MS,
  );

  describe("named difference", () => {
    for (const { name, says, older, newer, options = {} } of DIFFERENCES_TO_2_9) {
      test(name, async () => {
        await using old = await startPeer(path, configText(options));
        await using midge = await startServer(options);
        expect(await answer(old.port, says)).toBe(older);
        expect(await answer(midge.port, says)).toBe(newer);
      });
    }
  });
});

/** All that a server says to these bytes until both sides have ended, with the fields of an INFO listed. */
async function answer(port: number, says: string): Promise<string> {
  await using client = await connect(port);
  await client.says(says);
  client.shutdown();
  const heard = client.infoLine + (await client.hearsUntilClose());
  return heard.replace(/INFO \{.*?\} \r\n/g, (line) => `<${infoFields(line)}>`);
}
