// Whom this server dials (cluster §4.9, §4.10): the configured routes, for ever, and servers that others told
// of, a few times.

import { type ClusterOptions, parseRouteUrl, type RouteUrl } from "../config/cluster.ts";
import type { Logger } from "../log/logger.ts";
import type { Connection } from "../net/connection.ts";
import { dial } from "../net/dial.ts";
import { formatAddress } from "../net/listener.ts";
import type { Outbox } from "../net/outbox.ts";
import type { RouteInfo } from "../proto/route-info.ts";
import { Dialing, type DialingHost } from "./dialing.ts";
import type { Remote } from "./remote.ts";
import type { ClusterSecrets } from "./secrets.ts";
import { PRIMARY } from "./slot.ts";
import type { Terms } from "./terms.ts";

/** What it needs of the cluster. */
export interface DiallerHost {
  readonly logger: Logger;
  readonly settings: ClusterOptions;
  readonly secrets: ClusterSecrets | null;
  readonly outbox: Outbox;
  readonly terms: Terms;
  readonly reports: number;
  remoteNamed(serverId: string): Remote | undefined;
  /** Is a further connection to a server, in this place, of use still? */
  wantsSlot(dialing: Dialing): boolean;
  /** Somebody answered. */
  connected(connection: Connection, dialing: Dialing): void;
  /** A route is not configured any more: its connections end. */
  leave(dialing: Dialing): void;
}

const DIAL_MS_MAX = 1000;
/** Servers that were heard of, dialled at a time. */
const IMPLICIT_MAX = 256;
const GOSSIP_MS_MIN = 5;
const GOSSIP_SPREAD_MS = 45;

export class Dialler implements DialingHost {
  readonly #host: DiallerHost;
  /** By address. */
  readonly #explicit = new Map<string, Dialing>();
  readonly #implicit = new Map<string, Dialing>();
  #stopped = false;

  constructor(host: DiallerHost) {
    this.#host = host;
  }

  /** Dials the routes that are configured now, and lets go those that were. */
  redirect(): void {
    if (this.#stopped) return;
    const wanted = new Map<string, RouteUrl>();
    for (const text of this.#host.settings.routes ?? []) {
      const url = parseRouteUrl(text);
      if (url !== undefined) wanted.set(formatAddress(url.host, url.port), url);
    }
    for (const [key, dialing] of this.#explicit) {
      const { user, password } = dialing.url;
      const now = wanted.get(key);
      if (now !== undefined && now.user === user && now.password === password) continue;
      this.#explicit.delete(key);
      dialing.stop();
      this.#host.leave(dialing);
    }
    for (const [key, url] of wanted) {
      if (this.#explicit.has(key)) continue;
      const dialing = new Dialing(url, true, this);
      this.#explicit.set(key, dialing);
      dialing.start();
    }
  }

  /** Another server says that this one is there. */
  heardOf(info: RouteInfo): void {
    const url = parseRouteUrl(info.ip);
    if (info.account !== "" || url === undefined) return;
    this.#dial({ ...url, ...this.#loginFor(info) }, info);
  }

  /** Another server has a connection for one account here, but none for the others. */
  seek(info: RouteInfo, connection: Connection): void {
    this.#dial(this.urlOf(info, connection), info);
  }

  #dial(url: RouteUrl, { serverId, host, port }: RouteInfo): void {
    if (this.#stopped || this.#host.remoteNamed(serverId)?.primary !== undefined) return;
    const key = formatAddress(url.host, url.port);
    if (this.#explicit.has(key) || this.#explicit.has(formatAddress(host, port))) return;
    if (this.#implicit.has(key) || this.#implicit.size >= IMPLICIT_MAX) return;
    const dialing = new Dialing(url, false, this, PRIMARY, serverId);
    this.#implicit.set(key, dialing);
    // It hears of this server at the same time: so that not both dial, neither does at once.
    dialing.start(GOSSIP_MS_MIN + Math.random() * GOSSIP_SPREAD_MS);
  }

  /** How to reach a server that has dialled this one. */
  urlOf(info: RouteInfo, connection: Connection): RouteUrl {
    const told = parseRouteUrl(info.ip);
    const { host, port } = told ?? { host: connection.remoteAddress, port: info.port };
    return { host, port, user: "", password: "", ...this.#loginFor(info) };
  }

  /** This server's own login is that of the cluster. */
  #loginFor({ authRequired }: RouteInfo): Partial<RouteUrl> {
    const { authorization } = this.#host.settings;
    if (!authRequired || authorization === undefined) return {};
    return { user: authorization.user, password: authorization.password };
  }

  /** It need not be dialled any more. */
  forget(dialing: Dialing): void {
    dialing.stop();
    // A configured address stays known, so that nobody dials it because of gossip.
    if (!dialing.isExplicit && dialing.slot === PRIMARY) this.#implicit.delete(dialing.address);
  }

  stop(): void {
    this.#stopped = true;
    for (const dialing of [...this.#explicit.values(), ...this.#implicit.values()]) dialing.stop();
  }

  // ---- DialingHost

  get logger(): Logger {
    return this.#host.logger;
  }

  get connectRetries(): number {
    return this.#host.settings.connectRetries;
  }

  get connectBackoff(): boolean {
    return this.#host.settings.connectBackoff;
  }

  get reports(): number {
    return this.#host.reports;
  }

  wants(dialing: Dialing): boolean {
    if (dialing.slot !== PRIMARY) return this.#host.wantsSlot(dialing);
    return dialing.isExplicit || this.#host.remoteNamed(dialing.serverId)?.primary === undefined;
  }

  open(dialing: Dialing): Promise<void> {
    const { host, port } = dialing.url;
    const { secrets, outbox } = this.#host;
    return dial({
      host,
      port,
      timeoutMs: secrets === null ? DIAL_MS_MAX : DIAL_MS_MAX + secrets.server.timeout,
      tls: secrets?.dialler ?? null,
      // Who was heard of is known by its address, which certificates seldom have.
      tlsName: dialing.isExplicit ? undefined : this.#hostName,
      outbox,
      limits: () => this.#host.terms,
      onConnection: (connection) => this.#host.connected(connection, dialing),
    });
  }

  /** The first name, not an address, in the configured routes: it stands for all servers. */
  get #hostName(): string | undefined {
    const hosts = [...this.#explicit.values()].map(({ url }) => url.host);
    return hosts.find((host) => !/^[\d.]+$|:/.test(host));
  }

  gaveUp(dialing: Dialing): void {
    this.forget(dialing);
  }
}
