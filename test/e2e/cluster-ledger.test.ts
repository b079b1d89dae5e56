// The ledger that judges clusters under load: what it calls lost, doubled or out of order, and what it excuses.
import { expect, test } from "bun:test";
import { Book } from "../../scripts/soak/ledger.ts";

class Party {
  epoch = 0;
  readonly sent = [0];
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
  says(count: number): void {
    this.sent[this.epoch]! += count;
  }
  loses(): void {
    this.epoch++;
    this.sent.push(0);
  }
}

/** A publisher, its listeners and their book. */
function scene(listeners = 1) {
  const from = new Party("P");
  const to = Array.from({ length: listeners }, (_, i) => new Party(`L${i}`));
  const book = new Book(from, to);
  const hear = (at: number, ...numbers: number[]) => {
    for (const number of numbers) book.heard(to[at]!, from.epoch, number);
  };
  return { from, to: to as [Party, ...Party[]], book, hear };
}

test("messages that come once and in order are faultless", () => {
  const { from, book, hear } = scene();
  from.says(4);
  hear(0, 0, 1, 2, 3);
  expect(book.isComplete).toBe(true);
  expect(book.figures()).toMatchObject({ sent: 4, received: 4, faults: [], silent: 0 });
});

test.each([
  ["in the middle", [0, 1, 3]],
  ["at the end", [0, 1, 2]],
  ["at the beginning", [1, 2, 3]],
])("a message that is missing %s between connected clients is lost", (_, heard) => {
  const { from, book, hear } = scene();
  from.says(4);
  hear(0, ...heard);
  expect(book.isComplete).toBe(false);
  expect(book.figures()).toMatchObject({ lost: 1, lostAway: 0 });
});

test("a message that comes twice is doubled, one that comes late is out of order", () => {
  const { from, book, hear } = scene();
  from.says(4);
  hear(0, 0, 2, 1, 3, 2);
  const { doubled, disordered, lost, faults } = book.figures();
  expect({ doubled, disordered, lost }).toEqual({ doubled: 1, disordered: 1, lost: 0 });
  expect(faults).toEqual([
    "after 2: 1 of P/0 for L0/0, heard by L0",
    "doubled: 2 of P/0 for L0/0, heard by L0",
  ]);
});

test("a second copy counts as doubled over a reconnect of the listener too", () => {
  const { from, to, book, hear } = scene();
  from.says(2);
  hear(0, 0, 1);
  to[0].loses();
  hear(0, 1);
  expect(book.figures()).toMatchObject({ doubled: 1 });
});

test("what is missing while the listener was away is excused, what is missing beside it is not", () => {
  const { from, to, book, hear } = scene();
  from.says(10);
  hear(0, 0, 2);
  to[0].loses();
  expect(book.flows).toBe(false);
  hear(0, 6, 7, 9);
  expect(book.figures()).toMatchObject({ lost: 2, lostAway: 3, silent: 0 });
});

test("the end of the publisher's connection excuses its last messages and the first ones of the next", () => {
  const { from, book, hear } = scene();
  from.says(5);
  hear(0, 0, 1, 2);
  from.loses();
  from.says(5);
  expect(book.figures()).toMatchObject({ lost: 0, lostAway: 7, silent: 1 });
  hear(0, 2, 3);
  expect(book.isComplete).toBe(false);
  hear(0, 4);
  expect(book.isComplete).toBe(true);
  expect(book.figures()).toMatchObject({ lost: 0, lostAway: 4, silent: 0 });
});

test("whoever hears nothing at all although both are connected has lost all", () => {
  const { from, book } = scene();
  from.says(3);
  expect(book.figures()).toMatchObject({ lost: 3, silent: 1 });
});

test("a group is owed each message once, by any member", () => {
  const { from, book, hear } = scene(3);
  from.says(6);
  hear(1, 1, 4);
  hear(0, 0, 3);
  hear(2, 5);
  expect(book.figures()).toMatchObject({ sent: 6, received: 5, lost: 1, silent: 0 });
  hear(2, 2);
  expect(book.figures()).toMatchObject({ lost: 0, disordered: 1 });
  hear(0, 5);
  expect(book.figures()).toMatchObject({ doubled: 1 });
});

test("a member that leaves excuses what may have been on its way to it, and nothing earlier", () => {
  const { from, to, book, hear } = scene(2);
  from.says(10);
  hear(0, 0, 3);
  hear(1, 1, 4);
  to[0].loses();
  hear(1, 6, 8);
  hear(0, 7);
  // 2 came before the last that it heard; 5 may have been on its way to it; 9 had both of them.
  expect(book.figures()).toMatchObject({ lost: 2, lostAway: 1 });
});

test("numbers beyond what was heard so far are counted at any length", () => {
  const { from, book, hear } = scene();
  from.says(200_000);
  for (let n = 0; n < 150_000; n++) hear(0, n);
  expect(book.figures()).toMatchObject({ lost: 50_000, doubled: 0 });
});
