// The rules for the cluster as options, each followed by the words that finish the sentence "<key> must be …".
import * as v from "valibot";
import { permissionsSchema } from "./access-schema.ts";
import { parseAddress } from "./address.ts";
import { type ClusterOptions, parseRouteUrl, POOL_SIZE_MAX } from "./cluster.ts";
import { field, milliseconds, once, shape, text, textThat, wholeFrom } from "./schema-parts.ts";
import type { Schema } from "./schema-parts.ts";
import { tlsSchema } from "./tls-schema.ts";

const DEFAULT_PORT = 6222;
const DEFAULT_POOL_SIZE = 3;
const POOL_SIZE = `a number of connections from 1 to ${POOL_SIZE_MAX}, or -1 for one without a pool`;
const TIMER_MS_MAX = 2_147_483_647;

const duration = () =>
  milliseconds(
    (ms) => ms > 0 && ms <= TIMER_MS_MAX,
    'a duration such as "2s" or a number of milliseconds, more than 0',
  );

const port = v.pipe(
  v.number("a port from 1 to 65535, or -1 for any free one"),
  v.safeInteger("a port from 1 to 65535, or -1 for any free one"),
  v.minValue(-1, "a port from 1 to 65535, or -1 for any free one"),
  v.maxValue(65_535, "a port from 1 to 65535, or -1 for any free one"),
  v.transform((given) => (given === 0 ? DEFAULT_PORT : given)),
);

const routeUrl = textThat(
  (given) => parseRouteUrl(given) !== undefined,
  "a URL such as nats://host:6222",
);

export const clusterSchema = once((): Schema<ClusterOptions> =>
  shape(
    {
      host: field(text("a host name or an IP address")),
      port: v.optional(port, DEFAULT_PORT),
      name: field(
        v.pipe(
          textThat((given) => !/\s/.test(given), "a name without blanks"),
          v.transform((given) => given || undefined),
        ),
      ),
      routes: field(v.array(routeUrl, "a list of URLs")),
      advertise: field(
        textThat(
          (given) => parseAddress(given, "port optional") !== undefined,
          "an address such as host or host:port",
        ),
      ),
      noAdvertise: v.optional(v.boolean("true or false"), false),
      connectRetries: v.optional(wholeFrom(0, "a whole number, 0 or more"), 0),
      connectBackoff: v.optional(v.boolean("true or false"), false),
      authorization: field(
        shape(
          {
            user: v.string("the name of a user"),
            password: v.string("a password"),
            timeout: field(duration()),
          },
          "an object with user and password",
        ),
      ),
      permissions: field(permissionsSchema()),
      pingInterval: field(duration()),
      pingMax: field(wholeFrom(1, "a whole number, 1 or more")),
      poolSize: v.optional(
        v.pipe(
          wholeFrom(-1, POOL_SIZE),
          v.maxValue(POOL_SIZE_MAX, POOL_SIZE),
          v.transform((given) => (given === 0 ? DEFAULT_POOL_SIZE : given)),
        ),
        DEFAULT_POOL_SIZE,
      ),
      accounts: field(
        v.array(
          textThat((given) => given !== "", "the name of an account"),
          "a list of account names",
        ),
      ),
      writeDeadline: field(duration()),
      tls: field(tlsSchema()),
    },
    "an object with the options of the cluster",
  ),
);
