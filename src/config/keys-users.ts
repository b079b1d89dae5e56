// Keys that say who may do what: users, their permissions and the `authorization` blocks of all listeners.
// Values are secrets: messages about these blocks name only the kind of what was found.
import { monitorProblem, userProblem, waysProblem } from "./access-rules.ts";
import {
  CONNECTION_TYPES,
  type ConnectionType,
  type GivenAuthorization,
  type GivenSubjects,
  type GivenUser,
  type MonitorAuthorization,
} from "./access.ts";
import {
  endlessDuration,
  nonEmpty,
  publicNkey,
  queueSubject,
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
  guarded,
  key,
  listOf,
  mismatch,
  oneOrMore,
  remark,
  secretKey,
  shape,
  type Place,
  type Rule,
} from "./rules.ts";

/** Nothing instead of an empty list, which is as good as none, as in nats-server. */
function unlessEmpty<T>(list: Rule<T[]>, meaning: string): Rule<T[]> {
  return (value, place) => {
    const found = list(value, place);
    if (value.kind !== "array" || value.items.length > 0) return found;
    return remark(place, `is empty, and ${meaning}`);
  };
}

/** One direction: subjects that are allowed, or a block that allows some and denies some. */
function side(item: Rule<string>): Rule<GivenSubjects> {
  const allowed = unlessEmpty(oneOrMore(item), 'that allows all; to allow none, deny ">"');
  const denied = unlessEmpty(oneOrMore(item), "that denies none");
  return either("a subject, an array of subjects or a block with allow and deny", {
    string: allowed,
    array: allowed,
    map: shape({ allow: key("allow", allowed), deny: key("deny", denied) }),
  });
}

const responses = either("true, false or a block", {
  boolean: yesNo,
  map: shape({
    max: key("max max_msgs max_messages max_responses", whole()),
    expires: key("expires expiration ttl", endlessDuration),
  }),
});

export const permissions = shape({
  publish: key("publish pub import", side(subject)),
  subscribe: key("subscribe sub export", side(queueSubject)),
  allowResponses: key("allow_responses publish_allow_responses", responses),
});

const connectionType: Rule<ConnectionType> = (value, place) => {
  const wanted = value.kind === "string" ? value.value.toUpperCase() : undefined;
  const found = CONNECTION_TYPES.find((type) => type === wanted);
  return found ?? mismatch(place, `one of ${CONNECTION_TYPES.join(", ")}`, value);
};

const IDENTITY = {
  user: key("user username", text()),
  password: secretKey("password pass", text()),
  nkey: key("nkey", publicNkey("U")),
};

const proxyRequired = key("proxy_required", guarded(yesNo, Boolean));

function checkUser(given: GivenUser, place: Place): void {
  const problem = userProblem(given);
  if (problem !== undefined) fault(place, problem);
}

const user: Rule<GivenUser> = shape(
  {
    ...IDENTITY,
    permissions: key("permissions permission authorization authroization", permissions),
    allowedConnectionTypes: key(
      "allowed_connection_types connection_types clients",
      unlessEmpty(oneOrMore(connectionType), "that allows all"),
    ),
    proxyRequired,
  },
  checkUser,
);

export const users: Rule<GivenUser[]> = listOf(user, "an array of users");

const LONG_TIMEOUT_MS = 60_000;

/** `2m` without quotes is a size: two million seconds. */
const loginTimeout: Rule<number> = (value, place) => {
  const ms = timeout(value, place);
  if (ms !== undefined && ms > LONG_TIMEOUT_MS) {
    remark(place, `${ms / 1000} seconds are long; a duration needs quotes`);
  }
  return ms;
};

const COMMON = {
  user: key("user username", text()),
  password: secretKey("password pass", text()),
  timeout: key("timeout", loginTimeout),
};

const authCallout = block(
  [
    key("issuer", publicNkey("A")),
    key("account acc", nonEmpty("a name")),
    key("auth_users users", listOf(nonEmpty("a name"))),
    key("xkey key", publicNkey("X")),
    key("allowed_accounts", listOf(nonEmpty("a name"))),
  ],
  {
    check(values, place) {
      for (const needed of ["issuer", "auth_users"]) {
        if (values[needed] === undefined) fault(place, `${needed} is missing`);
      }
    },
  },
);

/** The rules of nats-server between the ways to log in. */
function checkWays(given: GivenAuthorization, place: Place): void {
  const { token = "", users: many } = given;
  const problem = waysProblem(given);
  if (problem !== undefined) fault(place, problem);
  if (token !== "" && many !== undefined) {
    fault(place, "a token and an array of users exclude each other");
  }
}

export const authorization: Rule<GivenAuthorization> = shape(
  {
    ...COMMON,
    token: secretKey("token", text()),
    users: key("users", users),
    defaultPermissions: key("default_permissions default_permission permissions", permissions),
    authCallout: key("auth_callout auth_hook", guarded(authCallout)),
    proxyRequired,
  },
  checkWays,
);

/** Of the monitor; NATS has none. */
export const monitorAuthorization: Rule<MonitorAuthorization> = shape(
  { user: COMMON.user, password: COMMON.password, token: secretKey("token", text()) },
  (given, place) => {
    const problem = monitorProblem(given);
    if (problem !== undefined) fault(place, problem);
  },
);

// ---- Of listeners that stay closed

/** Routes have one user and no token. */
export const clusterAuthorization = shape({
  ...COMMON,
  permissions: key("permissions permission default_permissions default_permission", permissions),
});

export const leafAuthorization = shape({
  ...COMMON,
  nkey: key("nkey", publicNkey("U")),
  users: key(
    "users",
    listOf(shape({ ...IDENTITY, account: key("account", text()) }, checkUser), "an array of users"),
  ),
  account: key("account", text()),
  proxyRequired: key("proxy_required", yesNo),
});

export const webAuthorization = shape({ ...COMMON, token: secretKey("token", text()) });
