// Random permissions and what is tried under them, made from a seed: whatever a rule may look like, its
// verdicts must not depend on which server it is.
import { users } from "../support/access-config.ts";
import type { Dice } from "../support/dice.ts";
import type { Case, Configuration } from "./access-play.ts";
import { as, both, pub, talk } from "./access-words.ts";

const USERS = 12;
const WISHES = 12;
const TOKENS = ["a", "a", "b", "c"];
const QUEUES = ["q", "r", "q.x", "*", ">", "q.*"];

/** One configuration of many users, each with a rule of its own, and one case for each of them. */
export function randomConfiguration(dice: Dice): Configuration {
  const names = Array.from({ length: USERS }, (_, at) => `u${at}`);
  return {
    name: "random permissions",
    text: users(
      ...names.map((user) => `{ user: ${user}, password: p, permissions: ${permissions(dice)} }`),
      "{ user: all, password: p }",
    ),
    cases: names.map((user) => randomCase(user, dice)),
  };
}

/** Somebody wants many subscriptions, publishes much, hears others and answers them. */
function randomCase(user: string, dice: Dice): Case {
  const subjects = Array.from({ length: WISHES }, () => subject(dice, TOKENS));
  const published = subjects.map((each) => pub(each)).join("");
  return talk(
    user,
    ["client", both(as(user, "p"), wishes(dice))],
    ["client", published],
    ["all", both(as("all", "p"), published)],
    ["all", subjects.map((each) => pub("a", each)).join("")],
    ["client", published],
  );
}

/** Subscriptions, each in a group of its own if in any: whom a larger one chooses is random. */
function wishes(dice: Dice): string {
  const queues = ["q", "r", "q.x", "q.x.y", "z"];
  return Array.from({ length: WISHES }, (_, at) => {
    const [queue = ""] = dice.once(2) ? queues.splice(dice.below(queues.length), 1) : [];
    return `SUB ${pattern(dice)} ${queue} s${at}\r\n`;
  }).join("");
}

function permissions(dice: Dice): string {
  const sections: string[] = [];
  if (!dice.once(4)) sections.push(`publish: ${side(dice, () => pattern(dice))}`);
  if (!dice.once(5)) sections.push(`subscribe: ${side(dice, () => entry(dice))}`);
  if (dice.once(3)) sections.push(`allow_responses: { max: ${dice.below(4)} }`);
  return `{ ${sections.join(", ")} }`;
}

function side(dice: Dice, next: () => string): string {
  const list = () => `[ ${Array.from({ length: dice.below(4) }, () => `"${next()}"`).join(", ")} ]`;
  const roll = dice.below(4);
  if (roll === 0) return list();
  if (roll === 1) return `{ allow: ${list()} }`;
  if (roll === 2) return `{ deny: ${list()} }`;
  return `{ allow: ${list()}, deny: ${list()} }`;
}

/** A pattern, sometimes with a queue group. */
const entry = (dice: Dice) => pattern(dice) + (dice.once(3) ? ` ${dice.pick(QUEUES)}` : "");

function pattern(dice: Dice): string {
  if (dice.once(8)) return ">";
  const tokens = subject(dice, [...TOKENS, "*", "*"]);
  return dice.once(4) ? `${tokens}.>` : tokens;
}

function subject(dice: Dice, tokens: readonly string[]): string {
  return Array.from({ length: 1 + dice.below(3) }, () => dice.pick(tokens)).join(".");
}
