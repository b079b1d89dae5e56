// What a page of the monitor is: a path and a function from a query to an answer. Everything around it
// (routing, counting, passwords, headers) is the door's work, in router.ts.
import type { Logger } from "../log/logger.ts";
import type { LoopDelay } from "./loop-delay.ts";
import type { Query } from "./query.ts";
import type { MonitorSource } from "./source.ts";
import type { Turns } from "./turns.ts";
import type { UsageMeter } from "./usage.ts";

/** Requests by path since the start. */
export type RequestCounts = Readonly<Record<string, number>>;

/** Requests sent away since the start: for want of the password, or because too many were under way. */
export interface Refusals {
  unauthorized: number;
  busy: number;
}

/** What all endpoints of one monitor share. */
export interface Context {
  readonly source: MonitorSource;
  readonly logger: Logger;
  readonly requests: RequestCounts;
  readonly refusals: Refusals;
  readonly usage: UsageMeter;
  readonly loopDelay: LoopDelay;
  /** Work that takes long is done in turns, between which clients are served. */
  readonly turns: Turns;
  /** Where everything is below: "" or "/nats". */
  readonly basePath: string;
  /** Milliseconds since 1970, with a fraction. */
  now(): number;
}

/** The HTTP server, as far as an endpoint has to do with it. */
export interface HttpHost {
  /** How long the connection of this request may be idle; 0 for ever. */
  timeout(request: Request, seconds: number): void;
}

/** One request, as it came. */
export interface Visit {
  readonly request: Request;
  /** Decoded, without base path and query. */
  readonly path: string;
  readonly host: HttpHost;
}

export interface Endpoint {
  /** Below the base path, "/varz"; "" for the root. With a slash at the end: everything below it. */
  readonly path: string;
  /** Its key in http_req_stats; null is not counted. */
  readonly countsAs: string | null;
  /** Requests whose parameters make no sense are not counted. */
  readonly countsOnlyDecoded?: boolean;
  /** Answered without the password, and however busy the monitor is. */
  readonly isPublic?: boolean;
  /** Its answers go on and on, and it bounds their number itself. */
  readonly isLongLived?: boolean;
  /**
   * A Reply, or any value, which is shown as JSON. Throws a BadParameter for what is a 400. Should be
   * quick or take turns.
   */
  answer(query: Query, context: Context, visit: Visit): unknown;
}
