// Every mistake about users, permissions, accounts and encryption that ends a start, with its message: the
// tables of auth.md §3, §4, §8 and §12 as rows for access.test.ts.
import { NKEY_A, NKEY_U } from "./samples.ts";

/** The message of a text's only mistake, behind `a.conf:1:`. */
export type Row = readonly [text: string, message: string];

const NOT_ENFORCED =
  "is not enforced yet, and midge does not start unprotected; remove it to do without";
export const EMPTY = "is empty, and midge does not start unprotected; remove it to do without";
const NO_SUBJECT = "expected a subject, found a string";
const SIDE = "expected a subject, an array of subjects or a block with allow and deny";
const TYPES = "STANDARD, WEBSOCKET, LEAFNODE, LEAFNODE_WS, MQTT, MQTT_WS, IN_PROCESS";
const NKEY = "expected a public nkey that starts with U";
const AN_ACCOUNT = "expected a public nkey that starts with A";

/** One user with this inside. */
export const user = (inside: string) => `authorization { users: [{ user: a, ${inside} }] }`;
export const permitted = (inside: string) => user(`permissions: { ${inside} }`);
/** Where these end. */
const USER = "36: authorization.users[0]";
export const PERMISSIONS = "51: authorization.users[0].permissions";

const WAYS: readonly Row[] = [
  ["authorization: 5", "1: authorization: expected a block, found a whole number"],
  [
    "authorization { user: a, pass: b, token: c }",
    "1: authorization: a user and a token exclude each other",
  ],
  [
    "authorization { pass: b, token: c }",
    "1: authorization: a user and a token exclude each other",
  ],
  [
    "authorization { user: a, users: [{ user: b, password: c }] }",
    "1: authorization: a single user and an array of users exclude each other",
  ],
  [
    "authorization { user: a, users: [] }",
    "1: authorization: a single user and an array of users exclude each other",
  ],
  [
    "authorization { token: a, users: [{ user: b, password: c }] }",
    "1: authorization: a token and an array of users exclude each other",
  ],
  [
    "authorization { user: a }, accounts { A { users: [{ user: b }] } }",
    "17: authorization.user: a single user and accounts with users exclude each other",
  ],
  [
    "accounts { A { users: [{ user: b }] } }, Authorization { token: a }",
    "58: Authorization.token: a token and accounts with users exclude each other",
  ],
  [
    "authorization { token: 5 }",
    "17: authorization.token: expected a string, found a whole number",
  ],
  ["authorization { user: true }", "17: authorization.user: expected a string, found a boolean"],
  [
    "authorization { password: 12345 }",
    "17: authorization.password: expected a string, found a whole number",
  ],
  ["authorization { usr: a }", "17: authorization.usr: unknown key; did you mean user?"],
  [
    "authorization { timeout: x }",
    '17: authorization.timeout: expected a number of seconds or a duration such as "2s", found a string',
  ],
  [
    "authorization { auth_callout { issuer: x } }",
    `32: authorization.auth_callout.issuer: ${AN_ACCOUNT}, found a string`,
  ],
  [
    `authorization { auth_callout { issuer: ${NKEY_A}, auth_users: [a] } }`,
    `17: authorization.auth_callout: ${NOT_ENFORCED}`,
  ],
  ["authorization { proxy_required: true }", `17: authorization.proxy_required: ${NOT_ENFORCED}`],
];

