// Long loops with the breaks that clients need: see turns.ts.
import type { Turns } from "./turns.ts";

/** To look at the clock costs more than what is done for one item. */
const ITEMS = 64;

/** The items may change between turns; the loop goes on with what there is then. */
export async function forEachInTurns<T>(
  turns: Turns,
  items: Iterable<T>,
  act: (item: T) => void,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  do {
    if (turns.isOver) await turns.next();
  } while (some(iterator, act));
}

/** Apart from the function that waits, as the runtime makes loops of those fast that don't. */
function some<T>(iterator: Iterator<T>, act: (item: T) => void): boolean {
  for (let i = 0; i < ITEMS; i++) {
    const { done, value } = iterator.next();
    if (done === true) return false;
    act(value);
  }
  return true;
}
