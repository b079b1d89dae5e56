// Slow checks in a row: their order, who shares one, and who is let go.

import { describe, expect, test } from "bun:test";
import { HashQueue } from "../../src/auth/hash-queue.ts";

const wanted = () => true;

/** A queue whose checks end when they are told to, in the order in which they began. */
class Checks {
  readonly queue: HashQueue;
  readonly begun: string[] = [];
  readonly #ending = new Map<string, (isRight: boolean) => void>();

  constructor(concurrency: number) {
    this.queue = new HashQueue(concurrency);
  }

  ask(key: string, isWanted = wanted): Promise<boolean> {
    return this.queue.ask(key, isWanted, () => {
      this.begun.push(key);
      return new Promise((resolve) => this.#ending.set(key, resolve));
    });
  }

  end(key: string, isRight: boolean): void {
    this.#ending.get(key)!(isRight);
  }
}

describe("the queue of slow checks", () => {
  test("runs no more of them at a time than it may, in the order they came", async () => {
    const checks = new Checks(2);
    const answers = ["a", "b", "c", "d"].map((key) => checks.ask(key));
    expect(checks.begun).toEqual(["a", "b"]);
    expect(checks.queue.size).toBe(2);
    checks.end("b", false);
    expect(await answers[1]).toBe(false);
    expect(checks.begun).toEqual(["a", "b", "c"]);
    checks.end("a", true);
    expect(await answers[0]).toBe(true);
    expect(checks.begun).toEqual(["a", "b", "c", "d"]);
    checks.end("c", true);
    checks.end("d", true);
    expect(await Promise.all(answers)).toEqual([true, false, true, true]);
    expect(checks.queue.size).toBe(0);
  });

  test("gives one answer to all who ask the same, whether it waits or runs", async () => {
    const checks = new Checks(1);
    const first = checks.ask("a");
    const running = checks.ask("a");
    const other = checks.ask("b");
    const waiting = checks.ask("b");
    checks.end("a", true);
    expect(await Promise.all([first, running])).toEqual([true, true]);
    checks.end("b", false);
    expect(await Promise.all([other, waiting])).toEqual([false, false]);
    expect(checks.begun).toEqual(["a", "b"]);
  });

  test("does nothing for those who have gone meanwhile", async () => {
    const checks = new Checks(1);
    let isHere = true;
    const first = checks.ask("a");
    const gone = checks.ask("b", () => isHere);
    const last = checks.ask("c");
    isHere = false;
    checks.end("a", true);
    expect(await first).toBe(true);
    expect(await gone).toBe(false);
    expect(checks.begun).toEqual(["a", "c"]);
    checks.end("c", true);
    expect(await last).toBe(true);
  });

  test("runs a check that only some of its askers still want", async () => {
    const checks = new Checks(1);
    let isHere = true;
    const first = checks.ask("a");
    const gone = checks.ask("b", () => isHere);
    const staying = checks.ask("b");
    isHere = false;
    checks.end("a", true);
    await first;
    checks.end("b", true);
    expect(await Promise.all([gone, staying])).toEqual([false, true]);
  });

  test("lets those who came and went go although its turn is far off", async () => {
    const checks = new Checks(1);
    const held = checks.ask("held");
    const guesses: Promise<boolean>[] = [];
    for (let i = 0; i < 20_000; i++) {
      let isHere = true;
      guesses.push(checks.ask(`guess ${i}`, () => isHere));
      isHere = false;
    }
    expect(checks.queue.size).toBeLessThan(3_000);
    checks.end("held", true);
    await held;
    expect(new Set(await Promise.all(guesses))).toEqual(new Set([false]));
    expect(checks.queue.size).toBe(0);
    expect(checks.begun).toEqual(["held"]);
  });
});
