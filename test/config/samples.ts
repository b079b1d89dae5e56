// Every key of a configuration file, with what a file may say there and what comes of it. The tests
// hold this list against the table of keys, so that no key is forgotten.

/** What becomes of it: the options it sets, or one of the other fates of a key. */
export type Fate = object | "silent" | "no effect yet" | "not enforced";

/** Names parted by blanks, a value in the configuration language, and its fate. */
export type Sample = readonly [names: string, value: string, fate: Fate];

/** Public nkeys whose private halves nobody kept. */
export const NKEY_A = "ABTSIS6PB6S33DQXJ52GI3HIK6X4DKRRGFH5ACQIFIXIP5AVA5PORWV3";
export const NKEY_O = "OBH4VTLKOKONWWJ22JP2IWOLNDVL42SA2RVWKVE3DU6SKHVOUW3KQXFA";
export const NKEY_U = "UB2PMILBTWZKGXHNG7WGRMLYAMMKIQNLYOZLLUBDCGF65VKO7DOILGFB";

const PINNED = "7f83b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d677284addd200126d9069";
/** A certificate, and what it becomes. */
const PAIR = 'cert_file: "a.pem", key_file: "b.pem"';
const PAIR_OPTIONS = { certFile: "a.pem", keyFile: "b.pem" };

