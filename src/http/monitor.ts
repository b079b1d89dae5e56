// The monitor: an HTTP server beside the broker that answers questions about it and changes
// nothing. One endpoint per file, a pure function from the server's numbers to an object; here is
// only the door.
import { microseconds } from "../log/clock.ts";
import type { Logger } from "../log/logger.ts";
import { reasonOf } from "../log/reason.ts";
import { formatAddress } from "../net/listener.ts";
import { toJson } from "../proto/format.ts";
import { healthz } from "./healthz.ts";
import type { MonitorSource } from "./source.ts";
import { UsageMeter } from "./usage.ts";
import { varz } from "./varz.ts";

/** Nothing that asks the monitor needs a body; what comes is read up to here and ignored. */
const REQUEST_BODY_BYTES_MAX = 64 * 1024;
/** Connections to the monitor take descriptors that clients need, too. */
const IDLE_SECONDS_MAX = 10;
const INDENT = 2;

export interface Monitor {
  /** http://127.0.0.1:<port>, or with the host it listens on. */
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts listening on the options' monitor port. Throws an Error for people when it can't. */
export function startMonitor(source: MonitorSource, logger: Logger): Monitor {
  const { httpHost, httpPort } = source.options;
  const answer = answers(source);
  const server = listen(httpHost, Math.max(httpPort, 0), answer, logger);
  const port = server.port ?? httpPort;
  logger.notice(`Starting http monitor on ${formatAddress(httpHost, port)}`);
  return {
    url: `http://${formatAddress(reachable(httpHost), port)}`,
    port,
    stop: () => server.stop(true),
  };
}

type Answer = (request: Request) => Response;

function listen(hostname: string, port: number, answer: Answer, logger: Logger) {
  try {
    return Bun.serve({
      hostname,
      port,
      development: false,
      // Outside of development Bun shares a busy port unless told not to, and two servers would
      // take turns in answering.
      reusePort: false,
      maxRequestBodySize: REQUEST_BODY_BYTES_MAX,
      idleTimeout: IDLE_SECONDS_MAX,
      fetch: answer,
      error: (error) => {
        logger.error(`Monitor: ${error.stack ?? error.message}`);
        return plain("internal error\n", 500);
      },
    });
  } catch (error) {
    const where = formatAddress(hostname, port);
    const message = `can't listen to the monitor port: ${where}: ${reasonOf(error)}`;
    throw new Error(message, { cause: error });
  }
}

/** From path to answer; each answered path is counted for /varz, before its answer is made. */
function answers(source: MonitorSource): Answer {
  const usage = new UsageMeter();
  const requests: Record<string, number> = {};
  const endpoints = new Map<string, () => Response>([
    ["/varz", () => json(varz(source, usage.read(), requests, microseconds() / 1000), INDENT)],
    [
      "/healthz",
      () => {
        const { code, body } = healthz(source);
        return json(body, 0, code);
      },
    ],
  ]);
  return (request) => {
    const path = decodedPath(request.url);
    const endpoint = endpoints.get(path);
    if (!endpoint) return plain("404 page not found\n", 404);
    if (request.method !== "GET" && request.method !== "HEAD") {
      return plain("405 method not allowed\n", 405, { Allow: "GET, HEAD" });
    }
    requests[path] = (requests[path] ?? 0) + 1;
    return endpoint();
  };
}

/** The path that was asked for, percent-decoded; what can't be decoded is nobody's path. */
function decodedPath(url: string): string {
  const { pathname } = new URL(url);
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname;
  }
}

function json(value: unknown, indent: number, status = 200): Response {
  return new Response(toJson(value, indent), {
    status,
    headers: { "Content-Type": "application/json", "Access-Control-Allow-Origin": "*" },
  });
}

function plain(text: string, status: number, headers: Record<string, string> = {}): Response {
  return new Response(text, {
    status,
    headers: {
      "Content-Type": "text/plain; charset=utf-8",
      "X-Content-Type-Options": "nosniff",
      ...headers,
    },
  });
}

/** A wildcard is an address to listen on, not one to call. */
function reachable(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  return host === "::" ? "::1" : host;
}
