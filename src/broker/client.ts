// One client connection: what it asked for with CONNECT, its subscriptions, its counters and its end.
// Publishing is in delivery.ts, pings are in keepalive.ts, how much is done in a turn in throttle.ts.

import { type Directory, whoOf } from "../auth/directory.ts";
import { Permissions } from "../auth/permissions.ts";
import { formatDuration } from "../config/duration.ts";
import type { Options } from "../config/options.ts";
import type { Logger } from "../log/logger.ts";
import type { Connection, ConnectionOwner } from "../net/connection.ts";
import { formatAddress } from "../net/listener.ts";
import type { TlsFacts, TlsServer } from "../net/tls-server.ts";
import { parseSize, splitWords } from "../proto/ascii.ts";
import {
  type ConnectOptions,
  defaultConnectOptions,
  mergeConnect,
  redactConnect,
} from "../proto/connect.ts";
import { CloseReason, type ProtocolError, ProtocolErrors } from "../proto/errors.ts";
import { encodeInfo, type Info } from "../proto/info.ts";
import { type CommandHandler, Parser } from "../proto/parser.ts";
import type { Publish } from "../proto/publish.ts";
import { quote } from "../proto/quote.ts";
import type { Account } from "./account.ts";
import { ClientSubscriptions } from "./client-subscriptions.ts";
import { checkHead, publish } from "./delivery.ts";
import { Keepalive } from "./keepalive.ts";
import { lower } from "./limit.ts";
import { type HeldBytes, Login } from "./login.ts";
import type { ReplyPermits } from "./reply-permits.ts";
import { Throttle } from "./throttle.ts";
import { Welcome } from "./welcome.ts";

/** What a client needs of the server it is connected to. */
export interface ClientHost {
  readonly options: Options;
  readonly logger: Logger;
  /** Who may log in. */
  readonly directory: Directory;
  /** Milliseconds in which a client has to say who it is. */
  readonly loginTimeout: number;
  /** How clients encrypt, or null where they don't. */
  readonly tls: TlsServer | null;
  readonly heldBytes: HeldBytes;
  accountNamed(name: string): Account;
  /** Empty when there is none. */
  readonly systemAccountName: string;
  /** What this client is told of the server now. */
  infoFor(client: Client): Info;
  /** The client has logged in. */
  connected(client: Client): void;
  /** The client is closed: it no longer counts. */
  forget(client: Client): void;
  /** The same when it has left its account, too. */
  disconnected(client: Client): void;
  /** How this server describes itself in an event, and which one it is. */
  describeForEvent(): object;
}

/** What commands cost of a turn's work, in deliveries of a short message. */
const WORK = { connect: 256, subscribe: 24, ping: 8 } as const;

export class Client implements CommandHandler, ConnectionOwner {
  readonly cid: number;
  readonly host: ClientHost;
  readonly connection: Connection;
  account: Account;
  readonly connect: ConnectOptions = defaultConnectOptions();
  readonly startedAt = Date.now();

  /** What was negotiated; read by the hot path. */
  verbose = true;
  echo = true;
  headers = false;
  noResponders = false;
  /** What it may publish and hear; null for everything. */
  permissions: Permissions | null = null;
  /** Replies it may publish all the same; null where no rule asks for that. */
  replies: ReplyPermits | null = null;

  inMsgs = 0;
  inBytes = 0;
  outMsgs = 0;
  outBytes = 0;
  /** Times a publisher was slowed down for this client, which could not keep up. */
  stalls = 0;
  /** When the bytes that are worked on were read. */
  readAt = this.startedAt;
  /** When it last said or got something that counts: no ping does (monitoring §20.4). */
  lastActivity = this.startedAt;
  /** Something other than a PONG came since the last look of the keepalive. */
  active = false;
  closeReason: CloseReason | null = null;
  connectReceived = false;
  /** It has logged in, which was told to who wants to know. */
  isConnected = false;
  /** The first PONG after CONNECT went out: from here on INFO may come at any time. */
  firstPongSent = false;

  readonly subscriptions: ClientSubscriptions;
  readonly login: Login;
  readonly keepalive: Keepalive;
  readonly throttle: Throttle;
  readonly #parser: Parser;
  /** Greets the peer and encrypts, before the protocol begins; null from then on. */
  #welcome: Welcome | null = null;
  /** How the log calls this client. */
  #label: string;

