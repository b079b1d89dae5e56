// The TypeScript of the documentation as programs in a folder of their own, in which "midge-server" is this
// repository. A block without imports goes on where the block before it on the page ended.
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Block, root } from "./markdown.ts";

const RUN_MS_MAX = 20_000;
const CHECK_MS_MAX = 60_000;

export interface Program {
  /** `docs/embedding.md:12`, where it begins. */
  readonly title: string;
  readonly text: string;
}

export interface Outcome {
  readonly code: number | null;
  readonly output: string;
}

export function programsOf(blocks: readonly Block[]): Program[] {
  const programs: { page: string; title: string; text: string }[] = [];
  for (const { page, line, text } of blocks) {
    const last = programs.at(-1);
    if (last?.page === page && !/^import\b/m.test(text)) last.text += `\n${text}\n`;
    else programs.push({ page, title: `${page}:${line}`, text });
  }
  return programs;
}

/** A folder with the programs, gone when it is disposed of. */
export class Workshop {
  readonly folder = mkdtempSync(join(tmpdir(), "midge-docs-"));

  constructor(programs: readonly Program[]) {
    symlinkSync(join(root, "node_modules"), join(this.folder, "node_modules"), "dir");
    const compilerOptions = {
      paths: { "midge-server": [join(root, "src", "index.ts")] },
      // Examples show values without using them.
      noUnusedLocals: false,
      noUnusedParameters: false,
    };
    // What the types of Bun lack is declared beside the source.
    const typings = join(root, "src", "**", "*.d.ts");
    const extended = join(root, "tsconfig.json");
    this.#write(
      "tsconfig.json",
      JSON.stringify({ extends: extended, compilerOptions, include: ["*.ts", typings] }),
    );
    programs.forEach((program, i) => this.#write(this.nameOf(program, i), program.text));
  }

  nameOf({ text, title }: Program, index: number): string {
    const page = title.replace(/:\d+$/, "").replace(/\W/g, "-");
    return `${page}-${index}${text.includes('"bun:test"') ? ".test" : ""}.ts`;
  }

  /** All of them at once. */
  check(): Promise<Outcome> {
    return this.#bun(["check", "-p", this.folder], CHECK_MS_MAX);
  }

  run(program: Program, index: number): Promise<Outcome> {
    const name = this.nameOf(program, index);
    const args = name.endsWith(".test.ts") ? ["test", `./${name}`] : [name];
    return this.#bun(args, RUN_MS_MAX);
  }

  async #bun(args: readonly string[], timeout: number): Promise<Outcome> {
    const child = Bun.spawn([process.execPath, ...args], {
      cwd: this.folder,
      stdio: ["ignore", "pipe", "pipe"],
      timeout,
      killSignal: "SIGKILL",
    });
    const [out, errors] = await Promise.all([child.stdout.text(), child.stderr.text()]);
    await child.exited;
    return { code: child.exitCode, output: `${out}${errors}` };
  }

  #write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
