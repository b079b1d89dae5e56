// What a client may publish and subscribe to (auth.md §5). Made once for each user who has permissions and
// shared by all of that user's connections; it never changes, so answers may be kept.

import type { PermissionOptions, SubjectRule } from "../config/access.ts";
import { SubjectKind, kindOf } from "../proto/subject.ts";
import { RuleTree, nodesVisited } from "./rule-tree.ts";

/** Answers that a responder may send to a reply subject, and for how long; negative: no limit. */
export interface ResponseRule {
  readonly max: number;
  readonly expiresMs: number;
}

/** What an accepted subscription must not get all the same. */
export interface DeliveryFilter {
  /** True when a message with this subject (latin1 text) is not for the subscription. */
  denies(subject: string): boolean;
}

const DEFAULT_RESPONSES_MAX = 1;
const DEFAULT_RESPONSES_EXPIRE_MS = 120_000;

export class Permissions {
  /** The rule for publishing to reply subjects received; null when there is none. */
  readonly responses: ResponseRule | null;

  // Null lists do not exist: what is not listed is allowed, and not denied.
  readonly #publishAllow: RuleTree | null;
  readonly #publishDeny: RuleTree | null;
  readonly #subscribeAllow: RuleTree | null;
  readonly #subscribeDeny: RuleTree | null;
  /** The filter of everybody for whom no queue group matters. */
  readonly #plainFilter: DeliveryFilter;

  /** What it was made from. */
  readonly options: PermissionOptions;

  private constructor(options: PermissionOptions) {
    this.options = options;
    const { publish, subscribe, allowResponses } = options;
    this.responses =
      allowResponses === undefined
        ? null
        : {
            max: allowResponses.max || DEFAULT_RESPONSES_MAX,
            expiresMs: allowResponses.expires || DEFAULT_RESPONSES_EXPIRE_MS,
          };
    // Who may answer may publish nothing else, unless it is listed (auth.md §5.3).
    const mayOnlyAnswer = this.responses !== null;
    this.#publishAllow =
      compile(publish, "allow", false) ?? (mayOnlyAnswer ? new RuleTree() : null);
    this.#publishDeny = compile(publish, "deny", false);
    this.#subscribeAllow = compile(subscribe, "allow", true);
    const denied = compile(subscribe, "deny", true);
    this.#subscribeDeny = denied;
    this.#plainFilter = { denies: (subject) => denied !== null && denied.matches(subject) };
  }

  /**
   * What all answers so far cost, in nodes of lists that were looked at, each about as much as a delivery.
   * Who asks before and after knows what was spent in between: nearly nothing, unless lists are full of `*`.
   */
  static get work(): number {
    return nodesVisited();
  }

  static compile(options: PermissionOptions): Permissions {
    return new Permissions(options);
  }

  /** Allow and deny lists only: whether a reply is permitted is for its caller to ask. */
  mayPublish(subject: string): boolean {
    if (this.#publishAllow !== null && !this.#publishAllow.matches(subject)) return false;
    return this.#publishDeny === null || !this.#publishDeny.matches(subject);
  }

  /**
   * The pattern is compared as if it were a literal (auth.md §5.2): allowing `foo.*` also allows the
   * subscription `foo.>`, as nats-server does.
   */
  maySubscribe(subject: string, queue: string | null): boolean {
    return this.#allowsSubscription(subject, queue) && !this.#deniesSubscription(subject, queue);
  }

  #allowsSubscription(subject: string, queue: string | null): boolean {
    const allowed = this.#subscribeAllow;
    if (allowed === null) return true;
    if (queue === null || !allowed.hasQueues) return allowed.matches(subject);
    const says = allowed.ask(subject, queue);
    return says.qualified ? says.queue : says.plain;
  }

  #deniesSubscription(subject: string, queue: string | null): boolean {
    const denied = this.#subscribeDeny;
    if (denied === null) return false;
    return queue === null ? denied.matches(subject) : denied.matchesMember(subject, queue);
  }

  /** What an accepted subscription must not get all the same; null when it is plain that this is nothing. */
  filterFor(subject: string, queue: string | null): DeliveryFilter | null {
    const denied = this.#subscribeDeny;
    if (denied === null || kindOf(subject) !== SubjectKind.pattern) return null;
    const member = denied.hasQueues ? queue : null;
    if (!denied.mayOverlap(subject, member)) return null;
    if (member === null) return this.#plainFilter;
    return { denies: (delivered) => denied.matchesMember(delivered, member) };
  }
}

/** An empty list is no list (auth.md §5.1). */
function compile(
  rule: SubjectRule | undefined,
  side: keyof SubjectRule,
  hasQueues: boolean,
): RuleTree | null {
  const entries = rule?.[side] ?? [];
  if (entries.length === 0) return null;
  const tree = new RuleTree();
  for (const entry of entries) {
    const [subject = "", queue] = hasQueues ? entry.trim().split(/\s+/) : [entry];
    tree.add(toWire(subject), queue === undefined ? null : toWire(queue));
  }
  return tree;
}

/** Options are text; subjects are bytes, one character for each. */
function toWire(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
