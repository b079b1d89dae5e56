// What accounts have of the system account (monitoring §12): requests about themselves that their users may
// send, shown as nats-server shows imports and exports.
import { isPlainName } from "../proto/subject.ts";
import { GLOBAL_ACCOUNT } from "../broker/account.ts";
import type { AccountView, MonitorSource } from "./source.ts";

const EXPORTS = [
  { subject: "$SYS.DEBUG.SUBSCRIBERS", type: "service", response_type: "Singleton" },
  { subject: "$SYS.REQ.ACCOUNT.*.CONNZ", type: "service", response_type: "Streamed" },
  { subject: "$SYS.REQ.ACCOUNT.*.STATZ", type: "service", response_type: "Streamed" },
  { subject: "$SYS.REQ.USER.*.INFO", type: "service", response_type: "Singleton" },
];

const JETSTREAM = "$JS.API.>";
const JETSTREAM_EXPORT = { subject: JETSTREAM, type: "service", response_type: "Singleton" };

type Offers = Pick<MonitorSource, "options" | "systemAccountName">;

/**
 * Whether users of this account may ask other servers for JetStream: where there can be other servers, those of
 * the account of everybody while it is the only one (cluster §4.16).
 */
export function sharesJetStream(name: string, { options, systemAccountName }: Offers): boolean {
  if (options.cluster === undefined || name !== GLOBAL_ACCOUNT) return false;
  return Object.keys(options.accounts ?? {}).every((each) => each === systemAccountName);
}

/** Empty where there is no system account. */
export function sharedServices({ name, isSystem }: AccountView, source: Offers): object {
  const { systemAccountName: system, options } = source;
  // With such a name a subject would be none.
  if (system === "" || !isPlainName(name)) return {};
  const user = service(`$SYS.REQ.USER.${name}.INFO`, "$SYS.REQ.USER.INFO", system, true);
  if (isSystem) {
    const isClustered = options.cluster !== undefined;
    return { exports: isClustered ? [...EXPORTS, JETSTREAM_EXPORT] : EXPORTS, imports: [user] };
  }
  const jetStream = service(JETSTREAM, JETSTREAM, system, true);
  const connections = `$SYS.REQ.ACCOUNT.${name}.CONNZ`;
  return {
    imports: [
      service(connections, "$SYS.REQ.ACCOUNT.PING.CONNZ", system),
      service(connections, "$SYS.REQ.SERVER.PING.CONNZ", system),
      service(`$SYS.REQ.ACCOUNT.${name}.STATZ`, "$SYS.REQ.ACCOUNT.PING.STATZ", system),
      user,
      ...(sharesJetStream(name, source) ? [jetStream] : []),
    ],
  };
}

/** `subject` in the system account is `own` in the account that imports it. */
function service(subject: string, own: string, account: string, share = false) {
  return {
    subject,
    account,
    to: own,
    local_subject: own,
    type: "service",
    invalid: false,
    share,
    tracking: false,
  };
}
