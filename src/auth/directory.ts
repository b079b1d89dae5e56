// Who may log in, as what, with which permissions (auth.md §1–§8, §12): built once per configuration and
// asked by every connection. It decides and does nothing: no sockets, no timers, no log.

import { GLOBAL_ACCOUNT, SYSTEM_ACCOUNT } from "../config/access-rules.ts";
import type { AccountOptions, AuthorizationOptions, ConnectionType } from "../config/access.ts";
import type { Options } from "../config/options.ts";
import type { ConnectOptions } from "../proto/connect.ts";
import { quote } from "../proto/quote.ts";
import { CertificateMap } from "./certificate-map.ts";
import type { ClientCertificate } from "./certificate.ts";
import { type Asker, isBcrypt, type PasswordVerifier } from "./hashes.ts";
import { Members, allows, type Block, type Grant, type Member } from "./members.ts";
import { SignatureVerifier } from "./signature.ts";

export type { Grant } from "./members.ts";

/** The options that decide who may log in. */
export type AccessOptions = Pick<
  Options,
  "authorization" | "accounts" | "noAuthUser" | "systemAccount" | "noSystemAccount" | "tls"
>;

/** What a connection offers to be let in. */
export interface Login {
  readonly connect: ConnectOptions;
  readonly nonce: string;
  readonly connectionType: ConnectionType;
  /** The one that the handshake verified; null without. */
  readonly certificate: ClientCertificate | null;
  /** False when the connection is gone: nothing slow is done for it any more. */
  readonly isWanted: () => boolean;
  /** Who waits when a password takes long; without it, nobody in particular and for ever. */
  readonly asker?: Asker;
}

/** A reason is for the debug log and never has a secret in it. `debug` and `warning` are log lines, too. */
export type Verdict = ({ readonly granted: Grant } | { readonly refused: string }) & {
  readonly debug?: string;
  readonly warning?: string;
};

/** How whoever logged in with a token is called. */
export const TOKEN_LABEL = "[REDACTED]";

export class Directory {
  /** Credentials decide. */
  readonly required: boolean;
  /** Clients are told so; not where they may also come without any. */
  readonly advertised: boolean;
  /** Some user is an nkey and has to sign something. */
  readonly usesNonces: boolean;
  /** All accounts there are: $G, the system account and the configured ones. */
  readonly accountNames: readonly string[];
  /** Somebody's password is readable in the configuration. */
  readonly plaintextPasswords: boolean;
  /** What a connection gets that begins with something else than CONNECT; null when it may not. */
  readonly implicit: Grant | null;

  readonly #members: Members;
  /** Null unless certificates name users. */
  readonly #certificates: CertificateMap | null;
  /** Who comes without credentials: an nkey, a named user; null when nobody may. */
  readonly #anonymousNkey: string | null;
  readonly #anonymous: Member | null;
  readonly #single: Member | null;
  readonly #token: string | null;
  readonly #passwords: PasswordVerifier;
  readonly #signatures = new SignatureVerifier();

  private constructor(options: AccessOptions, passwords: PasswordVerifier) {
    const { authorization = {}, accounts = {}, noAuthUser } = options;
    const { user = "", password = "", token = "" } = authorization;
    const members = new Members(blocksOf(authorization, accounts));
    this.#passwords = passwords;
    this.#members = members;
    const { byName, byNkey } = members;
    // A configuration of just the system's account is not meant to lock everybody else out.
    const onlySystem = isOnlySystem(options);
    this.#certificates =
      options.tls?.verifyAndMap === true && (byName.size > 0 || onlySystem)
        ? new CertificateMap(byName)
        : null;
    this.#anonymousNkey = noAuthUser !== undefined && byNkey.has(noAuthUser) ? noAuthUser : null;
    this.#anonymous = onlySystem ? memberOf("", "") : (byName.get(noAuthUser ?? "") ?? null);
    this.#single = user === "" ? null : memberOf(user, password);
    this.#token = token === "" ? null : token;

    const hasMembers = byName.size + byNkey.size > 0;
    this.required = hasMembers || onlySystem || this.#single !== null || this.#token !== null;
    this.advertised = this.required && noAuthUser === undefined;
    this.usesNonces = byNkey.size > 0;
    const system = options.noSystemAccount ? [] : [options.systemAccount ?? SYSTEM_ACCOUNT];
    this.accountNames = [...new Set([GLOBAL_ACCOUNT, ...system, ...Object.keys(accounts)])];
    this.plaintextPasswords =
      (password !== "" && !isBcrypt(password)) ||
      byName.values().some((member) => !isBcrypt(member.password));
    this.implicit = this.required ? this.#implicitGrant() : openGrant("");
  }

