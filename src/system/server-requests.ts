// What one server is asked, by its id or with all others (monitoring §21.1): the options of each request, and
// the endpoint of the monitor that answers it.

import { accountz } from "../http/accountz.ts";
import { connz, listConnections } from "../http/connz.ts";
import { type Answer, ask } from "../http/context.ts";
import { debugVars } from "../http/debug-vars.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { gatewayz } from "../http/gatewayz.ts";
import { healthz } from "../http/healthz.ts";
import { ipqueuesz } from "../http/ipqueuesz.ts";
import { jsz } from "../http/jsz.ts";
import { leafz } from "../http/leafz.ts";
import { BadParameter } from "../http/query.ts";
import { routez } from "../http/routez.ts";
import { subsz } from "../http/subsz.ts";
import { varz } from "../http/varz.ts";
import { toJson } from "../proto/format.ts";
import type { Data, Desk } from "./desk.ts";
import { type Given, readBody } from "./options.ts";
import type { ServerName } from "./subjects.ts";

const CONNECTIONS = {
  sort: "text",
  auth: "yes or no",
  subscriptions: "yes or no",
  subscriptions_detail: "yes or no",
  offset: "number",
  limit: "number",
  cid: "count",
  mqtt_client: "text",
  state: "number",
  user: "text",
  acc: "text",
  filter_subject: "text",
} as const;

const SUBSCRIPTIONS = {
  offset: "number",
  limit: "number",
  subscriptions: "yes or no",
  account: "text",
  test: "text",
} as const;

const ROUTES = { subscriptions: "yes or no", subscriptions_detail: "yes or no" } as const;

const HEALTH = {
  "js-enabled": "yes or no",
  "js-enabled-only": "yes or no",
  "js-server-only": "yes or no",
  "js-meta-only": "yes or no",
  account: "text",
  stream: "text",
  consumer: "text",
  details: "yes or no",
} as const;

const JETSTREAM = {
  account: "text",
  accounts: "yes or no",
  streams: "yes or no",
  consumer: "yes or no",
  direct_consumer: "yes or no",
  config: "yes or no",
  leader_only: "yes or no",
  offset: "number",
  limit: "number",
  raft: "yes or no",
  stream_leader_only: "yes or no",
} as const;

/** No account is called so. */
const NOBODY = "\n";
/** Numbers of /connz's states. */
const STATES = ["open", "closed", "all"];

/** Throws a BadBody for options of a wrong type, a BadParameter for those of no use. */
export async function answerServer(
  desk: Desk,
  name: Exclude<ServerName, "STATSZ" | "IDZ">,
  payload: Buffer,
): Promise<Data> {
  const { context } = desk;
  switch (name) {
    case "VARZ":
      return (await ask(varz, context)).text;
    case "CONNZ":
      return connections(desk, payload);
    case "SUBSZ":
      return subscriptions(desk, payload);
    case "ROUTEZ": {
      const given = readBody(payload, ROUTES);
      return (await ask(routez, context, { subs: listing(given) })).text;
    }
    case "ACCOUNTZ": {
      const { account } = readBody(payload, { account: "text" });
      return (await ask(accountz, context, { acc: account })).text;
    }
    case "LEAFZ":
      readBody(payload, { subscriptions: "yes or no", account: "text" });
      return (await ask(leafz, context)).text;
    case "GATEWAYZ":
      readBody(payload, { name: "text", accounts: "yes or no", account_name: "text" });
      return (await ask(gatewayz, context)).text;
    case "IPQUEUESZ":
      readBody(payload, { all: "yes or no", filter: "text" });
      return (await ask(ipqueuesz, context)).text;
    case "RAFTZ":
      readBody(payload, { account: "text", group: "text" });
      return "{}";
    case "JSZ":
      // Whoever leads answers, and nobody does.
      if (readBody(payload, JETSTREAM).leader_only === true) return null;
      return (await ask(jsz, context)).text;
    case "HEALTHZ":
      return health(await ask(healthz, context, withoutFilters(readBody(payload, HEALTH))));
    case "PROFILEZ":
      return profile(readBody(payload, { name: "text", debug: "number", duration: "number" }));
    case "EXPVARZ":
      return runtime(await ask(debugVars, context));
  }
}

/** Of `account` only, where it is given. */
export async function connections(
  { context }: Desk,
  payload: Buffer,
  account?: string,
): Promise<string> {
  const given = readBody(payload, CONNECTIONS);
  const { state = 0, filter_subject: text = ">" } = given;
  // A state that there is not is nobody's.
  const acc = STATES[state] === undefined ? NOBODY : (account ?? given.acc);
  const filter = text === ">" ? "" : Buffer.from(text).latin1Slice();
  if (filter !== "" && !acc) {
    throw new BadParameter("filter by subject only valid with account filtering");
  }
  const filtered: Endpoint = {
    ...connz,
    answer: (query, asked) => listConnections(query, asked, filter),
  };
  const answer = await ask(filtered, context, {
    sort: given.sort,
    auth: given.auth,
    subs: listing(given),
    offset: given.offset,
    limit: given.limit,
    cid: given.cid,
    mqtt_client: given.mqtt_client,
    state: STATES[state],
    user: given.user,
    acc,
  });
  return answer.text;
}

/** The same; those of one account are always listed. */
export async function subscriptions(
  { context }: Desk,
  payload: Buffer,
  account?: string,
): Promise<string> {
  const given = readBody(payload, SUBSCRIPTIONS);
  const answer = await ask(subsz, context, {
    offset: given.offset,
    limit: given.limit,
    subs: account !== undefined || given.subscriptions,
    acc: account ?? given.account,
    test: given.test,
  });
  return answer.text;
}

function listing(given: Given<typeof ROUTES>): string | boolean {
  return given.subscriptions_detail === true ? "detail" : given.subscriptions === true;
}

/** What the endpoint understands of it. */
function withoutFilters(given: Given<typeof HEALTH>) {
  const names = Object.keys(HEALTH) as (keyof typeof HEALTH)[];
  return Object.fromEntries(names.map((name) => [name, given[name]]));
}

/** The status of HTTP becomes a field. */
function health({ status, text }: Answer): string {
  const { status: word, ...rest } = JSON.parse(text);
  return toJson({ status: word, status_code: status, ...rest });
}

function profile({ name = "" }: { readonly name?: string }): string {
  const error =
    name === ""
      ? "Profile name not specified"
      : `Profile ${JSON.stringify(name)} is one of Go's: this server runs on Bun`;
  return toJson({ profile: null, error });
}

function runtime({ text }: Answer): string {
  const { memstats, cmdline } = JSON.parse(text);
  return toJson({ memstats, cmdline });
}
