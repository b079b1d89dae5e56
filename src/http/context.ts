// Endpoints asked without HTTP: by a program that embeds the broker, and by requests of the system account
// (monitoring §21). They answer as they answer everybody, in one line.
import { microseconds } from "../log/clock.ts";
import type { Logger } from "../log/logger.ts";
import type { Context, Endpoint, Visit } from "./endpoint.ts";
import { Query } from "./query.ts";
import { Reply } from "./reply.ts";
import type { MonitorSource } from "./source.ts";
import { toJson } from "../proto/format.ts";
import { Turns } from "./turns.ts";
import { UsageMeter } from "./usage.ts";

/** What endpoints need where no monitor is open. The use of the processor is what it was since the last question. */
export function contextWithoutMonitor(source: MonitorSource, logger: Logger): Context {
  return {
    source,
    logger,
    requests: {},
    refusals: { unauthorized: 0, busy: 0 },
    usage: new UsageMeter(),
    get loopDelay(): never {
      throw new Error("the delays of the event loop are measured by a monitor only");
    },
    turns: new Turns(),
    basePath: "",
    now: () => microseconds() / 1000,
  };
}

/** What an endpoint is told of a request that there is not. */
export function visitOf({ path }: Endpoint): Visit {
  return { request: new Request(`http://localhost${path}`), path, host: { timeout() {} } };
}

export interface Answer {
  /** As of HTTP. */
  readonly status: number;
  /** JSON in one line; of an error perhaps plain words. */
  readonly text: string;
}

/** Parameters that are empty, false or undefined are left out. Throws a BadParameter. */
export async function ask(
  endpoint: Endpoint,
  context: Context,
  parameters: Readonly<Record<string, string | number | boolean | undefined>> = {},
): Promise<Answer> {
  const pairs = Object.entries(parameters)
    .filter(([, value]) => value !== undefined && value !== "" && value !== false)
    .map(([name, value]) => [name, Buffer.from(String(value)).latin1Slice()] as const);
  const value = await endpoint.answer(new Query(new Map(pairs)), context, visitOf(endpoint));
  if (!(value instanceof Reply)) return { status: 200, text: toJson(value) };
  return { status: value.status, text: inOneLine(await textOf(value)) };
}

async function textOf({ body }: Reply): Promise<string> {
  if (typeof body === "string") return body;
  let text = "";
  for await (const part of body) text += part;
  return text;
}

/** Line ends stand between tokens only, and only a key has a blank behind it. */
function inOneLine(json: string): string {
  if (!json.includes("\n")) return json;
  return json.replace(/^(\s*"(?:[^"\\]|\\.)*":) /gm, "$1").replace(/\n\s*/g, "");
}
