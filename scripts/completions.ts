// Writes the completions for bash, zsh and fish into dist/completions: `bun scripts/completions.ts`.
import { dirname, join } from "node:path";
import { renderBash } from "./completions/bash.ts";
import { renderFish } from "./completions/fish.ts";
import { completedFlags } from "./completions/flags.ts";
import { renderZsh } from "./completions/zsh.ts";

/** Each by the name that its shell looks for. */
export function renderCompletions(): ReadonlyMap<string, string> {
  const flags = completedFlags();
  return new Map([
    ["midge.bash", renderBash(flags)],
    ["_midge", renderZsh(flags)],
    ["midge.fish", renderFish(flags)],
  ]);
}

/** Creates the folder when it is missing. */
export async function writeCompletions(folder: string): Promise<void> {
  for (const [name, text] of renderCompletions()) await Bun.write(join(folder, name), text);
}

if (import.meta.main) {
  await writeCompletions(join(dirname(import.meta.dir), "dist", "completions"));
  console.log("dist/completions: midge.bash, _midge, midge.fish");
}