export const SAMPLES: readonly Sample[] = [
  ["listen", "4333", { host: "", port: 4333 }],
  ["listen", '"10.0.0.1:4333"', { host: "10.0.0.1", port: 4333 }],
  ["listen", "localhost:-1", { host: "localhost", port: -1 }],
  ["listen", '":4333"', { host: "", port: 4333 }],
  ["listen", '"[::1]:4333"', { host: "::1", port: 4333 }],
  ["host net", '"10.0.0.1"', { host: "10.0.0.1" }],
  ["host net", '"::1"', { host: "::1" }],
  ["port", "4333", { port: 4333 }],
  ["port", "-1", { port: -1 }],
  ["server_name", "east", { serverName: "east" }],
  ["client_advertise", '"nats.example.com:4333"', { clientAdvertise: "nats.example.com:4333" }],
  ["client_advertise", '"nats.example.com"', { clientAdvertise: "nats.example.com" }],
  ["max_connections max_conn", "100", { maxConnections: 100 }],
  ["max_connections max_conn", "-1", { maxConnections: -1 }],
  ["max_connections max_conn", "64K", { maxConnections: 64_000 }],
  ["max_subscriptions max_subs", "10", { maxSubscriptions: 10 }],
  ["max_sub_tokens max_subscription_tokens", "16", { maxSubscriptionTokens: 16 }],
  ["max_control_line", "1KB", { maxControlLine: 1024 }],
  ["max_payload", "2MB", { maxPayload: 2_097_152 }],
  ["max_payload", "65536", { maxPayload: 65_536 }],
  ["max_pending", "128MB", { maxPending: 134_217_728 }],
  ["ping_interval", '"30s"', { pingInterval: 30_000 }],
  ["ping_interval", "30", { pingInterval: 30_000 }],
  ["ping_max", "3", { pingMax: 3 }],
  ["write_deadline", '"2s"', { writeDeadline: 2000 }],
  ["write_deadline", "2", { writeDeadline: 2000 }],
  ["write_timeout", '"close"', "no effect yet"],
  ["max_closed_clients", "50", { maxClosedClients: 50 }],
  ["no_header_support", "true", { noHeaderSupport: true }],
  ["no_fast_producer_stall", "yes", { noFastProducerStall: true }],
  ["disable_sublist_cache no_sublist_cache", "true", "silent"],
  ["allow_non_tls", "true", { allowNonTls: true }],
  ["proxy_protocol", "true", "no effect yet"],
  ["proxies", `{ trusted: [{ key: ${NKEY_U} }, { public_key: ${NKEY_A} }] }`, "not enforced"],
  ["proxies", "{ trusted: [] }", "no effect yet"],
  ["lame_duck_duration", '"1m"', { lameDuckDuration: 60_000 }],
  ["lame_duck_grace_period", '"5s"', { lameDuckGracePeriod: 5000 }],
  ["debug", "true", { debug: true }],
  ["debug", "off", { debug: false }],
  ["trace", "on", { trace: true }],
  ["trace_verbose", "true", { traceVerbose: true, trace: true }],
  ["trace_verbose", "false", { traceVerbose: false }],
  ["trace_headers", "true", { traceHeaders: true, trace: true }],
  ["max_traced_msg_len", "64", { maxTracedMsgLen: 64 }],
  ["logtime", "false", { logtime: false }],
  ["logtime_utc", "true", { logtimeUtc: true }],
  ["logfile log_file", '"/var/log/midge.log"', { logFile: "/var/log/midge.log" }],
  ["logfile_size_limit log_size_limit", "100MB", { logSizeLimit: 104_857_600 }],
  ["logfile_max_num log_max_num", "5", { logMaxNum: 5 }],
  ["syslog", "true", { syslog: true }],
  ["remote_syslog", '"udp://localhost:514"', { remoteSyslog: "udp://localhost:514" }],
  ["connect_error_reports", "10", { connectErrorReports: 10 }],
  ["reconnect_error_reports", "7", { reconnectErrorReports: 7 }],
  ["pidfile pid_file", '"/run/midge.pid"', { pidFile: "/run/midge.pid" }],
  ["ports_file_dir", '"/run"', { portsFileDir: "/run" }],
  ["http", "8222", { httpHost: "", httpPort: 8222 }],
  ["http", '"127.0.0.1:8222"', { httpHost: "127.0.0.1", httpPort: 8222 }],
  ["http_port monitor_port", "8222", { httpPort: 8222 }],
  ["http_port monitor_port", "-1", { httpPort: -1 }],
  ["https", "8223", { httpsHost: "", httpsPort: 8223 }],
  ["https", '"[::1]:8223"', { httpsHost: "::1", httpsPort: 8223 }],
  ["https_port", "8223", { httpsPort: 8223 }],
  ["https_port", "0", { httpsPort: 0 }],
  ["http_base_path", '"/nats"', { httpBasePath: "/nats" }],
  [
    "monitor_authorization",
    "{ user: eve, password: hunter2 }",
    { monitorAuthorization: { user: "eve", password: "hunter2" } },
  ],
  ["monitor_authorization", "{ Token: hunter2 }", { monitorAuthorization: { token: "hunter2" } }],
  [
    "monitor_authorization",
    "{ USERNAME: eve, pass: x }",
    { monitorAuthorization: { user: "eve", password: "x" } },
  ],
  ["prof_port", "6060", "no effect yet"],
  ["prof_block_rate", "1", "no effect yet"],
  ["server_tags", '["region:east", "ssd"]', { serverTags: ["region:east", "ssd"] }],
  ["server_tags", "east", { serverTags: ["east"] }],
  ["server_metadata", '{ owner: "ops" }', { serverMetadata: { owner: "ops" } }],
  ["feature_flags", "{ sparkle: true }", "no effect yet"],
  [
    "authorization",
    "{ user: ann, password: hunter2 }",
    { authorization: { user: "ann", password: "hunter2" } },
  ],
  [
    "authorization",
    "{ USERNAME: ann, Pass: x }",
    { authorization: { user: "ann", password: "x" } },
  ],
  ["authorization", "{ token: hunter2 }", { authorization: { token: "hunter2" } }],
  ["authorization", "{ timeout: 1.5 }", { authorization: { timeout: 1500 } }],
  ["authorization", '{ timeout: "3s" }', { authorization: { timeout: 3000 } }],
  ["authorization", "{}", { authorization: {} }],
  ["authorization", "{ users: [] }", { authorization: { users: [] } }],
  [
    "authorization",
    `{ users: [{ user: ann, password: hunter2 }, { nkey: ${NKEY_U} }] }`,
    { authorization: { users: [{ user: "ann", password: "hunter2" }, { nkey: NKEY_U }] } },
  ],
  [
    "authorization",
    '{ default_permission: { pub: a.*, sub: ["b", "c  q.* "] }, users: [{ user: ann }] }',
    {
      authorization: {
        defaultPermissions: { publish: ["a.*"], subscribe: ["b", "c q.*"] },
        users: [{ user: "ann" }],
      },
    },
  ],
  [
    "authorization",
    "{ users: [{ user: ann, permission: { import: { allow: a, deny: [b] }, export: { deny: c } } }] }",
    {
      authorization: {
        users: [
          {
            user: "ann",
            permissions: { publish: { allow: ["a"], deny: ["b"] }, subscribe: { deny: ["c"] } },
          },
        ],
      },
    },
  ],
  [
    "authorization",
    '{ users: [{ user: ann, authroization: { publish_allow_responses: { max: 3, ttl: "1m" } } }] }',
    {
      authorization: {
        users: [{ user: "ann", permissions: { allowResponses: { max: 3, expires: 60_000 } } }],
      },
    },
  ],
  [
    "authorization",
    "{ users: [{ user: ann, authorization: {}, clients: [standard, Mqtt_WS] }, { user: b, connection_types: STANDARD }] }",
    {
      authorization: {
        users: [
          { user: "ann", permissions: {}, allowedConnectionTypes: ["STANDARD", "MQTT_WS"] },
          { user: "b", allowedConnectionTypes: ["STANDARD"] },
        ],
      },
    },
  ],
  [
    "accounts",
    "{ A: { users: [{ user: ann, password: hunter2 }], default_permissions: { publish: a } }, B {} }",
    {
      accounts: {
        A: {
          users: [{ user: "ann", password: "hunter2" }],
          defaultPermissions: { publish: ["a"] },
        },
        B: {},
      },
    },
  ],
  [
    "accounts",
    "{ A: { limits { max_conn: 5, max_subs: -1, max_pay: 1KB } } }",
    {
      accounts: { A: { limits: { maxConnections: 5, maxSubscriptions: -1, maxPayload: 1024 } } },
    },
  ],
  ["accounts", "[A, B]", { accounts: ["A", "B"] }],
  ["no_auth_user", "ann", { noAuthUser: "ann" }],
  ["tls", `{ ${PAIR} }`, { tls: PAIR_OPTIONS }],
  [
    "tls",
    `{ ${PAIR}, ca_file: "c.pem", verify: true, verify_and_map: true, timeout: 0.5 }`,
    {
      tls: { ...PAIR_OPTIONS, caFile: "c.pem", verify: true, verifyAndMap: true, timeout: 500 },
    },
  ],
  [
    "tls",
    `{ certs: [{ ${PAIR} }], min_version: "1.3", connection_rate_limit: 5 }`,
    { tls: { certs: [PAIR_OPTIONS], minVersion: "1.3", connectionRateLimit: 5 } },
  ],
  [
    "tls",
    `{ ${PAIR}, cipher_suites: [tls_aes_128_gcm_sha256, TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305] }`,
    {
      tls: {
        ...PAIR_OPTIONS,
        cipherSuites: ["TLS_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"],
      },
    },
  ],
  [
    "tls",
    `{ ${PAIR}, curve_preferences: [x25519, CurveP256], pinned_certs: ["${PINNED.toUpperCase()}"] }`,
    { tls: { ...PAIR_OPTIONS, curvePreferences: ["X25519", "CurveP256"], pinnedCerts: [PINNED] } },
  ],
  ["tls", `{ ${PAIR}, handshake_first: true }`, { tls: { ...PAIR_OPTIONS, handshakeFirst: true } }],
  ["tls", `{ ${PAIR}, first: "0s" }`, { tls: { ...PAIR_OPTIONS, handshakeFirst: true } }],
  ["tls", `{ ${PAIR}, first: AUTO }`, { tls: { ...PAIR_OPTIONS, handshakeFirst: "auto" } }],
  ["tls", `{ ${PAIR}, immediate: "300ms" }`, { tls: { ...PAIR_OPTIONS, handshakeFirst: 300 } }],
  ["ocsp", "{ mode: auto }", "no effect yet"],
  ["ocsp_cache", "{ type: local, local_store: cache }", "no effect yet"],
  ["operator operators root roots root_operator root_operators", '"op.jwt"', "not enforced"],
  ["operator operators root roots root_operator root_operators", "[]", "no effect yet"],
  ["trusted_keys trusted", `[${NKEY_O}]`, "not enforced"],
  ["trusted_keys trusted", "[]", "no effect yet"],
  ["resolver account_resolver accounts_resolver", "MEMORY", "not enforced"],
  ["resolver_tls", "{ timeout: 3 }", "not enforced"],
  ["resolver_preload", "{}", "no effect yet"],
  ["resolver_preload", `{ ${NKEY_A}: "eyJ.a.b" }`, "not enforced"],
  ["resolver_pinned_accounts", `[${NKEY_A}]`, "no effect yet"],
  ["default_sentinel", '""', "no effect yet"],
  ["default_sentinel", '"eyJ.a.b"', "not enforced"],
  ["system_account system", "SYS", { systemAccount: "SYS" }],
  ["no_system_account no_system no_sys_acc", "true", { noSystemAccount: true }],
  ["mappings maps", "{ foo: bar }", "no effect yet"],
  ["mappings maps", '{ foo: [{ dest: bar, weight: "50%" }] }', "no effect yet"],
  [
    "cluster",
    "{ port: 6222, authorization { user: r, password: hunter2 } }",
    { cluster: { port: 6222, authorization: { user: "r", password: "hunter2" } } },
  ],
  [
    "gateway",
    '{ name: A, port: 7222, gateways [{ name: B, url: "nats://b:7222" }] }',
    "no effect yet",
  ],
  ["leafnodes leaf", '{ remotes: [{ url: "nats://hub:7422", account: A }] }', "no effect yet"],
  ["websocket ws", "{ port: 8080, no_tls: true }", "no effect yet"],
  ["mqtt", "{ port: 1883, max_ack_pending: 100 }", "no effect yet"],
  ["jetstream", "enabled", "no effect yet"],
  ["jetstream", '{ store_dir: "/data", max_mem: "1G", max_file: 10GB }', "no effect yet"],
  ["store_dir storedir", '"/data"', "no effect yet"],
  ["default_js_domain", "{ A: hub }", "no effect yet"],
];

