// The executable at the edge of what the system allows: few files to open, very many connections at
// once. It must say so, refuse the surplus politely, stay calm and recover.
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { connect as open } from "../support/wire.ts";
import { Neighbours } from "./clients.ts";
import { Broker, freePort, midgeTest, until, withOpenFiles, within } from "./support.ts";

const BURST = 15_000;
const hardLimit = Bun.spawnSync(["sh", "-c", "ulimit -H -n"]).stdout.toString().trim();
const mayBurst = hardLimit === "unlimited" || Number(hardLimit) >= BURST + 500;

/** CPU time of a process so far, in clock ticks (hundredths of a second). */
function cpuTicks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return Number(fields[11]) + Number(fields[12]);
}

async function asJson(url: string): Promise<Record<string, unknown>> {
  return (await (await fetch(url)).json()) as Record<string, unknown>;
}

midgeTest("with few files to open it warns, refuses the surplus and stays calm", async () => {
  const monitorPort = await freePort();
  await using broker = await Broker.start({ openFiles: 256, flags: ["-m", String(monitorPort)] });
  const warning = await broker.line(/\[WRN\] .*max_connections/);
  const limit = Number(/from 65536 to (\d+)/.exec(warning)?.[1]);
  expect(limit).toBeGreaterThan(150);
  expect(limit).toBeLessThan(256);
  const varz = `http://127.0.0.1:${monitorPort}/varz`;

  await using neighbours = await Neighbours.moveIn(broker.url);
  const attempts = 300;
  const crowd = await Promise.all(Array.from({ length: attempts }, () => open(broker.port)));
  const surplus = attempts + 2 - limit;
  await until(
    () => crowd.filter((client) => client.closed).length >= surplus,
    "the surplus is refused",
  );
  const refused = crowd.filter((client) => client.closed);
  expect(refused.length).toBe(surplus);
  for (const client of refused)
    expect(await client.hearsUntilClose()).toBe("-ERR 'maximum connections exceeded'\r\n");
  const admitted = crowd.filter((client) => !client.closed);
  await Promise.all(admitted.map((client) => client.says("PING\r\n")));
  await Promise.all(admitted.map((client) => client.hears("PONG\r\n")));
  await neighbours.talk(20);

  const before = cpuTicks(broker.child.pid);
  await Bun.sleep(400);
  expect(cpuTicks(broker.child.pid) - before).toBeLessThan(10);

  const leaving = admitted.splice(0, 10);
  for (const client of leaving) client.close();
  await until(
    async () => Number((await asJson(varz)).connections) <= limit - 10,
    "the server has noticed ten clients leaving",
  );
  const late = await Promise.all(leaving.map(() => open(broker.port)));
  for (const client of late) await client.silent();
  await neighbours.talk(1);
  for (const client of [...admitted, ...late]) client.close();
});

const burstName = `${BURST} connections at once are all greeted while others are served`;
if (!mayBurst) test.skip(`${burstName} (the hard limit of open files is ${hardLimit})`, () => {});
else
  test(
    burstName,
    async () => {
      await using broker = await Broker.start({ openFiles: "hard" });
      await using neighbours = await Neighbours.moveIn(broker.url);
      const script = `${import.meta.dir}/crowd.ts`;
      const command = [process.execPath, script, String(broker.port), String(BURST)];
      const crowd = Bun.spawn([...withOpenFiles("hard"), ...command], {
        stdin: "pipe",
        stdout: "pipe",
        stderr: "inherit",
      });
      try {
        const output = crowd.stdout.pipeThrough(new TextDecoderStream()).getReader();
        const settled = within(output.read(), () => `${BURST} greetings`, 20_000);
        const { value = "nothing" } = await neighbours.talkDuring(settled);
        expect(JSON.parse(value)).toEqual({ greeted: BURST, lost: 0 });
        await neighbours.talk(100);
      } finally {
        crowd.kill("SIGKILL");
        await crowd.exited;
      }
      await neighbours.talk(10);
    },
    30_000,
  );
