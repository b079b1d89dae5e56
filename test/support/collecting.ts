// Collects what servers in this process say, whatever test starts them: loaded before the tests of a run
// that looks for secrets (see secrets.ts). Servers that are executables are collected by e2e/support.ts.
import { Midge } from "../../src/server.ts";
import { type Logger, silentLogger } from "../../src/log/logger.ts";
import { collect } from "./secrets.ts";

const start = Midge.start.bind(Midge);
Midge.start = async (options, logger = silentLogger) => {
  try {
    return await start(options, overheard(logger));
  } catch (error) {
    collect("embedded-error", String(error));
    throw error;
  }
};

/** The same logger, and every line that it is given is kept. */
function overheard(logger: Logger): Logger {
  const keep = (verb: "notice" | "warn" | "error" | "fatal" | "debug" | "trace") => {
    const kind = verb === "trace" ? "embedded-trace" : "embedded-log";
    return (text: string): void => {
      collect(kind, text);
      logger[verb](text);
    };
  };
  return {
    get debugOn() {
      return logger.debugOn;
    },
    get traceOn() {
      return logger.traceOn;
    },
    notice: keep("notice"),
    warn: keep("warn"),
    error: keep("error"),
    fatal: keep("fatal"),
    debug: keep("debug"),
    trace: keep("trace"),
  };
}

/** Tests fetch nothing but monitors. */
const plainFetch = globalThis.fetch;
const keepingFetch = async (input: string | URL | Request, init?: RequestInit) => {
  const response = await plainFetch(input, init);
  const { body, status, headers } = response;
  if (body === null) return response;
  // Read on the way, at the reader's own pace: some tests read slowly, or never to the end.
  const decoder = new TextDecoder();
  const overhearing = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      collect("monitor", decoder.decode(chunk, { stream: true }));
      controller.enqueue(chunk);
    },
  });
  return new Response(body.pipeThrough(overhearing), { status, headers });
};
globalThis.fetch = Object.assign(keepingFetch, { preconnect: plainFetch.preconnect });
