// Who a client is (auth.md §1–§7, §10): its login with CONNECT, the time it has for that, what it may do,
// and the same anew when a reload changed who may do what.

import type { Grant, Verdict } from "../auth/directory.ts";
import { TOKEN_LABEL, whoOf } from "../auth/directory.ts";
import { parseCertificate, type ClientCertificate } from "../auth/certificate.ts";
import { CloseReason, ProtocolErrors } from "../proto/errors.ts";
import { GLOBAL_ACCOUNT } from "./account.ts";
import type { Client } from "./client.ts";
import { ReplyPermits } from "./reply-permits.ts";

/** Who needs no credentials. */
const ANYONE: Grant = { account: GLOBAL_ACCOUNT, user: "", permissions: null };

/** Random bytes of a nonce; 15 characters. */
const NONCE_BYTES = 11;

/** Where nobody checks it, a user name is as long as a client likes. */
const SHOWN_CHARACTERS_MAX = 256;

/** Bytes behind CONNECTs whose passwords are still being checked, of all connections together. */
export interface HeldBytes {
  total: number;
}

/** A connection may always have so many of them waiting … */
const HELD_BYTES_EACH = 16 << 10;
/** … and more only as long as all together are below this. */
const HELD_BYTES_MAX = 64 << 20;

export class Login {
  /** What an nkey has to sign; empty where none can log in. Said once, in the first INFO. */
  readonly nonce: string;
  /** What the login gave; null before it. */
  grant: Grant | null = null;

  readonly #client: Client;
  #certificate: ClientCertificate | null = null;
  #timer: Timer | null = null;
  #heldBytes = 0;
  /** Number of the last question who this is; a reload can ask again before an answer came. */
  #question = 0;
  #isWaiting = false;

  constructor(client: Client) {
    this.#client = client;
    this.nonce = client.host.directory.usesNonces ? newNonce() : "";
  }

  /** How the log and the monitor call who logged in; empty for nobody in particular. */
  get user(): string {
    return this.grant?.user ?? "";
  }

  /** `user:a`, `nkey:U…` or `token`, for the log; empty for nobody in particular. */
  describe(): string {
    const user = this.user.slice(0, SHOWN_CHARACTERS_MAX);
    if (user === "" || user === TOKEN_LABEL) return user === "" ? "" : "token";
    return user === this.#client.connect.nkey ? `nkey:${user}` : `user:${user}`;
  }

  /** The protocol begins: from here on the client has to say who it is, if that matters. */
  start(): void {
    const { directory, loginTimeout } = this.#client.host;
    if (!directory.required) {
      this.#admit(ANYONE);
      return;
    }
    this.#client.gate(true);
    this.#timer = setTimeout(timedOut, loginTimeout, this);
  }

