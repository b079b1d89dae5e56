// Who asks, as the server knows it (monitoring §21.1, `$SYS.REQ.USER.INFO`).

import type { PermissionOptions } from "../config/access.ts";
import type { Question } from "./subjects.ts";

const NANOS_PER_MS = 1e6;

/** Nobody in particular where the subject names an account instead of being imported. */
export function userInfo({ caller, account, subject }: Question): object {
  if (caller === null || subject !== "$SYS.REQ.USER.INFO") return { user: "", account: "" };
  const { permissions } = caller;
  return {
    user: caller.login.user || caller.connect.user,
    account: account.name,
    account_name: account.name,
    ...(permissions === null ? {} : { permissions: rights(permissions.options) }),
  };
}

/** In nats-server's words. */
function rights({ publish, subscribe, allowResponses }: PermissionOptions): object {
  return {
    publish: publish ?? {},
    subscribe: subscribe ?? {},
    ...(allowResponses === undefined
      ? {}
      : {
          responses: {
            max: allowResponses.max,
            ttl: Math.round(allowResponses.expires * NANOS_PER_MS),
          },
        }),
  };
}
