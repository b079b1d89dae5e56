// Subjects are tokens joined by dots. A token that is exactly `*` stands for one token, a last token
// that is exactly `>` for one or more; inside a longer token both are plain characters
// (client-protocol §9). Subjects travel as latin1 strings here: one character per byte of the wire.
//
//   foo.*  matches foo.bar, not foo and not foo.bar.baz
//   foo.>  matches foo.bar and foo.bar.baz, not foo
//   foo*   is a literal
//   foo..bar, .foo, foo.  are invalid to subscribe to, and as publish subjects match nothing

const FNV_OFFSET = 0x811c9dc5 | 0;
const FNV_PRIME = 0x01000193;

export { FNV_OFFSET, FNV_PRIME };

/** FNV-1a of a subject: the same number that the parser computes while it scans the bytes. */
export function hashSubject(subject: string): number {
  let hash = FNV_OFFSET;
  for (let i = 0; i < subject.length; i++) {
    hash = Math.imul(hash ^ subject.charCodeAt(i), FNV_PRIME);
  }
  return hash;
}

/** What a subject is to a subscriber. */
export const SubjectKind = { invalid: 0, literal: 1, pattern: 2 } as const;
export type SubjectKind = (typeof SubjectKind)[keyof typeof SubjectKind];

/** A subject to subscribe to: invalid with an empty token, or with a `>` before its last token. */
export function kindOf(subject: string): SubjectKind {
  let kind: SubjectKind = SubjectKind.literal;
  let tokenAt = 0;
  for (let i = 0; i <= subject.length; i++) {
    if (i < subject.length && subject.charCodeAt(i) !== 0x2e) continue;
    if (i === tokenAt) return SubjectKind.invalid;
    if (i === tokenAt + 1) {
      const only = subject.charCodeAt(tokenAt);
      if (only === 0x3e && i < subject.length) return SubjectKind.invalid;
      if (only === 0x3e || only === 0x2a) kind = SubjectKind.pattern;
    }
    tokenAt = i + 1;
  }
  return kind;
}

/** True when it names exactly one subject: no empty token and no wildcard token. */
export function isLiteral(subject: string): boolean {
  for (const token of subject.split(".")) {
    if (token === "" || token === "*" || token === ">") return false;
  }
  return true;
}

/** True when it may stand in a subject, as one token or several: nothing in it is blank or matches others. */
export function isPlainName(name: string): boolean {
  return isLiteral(name) && !/\s/.test(name);
}

/** Number of tokens. */
export function countTokens(subject: string): number {
  let tokens = 1;
  for (let i = 0; i < subject.length; i++) if (subject.charCodeAt(i) === 0x2e) tokens++;
  return tokens;
}

/**
 * True when a valid subscription pattern matches a published subject. The publish subject is taken
 * token by token as it is: its own `*` or `>` are ordinary tokens. A subject with an empty token
 * matches nothing.
 */
export function matches(pattern: string, subject: string): boolean {
  let p = 0;
  let s = 0;
  while (true) {
    const tokenAt = s;
    while (s < subject.length && subject.charCodeAt(s) !== 0x2e) s++;
    if (s === tokenAt) return false;
    const patternAt = p;
    while (p < pattern.length && pattern.charCodeAt(p) !== 0x2e) p++;
    const patternBytes = p - patternAt;
    const wild = patternBytes === 1 ? pattern.charCodeAt(patternAt) : 0;
    if (wild === 0x3e && p === pattern.length) return !hasEmptyToken(subject, s);
    if (wild !== 0x2a && !sameToken(pattern, patternAt, p, subject, tokenAt, s)) return false;
    const patternEnded = p === pattern.length;
    const subjectEnded = s === subject.length;
    if (patternEnded || subjectEnded) return patternEnded && subjectEnded;
    p++;
    s++;
  }
}

function sameToken(a: string, aAt: number, aEnd: number, b: string, bAt: number, bEnd: number) {
  if (aEnd - aAt !== bEnd - bAt) return false;
  for (; aAt < aEnd; aAt++, bAt++) if (a.charCodeAt(aAt) !== b.charCodeAt(bAt)) return false;
  return true;
}

/** True when an empty token follows the dot at `at` (or anything after it). */
function hasEmptyToken(subject: string, at: number): boolean {
  for (let i = at; i < subject.length; i++) {
    if (subject.charCodeAt(i) !== 0x2e) continue;
    if (i === subject.length - 1 || subject.charCodeAt(i + 1) === 0x2e) return true;
  }
  return false;
}

/** True when some subject matches both patterns. */
export function overlaps(one: string, other: string): boolean {
  const left = one.split(".");
  const right = other.split(".");
  for (let i = 0; ; i++) {
    const a = left[i];
    const b = right[i];
    if (a === undefined || b === undefined) return a === b;
    if (a === ">" || b === ">") return true;
    if (a !== b && a !== "*" && b !== "*") return false;
  }
}

/** True when every subject that `one` matches is matched by `pattern`, too. */
export function isWithin(one: string, pattern: string): boolean {
  const tokens = one.split(".");
  const wider = pattern.split(".");
  for (let i = 0; i < wider.length; i++) {
    const token = tokens[i];
    if (token === undefined) return false;
    if (wider[i] === ">") return true;
    if (token === ">" || (wider[i] !== "*" && wider[i] !== token)) return false;
  }
  return tokens.length === wider.length;
}