const USERS: readonly Row[] = [
  [
    "authorization { users: { user: a } }",
    "17: authorization.users: expected an array of users, found a block",
  ],
  [
    "authorization { users: hunter2 }",
    "17: authorization.users: expected an array of users, found a string",
  ],
  [
    "authorization { users: [ann] }",
    "25: authorization.users[0]: expected a block, found a string",
  ],
  [
    "authorization { users: [{ password: c }] }",
    "25: authorization.users[0]: a user needs a name or an nkey",
  ],
  [
    'authorization { users: [{ user: "", password: c }] }',
    "25: authorization.users[0]: a user needs a name or an nkey",
  ],
  [user("foo: b"), `${USER}.foo: unknown key`],
  [user("account: B"), `${USER}.account: unknown key`],
  [
    user(`nkey: ${NKEY_U}`),
    "25: authorization.users[0]: an nkey takes no user name and no password",
  ],
  [
    `authorization { users: [{ nkey: ${NKEY_U}, pass: a }] }`,
    "25: authorization.users[0]: an nkey takes no user name and no password",
  ],
  [
    "authorization { users: [{ nkey: x }] }",
    `27: authorization.users[0].nkey: ${NKEY}, found a string`,
  ],
  [
    `authorization { users: [{ nkey: ${NKEY_A} }] }`,
    `27: authorization.users[0].nkey: ${NKEY}, found a string`,
  ],
  [
    `authorization { users: [{ nkey: ${NKEY_U.slice(0, -1)}C }] }`,
    `27: authorization.users[0].nkey: ${NKEY}, found a string`,
  ],
  [
    `authorization { users: [{ nkey: SU${"A".repeat(56)} }] }`,
    `27: authorization.users[0].nkey: ${NKEY}, found a seed, which only its owner may have`,
  ],
  [
    user("allowed_connection_types: [standard, bogus]"),
    `73: authorization.users[0].allowed_connection_types[1]: expected one of ${TYPES}, found a string`,
  ],
  [user("proxy_required: true"), `${USER}.proxy_required: ${NOT_ENFORCED}`],
  [
    "authorization { users: [{ user: a }, { user: a }] }",
    '38: authorization.users[1]: "a" is there already, at a.conf:1:25: authorization.users[0]',
  ],
  [
    "authorization { users: [{ user: a }] }, accounts { A { users: [{ user: a }] } }",
    '64: accounts.A.users[0]: "a" is there already, at a.conf:1:25: authorization.users[0]',
  ],
  [
    "accounts { A { users: [{ user: a }] }, B { users: [{ user: b }, { user: a }] } }",
    '65: accounts.B.users[1]: "a" is there already, at a.conf:1:24: accounts.A.users[0]',
  ],
  [
    `accounts { A { users: [{ nkey: ${NKEY_U} }, { nkey: ${NKEY_U} }] } }`,
    `92: accounts.A.users[1]: "${NKEY_U}" is there already, at a.conf:1:24: accounts.A.users[0]`,
  ],
];

const PERMITTED: readonly Row[] = [
  [
    user("permissions: 5"),
    "36: authorization.users[0].permissions: expected a block, found a whole number",
  ],
  [permitted("pubish: a"), `${PERMISSIONS}.pubish: unknown key; did you mean publish?`],
  [permitted("publish: 'a..b'"), `${PERMISSIONS}.publish: ${NO_SUBJECT}`],
  [permitted('publish: ""'), `${PERMISSIONS}.publish: ${NO_SUBJECT}`],
  [permitted("publish: 'a.>.b'"), `${PERMISSIONS}.publish: ${NO_SUBJECT}`],
  [permitted("publish: 'a q'"), `${PERMISSIONS}.publish: ${NO_SUBJECT}`],
  [permitted("publish: 5"), `${PERMISSIONS}.publish: ${SIDE}, found a whole number`],
  [
    permitted("publish: [a, 5 ]"),
    "64: authorization.users[0].permissions.publish[1]: expected a subject, found a whole number",
  ],
  [
    permitted("publish: { alow: a }"),
    "62: authorization.users[0].permissions.publish.alow: unknown key; did you mean allow?",
  ],
  [
    permitted("publish: { allow: {} }"),
    "62: authorization.users[0].permissions.publish.allow: expected a subject, found a block",
  ],
  ...["a..b", "a b..c", "a >.c", "a b c"].map((subject): Row => [
    permitted(`subscribe: "${subject}"`),
    `${PERMISSIONS}.subscribe: expected a subject, perhaps with a queue group after a blank, found a string`,
  ]),
  [
    permitted("allow_responses: 5"),
    `${PERMISSIONS}.allow_responses: expected true, false or a block, found a whole number`,
  ],
  [
    permitted('allow_responses: { max: "3" }'),
    "70: authorization.users[0].permissions.allow_responses.max: expected a whole number, found a string",
  ],
  [
    permitted("allow_responses: { ttl: 5 }"),
    '70: authorization.users[0].permissions.allow_responses.ttl: expected a duration such as "10s", negative for no end, found a whole number',
  ],
  [
    permitted("allow_responses: { foo: 5 }"),
    "70: authorization.users[0].permissions.allow_responses.foo: unknown key",
  ],
  [
    "authorization { default_permissions: x, users: [{ user: a }] }",
    "17: authorization.default_permissions: expected a block, found a string",
  ],
  [
    "accounts { A { default_permissions: { publish: 'a..b' }, users: [{ user: a }] } }",
    `39: accounts.A.default_permissions.publish: ${NO_SUBJECT}`,
  ],
];