/** What stands in the blocks of NATS' documentation, all of it right. */
export const BLOCKS: readonly string[] = [
  'cluster { listen: "0.0.0.0:6222", name: east, advertise: "a.example.com:6222" }',
  'cluster { routes: ["nats://u:hunter2@b:6222", "nats-route://c:6222"], no_advertise: true }',
  "cluster { connect_retries: 5, connect_backoff: true, pool_size: -1, accounts: [A] }",
  'cluster { compression: { mode: s2_auto, rtt_thresholds: ["10ms", "50ms"] } }',
  'cluster { ping_interval: "10s", ping_max: 3, write_deadline: "5s", write_timeout: retry }',
  'cluster { permissions { import: "a.>", export: { allow: b, deny: [c] } } }',
  'leafnodes { listen: "0.0.0.0:7422", advertise: "a:7422", min_version: "2.10.0", isolate: true }',
  'leafnodes { remotes [{ urls: ["nats://a:7422"], creds: "a.creds", deny_import: [x], hub: true }] }',
  'leaf { remotes [{ url: "ws://a:80", ws_compress: true, first_info_timeout: "2s" }] }',
  "gateway { name: A, reject_unknown: true, connect_retries: 3 }",
  'websocket { allowed_origins: ["http://a"], same_origin: true, handshake_timeout: "1s" }',
  'ws { jwt_cookie: j, token_cookie: t, headers: { "X-A": "b" }, compress: true }',
  'mqtt { ack_wait: "10s", js_api_timeout: "5s", reject_qos2_publish: true }',
  "jetstream { limits { max_ha_assets: 5, duplicate_window: '1m' }, sync_interval: always }",
  "jetstream { cipher: aes, key: hunter2, max_concurrent_io: 8, unique_tag: az, strict: true }",
  'server_name: a, server_tags: [b], server_metadata { c: "d" }',
  "accounts { A { exports: [{ stream: 'a.>' }, { service: q, response: stream, threshold: '1s' }] } }",
  "accounts { A { imports: [{ stream: { account: B, subject: a }, prefix: b }] }, B {} }",
  "accounts { A { mappings: { a: { destination: b, weight: 10 } }, limits { max_conn: 5 } } }",
  "accounts { A { jetstream: { max_mem: 1GB, max_streams: 5 } } }",
  "accounts { A { msg_trace: { dest: trace, sampling: '10%' } } }",
];
