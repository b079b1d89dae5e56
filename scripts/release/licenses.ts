// The licenses of what is inside the executables, which ask that their text goes along.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Locked } from "./lock.ts";

const RULE = "=".repeat(80);

/** One text with all of them. Throws an Error for a package without one: it could not be shipped. */
export function renderLicenses(packages: readonly Locked[], modules: string, bun: string): string {
  const parts = packages.map((each) => {
    const heading = `${each.name} ${each.version} (${each.license ?? "see below"})`;
    return `${RULE}\n${heading}\n${RULE}\n\n${licenseIn(join(modules, each.name))}\n`;
  });
  return `What the executables of Midge have inside, beside Midge itself (Apache-2.0, see LICENSE).

Bun ${bun}, the runtime, is under the MIT license. It is linked statically with JavaScriptCore of WebKit
(LGPL-2.1) and with other libraries; their licenses, and how to link it with a JavaScriptCore of your
own, are told at https://bun.com/docs/project/license

${parts.join("\n")}`;
}

function licenseIn(folder: string): string {
  const name = existsSync(folder) && readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
  if (!name) throw new Error(`${folder} has no license`);
  return readFileSync(join(folder, name), "utf8").replaceAll("\r\n", "\n").trim();
}
