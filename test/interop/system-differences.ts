// Where Midge's answers and events of the system account differ from those of nats-server 2.15, on purpose.
// Each difference says what becomes of what is heard when it is left out of account; what is not named here
// or in monitor-differences.ts must be equal.
import { isObject, type Json } from "./monitor-told.ts";
import type { Step } from "./system-scenes.ts";
import type { HeardTold, StepTold } from "./system-told.ts";

export interface SystemDifference {
  readonly name: string;
  readonly reason: string;
  /** Changes what was heard from either server in one step so that the difference is gone. */
  readonly settle: (heard: StepTold, step: Step) => void;
}

const BAD_REQUEST = 400;

export const SYSTEM_DIFFERENCES: readonly SystemDifference[] = [
  {
    name: "server: feature_flags",
    reason: "all of them are about JetStream, which Midge does not have",
    settle(heard) {
      for (const { told } of heard) {
        if (!isObject(told.body)) continue;
        delete told.body["feature_flags"];
        const { server } = told.body;
        if (isObject(server)) delete server["feature_flags"];
      }
    },
  },
  {
    name: "errors: why a body cannot be read",
    reason: "nats-server says it in the words of its JSON library, with the names of its types",
    settle(heard) {
      for (const { told } of heard) {
        const error = at(told.body, "error");
        if (isObject(error) && error["code"] === BAD_REQUEST) error["description"] = "<reason>";
      }
    },
  },
  {
    name: "ipqueuesz: queues that are busy with the question",
    reason: "they are nats-server's own, by names that nobody else has",
    settle(heard, step) {
      if (!("asks" in step) || !step.asks.endsWith(".IPQUEUESZ")) return;
      for (const { told } of heard) {
        if (isObject(told.body) && isObject(told.body["data"])) told.body["data"] = {};
      }
    },
  },
  {
    name: "profilez: profiles",
    reason: "they are Go's, and Midge says so",
    settle(heard, step) {
      if (!("asks" in step) || !step.asks.endsWith(".PROFILEZ")) return;
      for (const { told } of heard) {
        const data = at(told.body, "data");
        const error = at(data, "error");
        if (!isObject(data) || error === "Profile name not specified") continue;
        Object.assign(data, { profile: "<profile or none>", error: "<reason or none>" });
      }
    },
  },
  {
    name: "reload: connections that stay",
    reason: "nats-server tells of each that it goes and comes back, though nothing happened to it",
    settle(heard, step) {
      if (!("asks" in step) || !step.asks.endsWith("{id}.RELOAD")) return;
      const answers = heard.filter(
        ({ subject }) =>
          !subject.startsWith("$SYS.ACCOUNT.") && !subject.startsWith("$SYS.SERVER."),
      );
      heard.splice(0, heard.length, ...answers);
    },
  },
  {
    name: "connections: one slow consumer counted twice",
    reason:
      "nats-server counts it for what is pending and again when its last write takes too long",
    settle(heard) {
      for (const { told } of heard)
        if (isObject(told.body) && told.body["slow_consumers"] === 2)
          told.body["slow_consumers"] = 1;
    },
  },
  {
    name: "statz of all accounts: a body that cannot be read",
    reason: "nats-server says so twice, as it takes PING for the name of an account, too",
    settle(heard, step) {
      if (!("asks" in step) || step.asks !== "$SYS.REQ.ACCOUNT.PING.STATZ") return;
      const isError = ({ told }: HeardTold) => at(told.body, "error") !== null;
      if (heard.length === 2 && heard.every(isError)) heard.pop();
    },
  },
  {
    name: "subscribers: a question with headers",
    reason: "nats-server takes the headers for the beginning of the subject, and is silent",
    settle(heard, step) {
      if (!("asks" in step) || step.asks !== "$SYS.DEBUG.SUBSCRIBERS") return;
      if (step.headers !== undefined) heard.length = 0;
    },
  },
  {
    name: "connections: subscriptions of the system account in a cluster",
    reason:
      "nats-server has one for answers to requests of other accounts, and tells other servers",
    settle(heard, step) {
      if (!("by" in step) || step.by !== "remote") return;
      for (const { told } of heard) {
        if (!isObject(told.body) || told.body["acc"] !== "SYS") continue;
        if (typeof told.body["num_subscriptions"] === "number")
          told.body["num_subscriptions"] = "<number>";
      }
    },
  },
  {
    name: "claims: why they are not taken",
    reason: "Midge has no resolver of claims at all, whatever these are",
    settle(heard, step) {
      if (!("asks" in step) || !step.asks.endsWith(".CLAIMS.UPDATE")) return;
      for (const { told } of heard) {
        const error = at(told.body, "error");
        if (isObject(error)) error["description"] = "<reason>";
      }
    },
  },
];

function at(value: Json, key: string): Json {
  return isObject(value) ? (value[key] ?? null) : null;
}
