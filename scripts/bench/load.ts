// The load generator, a process of its own for every measurement. Its only argument is a Job as
// JSON; it prints its Outcome as one line of JSON.
import type { Outcome, Terms } from "./measure.ts";
import { runChurned } from "./churned.ts";
import { meet } from "./meeting.ts";
import { runConnections, runIdle } from "./memory.ts";
import { runHealth, runPage, runPolled } from "./monitored.ts";
import { runLatency, runRequests } from "./requests.ts";
import type { Load } from "./rows.ts";
import { runHandshakes, runSecureStream } from "./secure.ts";
import { runStream } from "./stream.ts";

export interface Job {
  readonly load: Exclude<Load, { kind: "start" | "join" }>;
  readonly terms: Terms;
}

async function run({ load, terms }: Job): Promise<Outcome> {
  const { ca } = terms.access;
  // Before there are clients that could be told of it.
  meet(terms.port, terms.farPort);
  switch (load.kind) {
    case "stream":
      return ca ? runSecureStream(load.stream, ca, terms) : runStream(load.stream, terms);
    case "handshakes":
      return runHandshakes(ca ?? "", terms);
    case "requests":
      return runRequests(load.inbox, load.responders, terms);
    case "latency":
      return runLatency(load.inbox, terms);
    case "connections":
      return runConnections(load.count, terms);
    case "polled":
      return runPolled(load.crowd, load.questions, terms);
    case "page":
      return runPage(load.crowd, load.viewers, terms);
    case "health":
      return runHealth(load.stream, terms);
    case "churned":
      return runChurned(load.stream, load.perSecond, terms);
    case "idle":
      return runIdle(terms);
  }
}

try {
  const job = JSON.parse(process.argv[2] ?? "") as Job;
  console.log(JSON.stringify(await run(job)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1); // a thread that asks would go on
}
