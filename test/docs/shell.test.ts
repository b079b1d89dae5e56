// The runner of the documentation's commands, itself tested: what is wrong on a page is told, with the place and
// the words of the program, and nothing is left behind.
import { afterAll, describe, expect, test } from "bun:test";
import { Checkout } from "./checkout.ts";
import { asks, linesOf, stays } from "./lines.ts";
import { type Block, Page } from "./markdown.ts";
import { HERE, Ports } from "./ports.ts";
import { patternOf } from "./said.ts";
import { Shell } from "./shell.ts";
import { isFine, missingFor, standIn } from "./stand-ins.ts";

const blockOf = (text: string, info = "sh"): Block =>
  new Page("page.md", `\`\`\`${info}\n${text}\n\`\`\``).blocks[0]!;
const textsOf = (text: string) => linesOf(blockOf(text)).map((line) => line.text);

describe("lines", () => {
  test("comments, empty lines and line ends in the middle are no part of a command", () => {
    const typed = "# first\nnpm start   # on 4222\n\nmidge -p 4222 \\\n  -m 8222\necho '# no' a#b";
    expect(textsOf(typed)).toEqual(["npm start", "midge -p 4222 -m 8222", "echo '# no' a#b"]);
  });

  test("each has its place on the page and the machine that a comment names", () => {
    const lines = linesOf(blockOf("midge -v\n# on nats-main, the first\nmidge -c midge.conf"));
    expect(lines).toEqual([
      { page: "page.md", number: 2, block: 1, text: "midge -v", machine: HERE },
      { page: "page.md", number: 4, block: 1, text: "midge -c midge.conf", machine: "nats-main" },
    ]);
  });

  test("an excuse is for a block, or for the lines that it names", () => {
    const page = (excuse: string) =>
      new Page("page.md", `<!-- not run: ${excuse} -->\n\n\`\`\`sh\nnpm test\nnpm start\n\`\`\``);
    expect(page("it takes long").blocks[0]?.excuse).toBe("it takes long");
    const block = page("`npm test`, it takes long").blocks[0]!;
    expect(block.excuse).toBeUndefined();
    expect(linesOf(block).map((line) => line.text)).toEqual(["npm start"]);
  });

  test("servers stay, and what speaks with one asks", () => {
    const lasting = ["midge", "X=1 midge -c a", "npm start", "bun start", "a && dist/midge -p 1"];
    expect(lasting.map(stays)).toEqual([true, true, true, true, true]);
    const ending = [
      "midge -t -c a",
      "midge -sl ldm",
      "midge --healthcheck",
      "npm test",
      "nats pub",
    ];
    expect(ending.map(stays)).toEqual([false, false, false, false, false]);
    const asking = [
      "curl http://a",
      "midge -sl=ldm",
      "midge --healthcheck",
      "nats sub a",
      "npm test",
    ];
    expect(asking.map(asks)).toEqual([true, true, true, true, false]);
  });
});

describe("ports", () => {
  test("a number is the same free port everywhere on a machine, and another one elsewhere", () => {
    const ports = new Ports();
    const own = ports.of(4222);
    const other = ports.of(6222, "nats-main");
    expect(ports.exchangeIn('-p 4222 "0.0.0.0:4222" nats://a:b@nats-main:6222')).toBe(
      `-p ${own} "0.0.0.0:${own}" nats://a:b@127.0.0.1:${other}`,
    );
    expect(ports.exchangeIn("port: 6222", "nats-main")).toBe(`port: ${other}`);
    expect(new Set([own, other, ports.of(6222), ports.of(4223), 4222, 6222]).size).toBe(6);
  });

  test("other numbers stay as they are", () => {
    const text = "--inputs 1000000 14222 4222000 127.0.0.1 T0pS3cr3t";
    expect(new Ports().exchangeIn(text)).toBe(text);
  });
});

describe("stand-ins", () => {
  test("what takes minutes is run with less, and everything else as it is", () => {
    const run = (line: string) => standIn(line, "midge.tgz");
    expect(run("bun run bench -- --only 'x' --seconds 30")).toBe(
      "bun run bench -- --only 'x' --seconds 1 --only '^1-1-16$' --rounds 1 --seconds 0.1",
    );
    expect(run("bun run bench")).toStartWith("bun run bench -- --only ");
    expect(run("bun run fuzz -- --inputs 1000000")).toBe("bun run fuzz -- --inputs 1000");
    expect(run("bun add midge-server")).toBe("bun add midge.tgz");
    for (const line of ["bun run bench -- --list", "npm test -- test/proto", "midge -p 4222"])
      expect(run(line)).toBe(line);
  });

  test("only a bench may end with 1, and only when it names the rows", () => {
    const below = "Below what is required:\n  1-1-16";
    expect(isFine("bun run bench", 1, below)).toBeTrue();
    expect(isFine("bun run bench", 1, "no row matches")).toBeFalse();
    expect(isFine("bun run fuzz", 1, below)).toBeFalse();
  });

  test("without a network nothing is installed, and the reason is told", () => {
    expect(missingFor("bun install", "ENOTFOUND")).toEqual({ reason: "ENOTFOUND", isPeer: true });
    expect(missingFor("midge -p 4222", "ENOTFOUND")).toBeUndefined();
  });

  test("numbers of a log line may be others, its words not", () => {
    const pattern = patternOf("[INF] Listening on 127.0.0.1:4222 (…)");
    expect("[7] [INF] Listening on 127.0.0.1:51 (x)\nmore").toMatch(pattern);
    expect("[INF] Listening at 127.0.0.1:51 (x)").not.toMatch(pattern);
  });
});