  static from(options: AccessOptions, passwords: PasswordVerifier): Directory {
    return new Directory(options, passwords);
  }

  /** True when this label, from a Grant, still names somebody who may log in with the right credentials. */
  knows(user: string): boolean {
    const { byName, byNkey } = this.#members;
    // Tokens have no name, and nobody in particular is nobody who could have been removed.
    if (user === TOKEN_LABEL || user === "") return true;
    return byName.has(user) || byNkey.has(user) || this.#single?.grant.user === user;
  }

  /** What a user of the lists would be granted, by its label from an earlier Grant; null for others. */
  grantOf(user: string): Grant | null {
    const { byName, byNkey } = this.#members;
    return (byName.get(user) ?? byNkey.get(user))?.grant ?? null;
  }

  /** Decides at once unless a bcrypt hash or a signature has to be reckoned. Never rejects. */
  login(login: Login): Verdict | Promise<Verdict> {
    const { connect } = login;
    if (!this.required) return { granted: openGrant(labelOf(connect)) };
    const isAnonymous = connect.user === "" && connect.pass === "" && connect.authToken === "";
    // The order is auth.md §1.2's; what is found first decides alone.
    if (this.usesNonces) {
      const nkey = connect.nkey || (isAnonymous ? (this.#anonymousNkey ?? "") : "");
      if (nkey !== "") return this.#byNkey(nkey, login);
    }
    if (this.#certificates !== null) return this.#byCertificate(this.#certificates, login);
    if (isAnonymous && this.#anonymous !== null) return this.#anonymously(this.#anonymous, login);
    if (this.#members.byName.size > 0 && connect.user !== "") return this.#byName(login);
    if (this.#token !== null) return this.#byToken(this.#token, login);
    if (this.#single?.grant.user === connect.user) return this.#byPassword(this.#single, login);
    return { refused: connect.user === "" ? "No credentials" : "User not known" };
  }

  #byNkey(nkey: string, login: Login): Verdict | Promise<Verdict> {
    const member = this.#members.byNkey.get(nkey);
    if (member === undefined) return { refused: "Nkey not known" };
    if (!allows(member, login.connectionType)) return TYPE_NOT_ALLOWED;
    // Whom everybody may be, nobody has to prove to be.
    if (nkey === this.#anonymousNkey) return { granted: member.grant };
    return this.#signatures
      .check(nkey, login.nonce, login.connect.sig)
      .then((problem) => (problem === null ? { granted: member.grant } : { refused: problem }));
  }

  /** The certificate says who it is; the password still has to fit, which is empty as a rule. */
  #byCertificate(map: CertificateMap, login: Login): Verdict | Promise<Verdict> {
    const { certificate, connect, connectionType } = login;
    if (certificate === null) return { refused: "User required in cert, no TLS connection state" };
    const { member, debug } = map.find(certificate, (each) => allows(each, connectionType));
    if (member === null) return { refused: debug };
    const log = connect.user === "" ? { debug } : { debug, warning: userIgnored(connect.user) };
    const verdict = this.#byPassword(member, login);
    if (!(verdict instanceof Promise)) return { ...log, ...verdict };
    return verdict.then((decided) => ({ ...log, ...decided }));
  }

  #byName(login: Login): Verdict | Promise<Verdict> {
    const member = this.#members.byName.get(login.connect.user);
    if (member === undefined) return { refused: "User not known" };
    if (!allows(member, login.connectionType)) return TYPE_NOT_ALLOWED;
    return this.#byPassword(member, login);
  }

  #anonymously(member: Member, login: Login): Verdict {
    if (!allows(member, login.connectionType)) return TYPE_NOT_ALLOWED;
    return isBcrypt(member.password) ? HASHED_ANONYMOUS : { granted: member.grant };
  }

  #byToken(token: string, login: Login): Verdict | Promise<Verdict> {
    const { connect, isWanted, asker } = login;
    const isRight = this.#passwords.check(token, connect.authToken, isWanted, asker);
    return decide(isRight, openGrant(TOKEN_LABEL), "Token");
  }

  #byPassword(member: Member, login: Login): Verdict | Promise<Verdict> {
    const { connect, isWanted, asker } = login;
    const isRight = this.#passwords.check(member.password, connect.pass, isWanted, asker);
    return decide(isRight, member.grant, "Password");
  }

  #implicitGrant(): Grant | null {
    // Nkeys never come in this way, and where certificates decide they are asked with CONNECT.
    const member = this.#anonymous;
    if (member === null || this.#certificates !== null || this.#anonymousNkey !== null) return null;
    return allows(member, "STANDARD") && !isBcrypt(member.password) ? member.grant : null;
  }
}

const TYPE_NOT_ALLOWED: Verdict = { refused: "Connection type not allowed" };

/** nats-server compares the hash with itself as a password, which fails. */
const HASHED_ANONYMOUS: Verdict = {
  refused: "no_auth_user has a bcrypt password, with which it can't be used without credentials",
};

function decide(
  isRight: boolean | Promise<boolean | null>,
  grant: Grant,
  secret: "Password" | "Token",
): Verdict | Promise<Verdict> {
  const verdictOn = (is: boolean | null): Verdict => {
    if (is === null) return { refused: `${secret} not checked: too many others wait for that` };
    return is ? { granted: grant } : { refused: `${secret} not right` };
  };
  return isRight instanceof Promise ? isRight.then(verdictOn) : verdictOn(isRight);
}

function blocksOf(
  authorization: AuthorizationOptions,
  accounts: Readonly<Record<string, AccountOptions>>,
): Block[] {
  const all = [[GLOBAL_ACCOUNT, authorization] as const, ...Object.entries(accounts)];
  return all.map(([account, { users = [], defaultPermissions }]) => ({
    account,
    users,
    defaultPermissions,
  }));
}

/** The system's is the only account configured, and nothing says who else may log in (auth.md §7). */
function isOnlySystem({
  authorization,
  accounts,
  noAuthUser,
  systemAccount,
}: AccessOptions): boolean {
  const [name, ...others] = Object.keys(accounts ?? {});
  if (name !== (systemAccount ?? SYSTEM_ACCOUNT) || others.length > 0) return false;
  return authorization === undefined && noAuthUser === undefined;
}

function memberOf(user: string, password: string): Member {
  return { grant: openGrant(user), password, connectionTypes: null };
}

/** Everything, in the account of everybody. */
function openGrant(user: string): Grant {
  return { account: GLOBAL_ACCOUNT, user, permissions: null };
}

/** What a client claims to be, where nobody checks it. */
export function labelOf({ nkey, user, authToken }: ConnectOptions): string {
  return nkey || user || (authToken === "" ? "" : TOKEN_LABEL);
}

/** Longer names are cut in log lines. */
const SHOWN_CHARACTERS_MAX = 256;

/** What a log line about a refused login says of who tried, such as ` - User "a"`; maybe nothing. */
export function whoOf({ nkey, user, authToken }: ConnectOptions): string {
  if (nkey !== "") return ` - Nkey ${shown(nkey)}`;
  if (user !== "") return ` - User ${shown(user)}`;
  return authToken === "" ? "" : ` - Token "${TOKEN_LABEL}"`;
}

function userIgnored(user: string): string {
  return `User ${shown(user)} found in connect proto, but user required from cert`;
}

function shown(name: string): string {
  const isLong = name.length > SHOWN_CHARACTERS_MAX;
  const text = isLong ? `${name.slice(0, SHOWN_CHARACTERS_MAX)}…` : name;
  return quote(Buffer.from(text, "utf8").toString("latin1"));
}