  /** Nothing is waited for any more. */
  stop(): void {
    this.#client.host.heldBytes.total -= this.#heldBytes;
    this.#heldBytes = 0;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Who floods the server before it is known to be anybody has to go. */
  mayHold(bytes: number): boolean {
    const client = this.#client;
    const { heldBytes } = client.host;
    heldBytes.total += bytes - this.#heldBytes;
    this.#heldBytes = bytes;
    if (bytes <= HELD_BYTES_EACH || heldBytes.total <= HELD_BYTES_MAX) return true;
    client.error("too much was sent behind CONNECT while many passwords wait to be checked");
    return client.refuse(ProtocolErrors.authorization);
  }

  /** For the timer only. */
  timedOut(): void {
    this.#timer = null;
    this.#client.refuse(ProtocolErrors.authenticationTimeout);
  }

  /** CONNECT came. False when its sender has to wait, or to go. */
  connect(): boolean {
    this.stop();
    return this.#judge((verdict) => this.#decide(verdict));
  }

  /** Something else than CONNECT came first: fine for who needs no credentials. */
  connectImplicitly(): boolean {
    const { implicit } = this.#client.host.directory;
    if (implicit === null) return this.#refuse("nothing said who it is");
    this.stop();
    this.#client.connectReceived = true;
    if (!this.#admit(implicit)) return false;
    this.#client.tellConnected();
    return true;
  }

  /** Who may do what has changed: the same credentials are judged anew. */
  renew(): void {
    const client = this.#client;
    const { directory } = client.host;
    if (this.grant !== null) {
      this.#follow(directory.grantOf(this.grant.user));
      this.#judge((verdict) => this.#redecide(verdict));
    } else if (client.connectReceived) {
      // Still being judged by the rules that were: the question counts no more, the same is asked again.
      this.#judge((verdict) => this.#decide(verdict));
    } else if (!directory.required) {
      this.stop();
      this.#admit(ANYONE);
    }
  }

  /** What a user may do now counts at once, also while it is not known yet whether the password still fits. */
  #follow(now: Grant | null): void {
    const { grant } = this;
    if (now === null || grant === null || now.account !== grant.account) return;
    if (now.permissions === grant.permissions) return;
    this.#install(now);
    this.#client.subscriptions.recheck();
  }

  /** Asks who this is. Until that is known the client does nothing; only the last question counts. */
  #judge(decide: (verdict: Verdict) => boolean): boolean {
    const question = ++this.#question;
    const verdict = this.#ask();
    const client = this.#client;
    if (!(verdict instanceof Promise)) {
      const isAdmitted = decide(verdict);
      if (this.#isWaiting) this.#endWait();
      return isAdmitted;
    }
    this.#isWaiting = true;
    client.throttle.hold();
    void verdict.then((decided) => {
      if (client.closeReason !== null || question !== this.#question) return;
      decide(decided);
      this.#endWait();
    });
    return false;
  }

  #endWait(): void {
    this.#isWaiting = false;
    this.stop();
    this.#client.throttle.release();
  }

  #ask(): Verdict | Promise<Verdict> {
    const client = this.#client;
    const { tls } = client.connection;
    if (tls !== null && tls.certificate !== null) {
      this.#certificate ??= parseCertificate(tls.certificate);
    }
    return client.host.directory.login({
      connect: client.connect,
      nonce: this.nonce,
      connectionType: "STANDARD",
      certificate: this.#certificate,
      isWanted: () => client.closeReason === null,
      asker: {
        address: client.connection.remoteAddress,
        patienceMs: this.grant === null ? client.host.loginTimeout : Infinity,
        hasEnded: () => client.connection.ended,
      },
    });
  }

  #decide(verdict: Verdict): boolean {
    if (verdict.debug !== undefined) this.#client.debug(verdict.debug);
    if (verdict.warning !== undefined) this.#client.warn(verdict.warning);
    if ("refused" in verdict) return this.#refuse(verdict.refused);
    return this.#admit(verdict.granted) && this.#client.admitted();
  }

  #refuse(reason: string): boolean {
    const client = this.#client;
    client.debug(reason);
    client.error(`authentication error${whoOf(client.connect)}`);
    return client.refuse(ProtocolErrors.authorization);
  }

  #admit(grant: Grant): boolean {
    const client = this.#client;
    const account = client.host.accountNamed(grant.account);
    if (account !== client.account || this.grant === null) {
      if (account.isFull) {
        client.error(ProtocolErrors.maxAccountConnections.text);
        return client.refuse(ProtocolErrors.maxAccountConnections);
      }
      client.moveTo(account);
    }
    this.#install(grant);
    client.gate(false);
    return client.subscriptions.max > 0 || this.#refuseSubscriptions();
  }

  /** It may not have the subscriptions it has, or may have none at all. */
  #refuseSubscriptions(): boolean {
    const client = this.#client;
    client.error(ProtocolErrors.maxSubscriptions.text);
    client.sendError(ProtocolErrors.maxSubscriptions.text);
    client.close(CloseReason.maxSubscriptionsExceeded);
    return false;
  }

  #install(grant: Grant): void {
    const client = this.#client;
    this.grant = grant;
    const { permissions } = grant;
    client.permissions = permissions;
    const rule = permissions?.responses ?? null;
    client.replies = rule === null ? null : new ReplyPermits(rule);
    client.applyLimits();
    client.relabel();
  }

  #redecide(verdict: Verdict): boolean {
    const client = this.#client;
    const held = this.grant;
    if ("granted" in verdict) {
      const { granted } = verdict;
      if (granted.account === held?.account && granted.user === held.user) {
        if (granted.permissions !== held.permissions) this.#install(granted);
        client.subscriptions.recheck();
        const fits = client.subscriptions.size <= client.subscriptions.max;
        return fits || this.#refuseSubscriptions();
      }
    } else if (held !== null && client.host.directory.knows(held.user)) {
      return this.#refuse(verdict.refused);
    }
    // Who is somebody else now is not told so: it comes back and logs in anew.
    client.close(CloseReason.clientClosed);
    return false;
  }
}

const timedOut = (login: Login) => login.timedOut();

function newNonce(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(NONCE_BYTES))).toString("base64url");
}
