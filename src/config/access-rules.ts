// What contradicts what in users, accounts and encryption, and what would leave open a server that was
// meant to be closed. Each mistake is told of the path it has in the options.
import type {
  AccountOptions,
  AuthorizationOptions,
  GivenAuthorization,
  GivenUser,
  MonitorAuthorization,
  UserOptions,
} from "./access.ts";
import { joinPath } from "./problem.ts";
import type { GivenTls } from "./tls.ts";

/** The account of whoever belongs to no other; it needs no configuration and takes none. */
export const GLOBAL_ACCOUNT = "$G";
export const SYSTEM_ACCOUNT = "$SYS";
const NAME_SHOWN_MAX = 60;
/** Objects have these by birth, whether somebody named an account so or not. */
const NO_NAMES: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** Options that say who gets in. */
export interface AccessOptions {
  readonly authorization?: AuthorizationOptions;
  readonly accounts?: Readonly<Record<string, AccountOptions>>;
  readonly noAuthUser?: string;
  readonly systemAccount?: string;
}

/** What they were made of, which may be anything. */
interface GivenAccess {
  readonly authorization?: unknown;
  readonly accounts?: unknown;
}

export interface AccessProblem {
  /** `accounts.B.users[0]` */
  readonly path: string;
  readonly message: string;
}

// ---- What a single block can get wrong; undefined where it is right.

export function userProblem({ user, password, nkey }: GivenUser): string | undefined {
  if ((user ?? "") === "" && nkey === undefined) return "a user needs a name or an nkey";
  if (nkey !== undefined && ((user ?? "") !== "" || (password ?? "") !== "")) {
    return "an nkey takes no user name and no password";
  }
  return undefined;
}

export function waysProblem(given: GivenAuthorization): string | undefined {
  const { user = "", password = "", token = "", users } = given;
  if ((user !== "" || password !== "") && token !== "") {
    return "a user and a token exclude each other";
  }
  if (user !== "" && users !== undefined) {
    return "a single user and an array of users exclude each other";
  }
  return undefined;
}

/** Who may ask the monitor must be somebody: what is empty may be a variable that was left unset. */
export function monitorProblem(given: MonitorAuthorization): string | undefined {
  const { user = "", password = "", token = "" } = given;
  if (token !== "") {
    return user + password === "" ? undefined : "a user and a token exclude each other";
  }
  if (user + password === "") {
    return "a user with a password or a token is missing; remove it to let everybody ask";
  }
  if (user === "") return "a password needs a user";
  if (password === "") return "a user needs a password";
  return user.includes(":") ? "HTTP can't carry the name of a user with a colon" : undefined;
}

export function accountNameProblem(name: string): string | undefined {
  if (name === "") return "an account needs a name";
  if (name === GLOBAL_ACCOUNT) {
    return "this account is the server's own and can't be configured";
  }
  return NO_NAMES.has(name) ? "no account can have this name" : undefined;
}

const OPTION_NAMES = { certificate: "certFile", key: "keyFile" };

/** Which of the two files is missing, by the names that they have where they were given. */
export function certificateProblem(given: GivenTls, names = OPTION_NAMES): string | undefined {
  const { certFile = "", keyFile = "", certs = [] } = given;
  const { certificate, key } = names;
  if (certFile !== "" && certs.length > 0) return `${certificate} and certs exclude each other`;
  if (certFile !== "" && keyFile === "") return `${key} is missing`;
  if (keyFile !== "" && certFile === "") return `${certificate} is missing`;
  if (certFile === "" && certs.length === 0) return `${certificate} and ${key} are missing`;
  return undefined;
}

// ---- What only all of it together can get wrong.

/** Everything of that kind, in the order of the options; `nameOf` is for the other one of two. */
export function accessProblems(
  options: AccessOptions,
  given: GivenAccess,
  nameOf: (path: string) => string,
): AccessProblem[] {
  const problems: AccessProblem[] = [];
  const fault = (path: string, message: string | undefined) => {
    if (message !== undefined) problems.push({ path, message });
  };
  const { authorization } = options;
  fault("authorization", authorization && waysProblem(authorization));
  for (const name of namesOf(given.accounts)) {
    fault(joinPath("accounts", name), accountNameProblem(name));
  }
  const known = new Map<string, string>();
  for (const { user, path } of allUsers(options)) {
    fault(path, userProblem(user));
    const identity = user.nkey ?? user.user;
    if (identity === undefined) continue;
    const other = known.get(identity);
    if (other === undefined) known.set(identity, path);
    else fault(path, `${quoted(identity)} is there already, at ${nameOf(other)}`);
  }
  checkSingle(options, fault);
  checkDefaults(options, fault);
  checkOpenness(options, given, fault);
  checkNames(options, known, fault);
  return problems;
}

