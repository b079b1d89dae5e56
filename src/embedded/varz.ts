// What GET /varz answers, without a monitor to ask.

import { contextWithoutMonitor, visitOf } from "../http/context.ts";
import { Query } from "../http/query.ts";
import { varz } from "../http/varz.ts";
import { ServerView } from "../server-view.ts";
import type { EmbeddedServer } from "./server.ts";

/** Answers the same question again and again. */
export function varzReader(server: EmbeddedServer): () => object {
  const context = contextWithoutMonitor(new ServerView(server), server.logger);
  const query = new Query("");
  const visit = visitOf(varz);
  return () => Object(varz.answer(query, context, visit));
}
