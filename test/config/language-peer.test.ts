// The corpus before a real nats-server: its check mode says whether it accepts a text, and its
// digest which value it found. All that both accept is checked in one go, by includes; the rest
// one by one.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { configDigest, loadConfigFile } from "../../src/config/language/load.ts";
import { describeWithPeer } from "../support/peer.ts";
import { ACCEPTED } from "./corpus.ts";
import { REFUSED } from "./corpus-refused.ts";

const ATOMS = Object.values(ACCEPTED).flat();
const REFUSALS = Object.values(REFUSED).flat();
/** Servers at a time. */
const CHECKS_AT_ONCE = 4;

describeWithPeer("the language of nats-server 2.15", "2.15", (server) => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "midge-language-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** The digest of the file, or undefined where the server refuses it. */
  async function check(path: string): Promise<string | undefined> {
    const child = Bun.spawn([server, "-t", "-c", path], { stdout: "ignore", stderr: "pipe" });
    const text = await child.stderr.text();
    await child.exited;
    return /\((sha256:[0-9a-f]{64})\)/.exec(text)?.[1];
  }

  /**
   * A file that includes the texts, each in a block of its own. Blocks of unknown names are fine where
   * a variable names them; the reference itself goes when its key is assigned once more.
   */
  function write(name: string, texts: readonly string[]): string {
    const lines = texts.map((text, index) => {
      const file = `${name}-${index}.part`;
      writeFileSync(join(folder, file), text);
      return `x${index} { include "${file}" }\nserver_name = $x${index}`;
    });
    const path = join(folder, `${name}.conf`);
    writeFileSync(path, `${lines.join("\n")}\nserver_name = done\n`);
    return path;
  }

  async function checkEach(
    name: string,
    texts: readonly string[],
    look: (path: string, text: string) => Promise<boolean>,
  ): Promise<string[]> {
    const wrong: string[] = [];
    const waiting = texts.map((text, index) => ({ text, path: write(`${name}${index}`, [text]) }));
    const worker = async () => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        if (!(await look(next.path, next.text))) wrong.push(next.text);
      }
    };
    await Promise.all(Array.from({ length: CHECKS_AT_ONCE }, worker));
    return wrong;
  }

  async function agrees(path: string): Promise<boolean> {
    return (await check(path)) === configDigest(loadConfigFile(path, {}).root);
  }

  test("finds the same values in what both accept", async () => {
    const texts = ATOMS.filter(([, , differs]) => differs === undefined).map(([text]) => text);
    const crlf = texts
      .filter((text) => text.includes("\n") && !text.includes("("))
      .map((text) => text.replaceAll("\n", "\r\n"));
    if (await agrees(write("all", [...texts, ...crlf]))) return;
    // Only then is it worth to find out which.
    const wrong = await checkEach("one", [...texts, ...crlf], agrees);
    expect(wrong).toEqual([]);
  });

  test("differs in what is accepted otherwise, as the corpus says", async () => {
    const texts = ATOMS.filter(([, , differs]) => differs !== undefined).map(([text]) => text);
    expect(await checkEach("otherwise", texts, async (path) => !(await agrees(path)))).toEqual([]);
  });

  test("refuses what is refused, but for what the corpus names", async () => {
    const same = REFUSALS.filter(([, , differs]) => differs === undefined).map(([text]) => text);
    const other = REFUSALS.filter(([, , differs]) => differs !== undefined).map(([text]) => text);
    const refuses = async (path: string) => (await check(path)) === undefined;
    expect(await checkEach("refused", same, refuses)).toEqual([]);
    expect(await checkEach("lost", other, async (path) => !(await refuses(path)))).toEqual([]);
  });
});
