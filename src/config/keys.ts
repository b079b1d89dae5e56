// Every key of a configuration file, once: its names, what it takes, the option it sets and how far
// Midge follows it. Values that set an option are checked by that option's own schema, so that the
// file, the flags and an embedding program obey the same rules.
import { safeParse, type GenericSchema } from "valibot";
import { accounts, mappings } from "./keys-accounts.ts";
import { cluster, gateway, leafnodes, mqtt, proxies, websocket } from "./keys-peers.ts";
import { jetstream, operators, resolver, switches, textByName } from "./keys-store.ts";
import { clientTls, ocsp, ocspCache, tls } from "./keys-tls.ts";
import { authorization, monitorAuthorization } from "./keys-users.ts";
import { address, duration, oneOf, path, port, publicNkey, text, whole, yesNo } from "./leaves.ts";
import type { Address } from "./address.ts";
import type { MidgeOptions, OptionKey } from "./options.ts";
import { mismatch, namesOf, oneOrMore, plain, type Key, type Rule, type Values } from "./rules.ts";
import { optionsSchema } from "./schema.ts";

/** What to do about a key, and what to say about it. */
export type Effect =
  | { readonly kind: "sets"; apply(value: never): MidgeOptions }
  /** Midge has no part that it could change; nothing is missing without it. */
  | { readonly kind: "silent" }
  /** Warned about: `<key>: has no effect yet`, and why. */
  | { readonly kind: "later"; readonly why: string }
  /** Guards access or encryption: refused where it asks for what is not enforced. */
  | { readonly kind: "guard"; asks(value: unknown): boolean };

export interface TopKey extends Key {
  readonly effect: Effect;
  /** The option it sets, where that is exactly one. */
  readonly option?: OptionKey;
}

type Given<K extends OptionKey> = NonNullable<MidgeOptions[K]>;

/** A key that sets an option to its value. */
function option<K extends OptionKey>(names: string, name: K, convert?: Rule<Given<K>>): TopKey {
  const schema: GenericSchema = optionsSchema.entries[name];
  const rule: Rule<unknown> = (value, place) => {
    const given = convert ? convert(value, place) : plain(value);
    // What the conversion refused has been reported.
    if (given === undefined) return undefined;
    const checked = safeParse(schema, given);
    return checked.success ? given : mismatch(place, checked.issues[0].message, value);
  };
  const apply = (value: Given<K>): MidgeOptions => ({ [name]: value });
  return {
    names: namesOf(names),
    rule,
    secret: false,
    option: name,
    effect: { kind: "sets", apply },
  };
}

/** A key that sets several options. */
function options<T>(names: string, rule: Rule<T>, apply: (value: T) => MidgeOptions): TopKey {
  return { names: namesOf(names), rule, secret: false, effect: { kind: "sets", apply } };
}

function silent(names: string, rule: Rule<unknown>): TopKey {
  return { names: namesOf(names), rule, secret: false, effect: { kind: "silent" } };
}

function later(names: string, rule: Rule<unknown>, why = ""): TopKey {
  return { names: namesOf(names), rule, secret: false, effect: { kind: "later", why } };
}

function guard(names: string, rule: Rule<unknown>, asks = (_: unknown) => true): TopKey {
  return once({ names: namesOf(names), rule, secret: false, effect: { kind: "guard", asks } });
}

/** A key that guards access: a second entry is a mistake. */
function once(given: TopKey): TopKey {
  return { ...given, once: true };
}

function secret(given: TopKey): TopKey {
  return { ...given, secret: true };
}

/** Nothing that would have to be followed: an empty text, list or block. */
function isEmpty(value: unknown): boolean {
  if (value instanceof Map) return value.size === 0;
  return value === "" || (Array.isArray(value) && value.length === 0);
}

const CLOSED = "its listener stays closed";

