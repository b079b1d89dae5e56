// What GET /varz answers, without a monitor to ask.

import type { Context } from "../http/endpoint.ts";
import { Query } from "../http/query.ts";
import { Turns } from "../http/turns.ts";
import { UsageMeter } from "../http/usage.ts";
import { varz } from "../http/varz.ts";
import { ServerView } from "../server-view.ts";
import type { EmbeddedServer } from "./server.ts";

/** Answers the same question again and again: the use of the processor is what it was since the last time. */
export function varzReader(server: EmbeddedServer): () => object {
  const context: Context = {
    source: new ServerView(server),
    logger: server.logger,
    requests: {},
    refusals: { unauthorized: 0, busy: 0 },
    usage: new UsageMeter(),
    get loopDelay(): never {
      throw new Error("the delays of the event loop are measured by a monitor only");
    },
    turns: new Turns(),
    basePath: "",
    now: () => Date.now(),
  };
  const query = new Query("");
  const visit = {
    request: new Request("http://localhost/varz"),
    path: "/varz",
    host: { timeout() {} },
  };
  return () => Object(varz.answer(query, context, visit));
}