const NAMES: readonly Row[] = [
  ["no_auth_user: a", "1: no_auth_user: must be one of the users, and there are none"],
  [
    "no_auth_user: a, authorization { user: a, pass: b }",
    "1: no_auth_user: must be one of the users, and there are none",
  ],
  [
    "no_auth_user: a, authorization { users: [] }",
    "1: no_auth_user: must be one of the users, and there are none",
  ],
  [
    "no_auth_user: b, authorization { users: [{ user: a }] }",
    '1: no_auth_user: must be one of the users, and "b" is none of them',
  ],
  [
    "system_account: A, accounts { B {} }",
    '1: system_account: must be one of the accounts, and "A" is none of them',
  ],
  ["system: A", '1: system: must be one of the accounts, and "A" is none of them'],
  ["no_auth_user: 5", "1: no_auth_user: expected the name of a user, found 5"],
  ["system_account: [A]", "1: system_account: expected the name of an account, found an array"],
  ["no_sys_acc: 1", "1: no_sys_acc: expected true or false, found 1"],
];

const RESERVED = "this account is the server's own and can't be configured";

const ACCOUNTS: readonly Row[] = [
  ["accounts: 5", "1: accounts: expected a block or an array of names, found a whole number"],
  ['accounts { "$G": {} }', `13: accounts.$G: ${RESERVED}`],
  ['accounts ["$G"]', `11: accounts[0]: ${RESERVED}`],
  ["accounts [A, A]", "14: accounts[1]: this name is there twice"],
  ['accounts { "": {} }', '13: accounts."": an account needs a name'],
  ["accounts { __proto__: {} }", "12: accounts.__proto__: no account can have this name"],
  ["accounts { A: 5 }", "12: accounts.A: expected a block, found a whole number"],
  ["accounts { A: { foo: 1 } }", "17: accounts.A.foo: unknown key"],
  [
    "accounts { A: { users: x } }",
    "17: accounts.A.users: expected an array of users, found a string",
  ],
  ["accounts { A: { nkey: x } }", `17: accounts.A.nkey: ${AN_ACCOUNT}, found a string`],
  [
    'accounts { A: { limits { max_conn: "5" } } }',
    "26: accounts.A.limits.max_conn: expected a whole number, -1 for no limit, found a string",
  ],
  [
    "accounts { A: { limits { max_subs: -2 } } }",
    "26: accounts.A.limits.max_subs: expected a whole number, -1 for no limit, found a whole number",
  ],
  ["accounts { A: { limits { foo: 5 } } }", "26: accounts.A.limits.foo: unknown key"],
  [
    "accounts { A: { exports: [{ strem: a }] } }",
    "29: accounts.A.exports[0].strem: unknown key; did you mean stream?",
  ],
  [
    "accounts { A: { exports: [{ stream: a, service: b }] } }",
    "27: accounts.A.exports[0]: a stream and a service exclude each other",
  ],
  [
    "accounts { A: { exports: [{ stream: a, accounts: [B, A] }] } }",
    "51: accounts.A.exports[0].accounts[0]: there is no account of this name",
  ],
  [
    "accounts { A: { imports: [{ stream: { account: B, subject: a } }] } }",
    "39: accounts.A.imports[0].stream.account: there is no account of this name",
  ],
  [
    "accounts { A: { imports: [{ service: { account: A } }] } }",
    "29: accounts.A.imports[0].service: an import needs an account and a subject",
  ],
  [
    "accounts { A: { imports: [{ stream: { account: A, subject: a }, prefix: b, to: c }] } }",
    "27: accounts.A.imports[0]: prefix and to exclude each other",
  ],
  [
    "accounts { A: { mappings { 'a..b': c } } }",
    '29: accounts.A.mappings."a..b": this is no subject',
  ],
  [
    "accounts { A: { msg_trace: 'a.*' } }",
    "17: accounts.A.msg_trace: expected a subject without wildcards, found a string",
  ],
];