export const TOP_KEYS: readonly TopKey[] = [
  // ---- the client listener and its limits
  options("listen", address, ({ host, port: number }: Address) => ({ host, port: number })),
  option("host net", "host"),
  option("port", "port"),
  option("server_name", "serverName"),
  option("client_advertise", "clientAdvertise"),
  option("max_connections max_conn", "maxConnections"),
  option("max_subscriptions max_subs", "maxSubscriptions"),
  option("max_sub_tokens max_subscription_tokens", "maxSubscriptionTokens"),
  option("max_control_line", "maxControlLine"),
  option("max_payload", "maxPayload"),
  option("max_pending", "maxPending"),
  option("ping_interval", "pingInterval", duration("old form")),
  option("ping_max", "pingMax"),
  option("write_deadline", "writeDeadline", duration("old form")),
  later("write_timeout", oneOf("default", "close", "retry")),
  option("max_closed_clients", "maxClosedClients"),
  option("no_header_support", "noHeaderSupport"),
  option("no_fast_producer_stall", "noFastProducerStall"),
  silent("disable_sublist_cache no_sublist_cache", yesNo),
  option("allow_non_tls", "allowNonTls"),
  later("proxy_protocol", yesNo),
  secret(guard("proxies", proxies, (given) => !isEmpty((given as Values)["trusted"] ?? []))),
  option("lame_duck_duration", "lameDuckDuration", duration("refused")),
  option("lame_duck_grace_period", "lameDuckGracePeriod", duration("refused")),

  // ---- logging
  option("debug", "debug"),
  option("trace", "trace"),
  options("trace_verbose", yesNo, (on: boolean) => tracing("traceVerbose", on)),
  options("trace_headers", yesNo, (on: boolean) => tracing("traceHeaders", on)),
  option("max_traced_msg_len", "maxTracedMsgLen"),
  option("logtime", "logtime"),
  option("logtime_utc", "logtimeUtc"),
  option("logfile log_file", "logFile"),
  option("logfile_size_limit log_size_limit", "logSizeLimit"),
  option("logfile_max_num log_max_num", "logMaxNum"),
  option("syslog", "syslog"),
  option("remote_syslog", "remoteSyslog"),
  option("connect_error_reports", "connectErrorReports"),
  option("reconnect_error_reports", "reconnectErrorReports"),

  // ---- files and monitoring
  option("pidfile pid_file", "pidFile"),
  option("ports_file_dir", "portsFileDir"),
  options("http", address, ({ host, port: number }: Address) => ({
    httpHost: host,
    httpPort: number,
  })),
  option("http_port monitor_port", "httpPort"),
  options("https", address, ({ host, port: number }: Address) => ({
    httpsHost: host,
    httpsPort: number,
  })),
  option("https_port", "httpsPort"),
  option("http_base_path", "httpBasePath"),
  once(
    secret(
      options("monitor_authorization", monitorAuthorization, (given) => ({
        monitorAuthorization: given,
      })),
    ),
  ),
  later("prof_port", port),
  later("prof_block_rate", whole()),
  options("server_tags", oneOrMore(text()), (given) => ({ serverTags: given })),
  options("server_metadata", textByName, (given) => ({
    serverMetadata: Object.fromEntries(given),
  })),
  later("feature_flags", switches),

  // ---- who may do what
  once(secret(options("authorization", authorization, (given) => ({ authorization: given })))),
  once(secret(options("accounts", accounts, (given) => ({ accounts: given })))),
  option("no_auth_user", "noAuthUser"),
  option("system_account system", "systemAccount"),
  option("no_system_account no_system no_sys_acc", "noSystemAccount"),
  once(options("tls", clientTls, (given) => ({ tls: given }))),
  later("ocsp", ocsp),
  later("ocsp_cache", ocspCache),
  secret(
    guard(
      "operator operators root roots root_operator root_operators",
      operators,
      (given) => !isEmpty(given),
    ),
  ),
  secret(guard("trusted_keys trusted", oneOrMore(publicNkey("O")), (given) => !isEmpty(given))),
  guard("resolver account_resolver accounts_resolver", resolver),
  secret(guard("resolver_tls", tls)),
  secret(guard("resolver_preload", textByName, (given) => !isEmpty(given))),
  later("resolver_pinned_accounts", oneOrMore(text())),
  secret(guard("default_sentinel", text(), (given) => !isEmpty(given))),
  later("mappings maps", mappings),

  // ---- other listeners, and what keeps messages
  options("cluster", cluster, (given) => ({ cluster: given })),
  later("gateway", gateway, CLOSED),
  later("leafnodes leaf", leafnodes, CLOSED),
  later("websocket ws", websocket, CLOSED),
  later("mqtt", mqtt, CLOSED),
  later("jetstream", jetstream),
  later("store_dir storedir", path),
  later("default_js_domain", textByName),
];

/** Tracing more than lines means tracing lines. */
function tracing(name: "traceVerbose" | "traceHeaders", on: boolean): MidgeOptions {
  return on ? { [name]: on, trace: true } : { [name]: on };
}
