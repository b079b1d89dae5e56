// One connection to another server (cluster §4): the handshake, what is said on it, its end. Which servers
// there are and which of two connections stays is the cluster's to decide.

import { deliverFromRoute, type RouteLink } from "../broker/routing.ts";
import type { Options } from "../config/options.ts";
import type { Connection, ConnectionOwner } from "../net/connection.ts";
import { formatAddress } from "../net/listener.ts";
import type { TlsServer } from "../net/tls-server.ts";
import { CloseReason, type ProtocolError, ProtocolErrors } from "../proto/errors.ts";
import type { Publish } from "../proto/publish.ts";
import {
  encodeRouteConnect,
  encodeRouteInfo,
  parseRouteConnect,
  parseRouteInfo,
  type RouteConnect,
  type RouteInfo,
} from "../proto/route-info.ts";
import { type RouteCommands, RouteParser } from "../proto/route-parser.ts";
import type { Dialing } from "./dialing.ts";
import type { RouteHost } from "./route-host.ts";
import { Heartbeat, type HeartbeatOwner } from "./heartbeat.ts";
import { RemoteInterests } from "./remote-interests.ts";
import { PRIMARY, type Slot } from "./slot.ts";

/** Work that is done before clients have their turn, and what a line of interest counts. */
const TURN_WORK_MAX = 1 << 16;
const INTEREST_WORK = 64;
const GONE: ReadonlySet<CloseReason> = new Set<CloseReason>([
  CloseReason.slowConsumerPendingBytes,
  CloseReason.slowConsumerWriteDeadline,
  CloseReason.readError,
  CloseReason.writeError,
]);

export class Route implements RouteLink, RouteCommands, ConnectionOwner, HeartbeatOwner {
  readonly rid: number;
  readonly connection: Connection;
  readonly startedAt = Date.now();
  /** Why it was dialled from here; a connection that it outlives leaves it its own. Null: accepted. */
  dialing: Dialing | null;
  readonly isDialled: boolean;
  /** What the other side said of itself last; null until then. */
  info: RouteInfo | null = null;
  remoteId = "";
  /** Which of the connections to that server; of an accepted one known with its INFO. */
  slot: Slot;
  headers = false;
  isRegistered = false;
  /** Both sides have it registered. */
  isSettled = false;
  closeReason: CloseReason | null = null;
  inMsgs = 0;
  inBytes = 0;
  outMsgs = 0;
  outBytes = 0;
  readAt = this.startedAt;
  /** When interest or a message came last. */
  activeAt = this.startedAt;
  readonly interests: RemoteInterests;

  readonly #host: RouteHost;
  readonly #parser: RouteParser;
  readonly #address: string;
  /** CONNECT came, or is not to come: the one who dials says it. */
  #connected: boolean;
  /** The login is being looked at. */
  #checking = false;
  #loginTimer: Timer | null = null;
  readonly #heartbeat: Heartbeat;
  #introduced = false;
  /** Done since the last rest, in deliveries of a short message. */
  #work = 0;

  constructor(rid: number, host: RouteHost, connection: Connection, dialing: Dialing | null) {
    this.rid = rid;
    this.#host = host;
    this.connection = connection;
    this.dialing = dialing;
    this.isDialled = this.#connected = dialing !== null;
    this.slot = dialing?.slot ?? PRIMARY;
    this.interests = new RemoteInterests(this, (name) => host.accountNamed(name));
    this.#parser = new RouteParser(this, host.terms.lineBytesMax);
    this.#address = formatAddress(connection.remoteAddress, connection.remotePort);
    this.#heartbeat = new Heartbeat(this);
    connection.owner = this;
  }

  /** Who dialled encrypts first; then the route starts. */
  encrypt(tls: TlsServer): void {
    this.#loginTimer = setTimeout(handshakeTimedOut, tls.timeout, this);
    this.connection.encrypt(tls);
  }

