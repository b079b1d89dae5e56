// Everything the monitor answers, in the order of the specification's index (monitoring §3).
import { accountz } from "./accountz.ts";
import { accstatz } from "./accstatz.ts";
import { connz } from "./connz.ts";
import { debugVars } from "./debug-vars.ts";
import type { Endpoint } from "./endpoint.ts";
import { gatewayz } from "./gatewayz.ts";
import { healthz } from "./healthz.ts";
import { ipqueuesz } from "./ipqueuesz.ts";
import { jsz } from "./jsz.ts";
import { leafz } from "./leafz.ts";
import type { Live } from "./live.ts";
import { createMetrics } from "./metrics.ts";
import { raftz } from "./raftz.ts";
import { Reply } from "./reply.ts";
import { linkList } from "./root.ts";
import { routez } from "./routez.ts";
import { stacksz } from "./stacksz.ts";
import { subscriptionsz, subsz } from "./subsz.ts";
import { varz } from "./varz.ts";

export function createEndpoints(live: Live): readonly Endpoint[] {
  const answer: Endpoint["answer"] = (_query, _context, { request, path, host }) =>
    live.handle(request, path, host) ?? Reply.notFound();
  return [
    {
      path: "",
      countsAs: "/",
      // Browsers get the page, everybody else a list of links.
      answer: (_query, context, { request, host }) =>
        live.handle(request, "/", host) ?? linkList(context),
    },
    varz,
    connz,
    routez,
    subsz,
    subscriptionsz,
    stacksz,
    gatewayz,
    leafz,
    accountz,
    jsz,
    healthz,
    ipqueuesz,
    accstatz,
    raftz,
    debugVars,
    createMetrics(),
    { path: "/live", countsAs: null, isLongLived: true, answer },
    { path: "/live/", countsAs: null, answer },
  ];
}