function namesOf(accounts: unknown): string[] {
  return Array.isArray(accounts) ? accounts.map(String) : Object.keys(Object(accounts));
}

type Fault = (path: string, message: string) => void;

/** Who logs in by themselves must not be one of many: nobody could tell the account. */
function checkSingle({ authorization, accounts }: AccessOptions, fault: Fault): void {
  if (!authorization || !hasUsers(accounts)) return;
  const exclude = "and accounts with users exclude each other";
  if (authorization.user !== undefined) fault("authorization.user", `a single user ${exclude}`);
  if (authorization.token !== undefined) fault("authorization.token", `a token ${exclude}`);
}

/** Permissions that nobody would have keep nobody from anything. */
function checkDefaults({ authorization = {} }: AccessOptions, fault: Fault): void {
  if (authorization.defaultPermissions === undefined || authorization.users !== undefined) return;
  const message = "hold only for the users of an array, and there are none; use users instead";
  fault("authorization.defaultPermissions", message);
}

/** An empty credential still asks for access control: a variable may have been left unset. */
function checkOpenness(options: AccessOptions, given: GivenAccess, fault: Fault): void {
  if (keepsSomeoneOut(options) || options.authorization === undefined) return;
  const empty = ["user", "token"].filter((key) => Object.hasOwn(Object(given.authorization), key));
  for (const key of empty) {
    fault(
      `authorization.${key}`,
      "is empty, and midge does not start unprotected; remove it to do without",
    );
  }
  if (empty.length === 0 && options.authorization.password !== undefined) {
    fault("authorization.password", "keeps nobody out without a user; name one, or remove it");
  }
}

function checkNames(
  { accounts = {}, noAuthUser, systemAccount }: AccessOptions,
  users: ReadonlyMap<string, string>,
  fault: Fault,
): void {
  if (noAuthUser !== undefined && !users.has(noAuthUser)) {
    const found =
      users.size === 0 ? "and there are none" : `and ${quoted(noAuthUser)} is none of them`;
    fault("noAuthUser", `must be one of the users, ${found}`);
  }
  const own = [GLOBAL_ACCOUNT, SYSTEM_ACCOUNT, undefined];
  if (!own.includes(systemAccount) && !Object.hasOwn(accounts, systemAccount!)) {
    fault(
      "systemAccount",
      `must be one of the accounts, and ${quoted(systemAccount!)} is none of them`,
    );
  }
}

function hasUsers(accounts: AccessOptions["accounts"] = {}): boolean {
  return Object.values(accounts).some(({ users }) => users !== undefined);
}

/** Whether anybody has to give credentials. */
export function keepsSomeoneOut({ authorization, accounts }: AccessOptions): boolean {
  const { user, token, users } = authorization ?? {};
  return user !== undefined || token !== undefined || users !== undefined || hasUsers(accounts);
}

/** What is said of them. */
export const NO_PASSWORD = "has no password, and whoever knows the name gets in";

/**
 * The paths of users whose name is all that they need. An nkey is no mere name, and whoever everybody may
 * be (`noAuthUser`) is nobody to guard.
 */
export function* unguardedUsers(options: AccessOptions): Generator<string> {
  const { authorization = {}, noAuthUser } = options;
  if (authorization.user !== undefined && authorization.password === undefined) {
    yield "authorization.user";
  }
  for (const { user, path } of allUsers(options)) {
    const isUnguarded = user.user !== undefined && user.password === undefined;
    if (isUnguarded && user.user !== noAuthUser) yield path;
  }
}

/** Every user with a path, those of $G first. */
export function* allUsers({
  authorization,
  accounts = {},
}: AccessOptions): Generator<{ user: UserOptions; path: string }> {
  for (const [index, user] of (authorization?.users ?? []).entries()) {
    yield { user, path: `authorization.users[${index}]` };
  }
  for (const [name, { users = [] }] of Object.entries(accounts)) {
    const path = joinPath("accounts", name);
    for (const [index, user] of users.entries()) yield { user, path: `${path}.users[${index}]` };
  }
}

function quoted(name: string): string {
  return JSON.stringify(name.length > NAME_SHOWN_MAX ? `${name.slice(0, NAME_SHOWN_MAX)}…` : name);
}