const PAIR = "cert_file: a, key_file: b";
/** Inside a block that is right but for that. */
export const tls = (inside: string) => `tls { ${PAIR}, ${inside} }`;

const ENCRYPTION: readonly Row[] = [
  ["tls: true", "1: tls: expected a block, found true"],
  ["tls {}", "1: tls: cert_file and key_file are missing"],
  ["tls { verify: true }", "1: tls: cert_file and key_file are missing"],
  ["tls { certs: [] }", "1: tls: cert_file and key_file are missing"],
  ["tls { cert_file: a }", "1: tls: key_file is missing"],
  ["tls { key_file: a }", "1: tls: cert_file is missing"],
  ['tls { cert_file: "", key_file: a }', "1: tls: cert_file is missing"],
  [tls(`certs: [{ ${PAIR} }]`), "1: tls: cert_file and certs exclude each other"],
  ["tls { certs: [{ cert_file: a }] }", "15: tls.certs[0]: cert_file and key_file are needed both"],
  [
    `tls { certs: [{ ${PAIR}, key_password: hunter2 }] }`,
    "44: tls.certs[0].key_password: unknown key",
  ],
  ["tls { certs: 5 }", "7: tls.certs: expected an array, found 5"],
  [tls("verify: 1"), "34: tls.verify: expected true or false, found 1"],
  [tls("cipher_suites: []"), "34: tls.cipher_suites: must not be empty"],
  [
    tls("cipher_suites: [foo]"),
    '50: tls.cipher_suites[0]: expected a cipher suite (midge --help_tls), found "foo"',
  ],
  [
    tls("cipher_suites: [TLS_RSA_WITH_AES_128_CBC_SHA, TLS_AES_128_GCM_SHA256]"),
    "1: tls: not secure without allow_insecure_cipher_suites: TLS_RSA_WITH_AES_128_CBC_SHA",
  ],
  [tls("curve_preferences: []"), "34: tls.curve_preferences: must not be empty"],
  [
    tls("curve_preferences: [X448]"),
    '54: tls.curve_preferences[0]: expected a curve (midge --help_tls), found "X448"',
  ],
  [tls('min_version: "1.1"'), '34: tls.min_version: expected one of 1.2, 1.3, found "1.1"'],
  [
    tls("handshake_first: 5"),
    '34: tls.handshake_first: expected true, false, "auto" or a duration, found 5',
  ],
  [
    tls("timeout: x"),
    '34: tls.timeout: expected a number of seconds or a duration such as "2s", found "x"',
  ],
  [
    tls("connection_rate_limit: x"),
    '34: tls.connection_rate_limit: expected a whole number, found "x"',
  ],
  [tls("pinned_certs: [aa]"), '49: tls.pinned_certs[0]: expected a SHA-256 in hex, found "aa"'],
  [tls("pinned_certs: aa"), '34: tls.pinned_certs: expected an array, found "aa"'],
  [tls("verfy: true"), "34: tls.verfy: unknown key; did you mean verify?"],
  [tls("ocsp_peer: true"), `34: tls.ocsp_peer: ${NOT_ENFORCED}`],
  [tls("ocsp_peer: { verify: true }"), `34: tls.ocsp_peer: ${NOT_ENFORCED}`],
  [tls("ca_certs_match: [x]"), `34: tls.ca_certs_match: ${NOT_ENFORCED}`],
  [tls("cert_store: WindowsCurrentUser"), "34: tls.cert_store: only Windows has such a store"],
  [
    tls("verify_cert_and_check_known_urls: true"),
    "34: tls.verify_cert_and_check_known_urls: is for clusters and gateways; clients have no known URLs",
  ],
];

const NOBODY =
  "1: monitor_authorization: a user with a password or a token is missing; remove it to let everybody ask";

