// Completions know every flag that the executable knows, and the shells understand them.
import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderCompletions, writeCompletions } from "../../scripts/completions.ts";
import { SIGNAL_COMMANDS } from "../../scripts/completions/flags.ts";
import { FLAG_BY_NAME } from "../../src/config/flag-table.ts";
import { dashed } from "../../src/config/flags.ts";
import { sendSignal } from "../../src/config/signal.ts";

const completions = renderCompletions();
const folder = mkdtempSync(join(tmpdir(), "midge-completions-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
await writeCompletions(folder);

/** Skipped, with the reason, where the shell is not installed. */
function shellTest(shell: string, name: string, body: () => void): void {
  if (Bun.which(shell) === null) test.skip(`${name} (${shell} is not installed)`, body);
  else test(name, body);
}

function run(...command: string[]): string[] {
  const { stdout, stderr, exitCode } = Bun.spawnSync(command, { cwd: folder });
  expect({ exitCode, stderr: stderr.toString() }).toEqual({ exitCode: 0, stderr: "" });
  return stdout.toString().split("\n").filter(Boolean);
}

test("every spelling of every flag is in the completions of all three shells", () => {
  for (const name of FLAG_BY_NAME.keys()) {
    const [one, two] = dashed(name).startsWith("--") ? ["-l", "--"] : ["-o", "-"];
    expect(completions.get("midge.bash")).toMatch(
      new RegExp(`^(  local names=')?${two}${name}'?$`, "m"),
    );
    expect(completions.get("_midge")).toMatch(new RegExp(`[ (]${two}${name}[ )]`));
    expect(completions.get("midge.fish")).toMatch(
      new RegExp(`^complete -c midge.* ${one} ${name} `, "m"),
    );
  }
});

test("the commands of -sl are the ones that it takes", () => {
  expect(() => sendSignal("none")).toThrow(`expected one of ${SIGNAL_COMMANDS.join(", ")}`);
});

describe("bash", () => {
  /** What it offers for the last of these words. */
  const offers = (...words: string[]) =>
    run(
      "bash",
      "--norc",
      "-c",
      '. ./midge.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _midge; printf "%s\\n" "${COMPREPLY[@]}"',
      "bash",
      "midge",
      ...words,
    );

  shellTest("bash", "completes --ro to --routes", () => {
    expect(offers("--ro")).toEqual(["--routes"]);
    expect(offers("-DV", "--ro")).toEqual(["--routes"]);
  });

  shellTest("bash", "completes names with one dash, as Go's flags allow", () => {
    expect(offers("-rou")).toEqual(["-routes"]);
    expect(offers("-m")).toEqual(["-m", "-ms"]);
  });

  shellTest("bash", "offers files where a file has to follow, and nothing for a port", () => {
    expect(offers("-c", "midge.f")).toEqual(["midge.fish"]);
    expect(offers("--config", "=", "midge.f")).toEqual(["midge.fish"]);
    expect(offers("-p", "")).toEqual([]);
    expect(offers("--ports_file_dir", "midge.f")).toEqual([]);
  });

  shellTest("bash", "offers the commands of -sl, and what a switch can be set to", () => {
    expect(offers("-sl", "re")).toEqual(["reload", "reopen"]);
    expect(offers("--logtime", "=")).toEqual(["true", "false"]);
    expect(offers("-T", "=", "f")).toEqual(["false"]);
  });

  shellTest("bash", "offers nothing for what it does not know", () => {
    expect(offers("--nonsense")).toEqual([]);
    expect(offers("v")).toEqual(["version"]);
  });

  shellTest("bash", "registers itself for midge", () => {
    const script = ". ./midge.bash; complete -p midge";
    expect(run("bash", "--norc", "-c", script)).toEqual(["complete -F _midge midge"]);
  });
});

describe("fish", () => {
  const offers = (line: string) =>
    run("fish", "--no-config", "-c", `source midge.fish; complete -C '${line}'`).map((each) =>
      each.replace(/\t.*/, ""),
    );

  shellTest("fish", "completes --ro to --routes", () => {
    expect(offers("midge --ro")).toEqual(["--routes"]);
  });

  shellTest("fish", "offers files, folders and commands where they have to follow", () => {
    expect(offers("midge -c midge.f")).toEqual(["midge.fish"]);
    expect(offers("midge -sl re")).toEqual(["reload", "reopen"]);
    expect(offers("midge -p ")).toEqual([]);
  });

  shellTest("fish", "does not bundle letters, which the executable would not understand", () => {
    expect(offers("midge -D").toSorted()).toEqual(["-D", "-DV", "-DVV"]);
  });
});

describe("zsh", () => {
  shellTest("zsh", "reads them without a complaint", () => {
    expect(run("zsh", "-f", "-n", "_midge")).toEqual([]);
  });

  shellTest("zsh", "completes --ro to --routes on a terminal", () => {
    // It completes only where somebody types: on a terminal of its own.
    const script = `
      zmodload zsh/zpty
      zpty typed zsh -f -i
      say() { zpty -w typed "$1"; }
      say "PS1=; unsetopt zle_bracketed_paste; fpath=($PWD \\$fpath); autoload -U compinit"
      say "compinit -u -D; midge() { print \\"<\\$*>\\"; exit }"
      zpty -w -n typed $'midge --ro\\t\\n'
      zpty -r -m typed answer '*<--routes*>*' && print completed
      zpty -d typed`;
    expect(run("timeout", "10", "zsh", "-f", "-c", script)).toEqual(["completed"]);
  });
});
