// The paths of requests, as Go's servers understand them (monitoring §1.2, §1.3).
import { unescape } from "./query.ts";

export interface Target {
  /** Decoded, one character per byte; null where it can't be. */
  readonly path: string | null;
  /** Behind the `?`, as it came. */
  readonly query: string;
}

/** Splits a request's address, which lacks scheme and host where the client named no host. */
export function readTarget(url: string): Target {
  const target = url.replace(/^[a-z]+:\/\/[^/?#]*/i, "");
  const queryAt = target.indexOf("?");
  const path = queryAt < 0 ? target : target.slice(0, queryAt);
  return { path: unescape(path, "+"), query: queryAt < 0 ? "" : target.slice(queryAt + 1) };
}

/** Without empty segments, `.` and `..`; a slash at the end stays. */
export function cleanPath(path: string): string {
  const clean: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") clean.pop();
    else if (segment !== "" && segment !== ".") clean.push(segment);
  }
  const end = clean.length > 0 && path.endsWith("/") ? "/" : "";
  return `/${clean.join("/")}${end}`;
}

/** The configured base path as a prefix: "" for none, "/nats" for "nats/". */
export function normalizeBase(configured: string): string {
  const bytes = Buffer.from(configured, "utf8").toString("latin1");
  return cleanPath(bytes).replace(/\/$/, "");
}

/** For a Location header: a decoded path, encoded again. */
export function encodePath(latin1: string): string {
  return encodeURI(Buffer.from(latin1, "latin1").toString("utf8")).replace(/[?#]/g, escape);
}
