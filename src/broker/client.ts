// One client connection: what it asked for with CONNECT, its subscriptions, its counters and its end.
// Publishing is in delivery.ts, pings are in keepalive.ts, how much is done in a turn in throttle.ts.

import { formatDuration } from "../config/duration.ts";
import type { Options } from "../config/options.ts";
import type { Logger } from "../log/logger.ts";
import type { Connection, ConnectionOwner } from "../net/connection.ts";
import { formatAddress } from "../net/listener.ts";
import { CR, LF, parseSize, SPACE, TAB } from "../proto/ascii.ts";
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
import { countTokens, kindOf, SubjectKind } from "../proto/subject.ts";
import type { Account } from "./account.ts";
import { checkHead, publish } from "./delivery.ts";
import { Keepalive } from "./keepalive.ts";
import { Subscription } from "./subscription.ts";
import { Throttle } from "./throttle.ts";

/** What a client needs of the server it is connected to. */
export interface ClientHost {
  readonly options: Options;
  readonly logger: Logger;
  /** What this client is told of the server now. */
  infoFor(client: Client): Info;
  /** The client is closed: it no longer counts. */
  forget(client: Client): void;
  /** How this server describes itself in an event, and which one it is. */
  describeForEvent(): object;
}

/** What commands cost of a turn's work, in deliveries of a short message. */
const WORK = { connect: 256, subscribe: 24, ping: 8 } as const;
/** Tokens of a subscription where no lower limit is set; more than fit the usual control line. */
const TOKENS_MAX = 4096;
/** The queue name that the servers keep for themselves. */
const SYSTEM_QUEUE = "_sys_";

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

  inMsgs = 0;
  inBytes = 0;
  outMsgs = 0;
  outBytes = 0;
  /** Times this client was slowed down for a receiver that could not keep up. */
  stalls = 0;
  /** Something other than a PONG came since the last look of the keepalive. */
  active = false;
  closeReason: CloseReason | null = null;
  connectReceived = false;
  /** The first PONG after CONNECT went out: from here on INFO may come at any time. */
  firstPongSent = false;

  readonly subscriptions = new Map<string, Subscription>();
  readonly keepalive: Keepalive;
  readonly throttle: Throttle;
  readonly #parser: Parser;
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
    this.keepalive = new Keepalive(this);
    this.throttle = new Throttle(this, this.#parser);
    this.#label = `${this.address} - cid:${cid}`;
    connection.owner = this;
  }

  /** The options changed: limits of the wire count from the next line on. */
  applyLimits(): void {
    const { maxControlLine, maxPayload } = this.host.options;
    this.#parser.controlLineBytesMax = maxControlLine;
    this.#parser.payloadBytesMax = maxPayload < 0 ? Infinity : maxPayload;
  }

  /** `IP:port` of the peer. */
  get address(): string {
    return formatAddress(this.connection.remoteAddress, this.connection.remotePort);
  }

  /** Greets the client. */
  start(): void {
    this.sendInfo(this.host.infoFor(this));
    this.keepalive.start();
    this.debug("Client connection created");
  }

  sendInfo(info: Info): void {
    // The line may carry names in any script: it is UTF-8 on the wire.
    const line = Buffer.from(encodeInfo(info));
    this.connection.appendBytes(line, 0, line.length);
  }

  // ---- ConnectionOwner

  onData(chunk: Buffer): void {
    this.throttle.feed(chunk);
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
    if (this.connectReceived) this.#dropSubscriptions();
    this.connectReceived = true;
    if (connect.account !== "" || connect.newAccount) {
      this.error("Authorization Error: CONNECT with account or new_account is obsolete");
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
    this.#label = `${this.address} - cid:${this.cid}${describeClient(connect)}`;
    this.keepalive.connected();
    if (this.verbose) this.sendOk();
    return this.throttle.spend(WORK.connect);
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
          connect_info: true,
          remote_account: this.account.name,
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
    if (this.host.logger.traceOn) this.traceIn("INFO", json);
    try {
      JSON.parse(json);
      return this.throttle.spend(WORK.connect);
    } catch {
      return this.#refuseLine("INFO: not valid JSON");
    }
  }

  onPeerError(bytes: Buffer, at: number, end: number): boolean {
    this.error(`Client Error ${bytes.latin1Slice(at, end)}`);
    this.close(CloseReason.parseError);
    return false;
  }

  onSubscribe(bytes: Buffer, at: number, end: number): boolean {
    this.active = true;
    if (this.host.logger.traceOn) this.traceIn("SUB", bytes.utf8Slice(at, end));
    const words = splitWords(bytes, at, end);
    if (words.length !== 2 && words.length !== 3) {
      const line = quote(bytes.latin1Slice(at, end));
      return this.#refuseLine(`SUB ${line}: expected <subject> [queue group] <sid>`);
    }
    const subject = words[0]!;
    const queue = words.length === 3 ? words[1]! : null;
    const refusal = this.#subscribe(subject, queue, words[words.length - 1]!);
    if (refusal !== null) {
      this.error(refusal);
      this.sendError(refusal);
    } else if (this.verbose) this.sendOk();
    return this.throttle.spend(WORK.subscribe);
  }

  /** Null, or the text of the -ERR; a sid that is in use keeps its first subscription. */
  #subscribe(subject: string, queue: string | null, sid: string): string | null {
    const { maxSubscriptions, maxSubscriptionTokens } = this.host.options;
    if (queue === SYSTEM_QUEUE) {
      const where = `${quote(subject)} using queue ${quote(queue)}`;
      return `Permissions Violation for Subscription to ${where}`;
    }
    if (countTokens(subject) > (maxSubscriptionTokens || TOKENS_MAX)) {
      return `Permissions Violation for Subscription to ${quote(subject)}, too many tokens`;
    }
    if (maxSubscriptions > 0 && this.subscriptions.size >= maxSubscriptions) {
      return ProtocolErrors.maxSubscriptions.text;
    }
    if (this.subscriptions.has(sid)) return null;
    const kind = kindOf(subject);
    if (kind === SubjectKind.invalid) return ProtocolErrors.invalidSubject.text;
    const isPattern = kind === SubjectKind.pattern;
    const subscription = new Subscription(this, subject, isPattern, queue, sid);
    this.subscriptions.set(sid, subscription);
    this.account.subscribe(subscription);
    return null;
  }

  onUnsubscribe(bytes: Buffer, at: number, end: number): boolean {
    this.active = true;
    if (this.host.logger.traceOn) this.traceIn("UNSUB", bytes.utf8Slice(at, end));
    const words = splitWords(bytes, at, end);
    if (words.length !== 1 && words.length !== 2) {
      const line = quote(bytes.latin1Slice(at, end));
      return this.#refuseLine(`UNSUB ${line}: expected <sid> [max]`);
    }
    const subscription = this.subscriptions.get(words[0]!);
    if (subscription !== undefined) {
      // What is no size means "at once", as a missing one does.
      const max = words.length === 2 ? parseSize(words[1]!) : 0;
      subscription.max = 0;
      if (max > subscription.delivered) subscription.max = max;
      else this.unsubscribe(subscription);
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

  // ---- subscriptions and end

  /** Removes a subscription: asked for, used up, or not wanted any more. */
  unsubscribe(subscription: Subscription): void {
    if (this.host.logger.traceOn) this.trace(`<-> [DELSUB ${subscription.sid}]`);
    this.subscriptions.delete(subscription.sid);
    this.account.unsubscribe(subscription);
  }

  #dropSubscriptions(): void {
    for (const subscription of this.subscriptions.values()) this.unsubscribe(subscription);
  }

  /** The one place where a client ends. The first reason stands. */
  close(reason: CloseReason): void {
    if (this.closeReason !== null) return;
    this.closeReason = reason;
    this.debug(`Client connection closed: ${reason}`);
    this.keepalive.stop();
    this.throttle.stop();
    this.#parser.stop();
    this.#dropSubscriptions();
    this.host.forget(this);
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

/** Words of a SUB or UNSUB line: here line ends separate, too. */
function splitWords(bytes: Buffer, at: number, end: number): string[] {
  const words: string[] = [];
  while (at < end) {
    let byte = bytes[at]!;
    if (byte === SPACE || byte === TAB || byte === CR || byte === LF) {
      at++;
      continue;
    }
    const wordAt = at++;
    for (; at < end; at++) {
      byte = bytes[at]!;
      if (byte === SPACE || byte === TAB || byte === CR || byte === LF) break;
    }
    words.push(bytes.latin1Slice(wordAt, at));
  }
  return words;
}

/** ` - "v1.2:go:app"` of the parts that CONNECT gave. */
function describeClient(connect: ConnectOptions): string {
  const parts: string[] = [];
  if (connect.version !== "") parts.push(`v${connect.version}`);
  if (connect.lang !== "") parts.push(connect.lang);
  if (connect.name !== "") parts.push(connect.name);
  return parts.length === 0 ? "" : ` - ${JSON.stringify(parts.join(":"))}`;
}
