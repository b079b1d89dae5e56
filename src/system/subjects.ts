// What a server listens to in the system account and, of that, in every other one (monitoring §12, §21). The
// subjects are nats-server's, all of them: who asks for what is not here gets the answer of a server that
// has it turned off, and no "no responders".

import type { ServerCall } from "../broker/server-subscription.ts";

/** What may be asked of one server by its id, and of all with PING in its place. */
export const SERVER_NAMES = [
  "PROFILEZ",
  "VARZ",
  "SUBSZ",
  "LEAFZ",
  "JSZ",
  "HEALTHZ",
  "IPQUEUESZ",
  "CONNZ",
  "RAFTZ",
  "ROUTEZ",
  "ACCOUNTZ",
  "EXPVARZ",
  "IDZ",
  "STATSZ",
  "GATEWAYZ",
] as const;
export type ServerName = (typeof SERVER_NAMES)[number];

/** What may be asked about one account, or about the own one. */
export const ACCOUNT_NAMES = ["SUBSZ", "CONNZ", "LEAFZ", "JSZ", "INFO", "STATZ", "CONNS"] as const;
export type AccountName = (typeof ACCOUNT_NAMES)[number];

/** What one server may be told to do. */
export const COMMANDS = ["RELOAD", "KICK", "LDM"] as const;
export type Command = (typeof COMMANDS)[number];

/** What becomes of a message to one of the subjects. */
export type Purpose =
  | { readonly kind: "server"; readonly name: ServerName }
  | { readonly kind: "account"; readonly name: AccountName }
  | { readonly kind: "all accounts" }
  | { readonly kind: "own account"; readonly name: "CONNZ" | "STATZ" }
  | { readonly kind: "command"; readonly name: Command }
  | { readonly kind: "user" }
  | { readonly kind: "claims" }
  | { readonly kind: "subscribers" }
  | { readonly kind: "count" }
  | { readonly kind: "answer" }
  | { readonly kind: "jetstream" }
  | { readonly kind: "connections" }
  | { readonly kind: "news" }
  | { readonly kind: "shutdown" }
  | { readonly kind: "nothing" };

export interface Listening {
  readonly subject: string;
  readonly purpose: Purpose;
  /** Other servers send here what is published there. */
  readonly isTold: boolean;
}

/** The subjects of the system account. `id` is the server's, `inbox` where answers to it go, with a wildcard. */
export function systemSubjects(id: string, inbox: string): readonly Listening[] {
  const told = (subject: string, purpose: Purpose): Listening => ({
    subject,
    purpose,
    isTold: true,
  });
  const here = (subject: string, purpose: Purpose): Listening => ({
    subject,
    purpose,
    isTold: false,
  });
  const [, , token = ""] = inbox.split(".");
  const nothing: Purpose = { kind: "nothing" };
  return [
    here("$SYS.REQ.USER.INFO", { kind: "user" }),
    told(inbox, { kind: "answer" }),
    told("$SYS.SERVER.ACCOUNT.*.CONNS", { kind: "connections" }),
    // Latencies that others measured.
    told(`$SYS._INBOX_.${id}`, nothing),
    told("$SYS.REQ.ACCOUNT.NSUBS", { kind: "count" }),
    told("$SYS.SERVER.*.STATSZ", { kind: "news" }),
    told("$SYS.SERVER.*.SHUTDOWN", { kind: "shutdown" }),
    told("$SYS.SERVER.*.LAMEDUCK", nothing),
    told("$SYS.ACCOUNT.*.CLAIMS.UPDATE", { kind: "claims" }),
    told("$SYS.REQ.ACCOUNT.*.CLAIMS.UPDATE", { kind: "claims" }),
    told("$SYS.REQ.SERVER.PING", { kind: "server", name: "STATSZ" }),
    ...SERVER_NAMES.flatMap((name) => [
      told(`$SYS.REQ.SERVER.${id}.${name}`, { kind: "server", name }),
      told(`$SYS.REQ.SERVER.PING.${name}`, { kind: "server", name }),
    ]),
    ...ACCOUNT_NAMES.map((name) => told(`$SYS.REQ.ACCOUNT.*.${name}`, { kind: "account", name })),
    here("$SYS.REQ.USER.*.INFO", { kind: "user" }),
    told("$SYS.REQ.ACCOUNT.PING.STATZ", { kind: "all accounts" }),
    told("$SYS.ACCOUNT.*.LEAFNODE.CONNECT", nothing),
    told(`$SYS.LATENCY.M2.${token}`, nothing),
    here("$SYS.DEBUG.SUBSCRIBERS", { kind: "subscribers" }),
    ...COMMANDS.map((name) => told(`$SYS.REQ.SERVER.${id}.${name}`, { kind: "command", name })),
  ];
}

/** The subjects of every other account: what its users may ask about it, imported from the system account. */
export const ACCOUNT_SUBJECTS: readonly Listening[] = [
  {
    subject: "$SYS.REQ.ACCOUNT.PING.CONNZ",
    purpose: { kind: "own account", name: "CONNZ" },
    isTold: false,
  },
  {
    subject: "$SYS.REQ.SERVER.PING.CONNZ",
    purpose: { kind: "own account", name: "CONNZ" },
    isTold: false,
  },
  {
    subject: "$SYS.REQ.ACCOUNT.PING.STATZ",
    purpose: { kind: "own account", name: "STATZ" },
    isTold: false,
  },
  { subject: "$SYS.REQ.USER.INFO", purpose: { kind: "user" }, isTold: false },
];

/** What an account listens to, too, whose users may have JetStream of other servers (cluster §4.16). */
export const JETSTREAM_SUBJECT: Listening = {
  subject: "$JS.API.>",
  purpose: { kind: "jetstream" },
  isTold: false,
};

/** Requests for messages go to who has them, in the client's account, as any message does. */
const BY_ORDINARY_WAY = ["$JS.API.CONSUMER.MSG.NEXT.", "$JS.API.DIRECT.GET."];

/** The JetStream request is one for the system account. */
export function isForSystem(subject: string): boolean {
  return !BY_ORDINARY_WAY.some((prefix) => subject.startsWith(prefix));
}

/** A message and what is to become of it. */
export interface Question extends ServerCall {
  readonly purpose: Purpose;
}