describe.skipIf(process.platform !== "linux")("a shell", () => {
  const checkout = process.platform === "linux" ? new Checkout() : undefined;
  afterAll(() => checkout?.[Symbol.dispose]());
  const PATIENCE_MS = 1_500;

  /** What is told of this block, or nothing when all of it works. */
  async function troubleWith(text: string, ...files: readonly string[]): Promise<string> {
    const shell = new Shell(checkout!, PATIENCE_MS);
    for (const file of files) shell.keep(blockOf(file, "conf"));
    try {
      for (const line of linesOf(blockOf(text))) await shell.type(line);
      await shell.stop();
      return "";
    } catch (error) {
      await shell.stop().catch(() => {});
      return String(error);
    }
  }

  test("starts servers, asks them and stops them", async () => {
    const typed =
      "midge -p 4222 -m 8222\nmidge -p 4223\ncurl http://127.0.0.1:8222/varz\nmidge --healthcheck";
    expect(await troubleWith(typed)).toBe("");
  });

  test("asks a usual server where the block starts none", async () => {
    expect(await troubleWith("curl http://127.0.0.1:8222/healthz")).toBe("");
  });

  test("gives a line the file that the page shows under its name", async () => {
    const file = '# some.conf\nlisten: "127.0.0.1:4222"\nmax_conections: 5';
    const trouble = await troubleWith("midge -t -c some.conf", file);
    expect(trouble).toContain("some.conf:3:1: max_conections: unknown key");
  });

  test("tells a wrong flag, with place, command, code and reason", async () => {
    const trouble = await troubleWith("midge -v\nmidge -t --prot 4222");
    expect(trouble).toContain("page.md:3: `midge -t --prot 4222` ended with 1");
    expect(trouble).toContain("flag provided but not defined: -prot");
    expect(trouble).toMatch(/run as: midge -t --prot \d{5}\n/);
  });

  test.each([
    ["npm run nothing", "Missing script"],
    ["bun scripts/no.ts", "Module not found"],
    ["nobody-knows-this -x", "not found"],
    ["curl http://127.0.0.1:8222/nothing", "404"],
    ["curl http://127.0.0.1:8223/varz", "ended with 7"],
    ["midge --healthcheck http://127.0.0.1:8223", "ended with 1"],
    ["midge -sl reload=1x", "invalid pid"],
    ["false && midge -p 4222", "does not come up: it ended with 1"],
  ])("tells that `%s` fails", async (line, reason) => {
    const trouble = await troubleWith(line);
    expect(trouble).toContain(`page.md:2: \`${line}\``);
    expect(trouble).toContain(reason);
  });

  test("tells that a server does not come up", async () => {
    const busy = await troubleWith("midge -p 4222\nmidge -p 4222");
    expect(busy).toContain("page.md:3: `midge -p 4222` does not come up: it ended with 1");
    expect(busy).toContain("address already in use");
    const silent = await troubleWith("midge -p 4222 -l midge.log");
    expect(silent).toContain("does not come up: Waited in vain for");
  });

  test("tells that a line does not end", async () => {
    const trouble = await troubleWith("sleep 60");
    expect(trouble).toContain("page.md:2: `sleep 60` did not end: Waited in vain for its end");
  });

  test("tells that a server ended before it was stopped", async () => {
    // The field is the group of processes, of which it is the first that ends last.
    const killed =
      "pid=$(cat midge.pid); group=$(cut -d' ' -f5 /proc/$pid/stat); kill $pid; " +
      "while kill -0 $group 2>/dev/null; do :; done";
    const trouble = await troubleWith(`midge -p 4222 -P midge.pid\n${killed}`);
    expect(trouble).toContain("ended before it was stopped");
  });

  test("tells what is left behind and ends it", async () => {
    const stubborn = "sh -c 'trap \"\" INT; while :; do sleep 1; done' >/dev/null 2>&1 &";
    const trouble = await troubleWith(stubborn);
    expect(trouble).toContain("goes on after Ctrl-C");
  });
});
