// Containers without a container engine: the image's tree in an overlay of its own, with fresh namespaces
// for mounts, network and processes, read-only, as the Dockerfile's user and without capabilities.
// That takes root on Linux; elsewhere tests are skipped and say why, or fail with MIDGE_REQUIRE_PEERS=1.
import { describe, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { layOut, listFiles } from "../../scripts/image/tree.ts";
import { executable, within } from "../e2e/support.ts";
import { LogLines } from "../support/peer.ts";
import { collect } from "../support/secrets.ts";
import type { Network } from "./network.ts";

export const root = resolve(import.meta.dir, "../..");
const TOOLS = ["unshare", "nsenter", "setpriv", "chroot", "mount", "ip", "sh"];

/** What the Dockerfile says, by instruction; an instruction that stands there twice counts once. */
export function readDockerfile(): ReadonlyMap<string, string> {
  const text = readFileSync(join(root, "Dockerfile"), "utf8").replaceAll("\\\n", " ");
  const lines = text.split("\n").filter((line) => /^[A-Z]+ /.test(line));
  return new Map(
    lines.map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)]),
  );
}

/** A group of tests that run containers. */
export function describeWithContainers(name: string, body: () => void): void {
  const reason = whyNot();
  if (reason === undefined) {
    describe(name, body);
  } else if (process.env["MIDGE_REQUIRE_PEERS"] === "1") {
    test(name, () => {
      throw new Error(reason);
    });
  } else {
    console.warn(`skipped: ${name}: ${reason}`);
    test.skip(`${name} (${reason})`, () => {});
  }
}

function whyNot(): string | undefined {
  if (process.platform !== "linux") return "containers are made of Linux";
  if (process.getuid?.() !== 0) return "only root can change the root directory";
  const absent = TOOLS.filter((tool) => Bun.which(tool) === null);
  if (absent.length > 0) return `not installed: ${absent.join(", ")}`;
  const trial = Bun.spawnSync(["unshare", "--mount", "--net", "--pid", "--fork", "true"]);
  return trial.success ? undefined : `no new namespaces: ${trial.stderr.toString().trim()}`;
}

