// What everybody hears in a scene about the system account, in a form in which two servers can be compared.
// What the pages of the monitor say is told as there (monitor-told.ts).
import { quote } from "../support/wire.ts";
import { MONITOR_DIFFERENCES } from "./monitor-differences.ts";
import { settleChance } from "./monitor-order.ts";
import {
  isObject,
  type Json,
  type JsonObject,
  lines,
  takeApart,
  type Told,
} from "./monitor-told.ts";
import { settleValues, type Identity } from "./system-values.ts";
import { type Heard, isStatistics } from "./system-heard.ts";
import type { Exchange, Played } from "./system-play.ts";
import { SYSTEM_DIFFERENCES, type SystemDifference } from "./system-differences.ts";
import { NAMES } from "./system-cast.ts";
import type { Step } from "./system-scenes.ts";

/** Something heard, taken apart; differences may change it. */
export interface HeardTold {
  readonly who: string;
  readonly subject: string;
  /** All but the payload. */
  head: string;
  readonly told: Told;
}

/** What everybody heard in one step; differences may take away from it. */
export type StepTold = HeardTold[];

/** All that was heard in a step, line by line; the differences that it shows are noted in `seen`. */
export function tell(played: Played, exchange: Exchange, seen: Set<SystemDifference>): string[] {
  const identity = {
    ...played,
    unique: exchange.step.isUnordered === true ? undefined : new Map(),
  };
  const { step } = exchange;
  const heard = exchange.heard
    .filter(({ subject }) => step.isAboutStatistics === true || !isStatistics(subject))
    .map((each) => apart(each, identity, step))
    .filter((each) => each !== undefined);
  // The real server tells of an end when it begins or when it is over.
  heard.sort((one, other) => Number(isFarewell(one)) - Number(isFarewell(other)));
  const question = questionOf(step);
  for (const { told } of heard) if (question !== "") settlePage(told, question);
  for (const difference of SYSTEM_DIFFERENCES) {
    const before = JSON.stringify(heard);
    difference.settle(heard, step);
    if (JSON.stringify(heard) !== before) seen.add(difference);
  }
  for (const { told } of heard) settleValues(told.body, identity);
  if (step.isUnordered === true)
    return heard
      .map((each) => shown(each, identity))
      .sort(byText)
      .flat();
  heard.sort((one, other) => compare(one.who, other.who) || spoken(one) - spoken(other));
  return heard.flatMap((each) => shown(each, identity));
}

/** Lines come before messages. */
const spoken = ({ subject }: HeardTold) => (subject === "" ? 0 : 1);

const isFarewell = ({ subject }: HeardTold) => subject.endsWith(".DISCONNECT");

/** In whatever order, as long as it is the same; which events are one and the same is no matter then. */
const byText = (one: string[], other: string[]) => compare(one.join("\n"), other.join("\n"));

const compare = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);

function apart({ who, subject, sid, headers, payload }: Heard, identity: Identity, step: Step) {
  const text = { status: 0, headers: {}, layout: "text", body: "" };
  if (subject === "") {
    // What is in an INFO is compared elsewhere, and when the server tells all that it ends, too.
    const isInfo = payload.startsWith("INFO ");
    if (isInfo && ("signal" in step || !payload.includes('"ldm":true'))) return undefined;
    return { who, subject, head: isInfo ? "INFO, lame duck" : payload, told: text };
  }
  const named = (words: string) =>
    [...identity.serverNames].reduce((text, [id, name]) => text.replaceAll(id, name), words);
  const block = headers === undefined ? "" : ` ${quote(named(headers))}`;
  const head = `${named(subject)} ${sid}${block}`;
  const isJson = /^[[{]/.test(payload);
  const told = isJson
    ? takeApart({
        status: 200,
        headers: new Map([["content-type", "application/json"]]),
        body: payload,
      })
    : { ...text, body: payload };
  return { who, subject, head, told };
}

function shown({ who, head, told }: HeardTold, { names }: Identity): string[] {
  const rest = lines(told, { names, measured: new Set() });
  return [`${who} hears ${head}`, ...rest.filter((line) => !/^(status|header)\b/.test(line))];
}

/** What is asked, as one would ask the monitor for it; "" for what it does not answer. */
function questionOf(step: Step): string {
  if (!("asks" in step)) return "";
  const [, account, name] =
    /^\$SYS\.REQ\.(?:SERVER\.[^.]+|ACCOUNT\.([^.]+))\.(\w+)$/.exec(step.asks) ?? [];
  if (name === undefined) return "";
  const body = options(step.body ?? "");
  const wanted = new URLSearchParams();
  for (const [option, [key, values]] of Object.entries(PARAMETERS)) {
    const value = body[option];
    if (value !== undefined) wanted.set(key, values?.[Number(value)] ?? String(value));
  }
  const isOwn = account === "PING" && (name === "STATZ" || step.by !== undefined);
  // The names of accounts that do not exist are no matter.
  if (account !== undefined && !isOwn) wanted.set("acc", NAMES.has(account) ? account : "nope");
  if (account !== undefined && name === "SUBSZ") wanted.set("subs", "1");
  return `/${PAGES[name] ?? name.toLowerCase()}?${wanted}`;
}

const PAGES: Readonly<Record<string, string>> = {
  INFO: "accountz",
  STATZ: "accstatz",
  EXPVARZ: "debug/vars",
};
const FLAG = ["0", "1"];
const PARAMETERS: Readonly<Record<string, readonly [key: string, values?: readonly string[]]>> = {
  sort: ["sort"],
  state: ["state", ["open", "closed", "all"]],
  acc: ["acc"],
  account: ["acc"],
  subscriptions: ["subs", FLAG],
  test: ["test"],
  limit: ["limit"],
  offset: ["offset"],
  all: ["all", FLAG],
};

function options(body: string): JsonObject {
  try {
    const value: Json = JSON.parse(body);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

/** Leaves out what is different, or chance, on the page of the monitor that was asked for. */
function settlePage(told: Told, question: string): void {
  if (!isObject(told.body) || told.body["data"] === undefined) return;
  const { data } = told.body;
  // What is told of one account stands alone.
  const isDetail = isObject(data) && data["account_name"] !== undefined;
  if (isObject(data) && /[?&](limit|offset)=/.test(question)) settleChosen(data);
  const body = isDetail ? { account_detail: data } : data;
  const page: Told = { status: 200, headers: {}, layout: told.layout, body };
  for (const each of MONITOR_DIFFERENCES) each.settle(page, { question, base: "" });
  settleChance(page, question);
  told.body["data"] = isDetail && isObject(page.body) ? page.body["account_detail"]! : page.body;
  told.layout = page.layout === "" ? told.layout : page.layout;
}

/** Which subscriptions are on a page is chance. */
function settleChosen(data: JsonObject): void {
  const list = data["subscriptions_list"];
  if (Array.isArray(list)) data["subscriptions_list"] = list.length;
}
