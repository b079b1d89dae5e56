// Keys that say who may do what: `authorization`, users, permissions, `accounts`. They are checked
// here and not enforced yet, so keys.ts lets nothing start that relies on them.
// Values are secrets: messages about these blocks name only the kind of what was found.
import {
  duration,
  nonEmpty,
  oneOf,
  percent,
  publicNkey,
  queueSubject,
  quotedSize,
  subject,
  text,
  timeout,
  whole,
  yesNo,
} from "./leaves.ts";
import {
  block,
  either,
  fault,
  key,
  listOf,
  mapOf,
  oneOrMore,
  remark,
  secretKey,
  type Place,
  type Rule,
  type Values,
} from "./rules.ts";

function allowDeny(rule: Rule<string>): Rule<unknown> {
  const subjects = oneOrMore(rule);
  return either("a subject, an array of subjects or a block with allow and deny", {
    string: subjects,
    array: subjects,
    map: block([key("allow", subjects), key("deny", subjects)]),
  });
}

const responses = either("true, false or a block", {
  boolean: yesNo,
  map: block([
    key("max max_msgs max_messages max_responses", whole()),
    key("expires expiration ttl", duration("old form")),
  ]),
});

export const permissions = block([
  key("publish pub import", allowDeny(subject)),
  key("subscribe sub export", allowDeny(queueSubject)),
  key("allow_responses publish_allow_responses", responses),
]);

const CONNECTION_TYPES = oneOf(
  "standard",
  "websocket",
  "leafnode",
  "leafnode_ws",
  "mqtt",
  "mqtt_ws",
  "in_process",
);

const name = nonEmpty("a name");

const user = block(
  [
    key("user username", name),
    secretKey("pass password", text()),
    key("nkey", publicNkey("U")),
    key("permissions permission authorization authroization", permissions),
    key("account", text()),
    key("allowed_connection_types connection_types clients", listOf(CONNECTION_TYPES)),
    key("proxy_required", yesNo),
  ],
  {
    check({ user: known, nkey, pass }, place) {
      if (known === undefined && nkey === undefined) fault(place, "a user needs a name or an nkey");
      if (nkey !== undefined && (known !== undefined || pass !== undefined)) {
        fault(place, "an nkey takes no user name and no password");
      }
    },
  },
);

const listOfUsers = listOf(user, "an array of users");

const users: Rule<Values[]> = (value, place) => {
  const found = listOfUsers(value, place);
  const seen = new Set<unknown>();
  for (const each of found ?? []) {
    const identity = each["user"] ?? each["nkey"];
    if (identity !== undefined && seen.has(identity)) {
      fault(place, `${JSON.stringify(identity)} is in there twice`);
    }
    seen.add(identity);
  }
  return found;
};

const authCallout = block(
  [
    key("issuer", publicNkey("A")),
    key("account acc", name),
    key("auth_users users", listOf(name)),
    key("xkey key", publicNkey("X")),
    key("allowed_accounts", listOf(name)),
  ],
  {
    check(values, place) {
      for (const needed of ["issuer", "auth_users"]) {
        if (values[needed] === undefined) fault(place, `${needed} is missing`);
      }
    },
  },
);

const LONG_TIMEOUT_MS = 60_000;

/** `2m` without quotes is a size: two million seconds. */
const authTimeout: Rule<number> = (value, place) => {
  const ms = timeout(value, place);
  if (ms !== undefined && ms > LONG_TIMEOUT_MS) {
    remark(place, `${ms / 1000} seconds are long; a duration needs quotes`);
  }
  return ms;
};

const COMMON = [
  key("user username", text()),
  secretKey("pass password", text()),
  key("timeout", authTimeout),
] as const;

/** The rules of nats-server between the ways to authenticate. */
function checkWays({ user: single, pass, token, users: many }: Values, place: Place): void {
  const hasSingle = (single ?? "") !== "" || (pass ?? "") !== "";
  if (hasSingle && token !== undefined) fault(place, "a user and a token exclude each other");
  if (many === undefined) return;
  if (hasSingle) fault(place, "a single user and an array of users exclude each other");
  if (token !== undefined) fault(place, "a token and an array of users exclude each other");
}

