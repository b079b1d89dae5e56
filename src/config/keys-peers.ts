// Keys of the listeners and connections beside the client port: `cluster`, which is followed, and `leafnodes`,
// `gateway`, `websocket`, `mqtt`, which are checked; their listeners stay closed until Midge has them.
import * as v from "valibot";
import { clusterRule } from "./keys-cluster.ts";
import { tls } from "./keys-tls.ts";
import { clusterAuthorization, leafAuthorization, webAuthorization } from "./keys-users.ts";
import {
  address,
  advertised,
  duration,
  oneOf,
  oneWord,
  path,
  port,
  publicNkey,
  text,
  timeout,
  url,
  whole,
  yesNo,
} from "./leaves.ts";
import { block, either, fault, key, leaf, listOf, mapOf, oneOrMore, secretKey } from "./rules.ts";

const LISTENER = [
  key("listen", address),
  key("host net", text("a host name or an IP address")),
  key("port", port),
];

const WRITES = [
  key("write_deadline", duration("old form")),
  key("write_timeout", oneOf("default", "close", "retry")),
];

const MODES = oneOf(
  "off",
  "on",
  "accept",
  "enabled",
  "disabled",
  "true",
  "false",
  "not supported",
  "s2_auto",
  "s2_fast",
  "s2_better",
  "s2_best",
  "s2_uncompressed",
);

const compression = either("true, false, a mode such as s2_fast or a block", {
  boolean: yesNo,
  string: MODES,
  map: block([key("mode", MODES), key("rtt_thresholds thresholds", listOf(duration("refused")))]),
});

const named = oneWord("a name without blanks");

export const cluster = clusterRule(compression);

const urls = key("urls url", oneOrMore(url));

const remote = block([
  urls,
  key("account local", text()),
  key("credentials creds", path),
  secretKey("nkey seed", text()),
  key("tls", tls),
  key("hub", yesNo),
  key("deny_imports deny_import", oneOrMore(text())),
  key("deny_exports deny_export", oneOrMore(text())),
  key("no_randomize dont_randomize", yesNo),
  key("ws_compress ws_compression websocket_compress websocket_compression", yesNo),
  key("ws_no_masking websocket_no_masking", yesNo),
  key(
    "jetstream_cluster_migrate js_cluster_migrate",
    either("true, false or a block", {
      boolean: yesNo,
      map: block([key("leader_migrate_delay", duration("refused"))], { exact: true }),
    }),
  ),
  key("compression", compression),
  key("first_info_timeout", duration("old form")),
  key("dial_timeout", duration("old form")),
  key("disabled", yesNo),
  key("isolate isolate_leafnode_interest", yesNo),
  key("request_isolation", yesNo),
  secretKey(
    "proxy",
    block([
      key("url", text()),
      key("username", text()),
      secretKey("password", text()),
      key("timeout", timeout),
    ]),
  ),
  key("ignore_discovered_servers", yesNo),
]);

const VERSION = "a version of 2.8.0 or later";

const leafVersion = leaf(
  v.pipe(
    v.string(VERSION),
    v.check((given) => {
      const [, major, minor] = /^v?(\d+)\.(\d+)\.\d+/.exec(given) ?? [];
      return Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 8);
    }, VERSION),
  ),
);

export const leafnodes = block([
  ...LISTENER,
  ...WRITES,
  secretKey("authorization", leafAuthorization),
  key("tls", tls),
  key("advertise leafnode_advertise", advertised),
  key("no_advertise", yesNo),
  key("reconnect reconnect_delay reconnect_interval", duration("old form")),
  key("dial_timeout", duration("old form")),
  key("min_version minimum_version", leafVersion),
  key("compression", compression),
  key("isolate isolate_leafnode_interest", yesNo),
  key("remotes", listOf(remote)),
]);

export const gateway = block([
  ...LISTENER,
  ...WRITES,
  key("name", named),
  secretKey("authorization", clusterAuthorization),
  key("tls", tls),
  key("advertise", advertised),
  key("connect_retries", whole()),
  key("connect_backoff", yesNo),
  key("reject_unknown_cluster reject_unknown", yesNo),
  key("gateways", listOf(block([key("name", named), urls, key("tls", tls)]))),
]);

export const websocket = block(
  [
    ...LISTENER,
    key("advertise", advertised),
    key("tls", tls),
    key("no_tls", yesNo),
    key("same_origin", yesNo),
    key(
      "allowed_origins allowed_origin allow_origins allow_origin origins origin",
      oneOrMore(text()),
    ),
    key("handshake_timeout", duration("old form")),
    key("compression compress", yesNo),
    secretKey("authorization authentication", webAuthorization),
    key("no_auth_user", text()),
    key("jwt_cookie", text()),
    key("user_cookie", text()),
    key("pass_cookie", text()),
    key("token_cookie", text()),
    key("headers", mapOf(text())),
    key("ping_interval", duration("old form")),
  ],
  {
    check({ tls: encrypted, no_tls: clear }, place) {
      if (encrypted !== undefined && clear === true) {
        fault(place, "tls and no_tls exclude each other");
      }
    },
  },
);

export const mqtt = block([
  ...LISTENER,
  key("tls", tls),
  secretKey("authorization authentication", webAuthorization),
  key("no_auth_user", text()),
  key("ack_wait ackwait", duration("old form")),
  key("max_ack_pending max_pending max_inflight", whole(0, 65_535, "a whole number up to 65535")),
  key("js_domain", text()),
  key("stream_replicas", whole()),
  key("consumer_replicas", whole()),
  key("consumer_memory_storage", yesNo),
  key("consumer_inactive_threshold consumer_auto_cleanup", duration("old form")),
  key("js_api_timeout api_timeout", duration("old form")),
  key("reject_qos2_publish", yesNo),
  key("downgrade_qos2_subscribe", yesNo),
]);

/** `proxies { trusted: [{ key: N… }] }`. */
export const proxies = block([
  key("trusted", listOf(block([key("key public_key", publicNkey())]))),
]);
