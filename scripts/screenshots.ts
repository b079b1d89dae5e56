// Pictures of the page for the README: `bun scripts/screenshots.ts`. Runs dist/midge (or MIDGE_BIN) under a small made-up load
// for a minute and a half, and leaves docs/page-*.png.
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";

const root = dirname(import.meta.dir);
const docs = join(root, "docs");
/** So that the charts have something to show. */
const LOAD_MS = 90_000;
const TICK_MS = 20;
/** The page asks every two seconds, and needs two answers for rates. */
const SETTLE_MS = 5000;

interface Shot {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly scheme: "light" | "dark";
  readonly before?: (page: Page) => Promise<void>;
}

const SHOTS: readonly Shot[] = [
  { name: "light", width: 1440, height: 960, scheme: "light" },
  {
    name: "dark",
    width: 1440,
    height: 960,
    scheme: "dark",
    before: (page) => page.keyboard.press("2"),
  },
  { name: "narrow", width: 390, height: 844, scheme: "dark" },
];

const executable = process.env["MIDGE_BIN"] ?? join(root, "dist", "midge");
const broker = Bun.spawn(
  [executable, "-a", "127.0.0.1", "-p", "-1", "-m", "-1", "--name", "harbour-1"],
  { stdout: "ignore", stderr: "pipe" },
);
try {
  const { port, url } = await addresses(broker.stderr);
  const crowd = await startLoad(port);
  await Bun.sleep(LOAD_MS);
  mkdirSync(docs, { recursive: true });
  const executablePath = process.env["MIDGE_CHROMIUM"] ?? Bun.which("chromium") ?? "chromium";
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  for (const shot of SHOTS) await take(browser, url, shot);
  await browser.close();
  clearInterval(crowd);
} finally {
  broker.kill();
}
process.exit();

/** Where it listens, as its log says. */
async function addresses(log: ReadableStream<Uint8Array>): Promise<{ port: number; url: string }> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const piece of log) {
    text += decoder.decode(piece, { stream: true });
    if (!text.includes("Server is ready")) continue;
    const port = Number(/client connections on \S+:(\d+)/.exec(text)?.[1]);
    return { port, url: `http://${/monitor on (\S+)/.exec(text)?.[1]}/` };
  }
  throw new Error(`${executable} did not start:\n${text}`);
}

/** Ships, cranes and offices of a harbour, which talk more and less by turns. */
async function startLoad(port: number): Promise<ReturnType<typeof setInterval>> {
  const ships = await clients(
    port,
    "ship",
    60,
    "go",
    "1.47.0",
    (i) => `SUB ${ship(i)}.orders 1\r\n`,
  );
  const cranes = await clients(
    port,
    "crane",
    24,
    "rust",
    "0.42.0",
    () => "SUB cranes.> lift 1\r\n",
  );
  const offices = await clients(port, "office", 12, "nats.js", "3.4.0", (i) =>
    i % 2 === 0 ? "SUB fleet.*.*.position 1\r\n" : "SUB cargo.> 1\r\n",
  );
  let tick = 0;
  return setInterval(() => {
    tick++;
    const wave = 1.4 + Math.sin(tick / 260) + 0.3 * Math.sin(tick / 47) + 0.2 * Math.random();
    ships.forEach((socket, i) => {
      socket.write(
        publish(`${ship(i)}.position`, 96).repeat(Math.round((wave * 40) / (1 + i / 4))),
      );
    });
    offices.forEach((office, i) => {
      office.write(publish(`cranes.${i % 4}.jobs`, 48).repeat(Math.round(wave * 2)));
      office.write(publish(`cargo.${["in", "out", "customs"][i % 3]}.${i}`, 256));
    });
    const caller = cranes[tick % cranes.length];
    caller?.write(publish(`${ship(tick % 60)}.orders`, 32));
  }, TICK_MS);
}

/** Where a ship is, and which one it is. */
function ship(index: number): string {
  const seas = ["north", "baltic", "atlantic", "biscay", "channel"];
  return `fleet.${seas[index % seas.length]}.${1 + Math.floor(index / seas.length)}`;
}

async function clients(
  port: number,
  kind: string,
  count: number,
  lang: string,
  version: string,
  subscribe: (index: number) => string,
) {
  return Promise.all(
    Array.from({ length: count }, (_, i) => {
      const name = `${kind}-${String(i + 1).padStart(2, "0")}`;
      const hello = JSON.stringify({ verbose: false, name, lang, version });
      const open = (socket: Bun.Socket) =>
        void socket.write(`CONNECT ${hello}\r\n${subscribe(i)}PING\r\n`);
      const data = (socket: Bun.Socket, bytes: Buffer) => {
        if (bytes.includes("PING\r\n")) socket.write("PONG\r\n");
      };
      return Bun.connect({ hostname: "127.0.0.1", port, socket: { open, data } });
    }),
  );
}

function publish(subject: string, bytes: number): string {
  return `PUB ${subject} ${bytes}\r\n${"x".repeat(bytes)}\r\n`;
}

async function take(browser: Browser, url: string, shot: Shot): Promise<void> {
  const { name, width, height, scheme, before } = shot;
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: scheme });
  await page.goto(url);
  await before?.(page);
  await page.waitForTimeout(SETTLE_MS);
  const path = join(docs, `page-${name}.png`);
  await page.screenshot({ path });
  await page.close();
  console.log(path);
}
