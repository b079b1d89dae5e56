// GET / for everything that is not a browser: the list of what can be asked (monitoring §4).
import { MIDGE_VERSION, NATS_LEVEL } from "../proto/version.ts";
import type { Context } from "./endpoint.ts";
import { Reply } from "./reply.ts";

const LINKS = [
  ["General", "/varz"],
  ["JetStream", "/jsz"],
  ["Connections", "/connz"],
  ["Accounts", "/accountz"],
  ["Account Stats", "/accstatz"],
  ["Subscriptions", "/subsz"],
  ["Routes", "/routez"],
  ["LeafNodes", "/leafz"],
  ["Gateways", "/gatewayz"],
  ["Raft Groups", "/raftz"],
  ["Health Probe", "/healthz"],
  ["Expvar", "/debug/vars"],
  ["Metrics", "/metrics"],
] as const;

export function linkList({ basePath }: Pick<Context, "basePath">): Reply {
  // The page stands at /nats, not below it: relative to it everything is in ./nats/.
  const base = encodeURI(Buffer.from(basePath, "latin1").toString("utf8"));
  const items = LINKS.map(([name, path]) => {
    const href = Bun.escapeHTML(`.${base}${path}`);
    return `    <li><a href="${href}">${name}</a> <code>${path}</code></li>`;
  });
  return Reply.html(`<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <title>midge</title>
  <h1>midge ${MIDGE_VERSION} (NATS ${NATS_LEVEL})</h1>
  <ul>
${items.join("\n")}
  </ul>
</html>
`);
}