/** The image's tree in a folder that goes with it. */
export class Image implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), "midge-image-"));
  readonly rootfs = join(this.folder, "rootfs");
  /** Every container mounts something else over it, which the others do not see. */
  readonly scratch = join(this.folder, "scratch");

  static async create(): Promise<Image> {
    const image = new Image();
    mkdirSync(image.scratch);
    layOut(await listFiles(executable), image.rootfs);
    return image;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface ContainerOptions {
  /** What stands after the image's name; none unless given. */
  readonly flags?: readonly string[];
  /** Files of this machine, by the path of an existing file of the image that each is mounted over. */
  readonly mounts?: Readonly<Record<string, string>>;
  /** Without /proc if false. */
  readonly proc?: boolean;
  /** A network with others, under this host name; otherwise one of its own that goes nowhere. */
  readonly network?: { readonly of: Network; readonly name: string };
  /** The network of another container, as with `--network container:NAME`. */
  readonly shares?: Container;
}

/** In its network namespace and still among this machine's processes: its end of the cable. */
const CONNECT = `set -e
ip link set lo up
if [ -n "$HUB" ]; then
  ip link add eth0 type veth peer name "$NAME" netns "$HUB"
  ip address add "$ADDRESS/24" dev eth0
  ip link set eth0 up
  nsenter -t "$HUB" -n ip link set "$NAME" master hub up
fi
exec unshare --mount --pid --fork --kill-child sh -c "$RUN" sh "$@"`;

/** Its file system, then what the Dockerfile starts. The capabilities that stay until then fall with root. */
const RUN = `set -e
mount -t tmpfs tmpfs "$SCRATCH"
mkdir "$SCRATCH/upper" "$SCRATCH/work" "$SCRATCH/root"
root="$SCRATCH/root"
mount -t overlay overlay -o "lowerdir=$ROOTFS,upperdir=$SCRATCH/upper,workdir=$SCRATCH/work" "$root"
printf '%s' "$HOSTS" > "$root/etc/hosts"
echo "$MOUNTS" | while IFS='|' read -r from to; do
  [ -z "$from" ] || mount --bind "$from" "$root$to"
done
[ -z "$PROC" ] || mount -t proc proc "$root/proc"
mount -o remount,ro "$root"
exec env -i PATH="$PATH" setpriv --no-new-privs --bounding-set=-all,+sys_chroot,+setuid,+setgid \
  chroot --userspec="$IDS" --groups= "$root" "$@"`;

/** A running container. */
export class Container implements AsyncDisposable {
  readonly log = new LogLines();
  /** Its exit code, when its log has been read to the end. */
  readonly ended: Promise<number>;
  readonly #child: Bun.Subprocess<"ignore", "ignore", "pipe">;
  #pid: number | undefined;

  /** Starts one and waits until its log says that it is ready. */
  static async start(image: Image, options: ContainerOptions = {}): Promise<Container> {
    const container = new Container(image, options);
    try {
      await Promise.race([container.log.line(/Server is ready$/), container.#endsTooEarly()]);
      return container;
    } catch (error) {
      await container[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Runs one that is going to end by itself: its exit code and all that it said. */
  static async run(
    image: Image,
    options: ContainerOptions,
  ): Promise<{ code: number; log: string }> {
    await using container = new Container(image, options);
    const code = await within(
      container.ended,
      () => `the end of the container:\n${container.log.text()}`,
    );
    return { code, log: container.log.text() };
  }

  constructor(image: Image, { flags = [], mounts = {}, proc = true, ...where }: ContainerOptions) {
    const dockerfile = readDockerfile();
    const entrypoint: readonly string[] = JSON.parse(dockerfile.get("ENTRYPOINT") ?? "[]");
    const user = dockerfile.get("USER") ?? "0";
    const { network, shares } = where;
    const place =
      shares === undefined ? ["unshare", "--net"] : ["nsenter", "-t", String(shares.pid), "-n"];
    this.#child = Bun.spawn([...place, "sh", "-c", CONNECT, "sh", ...entrypoint, ...flags], {
      env: {
        PATH: process.env["PATH"] ?? "",
        RUN,
        ROOTFS: image.rootfs,
        SCRATCH: image.scratch,
        IDS: `${user}:${user}`,
        PROC: proc ? "yes" : "",
        MOUNTS: Object.entries(mounts)
          .map(([to, from]) => `${from}|${to}`)
          .join("\n"),
        HOSTS: network?.of.hosts() ?? "127.0.0.1 localhost\n",
        HUB: network === undefined ? "" : String(network.of.pid),
        NAME: network?.name ?? "",
        ADDRESS: network?.of.addressOf(network.name) ?? "",
      },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const reading = this.log.read(this.#child.stderr);
    this.ended = Promise.all([this.#child.exited, reading]).then(([code]) => code);
  }

  /** The number that this machine knows its process by; inside it is 1. */
  get pid(): number {
    if (this.#pid !== undefined) return this.#pid;
    const { pid } = this.#child;
    this.#pid = Number.parseInt(readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1"), 10);
    if (Number.isNaN(this.#pid)) throw new Error(`it has ended:\n${this.log.text()}`);
    return this.#pid;
  }

  /** A line of /proc/PID/status, such as "Uid". */
  status(name: string): string {
    const text = readFileSync(`/proc/${this.pid}/status`, "latin1");
    return new RegExp(`^${name}:[ \\t]*(.*?)[ \\t]*$`, "m").exec(text)?.[1] ?? "";
  }

  /** The TCP ports that somebody listens on in its network, in order. */
  listening(): number[] {
    const ports = ["tcp", "tcp6"].flatMap((file) => {
      const text = readFileSync(`/proc/${this.pid}/net/${file}`, "latin1");
      // "0: 00000000:107E 00000000:0000 0A …": state 0A is LISTEN, see proc_pid_net(5).
      const matches = text.matchAll(/^\s*\d+: \w+:(\w{4}) \w+:\w{4} 0A /gm);
      return [...matches].map(([, port]) => Number.parseInt(port!, 16));
    });
    return [...new Set(ports)].sort((a, b) => a - b);
  }

  signal(name: NodeJS.Signals): void {
    process.kill(this.pid, name);
  }

  /** What the image's health check says, run as an engine runs it: inside, as the same user. */
  async checkHealth(): Promise<{ code: number; line: string }> {
    const [, command = "[]"] =
      /CMD (\[.*\])$/.exec(readDockerfile().get("HEALTHCHECK") ?? "") ?? [];
    const ids = this.status("Uid").split(/\s+/)[0]!;
    const { code, text } = await enter(
      [`--target=${this.pid}`, "--mount", "--net", "--pid", "--root", "--wd"],
      [`--setuid=${ids}`, `--setgid=${ids}`, ...JSON.parse(command)],
    );
    return { code, line: text.trimEnd() };
  }

  /** What its monitor answers. */
  async ask(path: string): Promise<Record<string, unknown>> {
    const script = `console.log(await (await fetch("http://127.0.0.1:8222${path}")).text())`;
    const { text } = await enter(
      [`--target=${this.pid}`, "--net"],
      [process.execPath, "-e", script],
    );
    return JSON.parse(text);
  }

  /** Somebody who connects to a port of it, says this, and keeps listening to the end. */
  converse(port: number, words: string): Conversation {
    const script = `exec 3<>/dev/tcp/127.0.0.1/${port}; printf '%b' "$1" >&3; exec cat <&3`;
    const command = ["bash", "-c", script, "bash", words.replaceAll("\r\n", "\\r\\n")];
    const child = Bun.spawn(["nsenter", `--target=${this.pid}`, "--net", ...command], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    const heard = new LogLines();
    const ended = heard.read(child.stdout);
    return { heard, ended, [Symbol.dispose]: () => child.kill("SIGKILL") };
  }

  async #endsTooEarly(): Promise<never> {
    throw new Error(`it ended with ${await this.ended}:\n${this.log.text()}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Its first process, whose end is everybody's; who keeps its namespaces follows by himself.
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.signal("SIGKILL");
    await this.ended;
    collect("ended", this.log.text());
  }
}

export interface Conversation extends Disposable {
  readonly heard: LogLines;
  /** When the other side has closed it. */
  readonly ended: Promise<void>;
}

async function enter(
  namespaces: readonly string[],
  command: readonly string[],
): Promise<{ code: number; text: string }> {
  const child = Bun.spawn(["nsenter", ...namespaces, ...command], {
    env: { PATH: process.env["PATH"] ?? "" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = Promise.all([child.exited, child.stdout.text(), child.stderr.text()]);
  const [code, text, errors] = await within(ended, () => `the end of ${command.join(" ")}`);
  return { code, text: text + errors };
}
