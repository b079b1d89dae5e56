// Which rows of the subject tree are on the screen. Pure: from the server's answer and what people opened to
// a list of rows.
import type { SubjectNode, SubjectOrder } from "../live-shapes.ts";

export interface BranchRow {
  /** The whole subject down to here, and whether it is a sum of those that are not shown. */
  readonly path: string;
  readonly isRest: boolean;
  /** What is new in this row: one token, or several where there is only one way. */
  readonly label: string;
  readonly level: number;
  readonly subjects: number;
  readonly messages: number;
  readonly rate: number;
  /** Of everything shown, from 0 to 1. */
  readonly share: number;
  /** Null where there is nothing to open. */
  readonly isOpen: boolean | null;
}

/** Open without being asked: a branch that is as much of the whole as this. */
const SHARE_OPEN = 0.1;
/** Unless that many rows would come. */
const CHILDREN_OPEN = 12;

export function rowsOf(
  root: SubjectNode,
  under: string,
  order: SubjectOrder,
  chosen: ReadonlyMap<string, boolean>,
): BranchRow[] {
  const rows: BranchRow[] = [];
  // Before there are rates, everything is still.
  const measure = ({ rate, messages }: { rate: number; messages: number }) =>
    order === "rate" && root.rate > 0 ? rate : messages;
  const whole = measure(root) || 1;

  const walk = (node: SubjectNode, above: string, level: number): void => {
    for (const child of node.children) {
      const { label, end } = onlyWay(child);
      const path = above === "" ? label : `${above}.${label}`;
      const share = measure(child) / whole;
      const hasMore = end.children.length > 0 || end.rest.subjects > 0;
      const isOpen = hasMore ? (chosen.get(path) ?? opensItself(end, share)) : null;
      const { subjects, messages, rate } = child;
      rows.push({ path, isRest: false, label, level, subjects, messages, rate, share, isOpen });
      if (isOpen) walk(end, path, level + 1);
    }
    const { rest } = node;
    if (rest.subjects === 0) return;
    const label = rest.subjects === 1 ? "1 more subject" : `${rest.subjects} more subjects`;
    const share = measure(rest) / whole;
    rows.push({ path: `${above}.*`, isRest: true, label, level, ...rest, share, isOpen: null });
  };
  walk(root, under, 0);
  return rows;
}

function opensItself(node: SubjectNode, share: number): boolean {
  return share >= SHARE_OPEN && node.children.length <= CHILDREN_OPEN;
}

/** Branches with one child that is all they have are one row: a.b.c instead of three. */
function onlyWay(node: SubjectNode): { label: string; end: SubjectNode } {
  let label = node.token;
  let end = node;
  for (;;) {
    const [only, ...others] = end.children;
    if (only === undefined || others.length > 0 || only.subjects !== end.subjects) break;
    label += `.${only.token}`;
    end = only;
  }
  return { label, end };
}
