// From a request to its answer: finds the endpoint, asks for the password, counts, bounds what is under
// way, and turns what goes wrong into words.
import { reasonOf } from "../log/reason.ts";
import { toJson } from "../proto/format.ts";
import type { Bounds } from "./bounds.ts";
import type { Context, Endpoint, HttpHost, Visit } from "./endpoint.ts";
import type { Gate } from "./gate.ts";
import { cleanPath, encodePath, readTarget } from "./paths.ts";
import { BadParameter, Query } from "./query.ts";
import { type Parts, Reply } from "./reply.ts";

/** A long answer on its way. */
interface Reading {
  readonly beganAt: number;
  isGivenUp: boolean;
}

export class Router {
  readonly #context: Context;
  readonly #gate: Gate;
  readonly #bounds: Bounds;
  readonly #counts: Record<string, number>;
  readonly #exact = new Map<string, Endpoint>();
  readonly #open: Endpoint[] = [];
  /** Answers that are being made. */
  #making = 0;
  /** Long ones that are being read, oldest first. */
  readonly #readings = new Set<Reading>();

  /** `counts` is what `context` shows, to be written. */
  constructor(
    endpoints: readonly Endpoint[],
    context: Context,
    gate: Gate,
    bounds: Bounds,
    counts: Record<string, number>,
  ) {
    this.#context = context;
    this.#gate = gate;
    this.#bounds = bounds;
    this.#counts = counts;
    for (const endpoint of endpoints) {
      const path = `${context.basePath}${endpoint.path}` || "/";
      this.#exact.set(path, endpoint);
      if (path.endsWith("/") && path !== "/") this.#open.push(endpoint);
    }
  }

  /** Never rejects. */
  async answer(request: Request, host: HttpHost): Promise<Response> {
    try {
      const reply = await this.#answer(request, host);
      return reply instanceof Response
        ? reply
        : reply.toResponse(request.method, this.#gate.isOpen);
    } catch (error) {
      this.#report(error);
      return Reply.error(500, "500 internal error\n").toResponse(request.method, false);
    }
  }

  async #answer(request: Request, host: HttpHost): Promise<Reply | Response> {
    const { path, query } = readTarget(request.url);
    if (path === null) return Reply.error(400, "400 Bad Request");
    const endpoint = this.#find(path);
    if (endpoint?.isPublic !== true) {
      const refusal = await this.#gate.check(request);
      if (refusal !== null) return refusal;
    }
    const clean = cleanPath(path);
    // Who asks for a proxy sends no path at all.
    if (clean !== path && path.startsWith("/")) return moved(encodePath(clean), query);
    if (endpoint === undefined) return Reply.notFound();
    const below = path.slice(this.#context.basePath.length) || "/";
    return this.#serve(endpoint, new Query(query), { request, path: below, host });
  }

  #find(path: string): Endpoint | undefined {
    const { basePath } = this.#context;
    return (
      this.#exact.get(path) ??
      this.#open.find((endpoint) => path.startsWith(`${basePath}${endpoint.path}`))
    );
  }

  async #serve(endpoint: Endpoint, query: Query, visit: Visit): Promise<Reply | Response> {
    if (endpoint.isPublic === true || endpoint.isLongLived === true) {
      return this.#make(endpoint, query, visit);
    }
    if (this.#making >= this.#bounds.answers) return this.#refuse("requests");
    this.#making++;
    try {
      const reply = await this.#make(endpoint, query, visit);
      return reply instanceof Reply ? this.#hold(reply, visit) : reply;
    } finally {
      this.#making--;
    }
  }

  #refuse(what: string): Reply {
    this.#context.refusals.busy++;
    return Reply.error(503, `503 too many ${what} at a time\n`, { "Retry-After": "1" });
  }

  async #make(endpoint: Endpoint, query: Query, visit: Visit): Promise<Reply | Response> {
    const { countsAs, countsOnlyDecoded = false } = endpoint;
    // Before the answer, which may show the counts.
    if (!countsOnlyDecoded) this.#count(countsAs);
    try {
      const value = await endpoint.answer(query, this.#context, visit);
      if (countsOnlyDecoded) this.#count(countsAs);
      if (value instanceof Response) return value;
      const reply = value instanceof Reply ? value : Reply.data(toJson(value, 2));
      // A script may be run by any page, with the password that the browser knows.
      return this.#gate.isOpen ? reply.wrapped(query.text("callback")) : reply;
    } catch (error) {
      if (!(error instanceof BadParameter)) throw error;
      if (countsOnlyDecoded && !error.isUndecodable) this.#count(countsAs);
      return Reply.error(400, error.message);
    }
  }

  #count(name: string | null): void {
    if (name !== null) this.#counts[name] = (this.#counts[name] ?? 0) + 1;
  }

  /**
   * A long answer has a place of its own until it is read, or its reader is gone. Where all are taken, the
   * slowest reader loses his to whoever asks next.
   */
  #hold(reply: Reply, visit: Visit): Reply {
    const { body } = reply;
    const { request } = visit;
    if (typeof body === "string" || request.method === "HEAD") return reply;
    if (request.signal.aborted || !this.#hasRoom()) {
      void body.return();
      return this.#refuse("long answers");
    }
    const reading: Reading = { beganAt: performance.now(), isGivenUp: false };
    this.#readings.add(reading);
    request.signal.addEventListener("abort", () => this.#readings.delete(reading));
    return reply.withBody(this.#read(body, visit, reading));
  }

  #hasRoom(): boolean {
    if (this.#readings.size < this.#bounds.longAnswers) return true;
    const [slowest] = this.#readings;
    if (slowest === undefined) return false;
    if (performance.now() - slowest.beganAt < this.#bounds.readMs) return false;
    slowest.isGivenUp = true;
    this.#readings.delete(slowest);
    return true;
  }

  async *#read(parts: Parts, { request, host }: Visit, reading: Reading): Parts {
    const endsAt = reading.beganAt + this.#bounds.answerMs;
    const isOver = () => reading.isGivenUp || performance.now() > endsAt;
    try {
      for await (const part of parts) {
        if (isOver()) break;
        yield part;
      }
      if (!isOver()) return;
    } catch (error) {
      this.#report(error);
    } finally {
      this.#readings.delete(reading);
    }
    if (request.signal.aborted) return;
    // An end would look like the end of the answer. Left without news, the connection is closed.
    host.timeout(request, 1);
    await new Promise((resolve) => request.signal.addEventListener("abort", resolve));
  }

  #report(error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : reasonOf(error);
    this.#context.logger.error(`Internal error in the monitor, please report it: ${text}`);
  }
}

function moved(path: string, query: string): Reply {
  const location = query === "" ? path : `${path}?${query}`;
  const link = `<a href="${Bun.escapeHTML(location)}">Moved Permanently</a>.\n\n`;
  return new Reply(link, {
    status: 301,
    type: "text/html; charset=utf-8",
    headers: { Location: location },
  });
}
