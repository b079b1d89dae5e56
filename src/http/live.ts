// What a browser sees of the monitor: the page at the root and, below /live, what it asks for while somebody
// looks. One sampler runs all the time; everything else is made on request, once for all who ask the same.
import { availableParallelism } from "node:os";
import { MIDGE_VERSION, NATS_LEVEL } from "../proto/version.ts";
import { ConnectionDetails } from "./live-detail.ts";
import { SampleRing, Sampler } from "./live-history.ts";
import type { PageDocument } from "./live-page.ts";
import { connectionId, subjectQuestion, tableQuestion } from "./live-questions.ts";
import { NeighbourWatch, serverGraph } from "./live-servers.ts";
import type { Hello, ServerFacts, Tick } from "./live-shapes.ts";
import { Shared } from "./live-shared.ts";
import { eventBytes, type StreamHost, Viewers } from "./live-stream.ts";
import { SubjectActivity } from "./live-subjects.ts";
import { ConnectionTable } from "./live-table.ts";
import { LoopDelay } from "./loop-delay.ts";
import { BadParameter, Query } from "./query.ts";
import type { MonitorSource } from "./source.ts";
import { Turns } from "./turns.ts";
import type { UsageMeter } from "./usage.ts";
import { readTarget } from "./paths.ts";

const SAMPLE_MS = 1000;

/** Who asks the same within this time gets the same answer. */
const ANSWER_MS = 1000;

const NEVER_KEPT = { "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" } as const;

/** Null when there is no such thing. */
type Answer = (query: Query) => object | null | Promise<object | null>;

export class Live {
  /** For the metrics, too: one timer measures for everybody. */
  readonly loopDelay = new LoopDelay();
  readonly #source: MonitorSource;
  readonly #ring = new SampleRing();
  readonly #sampler: Sampler;
  readonly #viewers = new Viewers();
  readonly #table: ConnectionTable;
  readonly #details: ConnectionDetails;
  readonly #subjects: SubjectActivity;
  readonly #neighbours: NeighbourWatch;
  /** As JSON; null is a 404. */
  readonly #answers = new Shared<string | null>(ANSWER_MS);
  readonly #timer: ReturnType<typeof setInterval>;
  #tick: Tick | null = null;
  #authorization: unknown;
  #hello: Uint8Array | null = null;
  #page: Promise<PageDocument> | null = null;

  constructor(source: MonitorSource, usage: UsageMeter, turns = new Turns()) {
    this.#source = source;
    this.#sampler = new Sampler(source, usage, this.loopDelay);
    this.#table = new ConnectionTable(source, turns);
    this.#details = new ConnectionDetails(source, turns);
    this.#subjects = new SubjectActivity(source, turns);
    this.#neighbours = new NeighbourWatch(source);
    this.#authorization = source.options.monitorAuthorization;
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS);
    this.#timer.unref();
  }

  /**
   * Answers a GET or HEAD for a path below the base path, decoded and without query; null for paths that are
   * not its own. A rejection is a bug.
   */
  handle(request: Request, path: string, host: StreamHost): Response | Promise<Response> | null {
    if (path === "/") return wantsPage(request) ? this.#showPage(request) : null;
    if (path === "/live") return this.#stream(request, host);
    const answer = this.#answerFor(path);
    return answer && this.#respond(request, answer);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.loopDelay.stop();
    this.#viewers.close();
  }

  async #showPage(request: Request): Promise<Response> {
    this.#page ??= import("./live-page.ts").then(({ PageDocument }) => PageDocument.load());
    try {
      return (await this.#page).respond(request);
    } catch (error) {
      this.#page = null;
      throw error;
    }
  }

  #answerFor(path: string): Answer | null {
    switch (path) {
      case "/live/connections":
        return (query) => this.#table.page(tableQuestion(query));
      case "/live/subjects":
        return (query) => this.#subjects.tree(subjectQuestion(query));
      case "/live/servers":
        return () => serverGraph(this.#source, this.#tick, this.#neighbours.neighbours);
    }
    const cid = connectionId(path);
    return cid === 0 ? null : () => this.#details.detail(cid);
  }

  async #respond(request: Request, answer: Answer): Promise<Response> {
    const { path, query } = readTarget(request.url);
    try {
      const body = await this.#answers.get(`${path}?${query}`, async () => {
        const value = await answer(new Query(query));
        return value && JSON.stringify(value);
      });
      if (body === null) return plain("there is no such connection, or it was forgotten\n", 404);
      return new Response(body, { headers: { "Content-Type": "application/json", ...NEVER_KEPT } });
    } catch (error) {
      if (error instanceof BadParameter) return plain(`${error.message}\n`, 400);
      throw error;
    }
  }

  #stream(request: Request, host: StreamHost): Response {
    if (request.method === "HEAD") {
      return new Response(null, { headers: { "Content-Type": "text/event-stream" } });
    }
    this.#hello ??= eventBytes("hello", this.#greeting());
    const stream = this.#viewers.open(request, host, this.#hello);
    return stream ?? plain("too many pages are open on this server\n", 503);
  }

  #greeting(): Hello {
    return { server: this.#facts(), history: this.#ring.history(), tick: this.#tick };
  }

  #facts(): ServerFacts {
    const { options, serverId, serverName, port, startedAt } = this.#source;
    return {
      id: serverId,
      name: serverName,
      version: MIDGE_VERSION,
      level: NATS_LEVEL,
      host: options.host,
      port,
      startedAt,
      now: Date.now(),
      cores: availableParallelism(),
      maxConnections: options.maxConnections,
      authRequired: this.#source.authRequired,
      tlsRequired: this.#source.tlsRequired,
    };
  }

  /** Who came in by a password that counts no more has to come again. */
  #letGoOfStrangers(): void {
    const { monitorAuthorization } = this.#source.options;
    if (Bun.deepEquals(monitorAuthorization, this.#authorization)) return;
    this.#authorization = monitorAuthorization;
    this.#viewers.close();
  }

  #sample(): void {
    const tick = this.#sampler.tick();
    this.#tick = tick;
    this.#neighbours.tick();
    this.#hello = null;
    this.#letGoOfStrangers();
    this.#ring.add(tick.sample);
    if (this.#viewers.size > 0) this.#viewers.send(eventBytes("sample", tick));
    this.#answers.sweep();
    this.#table.sweep();
    this.#details.sweep();
    this.#subjects.sweep();
  }
}

/** A browser that opens an address, unlike a program that asks for one. */
export function wantsPage(request: Request): boolean {
  return (request.headers.get("Accept") ?? "").includes("text/html");
}

function plain(text: string, status: number): Response {
  return new Response(text, {
    status,
    headers: { "Content-Type": "text/plain; charset=utf-8", ...NEVER_KEPT },
  });
}