  constructor(cid: number, host: ClientHost, account: Account, connection: Connection) {
    this.cid = cid;
    this.host = host;
    this.account = account;
    this.connection = connection;
    const { maxControlLine, maxPayload } = host.options;
    this.#parser = new Parser(this, maxControlLine, maxPayload < 0 ? Infinity : maxPayload);
    this.#parser.watchHeads = this.connect.pedantic;
    this.subscriptions = new ClientSubscriptions(this);
    this.login = new Login(this);
    this.keepalive = new Keepalive(this);
    this.throttle = new Throttle(this, this.#parser);
    this.#label = `${this.address} - cid:${cid}`;
    connection.owner = this;
  }

  /** The options or the account changed: limits of the wire count from the next line on. */
  applyLimits(): void {
    this.#parser.controlLineBytesMax = this.host.options.maxControlLine;
    this.#parser.payloadBytesMax = this.maxPayload < 0 ? Infinity : this.maxPayload;
  }

  /** Largest payload: the server's limit or the account's, whichever is lower; -1 for none. */
  get maxPayload(): number {
    return lower(this.host.options.maxPayload, this.account.limits.maxPayload);
  }

  /** `IP:port` of the peer. */
  get address(): string {
    return formatAddress(this.connection.remoteAddress, this.connection.remotePort);
  }

  /** Greets the client, and encrypts first where that is asked for. */
  start(): void {
    this.debug("Client connection created");
    const { tls } = this.host;
    if (tls === null) {
      this.greet();
      this.welcomed();
      return;
    }
    this.#welcome = new Welcome(this, tls);
    this.#welcome.begin();
  }

  /** The first INFO, the only one with a nonce. */
  greet(): void {
    const info = this.host.infoFor(this);
    const { nonce } = this.login;
    this.sendInfo(nonce === "" ? info : { ...info, nonce });
  }

  /** The protocol begins, with what the peer said already. */
  welcomed(rest?: Buffer): void {
    this.#welcome = null;
    this.login.start();
    this.keepalive.start();
    if (rest !== undefined) this.onData(rest);
  }

  /** Until it is opened, only CONNECT passes. */
  gate(closed: boolean): void {
    this.#parser.gated = closed;
  }

  sendInfo(info: Info): void {
    // The line may carry names in any script: it is UTF-8 on the wire.
    const line = Buffer.from(encodeInfo(info));
    this.connection.appendBytes(line, 0, line.length);
  }

  // ---- ConnectionOwner

  onData(chunk: Buffer): void {
    this.readAt = Date.now();
    if (this.#welcome !== null) this.#welcome.onData(chunk);
    else this.throttle.feed(chunk);
  }

  onSecured(facts: TlsFacts): void {
    this.#welcome?.onSecured(facts);
  }

  onInsecure(reason: string): void {
    this.#welcome?.onInsecure(reason);
  }

  onEnd(): void {
    // What arrived before the end still runs, even if it waits for its turn.
    if (!this.throttle.waits) this.close(CloseReason.clientClosed);
  }

  onGone(error: Error | null): void {
    this.close(error === null ? CloseReason.clientClosed : CloseReason.readError);
  }

  onPendingExceeded(): void {
    const { maxPending } = this.host.options;
    this.notice(`Slow Consumer Detected: MaxPending of ${maxPending} Exceeded`);
    this.close(CloseReason.slowConsumerPendingBytes);
  }

  onDeadlineExceeded(pendingBytes: number): void {
    const deadline = formatDuration(this.host.options.writeDeadline);
    this.notice(
      `Slow Consumer Detected: WriteDeadline of ${deadline} exceeded with ${pendingBytes} total bytes.`,
    );
    this.close(CloseReason.slowConsumerWriteDeadline);
  }

  onRelieved(): void {
    this.throttle.releaseOthers();
  }

  // ---- CommandHandler

  onPublishHead(head: Publish): boolean {
    return checkHead(this, head);
  }

  onPublish(message: Publish): boolean {
    return publish(this, message);
  }

  onConnect(bytes: Buffer, at: number, end: number): boolean {
    const json = bytes.utf8Slice(at, end);
    if (this.host.logger.traceOn) this.traceIn("CONNECT", redactConnect(json));
    const { connect } = this;
    const problem = mergeConnect(connect, json);
    if (problem !== null) return this.#refuseLine(problem);
    if (this.connectReceived) this.subscriptions.clear();
    this.connectReceived = true;
    this.lastActivity = this.readAt;
    this.keepalive.greeted();
    return this.login.connect();
  }

  onUngreeted(): boolean {
    return this.login.connectImplicitly();
  }

  /** The login is granted: the rest of CONNECT takes effect. False when it must not. */
  admitted(): boolean {
    const { connect } = this;
    this.tellConnected();
    if (connect.account !== "" || connect.newAccount) {
      this.debug("CONNECT with account or new_account is obsolete");
      this.error(`authentication error${whoOf(connect)}`);
      return this.refuse(ProtocolErrors.authorization);
    }
    if (connect.protocol !== 0 && connect.protocol !== 1) {
      this.error(`CONNECT: protocol ${connect.protocol} is unknown; expected 0 or 1`);
      return this.refuse(ProtocolErrors.badProtocol);
    }
    this.verbose = connect.verbose;
    this.echo = connect.echo;
    this.headers = connect.headers && !this.host.options.noHeaderSupport;
    this.noResponders = connect.noResponders;
    this.#parser.headers = this.headers;
    this.#parser.watchHeads = connect.pedantic;
    if (connect.noResponders && !this.headers) {
      this.error("CONNECT: no_responders needs headers: true");
      return this.refuse(ProtocolErrors.noRespondersNeedsHeaders);
    }
    this.keepalive.connected();
    if (this.verbose) this.sendOk();
    return this.throttle.spend(WORK.connect);
  }

  /** CONNECT may come again: only the first counts. */
  tellConnected(): void {
    if (this.isConnected) return;
    this.isConnected = true;
    this.host.connected(this);
  }

  /** The log calls a client by what CONNECT and the login said of it. */
  relabel(): void {
    const who = this.login.describe();
    const as = who === "" ? "" : ` - ${JSON.stringify(`${this.account.name}/${who}`)}`;
    this.#label = `${this.address} - cid:${this.cid}${describeClient(this.connect)}${as}`;
  }

  /** Belongs to another account from here on, with its limits. */
  moveTo(account: Account): void {
    this.account.leave(this);
    this.account = account;
    account.join(this);
  }

  onPing(): boolean {
    this.active = true;
    if (this.host.logger.traceOn) this.traceIn("PING");
    this.send("PONG");
    if (this.connectReceived && !this.firstPongSent) {
      this.firstPongSent = true;
      if (this.connect.protocol >= 1) {
        this.sendInfo({
          ...this.host.infoFor(this),
          auth_required: this.host.directory.required,
          connect_info: true,
          remote_account: this.account.name,
          acc_is_sys: this.account.name === this.host.systemAccountName,
        });
      }
    }
    return this.throttle.spend(WORK.ping);
  }

  onPong(): boolean {
    if (this.host.logger.traceOn) this.traceIn("PONG");
    this.keepalive.ponged();
    return this.throttle.spend(WORK.ping);
  }

  onOk(): boolean {
    if (this.host.logger.traceOn) this.traceIn("OK");
    return this.throttle.spend(WORK.ping);
  }

  onInfo(bytes: Buffer, at: number, end: number): boolean {
    const json = bytes.utf8Slice(at, end);
    if (this.host.logger.traceOn) this.traceIn("INFO", redactConnect(json));
    try {
      JSON.parse(json);
      return this.throttle.spend(WORK.connect);
    } catch {
      return this.#refuseLine("INFO: not valid JSON");
    }
  }

  onPeerError(bytes: Buffer, at: number, end: number): boolean {
    this.error(`Client Error ${shownOf(bytes.latin1Slice(at, end))}`);
    this.close(CloseReason.parseError);
    return false;
  }

  onSubscribe(bytes: Buffer, at: number, end: number): boolean {
    this.active = true;
    this.lastActivity = this.readAt;
    if (this.host.logger.traceOn) this.traceIn("SUB", shownOf(bytes.utf8Slice(at, end)));
    const words = splitWords(bytes, at, end);
    if (words.length !== 2 && words.length !== 3) {
      const line = quote(shownOf(bytes.latin1Slice(at, end)));
      return this.#refuseLine(`SUB ${line}: expected <subject> [queue group] <sid>`);
    }
    const subject = words[0]!;
    const queue = words.length === 3 ? words[1]! : null;
    const before = Permissions.work;
    const refusal = this.subscriptions.add(subject, queue, words[words.length - 1]!);
    if (refusal !== null) {
      this.error(refusal.logged);
      this.sendError(refusal.text);
    } else if (this.verbose) this.sendOk();
    return this.throttle.spend(WORK.subscribe + Permissions.work - before);
  }

  onUnsubscribe(bytes: Buffer, at: number, end: number): boolean {
    this.active = true;
    this.lastActivity = this.readAt;
    if (this.host.logger.traceOn) this.traceIn("UNSUB", shownOf(bytes.utf8Slice(at, end)));
    const words = splitWords(bytes, at, end);
    if (words.length !== 1 && words.length !== 2) {
      const line = quote(shownOf(bytes.latin1Slice(at, end)));
      return this.#refuseLine(`UNSUB ${line}: expected <sid> [max]`);
    }
    const subscription = this.subscriptions.get(words[0]!);
    if (subscription !== undefined) {
      // What is no size means "at once", as a missing one does.
      const max = words.length === 2 ? parseSize(words[1]!) : 0;
      subscription.max = 0;
      if (max > subscription.delivered) subscription.max = max;
      else this.subscriptions.remove(subscription);
    }
    if (this.verbose) this.sendOk();
    return this.throttle.spend(WORK.subscribe);
  }

  onViolation(error: ProtocolError | null, detail: string): void {
    this.error(detail);
    if (error !== null) this.refuse(error);
    else this.close(CloseReason.protocolViolation);
  }

  // ---- what the client is told

  send(line: string): void {
    if (this.host.logger.traceOn) this.traceOut(line);
    this.connection.appendText(`${line}\r\n`);
  }

  sendOk(): void {
    if (this.host.logger.traceOn) this.traceOut("OK");
    this.connection.appendText("+OK\r\n");
  }

  sendError(text: string): void {
    if (this.host.logger.traceOn) this.traceOut(`-ERR ${text}`);
    const line = Buffer.from(`-ERR '${text}'\r\n`);
    this.connection.appendBytes(line, 0, line.length);
  }

  /** Sends a row of the error table and closes if the row says so. Returns false for the parser. */
  refuse(error: ProtocolError): boolean {
    this.sendError(error.text);
    if (error.closes !== null) this.close(error.closes);
    return false;
  }

  #refuseLine(detail: string): boolean {
    this.onViolation(null, detail);
    return false;
  }

  // ---- the end

  /** The one place where a client ends. The first reason stands. */
  close(reason: CloseReason): void {
    if (this.closeReason !== null) return;
    this.closeReason = reason;
    this.debug(`Client connection closed: ${reason}`);
    this.#welcome?.stop();
    this.login.stop();
    this.keepalive.stop();
    this.throttle.stop();
    this.#parser.stop();
    this.host.forget(this);
    this.subscriptions.clear();
    this.account.leave(this);
    this.host.disconnected(this);
    this.connection.close(!UNFLUSHED.has(reason));
    this.throttle.releaseOthers();
  }

  // ---- log lines about this client

  trace(text: string): void {
    this.host.logger.trace(`${this.#label} - ${text}`);
  }

  traceIn(verb: string, line = ""): void {
    this.trace(`<<- [${line === "" ? verb : `${verb} ${line}`}]`);
  }

  traceOut(line: string): void {
    this.trace(`->> [${line}]`);
  }

  debug(text: string): void {
    if (this.host.logger.debugOn) this.host.logger.debug(`${this.#label} - ${text}`);
  }

  notice(text: string): void {
    this.host.logger.notice(`${this.#label} - ${text}`);
  }

  warn(text: string): void {
    this.host.logger.warn(`${this.#label} - ${text}`);
  }

  error(text: string): void {
    this.host.logger.error(`${this.#label} - ${text}`);
  }
}

/** After these nothing more is sent (client-protocol §14). */
const UNFLUSHED: ReadonlySet<CloseReason> = new Set([
  CloseReason.slowConsumerPendingBytes,
  CloseReason.slowConsumerWriteDeadline,
  CloseReason.readError,
  CloseReason.writeError,
]);

/** A line for the log: behind a line end may come a CONNECT that was taken for a part of it. */
function shownOf(line: string): string {
  const brace = line.indexOf("{");
  return /[\r\n]/.test(line) && brace !== -1 ? `${line.slice(0, brace)}…` : line;
}

/** ` - "v1.2:go:app"` of the parts that CONNECT gave. */
function describeClient(connect: ConnectOptions): string {
  const parts: string[] = [];
  if (connect.version !== "") parts.push(`v${connect.version}`);
  if (connect.lang !== "") parts.push(connect.lang);
  if (connect.name !== "") parts.push(connect.name);
  return parts.length === 0 ? "" : ` - ${JSON.stringify(parts.join(":"))}`;
}
