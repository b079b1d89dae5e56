// The `cluster` block of a configuration file (config-and-cli §2.4).
import type { GivenPermissions } from "./access.ts";
import type { Address } from "./address.ts";
import type { GivenCluster } from "./cluster.ts";
import { parseRouteUrl } from "./cluster.ts";
import {
  address,
  advertised,
  duration,
  oneOf,
  oneWord,
  port,
  text,
  url,
  whole,
  yesNo,
} from "./leaves.ts";
import { clusterAuthorization, permissions } from "./keys-users.ts";
import { clientTls } from "./keys-tls.ts";
import {
  fault,
  key,
  later,
  listOf,
  remark,
  secretKey,
  shape,
  type Place,
  type Rule,
} from "./rules.ts";

/** What Midge does without being asked is accepted in silence, the rest with a warning. */
function onlyIf<T>(rule: Rule<T>, isSo: (value: T) => boolean): Rule<never> {
  return (value, place) => {
    const given = rule(value, place);
    if (given !== undefined && !isSo(given)) remark(place, "has no effect yet");
    return undefined;
  };
}

const UNCOMPRESSED = new Set(["off", "accept", "not supported", "disabled", "false"]);

/** Compression is given as one of many forms; `given` is what its rule made of them. */
const isUncompressed = (given: unknown) =>
  given === false || (typeof given === "string" && UNCOMPRESSED.has(given));

const route: Rule<string> = (value, place) => {
  const given = url(value, place);
  if (given === undefined || parseRouteUrl(given) !== undefined) return given;
  return fault(place, "expected a URL such as nats://host:6222");
};

export function clusterRule(compression: Rule<unknown>): Rule<GivenCluster> {
  const block = shape({
    listen: key("listen", address),
    host: key("host net", text("a host name or an IP address")),
    port: key("port", port),
    writeDeadline: key("write_deadline", duration("old form")),
    writeTimeout: key("write_timeout", later(oneOf("default", "close", "retry"))),
    name: key("name", oneWord("a name without blanks")),
    authorization: secretKey("authorization", clusterAuthorization),
    routes: secretKey("routes", listOf(route, "an array of URLs")),
    tls: key("tls", clientTls),
    advertise: key("advertise cluster_advertise", advertised),
    noAdvertise: key("no_advertise", yesNo),
    connectRetries: key("connect_retries", whole()),
    connectBackoff: key("connect_backoff", yesNo),
    permissions: key("permissions", permissions),
    poolSize: key("pool_size", whole()),
    accounts: key("accounts", listOf(text("the name of an account"))),
    compression: key("compression", onlyIf(compression, isUncompressed)),
    pingInterval: key("ping_interval", duration("old form")),
    pingMax: key("ping_max", whole()),
  });
  return (value, place) => {
    const given = block(value, place);
    return given && settle(given, place);
  };
}

/** What the block gives before its parts are put together. */
interface Block extends Omit<GivenCluster, "authorization" | "permissions"> {
  readonly listen?: Address;
  readonly authorization?: ReturnType<typeof clusterAuthorization>;
  readonly permissions?: GivenPermissions;
}

function settle(given: Block, place: Place): GivenCluster {
  const {
    listen,
    authorization,
    permissions: own,
    routes,
    connectRetries,
    poolSize,
    accounts,
    advertise,
    ...rest
  } = given;
  const host = rest.host ?? listen?.host;
  const number = rest.port ?? listen?.port;
  const user = authorization?.user ?? "";
  const password = authorization?.password ?? "";
  const rules = own ?? authorization?.permissions;
  if (routes?.length && (number ?? 0) === 0) {
    remark(place, "without a port, its routes are not connected");
  }
  const { host: _, port: __, ...others } = rest;
  return {
    ...others,
    ...(host ? { host } : {}),
    ...(number === undefined ? {} : { port: number }),
    ...(routes?.length ? { routes } : {}),
    ...(advertise ? { advertise } : {}),
    ...(poolSize === undefined ? {} : { poolSize: Math.max(-1, poolSize) }),
    ...(accounts?.length ? { accounts } : {}),
    ...(connectRetries === undefined ? {} : { connectRetries: Math.max(0, connectRetries) }),
    ...(user === "" && password === ""
      ? {}
      : {
          authorization: {
            user,
            password,
            ...(authorization?.timeout ? { timeout: authorization.timeout } : {}),
          },
        }),
    ...(rules === undefined ? {} : { permissions: rules }),
  };
}