export const authorization = block(
  [
    ...COMMON,
    secretKey("token", text()),
    key("users", users),
    key("default_permissions default_permission permissions", permissions),
    key("auth_callout auth_hook", authCallout),
    key("proxy_required", yesNo),
  ],
  { check: checkWays },
);

/** Whether anybody is kept out by it, so that serving without it would serve too many. */
export function keepsSomeoneOut(given: unknown): boolean {
  return Object.entries(given as Values).some(
    // An empty credential still asks for access control: a variable may have been left unset.
    ([name, value]) => name !== "timeout" && value !== false && !isEmpty(value),
  );
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

/** Routes have one user and no token. */
export const clusterAuthorization = block([
  ...COMMON,
  key("permissions permission default_permissions default_permission", permissions),
]);

export const leafAuthorization = block([
  ...COMMON,
  key("nkey", publicNkey("U")),
  key("users", users),
  key("account", text()),
  key("proxy_required", yesNo),
]);

export const webAuthorization = block([...COMMON, secretKey("token", text())]);

const accountsByName = either("an array of accounts", { array: listOf(text()) });

const latency = either("a subject or a block", {
  string: subject,
  map: block(
    [
      key("sampling", either("a percentage or headers", { integer: percent, string: text() })),
      key("subject", subject),
    ],
    { exact: true },
  ),
});

const exported = block([
  key("stream", subject),
  key("service", subject),
  key("accounts", accountsByName),
  key("response response_type", oneOf("single", "singleton", "stream", "chunk", "chunked")),
  key("threshold response_threshold response_max_time response_time", duration("refused")),
  key("latency", latency),
  key("account_token_position", whole(0)),
  key("allow_trace", yesNo),
]);

const source = block([key("account", name), key("subject", subject)]);

const imported = block([
  key("stream", source),
  key("service", source),
  key("prefix", text()),
  key("to", text()),
  key("share", yesNo),
  key("allow_trace", yesNo),
]);

const destination = block([
  key("destination dest", nonEmpty("a subject")),
  key("weight", percent),
  key("cluster", text()),
]);

export const mappings = mapOf(
  either("a subject, a block or an array of blocks", {
    string: nonEmpty("a subject"),
    map: destination,
    array: listOf(destination),
  }),
);

const accountJetstream = either("true, false, enabled, disabled or a block", {
  boolean: yesNo,
  string: oneOf("enabled", "disabled", "enable", "disable", "true", "false"),
  map: block([
    key("max_memory max_mem mem memory", quotedSize),
    key("max_store max_file max_disk store disk", quotedSize),
    key("max_streams streams", whole(-1)),
    key("max_consumers consumers", whole(-1)),
    key("max_bytes_required max_stream_bytes max_bytes", yesNo),
    key("memory_max_stream_bytes mem_max_stream_bytes", quotedSize),
    key("store_max_stream_bytes disk_max_stream_bytes", quotedSize),
    key("max_ack_pending", whole(-1)),
    key("cluster_traffic", oneOf("system", "owner")),
  ]),
});

const accountLimits = block([
  key("max_connections max_conn", whole()),
  key("max_subscriptions max_subs", whole()),
  key("max_payload max_pay", whole()),
  key("max_leafnodes max_leafs", whole()),
]);

const account = block([
  key("nkey", publicNkey("A")),
  key("users", users),
  key("default_permissions", permissions),
  key("exports", listOf(exported)),
  key("imports", listOf(imported)),
  key("mappings maps", mappings),
  key("jetstream", accountJetstream),
  key("limits", accountLimits),
  key(
    "msg_trace trace_dest",
    either("a subject or a block", {
      string: subject,
      map: block([key("dest", subject), key("sampling", percent)]),
    }),
  ),
]);

const GLOBAL = "$G";

function checkAccountName(given: string, place: Place): void {
  if (given === GLOBAL) fault(place, "this account is the server's own and can't be configured");
}

export const accounts = either("a block or an array of names", {
  map: mapOf(account, checkAccountName),
  array: listOf(name),
});

/** Accounts without users separate nobody: nobody can get in. */
export function haveUsers(given: unknown): boolean {
  if (!(given instanceof Map)) return false;
  return [...given.values()].some((each: Values) => !isEmpty(each["users"] ?? []));
}
