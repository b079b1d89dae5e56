// "Did you mean …?": the known name closest to a mistyped one. Shared by flags, options and, later,
// the keys of the configuration file.

/** The closest of `known`, or undefined when nothing is close enough to be worth saying. */
export function nearest(typed: string, known: Iterable<string>): string | undefined {
  const wanted = plain(typed);
  let best: string | undefined;
  // A third of the letters may be wrong; a one-letter name must match but for its case.
  let bestDistance = Math.floor(wanted.length / 3) + 1;
  for (const name of known) {
    const distance = editDistance(wanted, plain(name), bestDistance);
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

/** max_payload, maxPayload and MAX-PAYLOAD are one word to whoever mistypes them. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[-_ ]/g, "");
}

/**
 * Insertions, deletions, replacements and swapped neighbours; anything from `limit` up is `limit`.
 */
export function editDistance(left: string, right: string, limit = Infinity): number {
  if (Math.abs(left.length - right.length) >= limit) return limit;
  let older: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i++) {
    const row = [i];
    for (let j = 1; j <= right.length; j++) {
      const same = left[i - 1] === right[j - 1];
      let cost = Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + (same ? 0 : 1));
      const swapped =
        i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1];
      if (swapped) cost = Math.min(cost, older[j - 2]! + 1);
      row.push(cost);
    }
    older = previous;
    previous = row;
  }
  return Math.min(previous[right.length]!, limit);
}