  /** Says who we are. */
  start(): void {
    const { dialing } = this;
    this.debug("Route connection created");
    if (dialing !== null) {
      this.#sendBytes(encodeRouteConnect(this.#host.ownConnect(dialing.url)));
      this.debug("Route connect msg sent");
    }
    if (dialing === null || !this.#host.isPooled) this.introduce();
    // Who was dialled has to say who it is; who dials, the password, if there is one.
    if (dialing !== null || this.#host.terms.authRequired) {
      this.#loginTimer = setTimeout(loginTimedOut, this.#host.terms.loginTimeoutMs, this);
    }
    this.#heartbeat.start();
  }

  /** Says our INFO, once. */
  introduce(): void {
    if (this.#introduced) return;
    this.#introduced = true;
    const slot = this.isDialled ? this.slot : PRIMARY;
    this.#sendBytes(encodeRouteInfo(this.#host.ownInfo(slot)));
  }

  /** Last round trip in ms; 0 before the first. */
  get rttMs(): number {
    return this.#heartbeat.rttMs;
  }

  /** The account that this route is for alone; empty for those that share one. */
  get account(): string {
    return typeof this.slot === "string" ? this.slot : "";
  }

  get poolIndex(): number {
    return typeof this.slot === "number" ? this.slot : 0;
  }

  /** It counts from now on, in this place. */
  register(slot: Slot): void {
    this.slot = slot;
    this.isRegistered = true;
    this.#parser.onlyAccount = this.account;
    this.interests.onlyAccount = Buffer.from(this.account).latin1Slice();
    this.introduce();
    // Who dialled was let in; who was dialled says so with its first PONG.
    if (!this.isDialled) this.#settle();
  }

  #settle(): void {
    this.isSettled = true;
    this.notice(`Route to ${JSON.stringify(this.info?.serverName ?? "")} is in use`);
  }

  /** Asks for a sign of life now: its answer says that we are registered there. */
  ping(): void {
    this.#heartbeat.ping();
  }

  /** For the timer only. */
  loginTimedOut(): void {
    this.#loginTimer = null;
    if (this.isDialled) {
      this.debug("no INFO in time");
      return this.close(CloseReason.authenticationTimeout);
    }
    this.error("authentication timeout");
    this.refuse(ProtocolErrors.authenticationTimeout);
  }

  // ---- what is said to the other server

  /** One line or more of interest, one character per byte. */
  announce(lines: string): void {
    if (this.#host.logger.traceOn) {
      for (const line of lines.trimEnd().split("\r\n")) this.trace(`->> [${utf8(line)}]`);
    }
    this.connection.appendText(lines);
  }

  sendInfo(fields: Readonly<Record<string, unknown>>): void {
    this.#sendBytes(encodeRouteInfo(fields));
  }

  #sendBytes(line: Buffer): void {
    this.connection.appendBytes(line, 0, line.length);
  }

  sendError(text: string): void {
    this.#sendBytes(Buffer.from(`-ERR '${text}'\r\n`));
  }

  /** Sends a row of the error table and closes. Returns false for the parser. */
  refuse({ text, closes }: ProtocolError): false {
    return this.refuseWith(text, closes ?? CloseReason.protocolViolation);
  }

  refuseWith(text: string, reason: CloseReason): false {
    this.sendError(text);
    this.close(reason);
    return false;
  }

  // ---- RouteCommands

