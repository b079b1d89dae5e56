// The access matrix: configurations and, for each, what clients try under it. Only data; what the right
// verdicts are says the real nats-server.
import type { Configuration } from "./access-play.ts";
import { ACCOUNT_CONFIGURATIONS } from "./access-accounts.ts";
import { LOG_CONFIGURATIONS } from "./access-logs.ts";
import { LOGIN_CONFIGURATIONS } from "./access-logins.ts";
import { NKEY_CONFIGURATIONS } from "./access-nkeys.ts";
import { PERMISSION_CONFIGURATIONS } from "./access-permissions.ts";
import { RESPONSE_CONFIGURATIONS } from "./access-responses.ts";

export const MATRIX: readonly Configuration[] = [
  ...LOGIN_CONFIGURATIONS,
  ...NKEY_CONFIGURATIONS,
  ...PERMISSION_CONFIGURATIONS,
  ...RESPONSE_CONFIGURATIONS,
  ...ACCOUNT_CONFIGURATIONS,
  ...LOG_CONFIGURATIONS,
];