const MONITOR: readonly Row[] = [
  ["monitor_authorization: a", "1: monitor_authorization: expected a block, found a string"],
  ["monitor_authorization {}", NOBODY],
  ['monitor_authorization { token: "" }', NOBODY],
  ['monitor_authorization { user: "", password: "" }', NOBODY],
  ["monitor_authorization { password: a }", "1: monitor_authorization: a password needs a user"],
  [
    'monitor_authorization { user: "", pass: a }',
    "1: monitor_authorization: a password needs a user",
  ],
  ["monitor_authorization { user: a }", "1: monitor_authorization: a user needs a password"],
  [
    'monitor_authorization { user: a, pass: "" }',
    "1: monitor_authorization: a user needs a password",
  ],
  ...["user: a, pass: b", "user: a", "pass: b"].map((inside): Row => [
    `monitor_authorization { ${inside}, token: c }`,
    "1: monitor_authorization: a user and a token exclude each other",
  ]),
  [
    'monitor_authorization { user: "a:b", pass: c }',
    "1: monitor_authorization: HTTP can't carry the name of a user with a colon",
  ],
  [
    "monitor_authorization { user: 5, pass: c }",
    "25: monitor_authorization.user: expected a string, found a whole number",
  ],
  [
    "monitor_authorization { users: [] }",
    "25: monitor_authorization.users: unknown key; did you mean user?",
  ],
];

/** Two entries for what may be there once, each as its column and path in turn. */
function doubled(text: string, first: string, second: string): Row {
  return [text, `${second}: is there already, at a.conf:1:${first}`];
}

const DOUBLED: readonly Row[] = [
  doubled(
    permitted('publish: { deny: x }, publish: { allow: "y" }'),
    `${PERMISSIONS}.publish`,
    "73: authorization.users[0].permissions.publish",
  ),
  doubled(
    permitted('publish: { deny: x }, pub: { allow: ">" }'),
    `${PERMISSIONS}.publish`,
    "73: authorization.users[0].permissions.pub",
  ),
  doubled(
    permitted("publish: { deny: x, DENY: y }"),
    "62: authorization.users[0].permissions.publish.deny",
    "71: authorization.users[0].permissions.publish.DENY",
  ),
  doubled(
    user('permissions: { publish: a }, permission: { publish: ">" }'),
    `${USER}.permissions`,
    "65: authorization.users[0].permission",
  ),
  doubled(user('pass: b, password: ""'), `${USER}.pass`, "45: authorization.users[0].password"),
  doubled(user("user: b"), "27: authorization.users[0].user", "36: authorization.users[0].user"),
  doubled(
    "authorization { users: [{ user: a }], Users: [] }",
    "17: authorization.users",
    "39: authorization.Users",
  ),
  doubled(
    "authorization { user: a }, authorization { timeout: 1 }",
    "1: authorization",
    "28: authorization",
  ),
  doubled(
    "Authorization { user: a }, authorization { timeout: 1 }",
    "1: Authorization",
    "28: authorization",
  ),
  doubled("accounts { A { users: [{ user: a }] }, A {} }", "12: accounts.A", "40: accounts.A"),
  doubled(
    "accounts { A { users: [{ user: a }] } }, accounts { B {} }",
    "1: accounts",
    "42: accounts",
  ),
  doubled(
    "accounts { A { users: [{ user: a }], users: [] } }",
    "16: accounts.A.users",
    "38: accounts.A.users",
  ),
  doubled(
    "accounts { A { limits { max_conn: 1, max_connections: -1 } } }",
    "25: accounts.A.limits.max_conn",
    "38: accounts.A.limits.max_connections",
  ),
  doubled(tls("verify: true, Verify: false"), "34: tls.verify", "48: tls.Verify"),
  doubled(`${tls("verify: true")}, TLS { ${PAIR} }`, "1: tls", "50: TLS"),
  doubled(
    "monitor_authorization { token: a, token: b }",
    "25: monitor_authorization.token",
    "35: monitor_authorization.token",
  ),
];

export const MISTAKES: Readonly<Record<string, readonly Row[]>> = {
  "the ways to log in": WAYS,
  "the users": USERS,
  "their permissions": PERMITTED,
  "the names of users and accounts": NAMES,
  "the accounts": ACCOUNTS,
  encryption: ENCRYPTION,
  "what may be there only once": DOUBLED,
  "who may ask the monitor": MONITOR,
};
