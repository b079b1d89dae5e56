// Slow checks in a row: who is next, who shares one, and who is let go.

import { describe, expect, test } from "bun:test";
import { HashQueue, type Place } from "../../src/auth/hash-queue.ts";

/** Stays as long as it takes. */
const PATIENT: Place = {
  lanes: [],
  patienceMs: Infinity,
  isWanted: () => true,
  isLast: () => false,
};

/** A queue whose checks end when they are told to, in the order in which they began. */
class Checks {
  readonly queue: HashQueue;
  readonly begun: string[] = [];
  readonly #ending = new Map<string, (isRight: boolean) => void>();

  constructor(concurrency: number) {
    this.queue = new HashQueue(concurrency);
  }

  ask(key: string, place: Partial<Place> = {}): Promise<boolean | null> {
    return this.queue.ask(key, { ...PATIENT, ...place }, () => {
      this.begun.push(key);
      return new Promise((resolve) => this.#ending.set(key, resolve));
    });
  }

  end(key: string, isRight: boolean): void {
    this.#ending.get(key)!(isRight);
  }
}

describe("the queue of slow checks", () => {
  test("runs no more of them at a time than it may, the newest first", async () => {
    const checks = new Checks(2);
    const answers = ["a", "b", "c", "d"].map((key) => checks.ask(key));
    expect(checks.begun).toEqual(["a", "b"]);
    expect(checks.queue.size).toBe(2);
    checks.end("b", false);
    expect(await answers[1]).toBe(false);
    expect(checks.begun).toEqual(["a", "b", "d"]);
    checks.end("a", true);
    expect(await answers[0]).toBe(true);
    expect(checks.begun).toEqual(["a", "b", "d", "c"]);
    checks.end("c", true);
    checks.end("d", true);
    expect(await Promise.all(answers)).toEqual([true, false, true, true]);
    expect(checks.queue.size).toBe(0);
  });

  test("lets lanes take turns", async () => {
    const checks = new Checks(1);
    void checks.ask("held");
    for (const key of ["a1", "a2", "a3"]) void checks.ask(key, { lanes: ["a"] });
    void checks.ask("b1", { lanes: ["b"] });
    for (const key of ["held", "b1", "a3", "a2"]) {
      checks.end(key, false);
      await checks.ask("end", { patienceMs: 0 });
    }
    expect(checks.begun).toEqual(["held", "b1", "a3", "a2", "a1"]);
  });

  test("hurries for who comes in a second lane, too", async () => {
    const checks = new Checks(1);
    void checks.ask("held");
    const first = checks.ask("same", { lanes: ["a"] });
    for (const key of ["a1", "a2", "a3"]) void checks.ask(key, { lanes: ["a"] });
    const second = checks.ask("same", { lanes: ["b"] });
    checks.end("held", false);
    await checks.ask("end", { patienceMs: 0 });
    expect(checks.begun).toEqual(["held", "same"]);
    checks.end("same", true);
    expect(await Promise.all([first, second])).toEqual([true, true]);
    expect(checks.begun).toEqual(["held", "same", "a3"]);
  });

  test("gives no answer to who waits too long, and one to who waits for a check that runs", async () => {
    const checks = new Checks(1);
    const running = checks.ask("a", { patienceMs: 1 });
    const joined = checks.ask("a", { patienceMs: 1 });
    const impatient = checks.ask("b", { patienceMs: 1 });
    const patient = checks.ask("b");
    expect(await impatient).toBeNull();
    expect(await checks.ask("c", { patienceMs: 1 })).toBeNull();
    expect(checks.queue.size).toBe(1);
    checks.end("a", true);
    expect(await Promise.all([running, joined])).toEqual([true, true]);
    checks.end("b", true);
    expect(await patient).toBe(true);
    expect(checks.begun).toEqual(["a", "b"]);
  });

  test("lets all others go before who has perhaps gone", async () => {
    const checks = new Checks(1);
    const held = checks.ask("held");
    const first = checks.ask("first");
    const ended = checks.ask("ended", { isLast: () => true });
    checks.end("held", false);
    expect(await held).toBe(false);
    const late = checks.ask("late");
    checks.end("first", false);
    expect(await first).toBe(false);
    checks.end("late", false);
    expect(await late).toBe(false);
    checks.end("ended", true);
    expect(await ended).toBe(true);
    expect(checks.begun).toEqual(["held", "first", "late", "ended"]);
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
    const gone = checks.ask("b", { isWanted: () => isHere });
    const last = checks.ask("c");
    isHere = false;
    checks.end("a", true);
    expect(await first).toBe(true);
    expect(checks.begun).toEqual(["a", "c"]);
    checks.end("c", true);
    expect(await last).toBe(true);
    expect(await gone).toBeNull();
    expect(checks.begun).toEqual(["a", "c"]);
  });

  test("runs a check that only some of its askers still want", async () => {
    const checks = new Checks(1);
    let isHere = true;
    const first = checks.ask("a");
    const gone = checks.ask("b", { isWanted: () => isHere });
    const staying = checks.ask("b");
    isHere = false;
    checks.end("a", true);
    await first;
    checks.end("b", true);
    expect(await Promise.all([gone, staying])).toEqual([null, true]);
  });

  test("lets those who came and went go although its turn is far off", async () => {
    const checks = new Checks(1);
    const held = checks.ask("held");
    const guesses: Promise<boolean | null>[] = [];
    for (let i = 0; i < 20_000; i++) {
      let isHere = true;
      guesses.push(checks.ask(`guess ${i}`, { isWanted: () => isHere }));
      isHere = false;
    }
    expect(checks.queue.size).toBeLessThan(3_000);
    checks.end("held", true);
    await held;
    expect(new Set(await Promise.all(guesses))).toEqual(new Set([null]));
    expect(checks.queue.size).toBe(0);
    expect(checks.begun).toEqual(["held"]);
  });
});
