// The package as a new user has it: packed, installed into an empty folder, type checked and run. The sample
// application is tried the same way. That takes npm and a network; without them the tests are skipped and say
// why, or fail with MIDGE_REQUIRE_PEERS=1.

import { afterAll, expect, test } from "bun:test";
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";

const root = dirname(dirname(import.meta.dir));
const folder = mkdtempSync(join(tmpdir(), "midge-pack-"));
const LIMIT_MS = 120_000;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Outcome {
  readonly code: number;
  /** Both outputs. */
  readonly text: string;
}

async function run(command: readonly string[], cwd: string): Promise<Outcome> {
  const child = Bun.spawn([...command], {
    cwd,
    // A user has a `bun`.
    env: {
      ...process.env,
      PATH: `${join(root, "node_modules", ".bin")}${delimiter}${process.env["PATH"]}`,
    },
    stdout: "pipe",
    stderr: "pipe",
    timeout: LIMIT_MS,
  });
  const [out, err, code] = await Promise.all([
    child.stdout.text(),
    child.stderr.text(),
    child.exited,
  ]);
  return { code, text: out + err };
}

/** The Bun that runs the tests. */
const bun = (args: readonly string[], cwd: string) => run([process.execPath, ...args], cwd);

async function npm(args: readonly string[], cwd: string): Promise<void> {
  const { code, text } = await run(["npm", ...args, "--no-audit", "--no-fund"], cwd);
  if (code !== 0) throw new Error(`npm ${args[0]} failed:\n${text}`);
}

/** A folder with these files and the packed library. */
async function install(name: string, dependencies: Record<string, string>): Promise<string> {
  const project = join(folder, name);
  const manifest = { name, private: true, type: "module", dependencies };
  await Bun.write(join(project, "package.json"), JSON.stringify(manifest));
  await npm(["install"], project);
  return project;
}

/** Packs the library; gives the tarball. */
async function pack(): Promise<string> {
  // What the script `prepack` does, with the Bun that is there.
  const declared = await bun(["scripts/types.ts"], root);
  if (declared.code !== 0) throw new Error(declared.text);
  await npm(["pack", "--ignore-scripts", "--pack-destination", folder], root);
  const tarball = readdirSync(folder).find((file) => file.endsWith(".tgz"));
  if (tarball === undefined) throw new Error("npm pack left no tarball");
  return `file:${join(folder, tarball)}`;
}

const NO_NETWORK =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED|ENOENT.*npm|Executable not found/;

/** The tarball, or why there is none. */
async function packed(): Promise<{ tarball: string } | { reason: string }> {
  try {
    const tarball = await pack();
    await install("probe", { "midge-server": tarball, "bun-types": "1.4.5" });
    return { tarball };
  } catch (error) {
    const text = String(error);
    const line = text.split("\n").find((each) => NO_NETWORK.test(each));
    if (line === undefined) throw error;
    return { reason: line.trim() };
  }
}

const STRICT = {
  compilerOptions: {
    target: "ESNext",
    module: "Preserve",
    moduleResolution: "bundler",
    lib: ["ESNext"],
    types: ["bun-types"],
    noEmit: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    noPropertyAccessFromIndexSignature: true,
    skipLibCheck: true,
  },
};

const FIRST_PROGRAM = `
import { Midge, OptionsError, type ClientEvent } from "midge-server";

await using server = await Midge.start({ port: -1, pingInterval: "1m", maxPayload: 1024 });
const stop: () => void = server.on("connect", (event: ClientEvent) => void event.cid);
stop();
const interval: number = server.options.pingInterval;
const refused = await Midge.start({ maxPayload: -7 }).catch((error: unknown) => error);
console.log(server.clientUrl.startsWith("nats://127.0.0.1:"), interval);
console.log(refused instanceof OptionsError && refused.problems[0]?.key);
const missing = await server.connect().then(() => "connected", (error: Error) => error.message);
console.log(missing);
`;

const NAME = "the packed library";
const outcome = await packed();
if ("tarball" in outcome) {
  const { tarball } = outcome;

  test(
    `${NAME} type checks under strict rules and runs, in an empty folder and with nothing else`,
    async () => {
      const project = join(folder, "probe");
      writeFileSync(join(project, "tsconfig.json"), JSON.stringify(STRICT));
      writeFileSync(join(project, "index.ts"), FIRST_PROGRAM);
      expect(await bun(["check", "--no-pretty"], project)).toMatchObject({ code: 0 });
      const ran = await bun(["index.ts"], project);
      expect(ran).toEqual({
        code: 0,
        text:
          "true 60000\nmaxPayload\nserver.connect() needs the package @nats-io/nats-core, which is not" +
          " installed: bun add @nats-io/nats-core\n",
      });
    },
    LIMIT_MS,
  );

  test(
    `${NAME} refuses a mistyped option when types are checked`,
    async () => {
      const project = join(folder, "probe");
      const wrong = 'import { Midge } from "midge-server";\nawait Midge.start({ prot: 4222 });\n';
      writeFileSync(join(project, "index.ts"), wrong);
      const { code, text } = await bun(["check", "--no-pretty"], project);
      expect({ code, isFound: text.includes("'prot'") }).toEqual({ code: 1, isFound: true });
    },
    LIMIT_MS,
  );

  test(`${NAME} shows the types of what it exports and nothing of its inside`, () => {
    const types = join(folder, "probe", "node_modules", "midge-server", "dist", "types");
    const rooms = readdirSync(types).sort();
    expect(rooms).toEqual(["config", "embedded", "index.d.ts", "log"]);
  });

  test(
    `${NAME} brings the executable along`,
    async () => {
      const project = join(folder, "probe");
      const { code, text } = await bun(["x", "--no-install", "midge", "--version"], project);
      expect({ code, text }).toEqual({ code: 0, text: expect.stringContaining("midge") });
    },
    LIMIT_MS,
  );

  test(
    `the sample application type checks and passes its own tests with ${NAME}`,
    async () => {
      const project = join(folder, "orders");
      cpSync(join(root, "examples", "orders"), project, {
        recursive: true,
        filter: (file) => !file.includes("node_modules"),
      });
      const manifest = await Bun.file(join(project, "package.json")).json();
      manifest.dependencies["midge-server"] = tarball;
      await Bun.write(join(project, "package.json"), JSON.stringify(manifest));
      await npm(["install"], project);
      const checked = await bun(["check", "--no-pretty"], project);
      expect(checked).toMatchObject({ code: 0 });
      const tested = await bun(["test"], project);
      expect(tested.text).toContain("5 pass");
      expect(tested.code).toBe(0);
    },
    LIMIT_MS,
  );
} else if (process.env["MIDGE_REQUIRE_PEERS"] === "1") {
  test(NAME, () => {
    throw new Error(outcome.reason);
  });
} else {
  console.warn(`skipped: ${NAME}: ${outcome.reason}`);
  test.skip(`${NAME} (${outcome.reason})`, () => {});
}