  onConnect(json: string): boolean {
    const connect = parseRouteConnect(json);
    if (connect === null || this.#connected) {
      return this.onViolation(
        null,
        connect === null ? "CONNECT: not valid JSON" : "a second CONNECT",
      );
    }
    this.#connected = true;
    if (connect.lang !== "") {
      this.error("a client connected to the route port");
      return this.refuseWith("attempted to connect to route port", CloseReason.wrongPort);
    }
    if (connect.gateway !== "") {
      const text = `Rejecting connection from gateway ${JSON.stringify(connect.gateway)} on the Route port`;
      this.error(text);
      return this.refuseWith(text, CloseReason.wrongPort);
    }
    const allowed = this.#host.mayConnect(connect);
    if (allowed instanceof Promise) {
      this.#checking = true;
      void allowed.then((isRight) => this.#judged(isRight, connect));
      return true;
    }
    return this.#judged(allowed, connect);
  }

  #judged(isRight: boolean, connect: RouteConnect): boolean {
    this.#checking = false;
    if (this.closeReason !== null) return false;
    if (!isRight) {
      this.error("authentication error");
      return this.refuse(ProtocolErrors.authorization);
    }
    this.#stopLoginTimer();
    if (!this.#settleName(connect.cluster, connect.dynamic)) return false;
    if (this.#parser.rests) this.goOn();
    return this.closeReason === null;
  }

  /** Both sides must call the cluster the same. */
  #settleName(name: string, dynamic: boolean): boolean {
    const verdict = this.#host.compareName(name, dynamic);
    if (verdict === "adopt") this.#host.adoptName(name, this);
    if (verdict !== "refuse") return true;
    const mine = JSON.stringify(this.#host.clusterName);
    const text = `Rejecting connection, cluster name ${JSON.stringify(name)} does not match ${mine}`;
    // A made-up name gives way: the other side takes ours and comes again.
    if (dynamic) this.debug(text);
    else this.error(text);
    return this.refuseWith(text, CloseReason.clusterNameConflict);
  }

  onInfo(json: string): boolean {
    if (!this.#mayTalk()) return false;
    const info = parseRouteInfo(json);
    if (info === null) return this.onViolation(null, "INFO: not valid JSON");
    if (this.info !== null) {
      this.#host.informed(this, info);
      return this.closeReason === null;
    }
    if (this.isDialled) this.#stopLoginTimer();
    this.info = info;
    this.remoteId = info.serverId;
    this.headers = info.headers;
    this.#host.introduced(this, info);
    return this.closeReason === null;
  }

  onPlainInterest(joins: boolean, text: string): boolean | null {
    // Who may not talk, or is traced, takes the long way.
    if (!this.isRegistered || this.#host.logger.traceOn) return null;
    const heard = this.interests.hearPlain(joins, text, this.#host.exports);
    if (heard === null) return null;
    this.#work += INTEREST_WORK;
    if (heard === "invalid subject") this.sendError("Invalid Subscription");
    return true;
  }

  onInterest(verb: string, words: readonly string[]): boolean {
    if (!this.#mayTalk()) return false;
    if (this.#host.logger.traceOn) this.trace(`<<- [${utf8([verb, ...words].join(" "))}]`);
    if (!this.isRegistered) return true;
    this.#work += INTEREST_WORK;
    this.activeAt = this.readAt;
    const heard = this.interests.hear(verb, words, this.originInLeave, this.#host.exports);
    if (heard === "malformed") return this.onViolation(null, `malformed ${verb}`);
    if (heard === "invalid subject") this.sendError("Invalid Subscription");
    return true;
  }

  /** LS- names the origin. */
  get originInLeave(): boolean {
    return this.info?.originInLeave === true;
  }

  onMessage(account: string, message: Publish, queues: readonly string[]): boolean {
    if (!this.#mayTalk()) return false;
    if (!this.isRegistered) return true;
    const bytes = message.totalBytes * message.count;
    this.inMsgs += message.count;
    this.inBytes += bytes;
    this.#work += message.count;
    this.activeAt = this.readAt;
    const home = this.#host.accountNamed(account);
    if (home !== undefined) {
      const { traceOn } = this.#host.logger;
      home.routeTraffic.inMsgs += message.count;
      home.routeTraffic.inBytes += bytes;
      this.#work += deliverFromRoute(this, home, message, queues, this.readAt, traceOn);
    }
    return this.closeReason === null;
  }

  onPing(): boolean {
    if (!this.#mayTalk()) return false;
    if (this.#host.logger.traceOn) this.trace("<<- [PING]");
    this.announce("PONG\r\n");
    return true;
  }

  onPong(): boolean {
    if (this.#host.logger.traceOn) this.trace("<<- [PONG]");
    this.#heartbeat.answered();
    this.dialing?.settled();
    if (this.isRegistered && !this.isSettled) this.#settle();
    if (this.isRegistered) this.#host.settled(this);
    return true;
  }

  onPeerError(text: string): boolean {
    this.#host.turnedAway(this, text);
    // Servers that pool connections try one more, and say so when there is none.
    if (this.dialing !== null) this.dialing.refused(text);
    else if (this.isRegistered) this.error(`Route Error ${text}`);
    else this.debug(`Route Error ${text}`);
    this.close(CloseReason.parseError);
    return false;
  }

  onViolation(text: string | null, detail: string): boolean {
    this.error(detail);
    if (text !== null) this.sendError(text);
    this.close(text === null ? CloseReason.parseError : CloseReason.protocolViolation);
    return false;
  }

  /** Who dialled must say CONNECT before anything else. */
  #mayTalk(): boolean {
    if (this.#connected) return true;
    this.error("authentication error: CONNECT must come first");
    return this.refuse(ProtocolErrors.authorization);
  }

  // ---- ConnectionOwner

  onData(chunk: Buffer): void {
    this.readAt = Date.now();
    this.#parser.feed(chunk);
    this.#restIfTired();
  }

  onEnd(): void {
    // What arrived before the end still counts.
    if (!this.#parser.rests) this.close(CloseReason.clientClosed);
  }

  /** Enough was done for this turn; or the login is being looked at, and what follows it has to wait. */
  get isTired(): boolean {
    return this.#checking || this.#work >= TURN_WORK_MAX;
  }

  /** Clients have their turn before more is read. */
  #restIfTired(): void {
    if (!this.#parser.rests || this.closeReason !== null) return;
    this.connection.pause();
    if (!this.#checking) setImmediate(goOn, this);
  }

  /** Before its INFO nobody may make this server wait for a large message. */
  mayWaitFor(bytes: number): boolean {
    if (!this.#mayTalk()) return false;
    if (this.isRegistered || bytes <= this.#host.terms.lineBytesMax) return true;
    return this.onViolation(null, "a message before the first INFO");
  }

  /** For the next turn, and when the login is judged. */
  goOn(): void {
    if (this.closeReason !== null) return;
    this.#work = 0;
    this.connection.resume();
    this.#parser.goOn();
    this.#restIfTired();
    if (this.connection.ended && !this.#parser.rests) this.close(CloseReason.clientClosed);
  }

  onGone(error: Error | null): void {
    this.close(error === null ? CloseReason.clientClosed : CloseReason.readError);
  }

  onPendingExceeded(): void {
    this.notice("Slow Route Detected: too many bytes wait for it");
    this.close(CloseReason.slowConsumerPendingBytes);
  }

  onDeadlineExceeded(pendingBytes: number): void {
    this.notice(`Slow Route Detected: WriteDeadline exceeded with ${pendingBytes} total bytes.`);
    this.close(CloseReason.slowConsumerWriteDeadline);
  }

  onRelieved(): void {}

  onSecured(): void {
    this.#stopLoginTimer();
    this.debug("TLS handshake complete");
    this.start();
  }

  onInsecure(reason: string): void {
    this.error(`TLS route handshake error: ${reason}`);
    this.close(CloseReason.tlsHandshakeError);
  }

  // ---- pings and the end

  // ---- HeartbeatOwner

  get pingIntervalMs(): number {
    return this.#host.terms.pingIntervalMs;
  }

  get pingMax(): number {
    return this.#host.terms.pingMax;
  }

  sendPing(): void {
    this.announce("PING\r\n");
  }

  onStale(): void {
    this.debug("Stale Client Connection - Closing");
    this.refuse(ProtocolErrors.stale);
  }

  #stopLoginTimer(): void {
    if (this.#loginTimer !== null) clearTimeout(this.#loginTimer);
    this.#loginTimer = null;
  }

  /** The one place where a route ends. The first reason stands. */
  close(reason: CloseReason): void {
    if (this.closeReason !== null) return;
    this.closeReason = reason;
    const remote = this.info?.serverName ?? "";
    const text = `Router connection closed: ${reason}${remote === "" ? "" : ` - Remote: ${remote}`}`;
    if (this.isSettled) this.notice(text);
    else this.debug(text);
    this.#stopLoginTimer();
    this.#heartbeat.stop();
    this.#parser.stop();
    this.interests.clear();
    this.connection.close(!GONE.has(reason));
    this.#host.closed(this);
  }

  get traceOptions(): Options {
    return this.#host.options;
  }

  trace(text: string): void {
    this.#host.logger.trace(this.#label(text));
  }

  debug(text: string): void {
    if (this.#host.logger.debugOn) this.#host.logger.debug(this.#label(text));
  }

  notice(text: string): void {
    this.#host.logger.notice(this.#label(text));
  }

  /** Each cause is an error once, however often one tries. */
  error(text: string): void {
    if (!this.#host.isNews(this.connection.remoteAddress, text)) this.debug(text);
    else this.#host.logger.error(this.#label(text));
  }

  #label(text: string): string {
    return `${this.#address} - rid:${this.rid} - ${text}`;
  }
}

const goOn = (route: Route) => route.goOn();
const handshakeTimedOut = (route: Route) => route.onInsecure("TLS handshake timeout");
const loginTimedOut = (route: Route) => route.loginTimedOut();
const utf8 = (latin1: string) => Buffer.from(latin1, "latin1").utf8Slice();
