// Writes the reference pages, docs/configuration.md and docs/flags.md, from the tables in src/config. A test
// holds that what is committed is what this makes.
import { join } from "node:path";
import { configurationPage } from "./reference/configuration.ts";
import { flagsPage } from "./reference/flags.ts";
import { formatted } from "./reference/markdown.ts";

const root = join(import.meta.dir, "..");

/** The pages by their paths. */
export async function referencePages(): Promise<Map<string, string>> {
  const pages = { "docs/configuration.md": configurationPage(), "docs/flags.md": flagsPage() };
  const entries = Object.entries(pages).map(
    async ([path, text]) => [path, await formatted(text, path)] as const,
  );
  return new Map(await Promise.all(entries));
}

if (import.meta.main) {
  for (const [path, text] of await referencePages()) {
    await Bun.write(join(root, path), text);
    console.log(`${path}: ${text.split("\n").length} lines`);
  }
}
