// Types the lines of a page as a reader does: servers go on while the next lines ask them, and are stopped
// before a server of another block is started. What goes wrong is told with the page, the line and all its words.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { collect } from "../support/secrets.ts";
import type { Checkout } from "./checkout.ts";
import { Job } from "./job.ts";
import { asks, isMidge, lastCommand, type Line, stays } from "./lines.ts";
import type { Block } from "./markdown.ts";
import { Ports } from "./ports.ts";
import { isFine, standIn } from "./stand-ins.ts";

/** How long what runs has to say something that it is to say soon. */
const ANSWER_MS_MAX = 4_000;

/** How what stays says that it can be used. */
const IS_UP = /Server is ready|taking orders at|Subscribing on/;

/** The broker of a reader whom the page did not tell to start one. */
const USUAL = "midge -p 4222 -m 8222";
/** A file that the page speaks of and does not show. */
const SOME_FILE = 'listen: "127.0.0.1:4222"\nhttp: "127.0.0.1:8222"\n';

/** What a server says when it is sent a signal. */
const ANSWERS: readonly (readonly [typed: RegExp, said: RegExp])[] = [
  [/-sl reload\b/, /Reloaded server configuration/],
  [/-sl ldm\b/, /Entering lame duck mode/],
];

interface Running {
  readonly line: Line;
  readonly command: string;
  readonly job: Job;
  /** A signal may have told it to end. */
  isSignalled: boolean;
}

export class Shell implements AsyncDisposable {
  readonly #checkout: Checkout;
  readonly #patience: number | undefined;
  readonly #ports = new Ports();
  readonly #files = new Map<string, string>();
  #running: Running[] = [];

  /** `patience` is how long a line may take, in milliseconds. */
  constructor(checkout: Checkout, patience?: number) {
    this.#checkout = checkout;
    this.#patience = patience;
  }

  /** Keeps a configuration whose first line is its name, for lines that name it. */
  keep({ text }: Block): void {
    const name = /^# ([\w.-]+\.conf)\n/.exec(text)?.[1];
    if (name !== undefined) this.#files.set(name, text);
  }

  /** Runs a line to its end or, when it stays, until it is up. Throws an Error that tells all of it. */
  async type(line: Line): Promise<void> {
    if (stays(line.text) && !asks(line.text))
      await this.#stop((each) => each.line.block !== line.block);
    else if (asks(line.text) && this.#running.length === 0)
      await this.#start({ ...line, text: USUAL });
    if (stays(line.text)) return this.#start(line);
    // Pages repeat themselves: what needs no broker does the same on each.
    const done = `${this.#checkout.folderOf(line.page)} ${line.text}`;
    if (this.#checkout.done.has(done)) return;
    await this.#finish(line);
    if (!asks(line.text) && !isMidge(line.text)) this.#checkout.done.add(done);
  }

  /** Resolves when something that runs says this. */
  async says(pattern: RegExp): Promise<void> {
    const all = this.#running.map(({ job }) => job.says(pattern, ANSWER_MS_MAX));
    await Promise.any(all).catch(() => {
      const said = this.#running.map(({ command, job }) => `${command}\n${job.output}`);
      throw new Error(`nothing that runs says ${pattern}:\n${said.join("\n")}`);
    });
  }

  /** Stops all that was started, as Ctrl-C does. Throws when something ended before, or does not now. */
  async stop(): Promise<void> {
    await this.#stop(() => true);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #start(line: Line): Promise<void> {
    const running = this.#spawn(line);
    this.#running.push(running);
    try {
      await running.job.says(IS_UP, this.#patience);
    } catch (error) {
      this.#running = this.#running.filter((each) => each !== running);
      await running.job.stop(this.#patience).catch(() => {});
      throw trouble(running, `does not come up: ${messageOf(error)}`);
    }
  }

  async #finish(line: Line): Promise<void> {
    const running = this.#spawn(line);
    const { job, command } = running;
    try {
      const code = await job.ended(this.#patience).catch((error) => {
        throw trouble(running, `did not end: ${messageOf(error)}`);
      });
      if (code !== 0 && !isFine(line.text, code, job.output))
        throw trouble(running, `ended with ${code}`);
      if (lastCommand(line.text).startsWith("curl") && job.stdout.trim() === "")
        throw trouble(running, "got an empty answer");
    } finally {
      await job.stop(this.#patience).catch((error) => {
        throw trouble(running, messageOf(error));
      });
      collect("ended", job.output);
    }
    const answer = ANSWERS.find(([typed]) => typed.test(command))?.[1];
    if (answer === undefined) return;
    for (const each of this.#running) each.isSignalled = true;
    await this.says(answer);
  }

  #spawn(line: Line): Running {
    const folder = this.#checkout.folderOf(line.page);
    const file = isMidge(line.text) ? / (?:-c|--config)[ =](\S+)/.exec(line.text)?.[1] : undefined;
    const text = file === undefined ? "" : (this.#files.get(file) ?? SOME_FILE);
    if (file !== undefined)
      writeFileSync(join(folder, file), this.#ports.exchangeIn(text, line.machine));
    const whole = spellOut(standIn(line.text, this.#checkout.tarball), text);
    const command = this.#ports.exchangeIn(whole, line.machine);
    const job = new Job(command, folder, this.#checkout.environment(this.#ports));
    return { line, command, job, isSignalled: false };
  }

  async #stop(which: (running: Running) => boolean): Promise<void> {
    const stopping = this.#running.filter(which);
    this.#running = this.#running.filter((each) => !which(each));
    const problems: Error[] = [];
    await Promise.all(
      stopping.map(async (running) => {
        const { job, isSignalled } = running;
        if (job.hasEnded && !isSignalled)
          problems.push(trouble(running, `ended before it was stopped, with ${await job.ended()}`));
        await job
          .stop(this.#patience)
          .catch((error) => problems.push(trouble(running, messageOf(error))));
        collect("log", job.output);
      }),
    );
    if (problems.length > 0) throw new Error(problems.map(messageOf).join("\n"));
  }
}

/** The line with the ports that it means where it names none. */
function spellOut(text: string, file: string): string {
  if (/^npm start$/.test(text)) return `${text} -- -p 4222 -m 8222`;
  if (!isMidge(text)) return text;
  if (/ --healthcheck$/.test(text)) return `${text} http://127.0.0.1:8222/healthz`;
  const hasPort = / (?:-p|--port)\b/.test(text) || /^(?:port|listen)\b/m.test(file);
  return stays(text) && !hasPort ? `${text} -p 4222` : text;
}

function trouble({ line, command, job }: Running, what: string): Error {
  const really = command === line.text ? "" : `\n  run as: ${command}`;
  const out = job.stdout === "" ? "" : `\nIts output:\n${job.stdout}`;
  return new Error(
    `${line.page}:${line.number}: \`${line.text}\` ${what}${really}\nIts errors:\n${job.stderr}${out}`,
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
