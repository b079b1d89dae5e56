// Queue groups in permissions: names of dot-separated tokens, of which `*` stands for one and a last `>` for
// the rest, as in subjects (auth.md §5.2). A tree of tokens, so that thousands of them cost little more than
// one.

class Node {
  readonly literals = new Map<string, Node>();
  star: Node | null = null;
  /** A name ends here. */
  ends = false;
  /** A name goes on with `>` here. */
  tail = false;
}

export class QueueNames {
  /** As they were written: a name is always within itself. */
  readonly #names = new Set<string>();
  /** Those with wildcards; null without any. */
  #patterns: Node | null = null;

  add(name: string): void {
    this.#names.add(name);
    if (/[*>]/.test(name)) add((this.#patterns ??= new Node()), name.split("."));
  }

  /** True when every name that `queue` stands for is one that a name here stands for. */
  has(queue: string): boolean {
    if (this.#names.has(queue)) return true;
    return this.#patterns !== null && isWithin(this.#patterns, queue.split("."), 0);
  }
}

function add(node: Node, tokens: readonly string[]): void {
  for (const token of tokens) {
    if (token === ">") {
      node.tail = true;
      return;
    }
    if (token === "*") {
      node = node.star ??= new Node();
      continue;
    }
    let child = node.literals.get(token);
    if (child === undefined) node.literals.set(token, (child = new Node()));
    node = child;
  }
  node.ends = true;
}

/** The node holds for the tokens before `at`. */
function isWithin(node: Node, queue: readonly string[], at: number): boolean {
  const token = queue[at];
  if (token === undefined) return node.ends;
  if (node.tail) return true;
  if (token === "" || token === ">") return false;
  if (node.star !== null && isWithin(node.star, queue, at + 1)) return true;
  const child = node.literals.get(token);
  return child !== undefined && isWithin(child, queue, at + 1);
}
