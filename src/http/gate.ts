// Who may ask the monitor: everybody, unless a password or a token is configured (monitor_authorization).
// Then it is asked for as HTTP does, in the header Authorization.
import type { Bounds } from "./bounds.ts";
import type { Refusals } from "./endpoint.ts";
import { Reply } from "./reply.ts";

export interface MonitorAuthorization {
  readonly user?: string;
  /** Plain, or its bcrypt hash; the token as well. */
  readonly password?: string;
  readonly token?: string;
}

/** Compares a secret with the configured one; see PasswordVerifier, which brings its own bounds. */
export type Verify = (
  configured: string,
  given: string,
  isWanted: () => boolean,
) => boolean | Promise<boolean>;

/** Without hashes there is nothing to wait for. Takes the same time wherever the texts differ. */
export const verifyPlain = (configured: string, given: string): boolean => {
  const key = crypto.getRandomValues(new Uint8Array(32));
  const digest = (text: string) => new Bun.CryptoHasher("sha256", key).update(text).digest("hex");
  return digest(configured) === digest(given);
};

interface Credentials {
  readonly scheme: "basic" | "bearer";
  readonly user: string;
  readonly secret: string;
}

export class Gate {
  readonly #wanted: () => MonitorAuthorization | undefined;
  readonly #verify: Verify;
  readonly #checksMax: number;
  readonly #refusals: Refusals;
  #checks = 0;

  constructor(
    wanted: () => MonitorAuthorization | undefined,
    verify: Verify,
    { hashes }: Bounds,
    refusals: Refusals,
  ) {
    this.#wanted = wanted;
    this.#verify = verify;
    this.#checksMax = hashes;
    this.#refusals = refusals;
  }

  /** Everybody may ask. */
  get isOpen(): boolean {
    return this.#wanted() === undefined;
  }

  /** Null lets the request in. */
  async check(request: Request): Promise<Reply | null> {
    const wanted = this.#wanted();
    if (wanted === undefined) return null;
    const given = readCredentials(request.headers.get("authorization") ?? "");
    if (given === null) return this.#refuse(wanted);
    if (this.#checks >= this.#checksMax) return this.#checkNow(wanted, given);
    this.#checks++;
    try {
      const isRight = await this.#isRight(wanted, given, () => !request.signal.aborted);
      return isRight ? null : this.#refuse(wanted);
    } finally {
      this.#checks--;
    }
  }

  /** Too many wait for hashes: what is known without one is told, the rest is sent away. */
  #checkNow(wanted: MonitorAuthorization, given: Credentials): Reply | null {
    const isRight = this.#isRight(wanted, given, () => false);
    if (isRight === true) return null;
    if (isRight === false) return this.#refuse(wanted);
    this.#refusals.busy++;
    return Reply.error(503, "503 too many logins at a time\n", { "Retry-After": "1" });
  }

  #isRight(
    wanted: MonitorAuthorization,
    given: Credentials,
    isWanted: () => boolean,
  ): boolean | Promise<boolean> {
    const { user = "", password, token } = wanted;
    // A browser has no other way to send a token than as a password.
    if (token !== undefined) return this.#verify(token, given.secret, isWanted);
    if (password === undefined || given.scheme !== "basic") return false;
    // How long the answer takes must not tell whether the user is right: the same work for every name.
    const isUser = verifyPlain(user, given.user);
    const isRight = this.#verify(password, given.secret, isWanted);
    return typeof isRight === "boolean" ? isRight && isUser : isRight.then((is) => is && isUser);
  }

  #refuse({ token }: MonitorAuthorization): Reply {
    this.#refusals.unauthorized++;
    const basic = 'Basic realm="midge", charset="UTF-8"';
    const challenge = token === undefined ? basic : `Bearer realm="midge", ${basic}`;
    return Reply.error(401, "401 unauthorized\n", { "WWW-Authenticate": challenge });
  }
}

/** Null where there are none, or none of a kind that is known here. */
function readCredentials(header: string): Credentials | null {
  const [, word = "", value = ""] = /^(basic|bearer) +(\S+) *$/i.exec(header) ?? [];
  const scheme = word.toLowerCase();
  if (scheme === "bearer") return { scheme, user: "", secret: value };
  if (scheme !== "basic") return null;
  const text = Buffer.from(value, "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon < 0) return null;
  return { scheme, user: text.slice(0, colon), secret: text.slice(colon + 1) };
}
