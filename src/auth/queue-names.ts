// Queue groups in permissions: names of dot-separated tokens, of which `*` stands for one and a last `>` for
// the rest, as in subjects (auth.md §5.2).

/** True when every name that `queue` stands for is one that `pattern` stands for. */
export function isWithin(queue: string, pattern: string): boolean {
  const given = queue.split(".");
  const wanted = pattern.split(".");
  for (const [at, token] of wanted.entries()) {
    const other = given[at];
    if (other === undefined || token === "") return false;
    if (token === ">") return true;
    if (other === "" || other === ">") return false;
    if (token !== "*" && token !== other) return false;
  }
  return given.length === wanted.length;
}
