import type { Permissions } from "../auth/permissions.ts";
import type { Account } from "../broker/account.ts";
import type { RouteUrl } from "../config/cluster.ts";
import type { Options } from "../config/options.ts";
import type { Logger } from "../log/logger.ts";
import type { RouteConnect, RouteInfo } from "../proto/route-info.ts";
import type { NameVerdict } from "./naming.ts";
import type { Route } from "./route.ts";
import type { Slot } from "./slot.ts";
import type { Terms } from "./terms.ts";

/** What a route needs of the cluster it belongs to. */
export interface RouteHost {
  /** What traces show of a message. */
  readonly options: Options;
  readonly logger: Logger;
  readonly clusterName: string;
  readonly terms: Terms;
  /** Of which remote interest counts; null for all. */
  readonly exports: Permissions | null;
  /** Who dials waits for the other's INFO: it says whether there is a pool. */
  readonly isPooled: boolean;
  ownInfo(slot: Slot): Readonly<Record<string, unknown>>;
  ownConnect(url: RouteUrl): Readonly<Record<string, unknown>>;
  accountNamed(name: string): Account | undefined;
  mayConnect(connect: RouteConnect): boolean | Promise<boolean>;
  compareName(name: string, dynamic: boolean): NameVerdict;
  adoptName(name: string, from: Route): void;
  /** The first INFO came: registers the route, or closes it. */
  introduced(route: Route, info: RouteInfo): void;
  /** A later one. */
  informed(route: Route, info: RouteInfo): void;
  /** The other server took this route as it is. */
  settled(route: Route): void;
  /** Has this not been said lately of somebody at this address? */
  isNews(address: string, text: string): boolean;
  /** The other server said why it closes. */
  turnedAway(route: Route, text: string): void;
  closed(route: Route): void;
}
