// GET /healthz: may this server be sent clients (monitoring §11)? Probes read the status code, exporters
// the body, so the body is JSON in all cases. Never behind the password, never kept waiting.
import { toJson } from "../proto/format.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Query } from "./query.ts";
import { Reply } from "./reply.ts";
import type { MonitorSource } from "./source.ts";

interface Problem {
  readonly status: 400 | 500;
  readonly type: "BAD_REQUEST" | "CONNECTION";
  readonly error: string;
}

export const healthz: Endpoint = {
  path: "/healthz",
  countsAs: "/healthz",
  isPublic: true,
  answer(query, { source, logger }) {
    const isDetailed = readFlags(query);
    const problem = misuse(query) ?? diagnose(source);
    if (problem === null) return Reply.data('{"status":"ok"}');
    const { status, type, error } = problem;
    if (status === 500) logger.warn(`Healthcheck failed: "${error}"`);
    const body = isDetailed
      ? { status: "error", errors: [{ type, error }] }
      : { status: "error", error };
    return Reply.data(toJson(body), status);
  },
};

/** All flags must make sense; without JetStream only "details" says anything. */
function readFlags(query: Query): boolean {
  for (const name of ["js-enabled", "js-enabled-only", "js-server-only", "js-meta-only"]) {
    query.bool(name);
  }
  return query.bool("details");
}

function misuse(query: Query): Problem | null {
  const isGiven = (name: string) => query.bytes(name) !== "";
  const wrong = (owner: string, what: string): Problem => ({
    status: 400,
    type: "BAD_REQUEST",
    error: `"${owner}" must not be empty when checking ${what} health`,
  });
  if (isGiven("stream") && !isGiven("account")) return wrong("account", "stream");
  if (isGiven("consumer") && !isGiven("stream")) return wrong("stream", "consumer");
  return null;
}

function diagnose({ ready }: Pick<MonitorSource, "ready">): Problem | null {
  if (ready) return null;
  const error = "failed to be ready for connections after 1ms: server";
  return { status: 500, type: "CONNECTION", error };
}
