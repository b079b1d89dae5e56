// The rules for users, permissions and accounts as options, each followed by the words that finish the
// sentence "<key> must be …". Only shapes: what contradicts what is in access-rules.ts.
import * as v from "valibot";
import {
  CONNECTION_TYPES,
  type AccountOptions,
  type AuthorizationOptions,
  type ConnectionType,
  type MonitorAuthorization,
  type PermissionOptions,
  type ResponseOptions,
  type SubjectRule,
  type UserOptions,
} from "./access.ts";
import { isPublicNkey } from "./nkey.ts";
import {
  field,
  listOf,
  milliseconds,
  named,
  once,
  shape,
  someOf,
  text,
  textThat,
  wholeFrom,
  type Schema,
} from "./schema-parts.ts";
import { isSubject, parseQueueSubject } from "./subjects.ts";

const ANSWERS_MAX = 1;
const ANSWER_MS = 120_000;
const TIMER_MS_MAX = 2_147_483_647;

const subject = once(() => textThat(isSubject, "a subject"));
const queueSubject = once(() =>
  named(parseQueueSubject, "a subject, perhaps with a queue group after a blank"),
);

/** One direction: subjects, or an object that allows some and denies some. */
function sideOf(item: Schema<string>): Schema<SubjectRule> {
  const expected = "a subject or a list of subjects";
  const some = someOf(item, expected);
  const allowed: Schema<SubjectRule> = v.pipe(
    some,
    v.transform((allow) => ({ allow })),
  );
  const both: Schema<SubjectRule> = shape(
    { allow: field(some), deny: field(some) },
    `${expected}, or an object with allow and deny`,
  );
  return v.lazy((given) => (typeof given === "string" || Array.isArray(given) ? allowed : both));
}

/** 0 is NATS' default, and what is negative has no end. */
function orEndless(given: number | undefined, initial: number): number {
  return given === undefined || given === 0 ? initial : Math.max(given, -1);
}

const responses = once((): Schema<ResponseOptions | undefined> => {
  const standard: ResponseOptions = { max: ANSWERS_MAX, expires: ANSWER_MS };
  const expected = "true, false or an object with max and expires";
  const onOff = v.pipe(
    v.boolean(expected),
    v.transform((on) => (on ? standard : undefined)),
  );
  const aDuration = 'a duration such as "2m" or a number of milliseconds, negative for no end';
  const fields = {
    max: field(wholeFrom(-Number.MAX_SAFE_INTEGER, "a whole number, negative for no end")),
    expires: field(milliseconds(Number.isFinite, aDuration)),
  };
  const limits = v.pipe(
    shape(fields, expected),
    v.transform(({ max, expires }) => ({
      max: orEndless(max, ANSWERS_MAX),
      expires: orEndless(expires, ANSWER_MS),
    })),
  );
  return v.lazy((given) => (typeof given === "boolean" ? onOff : limits));
});

export const permissionsSchema = once((): Schema<PermissionOptions> =>
  shape(
    {
      publish: field(sideOf(subject())),
      subscribe: field(sideOf(queueSubject())),
      allowResponses: field(responses()),
    },
    "an object with publish, subscribe or allowResponses",
  ),
);

function connectionType(given: string): ConnectionType | undefined {
  return CONNECTION_TYPES.find((type) => type === given.toUpperCase());
}

const users = once((): Schema<UserOptions[] | undefined> => {
  const type = named(connectionType, `one of ${CONNECTION_TYPES.join(", ")}`);
  const nkey = "a public nkey that starts with U";
  const user = shape(
    {
      user: field(text("the name of a user")),
      password: field(text("a password")),
      nkey: field(textThat((given) => isPublicNkey(given, "U"), nkey)),
      permissions: field(permissionsSchema()),
      allowedConnectionTypes: field(listOf(type, "a list of kinds such as STANDARD")),
    },
    "a user: an object with user and password, or with nkey",
  );
  return v.pipe(
    v.array(user, "a list of users"),
    v.transform((given) => (given.length > 0 ? given : undefined)),
  );
});

export const authorizationSchema = once((): Schema<AuthorizationOptions> => {
  const someDuration = 'a duration such as "2s" or a number of milliseconds';
  const timeout = v.pipe(
    milliseconds((ms) => ms >= 0, someDuration),
    v.transform((ms) => (ms === 0 ? undefined : Math.min(ms, TIMER_MS_MAX))),
  );
  return shape(
    {
      user: field(text("the name of a user")),
      password: field(text("a password")),
      token: field(text("a token")),
      timeout: field(timeout),
      users: field(users()),
      defaultPermissions: field(permissionsSchema()),
    },
    "an object with user and password, token or users",
  );
});

export const monitorAuthorizationSchema = once((): Schema<MonitorAuthorization> =>
  shape(
    {
      user: field(text("the name of a user")),
      password: field(text("a password")),
      token: field(text("a token")),
    },
    "an object with user and password, or with token",
  ),
);

export const accountsSchema = once((): Schema<Record<string, AccountOptions> | undefined> => {
  const limit = v.pipe(
    wholeFrom(-1, "a whole number, -1 for no limit"),
    v.transform((given) => (given === -1 ? undefined : given)),
  );
  const limits = { maxConnections: field(limit), maxSubscriptions: field(limit) };
  const account = shape(
    {
      users: field(users()),
      defaultPermissions: field(permissionsSchema()),
      limits: field(shape({ ...limits, maxPayload: field(limit) }, "an object with limits")),
    },
    "an account: an object with users, defaultPermissions or limits",
  );
  const expected = "an object of accounts by their names, or a list of names";
  const byName: Schema<Record<string, AccountOptions>> = v.record(v.string(), account, expected);
  const names: Schema<Record<string, AccountOptions>> = v.pipe(
    v.array(v.string("the name of an account"), expected),
    v.transform((given) => Object.fromEntries(given.map((name) => [name, {}]))),
  );
  return v.pipe(
    v.lazy((given) => (Array.isArray(given) ? names : byName)),
    v.transform((given) => (Object.keys(given).length > 0 ? given : undefined)),
  );
});
