// Keys of `accounts`. Users, default permissions and limits become options; what accounts have beside
// them is checked, and warned about because nothing follows it yet.
import { isLiteral } from "../proto/subject.ts";
import { accountNameProblem } from "./access-rules.ts";
import type { GivenAccount, GivenAccounts } from "./access.ts";
import { permissions, users } from "./keys-users.ts";
import {
  duration,
  nonEmpty,
  oneOf,
  percent,
  publicNkey,
  quotedSize,
  subject,
  text,
  whole,
  yesNo,
} from "./leaves.ts";
import {
  block,
  either,
  fault,
  key,
  later,
  listOf,
  mapOf,
  mismatch,
  remark,
  shape,
  type Place,
  type Rule,
  type Values,
} from "./rules.ts";
import { isSubject } from "./subjects.ts";

/** Names of accounts that must be there; looked up when all of them are known. */
type Mentions = Map<Place, string>;

const name = nonEmpty("a name");

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

/** What an account offers or takes is either a stream or a service. */
function checkKind({ stream, service }: Values, place: Place): void {
  if (stream !== undefined && service !== undefined) {
    fault(place, "a stream and a service exclude each other");
  }
}

const exported = (mentioned: Rule<string>) =>
  block(
    [
      key("stream", subject),
      key("service", subject),
      key("accounts", listOf(mentioned, "an array of accounts")),
      key("response response_type", oneOf("single", "singleton", "stream", "chunk", "chunked")),
      key("threshold response_threshold response_max_time response_time", duration("refused")),
      key("latency", latency),
      key("account_token_position", whole(0)),
      key("allow_trace", yesNo),
    ],
    { check: checkKind },
  );

const imported = (mentioned: Rule<string>) => {
  const source = block([key("account", mentioned), key("subject", subject)], {
    check({ account, subject: wanted }, place) {
      if (account === undefined || wanted === undefined) {
        fault(place, "an import needs an account and a subject");
      }
    },
  });
  return block(
    [
      key("stream", source),
      key("service", source),
      key("prefix", text()),
      key("to", text()),
      key("share", yesNo),
      key("allow_trace", yesNo),
    ],
    {
      check(values, place) {
        checkKind(values, place);
        if (values["prefix"] !== undefined && values["to"] !== undefined) {
          fault(place, "prefix and to exclude each other");
        }
      },
    },
  );
};

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
  (source, place) => {
    if (!isSubject(source)) fault(place, "this is no subject");
  },
);

const jetstream = either("true, false, enabled, disabled or a block", {
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

const limit = whole(-1, undefined, "a whole number, -1 for no limit");

const limits = shape({
  maxConnections: key("max_connections max_conn", limit),
  maxSubscriptions: key("max_subscriptions max_subs", limit),
  maxPayload: key("max_payload max_pay", limit),
  maxLeafnodes: key("max_leafnodes max_leafs", later(limit)),
});

const traceSubject: Rule<string> = (value, place) => {
  const found = subject(value, place);
  if (found === undefined || isLiteral(found)) return found;
  return mismatch(place, "a subject without wildcards", value);
};

const trace = either("a subject or a block", {
  string: traceSubject,
  map: block([key("dest", traceSubject), key("sampling", percent)]),
});

function accountRule(mentioned: Rule<string>): Rule<GivenAccount> {
  return shape(
    {
      users: key("users", users),
      defaultPermissions: key("default_permissions", permissions),
      limits: key("limits", limits),
      nkey: key("nkey", later(publicNkey("A"))),
      exports: key("exports", later(listOf(exported(mentioned)))),
      imports: key("imports", later(listOf(imported(mentioned)))),
      mappings: key("mappings maps", later(mappings)),
      jetstream: key("jetstream", later(jetstream)),
      trace: key("msg_trace trace_dest", later(trace)),
    },
    ({ users: some, defaultPermissions }, place) => {
      if (defaultPermissions !== undefined && !some?.length) {
        remark(place, "default_permissions are for users, and there are none");
      }
    },
  );
}

function checkName(given: string, place: Place): void {
  const problem = accountNameProblem(given);
  if (problem !== undefined) fault(place, problem);
}

const byName: Rule<GivenAccounts> = (value, place) => {
  const mentions: Mentions = new Map();
  const mentioned: Rule<string> = (each, at) => {
    const found = name(each, at);
    if (found !== undefined) mentions.set(at, found);
    return found;
  };
  const found = mapOf(accountRule(mentioned), checkName, { once: true })(value, place);
  for (const [at, account] of mentions) {
    if (found !== undefined && !found.has(account)) fault(at, "there is no account of this name");
  }
  return found && Object.fromEntries(found);
};

const names: Rule<GivenAccounts> = (value, place) => {
  const seen = new Set<string>();
  return listOf<string>((each, at) => {
    const found = text("the name of an account")(each, at);
    if (found === undefined) return undefined;
    checkName(found, at);
    if (seen.has(found)) fault(at, "this name is there twice");
    seen.add(found);
    return found;
  })(value, place);
};

export const accounts = either("a block or an array of names", { map: byName, array: names });
