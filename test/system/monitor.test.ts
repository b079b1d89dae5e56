// The monitor counts what a server listens to itself as nats-server does (monitoring §9, §21); where people
// look at their own subscriptions, those of clients alone are counted.
import { expect, test } from "bun:test";
import type { MidgeOptions } from "../../src/config/options.ts";
import { join } from "../support/wire.ts";
import { type Json, password, PEOPLE, Stage } from "./stage.ts";

/** In the system account, and in each other one. */
const SYSTEM = 56;
const EACH = 4;

class Monitored implements AsyncDisposable {
  readonly stage: Stage;

  constructor(stage: Stage) {
    this.stage = stage;
  }

  static async open(options: MidgeOptions = {}): Promise<Monitored> {
    return new Monitored(await Stage.open({ httpPort: -1, ...options }));
  }

  async text(path: string): Promise<string> {
    return (await fetch(this.stage.midge.monitorUrl + path)).text();
  }

  async json(path: string): Promise<Json> {
    return JSON.parse(await this.text(path));
  }

  /** What /subsz and /varz count, which is the same. */
  async counted(): Promise<number> {
    const { num_subscriptions } = await this.json("/subsz");
    const { subscriptions } = await this.json("/varz");
    expect(subscriptions).toBe(num_subscriptions);
    return num_subscriptions;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stage[Symbol.asyncDispose]();
  }
}

test("a server without clients counts its own subscriptions", async () => {
  await using plain = await Monitored.open();
  expect(await plain.counted()).toBe(SYSTEM + EACH);
  await using people = await Monitored.open(PEOPLE);
  expect(await people.counted()).toBe(SYSTEM + 3 * EACH);
  await using without = await Monitored.open({ noSystemAccount: true });
  expect(await without.counted()).toBe(0);
});

test("each account's are counted where it is looked at", async () => {
  await using monitored = await Monitored.open(PEOPLE);
  await using adam = await monitored.stage.join("adam");
  expect(adam.cid).toBeGreaterThan(0);
  for (const [name, count] of [
    ["$G", EACH],
    ["A", EACH + 1],
    ["B", EACH],
    ["SYS", SYSTEM],
  ] as const) {
    const { num_subscriptions } = await monitored.json(`/subsz?acc=${name}`);
    expect([name, num_subscriptions]).toEqual([name, count]);
    const { account_detail } = await monitored.json(`/accountz?acc=${name}`);
    expect([name, account_detail.subscriptions]).toEqual([name, count]);
  }
});

test("the list shows every one of them", async () => {
  await using monitored = await Monitored.open(PEOPLE);
  const { total, subscriptions_list } = await monitored.json("/subsz?subs=1&limit=1000");
  expect([total, subscriptions_list.length]).toEqual([68, 68]);
  const subjects = subscriptions_list.map(({ subject }: Json) => subject);
  expect(subjects).toContain("$SYS.REQ.SERVER.PING.VARZ");
  expect(subjects.every((each: string) => each.startsWith("$SYS."))).toBe(true);
  const tested = await monitored.json("/subsz?subs=1&test=$SYS.REQ.USER.INFO");
  expect(tested.total).toBe(4);
});

test("messages that a server answers are counted for those who asked", async () => {
  await using monitored = await Monitored.open(PEOPLE);
  await using bob = await monitored.stage.join("bob");
  for (let round = 0; round < 3; round++) await bob.asks("$SYS.REQ.USER.INFO");
  const { connections } = await monitored.json(`/connz?cid=${bob.cid}`);
  expect([connections[0].in_msgs, connections[0].out_msgs]).toEqual([3, 3]);
});

test("the metrics count the subscriptions of clients", async () => {
  await using monitored = await Monitored.open(PEOPLE);
  const { port } = monitored.stage.midge;
  await using bob = await join(port, { user: "bob", pass: password });
  await bob.says("SUB a 1\r\nSUB b 2\r\n");
  await bob.silent();
  const lines = (await monitored.text("/metrics")).split("\n");
  expect(lines).toContain("midge_subscriptions 2");
  expect(lines).toContain('midge_account_subscriptions{account="B"} 2');
  expect(lines).toContain('midge_account_subscriptions{account="SYS"} 0');
});

test("the page counts the subscriptions of clients", async () => {
  await using monitored = await Monitored.open(PEOPLE);
  const { midge } = monitored.stage;
  await using bob = await join(midge.port, { user: "bob", pass: password });
  await bob.says("SUB a 1\r\nSUB b 2\r\n");
  await bob.silent();
  const { servers } = await monitored.json("/live/servers");
  expect(servers[0].subscriptions).toBe(2);
});
