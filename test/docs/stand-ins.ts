// What is typed in place of what takes minutes, or names what is elsewhere: the same commands with smaller
// numbers and real paths. Everything else is typed as it stands on the page.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { TARGETS } from "../../scripts/release/targets.ts";
import { findNatsCommand } from "../interop/consumers.ts";
import { findPeer } from "../support/peer.ts";
import { root } from "./markdown.ts";

const PEER = /\/path\/to\/\S+/g;
const BENCH = /^bun run bench(?: --(?= ))?(?!.* --list)(.*)$/;

/** One row of one round: the figures don't matter here. */
const SHORT_BENCH = "bun run bench --$1 --only '^1-1-16$' --rounds 1 --seconds 0.1";
const peers = (["2.15", "2.9"] as const).map(findPeer);
const peer = peers.find((each) => "path" in each) ?? peers[0]!;
/** The target that this machine is, of all that a release has. */
const own = TARGETS.find(({ os, arch, musl }) => os === "linux" && arch === process.arch && !musl);

/** The line as it is run. `tarball` is the packed library, which no registry has. */
export function standIn(line: string, tarball: string): string {
  return (
    line
      .replace(BENCH, (_, rest: string) => SHORT_BENCH.replace("$1", () => rest))
      .replace(PEER, "path" in peer ? peer.path : "$&")
      .replace(/ --inputs \d+/, " --inputs 1000")
      .replace(/ --seconds \d{2,}/, " --seconds 1")
      // All of the suite would run itself.
      .replace(/^npm test$/, "npm test -- test/layers.test.ts")
      .replace(/^bun run image$/, "bun run image -- --tree")
      .replace(/^bun run release$/, `bun run release ${own?.name}`)
      .replace(/^bun add midge-server$/, `bun add ${tarball}`)
  );
}

/** What ends with another code than 0 where the page says so: a bench whose figures are below a promise. */
export function isFine(line: string, code: number | string, output: string): boolean {
  return (
    line.startsWith("bun run bench") && code === 1 && output.includes("Below what is required")
  );
}

export const isInstall = (line: string): boolean => /^bun (?:install|add)\b/.test(line);

export interface Missing {
  readonly reason: string;
  /** Whether it is one of the programs that MIDGE_REQUIRE_PEERS=1 demands. */
  readonly isPeer: boolean;
}

/** Why a line can't be run on this machine, if so. `offline` is why nothing can be installed on it. */
export function missingFor(line: string, offline: string | undefined): Missing | undefined {
  const program = line.split(" ")[0]!;
  const lacks = (reason: string | undefined, isPeer = false) =>
    reason === undefined ? undefined : { reason, isPeer };
  if (program === "nats") return lacks(reasonOf(findNatsCommand()), true);
  if (line.search(PEER) >= 0) return lacks(reasonOf(peer), true);
  if (isInstall(line)) return lacks(offline, true);
  if (line === "bun run release" && !hasRuntime())
    return lacks("dist/.cache has no runtime for it");
  const needed = program === "npm" ? ["npm", "node"] : /^bun run/.test(line) ? ["node"] : [];
  const absent = needed.find((each) => !Bun.which(each));
  return lacks(absent && `no ${absent} on the PATH`);
}

function reasonOf(found: { path: string } | { missing: string }): string | undefined {
  return "missing" in found ? found.missing : undefined;
}

/** A release keeps the runtimes that it has fetched. */
function hasRuntime(): boolean {
  const name = own?.runtime.slice(1).replace("/", "-");
  return existsSync(join(root, "dist", ".cache", `${name}-${Bun.version}.tgz`));
}
