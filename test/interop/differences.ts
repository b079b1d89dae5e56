// Where nats-server 2.9 answers a client differently from 2.15, and so from Midge. Each has a name, a script
// that shows it, and the two answers. INFO lines are written as the list of their fields.
import type { ServerOptions } from "../support/server.ts";
import type { Heard } from "./run.ts";

export interface Difference {
  readonly name: string;
  readonly says: string;
  readonly older: string;
  readonly newer: string;
  readonly options?: ServerOptions;
}

const OLD_GREETING =
  "<server_id,server_name,version,proto,go,host,port,headers,max_payload,client_id,client_ip>";
const NEW_GREETING = OLD_GREETING.replace(">", ",api_lvl,xkey>");
const CONNECT =
  'CONNECT {"verbose":false,"pedantic":false,"headers":true,"no_responders":true}\r\n';
const TRACE_ONLY = "NATS/1.0\r\nNats-Trace-Dest: x\r\nNats-Trace-Only: 1\r\n\r\n";

export const DIFFERENCES_TO_2_9: readonly Difference[] = [
  {
    name: "INFO has api_lvl and xkey",
    says: "PING\r\n",
    older: OLD_GREETING + "PONG\r\n",
    newer: NEW_GREETING + "PONG\r\n",
  },
  {
    name: "a client of protocol 1 hears a second INFO, with connect_info and remote_account",
    says: 'CONNECT {"verbose":false,"protocol":1}\r\nPING\r\n',
    older: OLD_GREETING + "PONG\r\n",
    newer:
      NEW_GREETING +
      "PONG\r\n" +
      NEW_GREETING.replace("client_ip", "client_ip,connect_info,remote_account"),
  },
  {
    name: "the notice that nobody listens names the subject",
    says: CONNECT + "SUB in 1\r\nPUB foo in 0\r\n\r\n",
    older: OLD_GREETING + "HMSG in 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n",
    newer: NEW_GREETING + "HMSG in 1 35 35\r\nNATS/1.0 503\r\nNats-Subject: foo\r\n\r\n\r\n",
  },
  {
    name: "a later CONNECT drops the subscriptions",
    says: CONNECT + "SUB foo 1\r\n" + CONNECT + "PUB foo 0\r\n\r\nPING\r\n",
    older: OLD_GREETING + "MSG foo 1 0\r\n\r\nPONG\r\n",
    newer: NEW_GREETING + "PONG\r\n",
  },
  {
    name: "subjects of the servers' own elections are refused to publishers",
    says: CONNECT + "SUB $NRG.x 1\r\nPUB $NRG.x 0\r\n\r\nPING\r\n",
    older: OLD_GREETING + "MSG $NRG.x 1 0\r\n\r\nPONG\r\n",
    newer: NEW_GREETING + `-ERR 'Permissions Violation for Publish to "$NRG.x"'\r\nPONG\r\n`,
  },
  {
    name: "messages can be traced, and traced only",
    says: `${CONNECT}SUB foo 1\r\nHPUB foo ${TRACE_ONLY.length} ${TRACE_ONLY.length}\r\n${TRACE_ONLY}\r\nPING\r\n`,
    older:
      OLD_GREETING +
      `HMSG foo 1 ${TRACE_ONLY.length} ${TRACE_ONLY.length}\r\n${TRACE_ONLY}\r\nPONG\r\n`,
    newer: NEW_GREETING + "PONG\r\n",
  },
  {
    name: "a negative limit of connections refuses everyone",
    options: { maxConnections: -1 },
    says: "PING\r\n",
    older: OLD_GREETING + "PONG\r\n",
    newer: NEW_GREETING + "-ERR 'maximum connections exceeded'\r\n",
  },
];

/** What was heard, without what the named differences explain. */
export function asIn215(heard: Heard): Heard {
  return heard.map((clients) => clients.map((items) => items.map(likeNewer)));
}

function likeNewer(item: string): string {
  if (item.startsWith("INFO ")) return "INFO";
  // The notice of 2.12 and later names the subject, and is longer by that.
  return item.replace(
    /^(HMSG \S+ … )\d+ \d+\r\nNATS\/1\.0 503\r\n(Nats-Subject: [^\r]*\r\n)?/,
    "$1NATS/1.0 503\r\n",
  );
}
