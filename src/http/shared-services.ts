// What accounts have of the system account (monitoring §12): requests about themselves that their users may
// send, shown as nats-server shows imports and exports.
import { isPlainName } from "../proto/subject.ts";
import type { AccountView } from "./source.ts";

const EXPORTS = [
  { subject: "$SYS.DEBUG.SUBSCRIBERS", type: "service", response_type: "Singleton" },
  { subject: "$SYS.REQ.ACCOUNT.*.CONNZ", type: "service", response_type: "Streamed" },
  { subject: "$SYS.REQ.ACCOUNT.*.STATZ", type: "service", response_type: "Streamed" },
  { subject: "$SYS.REQ.USER.*.INFO", type: "service", response_type: "Singleton" },
];

/** Empty where there is no system account. */
export function sharedServices({ name, isSystem }: AccountView, system: string): object {
  // With such a name a subject would be none.
  if (system === "" || !isPlainName(name)) return {};
  const user = service(`$SYS.REQ.USER.${name}.INFO`, "$SYS.REQ.USER.INFO", system, true);
  if (isSystem) return { exports: EXPORTS, imports: [user] };
  const connections = `$SYS.REQ.ACCOUNT.${name}.CONNZ`;
  return {
    imports: [
      service(connections, "$SYS.REQ.ACCOUNT.PING.CONNZ", system),
      service(connections, "$SYS.REQ.SERVER.PING.CONNZ", system),
      service(`$SYS.REQ.ACCOUNT.${name}.STATZ`, "$SYS.REQ.ACCOUNT.PING.STATZ", system),
      user,
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
