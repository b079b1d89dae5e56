// What the keys that say who may do what are for.
import type { Section } from "./describe.ts";

const NKEY = "UB2PMILBTWZKGXHNG7WGRMLYAMMKIQNLYOZLLUBDCGF65VKO7DOILGFB";
const BCRYPT = '"$2a$11$UZ0OS7JFsyvWxzZ8.QSRYubQbHnJLnCXCCSMDNvSzAOLoClZRkhzm"';
const USERS = "[{ user: ann, password: T0pS3cr3t }]";

export const ACCESS: Section = {
  title: "Who gets in",
  intro:
    "[security.md](security.md) shows how these go together. A block that guards access may be there only once, and what asks for a protection that Midge does not have refuses the start.",
  keys: {
    authorization: {
      does: "Who may log in to the account `$G`: one user, whoever has a token, or the users of a list.",
      example: "{ user: ann, password: T0pS3cr3t }",
      unset: "everybody",
      frame: { user: "ann", password: "T0pS3cr3t" },
    },
    "authorization.user": { does: "The only user.", example: "bob", unset: "none" },
    "authorization.password": {
      does: "Password of that user, plain or as its bcrypt hash.",
      example: BCRYPT,
      unset: "none",
    },
    "authorization.token": {
      does: "What everybody has to give instead of a user, plain or as its bcrypt hash.",
      example: "T0k3n",
      unset: "none",
      beside: {},
    },
    "authorization.timeout": {
      does: "How long a client may take to log in.",
      example: "0.75",
      unset: "2 s; with `tls`, its time-out and 1 s",
    },
    "authorization.users": {
      does: "Users with a password or an nkey, each perhaps with permissions.",
      example: USERS,
      unset: "none",
      beside: {},
      frame: { user: "ann" },
    },
    "authorization.users[].user": { does: "Name of the user.", example: "bob", unset: "–" },
    "authorization.users[].password": {
      does: "Password of the user, plain or as its bcrypt hash.",
      example: BCRYPT,
      unset: "whoever knows the name gets in, with a warning",
    },
    "authorization.users[].nkey": {
      does: "Instead of name and password: the public nkey of the user.",
      example: NKEY,
      unset: "–",
      beside: {},
    },
    "authorization.users[].permissions": {
      does: "What the user may do, instead of the default permissions.",
      example: '{ publish: "orders.>", subscribe: ["orders.>", "_INBOX.>"] }',
      unset: "`default_permissions`",
      frame: {},
    },
    "authorization.users[].permissions.publish": {
      does: "Subjects to publish to.",
      example: '["orders.>", audit]',
      unset: "all",
      frame: {},
    },
    "authorization.users[].permissions.publish.allow": {
      does: "Subjects that are allowed.",
      example: '"orders.>"',
      unset: "all",
    },
    "authorization.users[].permissions.publish.deny": {
      does: "Subjects that are not allowed all the same.",
      example: '["orders.secret"]',
      unset: "none",
    },
    "authorization.users[].permissions.subscribe": {
      does: "Subjects to subscribe to, each perhaps with the queue group that is meant.",
      example: '["orders.>", "jobs workers"]',
      unset: "all",
      frame: {},
    },
    "authorization.users[].permissions.subscribe.allow": {
      does: "Subjects that are allowed.",
      example: '"jobs workers"',
      unset: "all",
    },
    "authorization.users[].permissions.subscribe.deny": {
      does: "Subjects that are not allowed all the same; of a wider subscription they are kept back.",
      example: '["orders.secret"]',
      unset: "none",
    },
    "authorization.users[].permissions.allow_responses": {
      does: "Let a responder publish to the reply subjects of the messages that it received; without a list of `publish` that is all it may publish to.",
      example: "true",
      unset: "false",
      frame: {},
    },
    "authorization.users[].permissions.allow_responses.max": {
      does: "Answers to each message; negative for any number.",
      example: "5",
      unset: "1",
    },
    "authorization.users[].permissions.allow_responses.expires": {
      does: "How long after the message; negative for ever.",
      example: '"1m"',
      unset: "2 min",
    },
    "authorization.users[].allowed_connection_types": {
      does: "How the user may be connected; only STANDARD and IN_PROCESS exist here.",
      example: "[STANDARD]",
      unset: "all",
    },
    "authorization.users[].proxy_required": {
      does: "Let the user in through a trusted proxy only.",
      example: "true",
      unset: "false",
    },
    "authorization.default_permissions": {
      does: "What the users of the list may do who have no permissions of their own.",
      example: '{ publish: "orders.>" }',
      unset: "everything",
      beside: { users: USERS },
      like: "authorization.users[].permissions",
    },
    "authorization.auth_callout": {
      does: "Ask a service whether a client may log in.",
      example: `{ issuer: ABTSIS6PB6S33DQXJ52GI3HIK6X4DKRRGFH5ACQIFIXIP5AVA5PORWV3, auth_users: [ann] }`,
      unset: "–",
    },
    "authorization.proxy_required": {
      does: "Let clients in through a trusted proxy only.",
      example: "true",
      unset: "false",
    },
    no_auth_user: {
      does: "The user, or the nkey, that a client is when it gives no credentials.",
      example: "ann",
      unset: "none",
      needs: { authorization: `{ users: ${USERS} }` },
    },
  },
};

export const ACCOUNTS: Section = {
  title: "Accounts",
  intro:
    "Each account has subjects of its own: what is published in one is not heard in another. Who belongs to none is in `$G`.",
  keys: {
    accounts: {
      does: "Accounts beside `$G` by their names, or an array of names alone.",
      example: `{ ORDERS { users: ${USERS} } }`,
      unset: "none",
      frame: { BILLING: "{}" },
    },
    "accounts.*.users": {
      does: "The users of the account; a name may be there once in all of the file.",
      example: USERS,
      unset: "none",
      like: "authorization.users",
    },
    "accounts.*.default_permissions": {
      does: "What those of them may do who have no permissions of their own.",
      example: '{ publish: "orders.>" }',
      unset: "everything",
      beside: { users: USERS },
      like: "authorization.users[].permissions",
    },
    "accounts.*.limits": {
      does: "Limits of the account beside those of the server.",
      example: "{ max_connections: 100 }",
      unset: "none",
      frame: {},
    },
    "accounts.*.limits.max_connections": {
      does: "Clients of the account at a time; with 0 nobody gets in.",
      example: "100",
      unset: "no limit",
    },
    "accounts.*.limits.max_subscriptions": {
      does: "Subscriptions of each of its connections.",
      example: "50",
      unset: "no limit",
    },
    "accounts.*.limits.max_payload": {
      does: "Largest message in bytes.",
      example: "64KB",
      unset: "no limit",
    },
    "accounts.*.limits.max_leafnodes": {
      does: "Leaf nodes of the account, of which Midge has none.",
      example: "10",
      unset: "–",
    },
    "accounts.*.nkey": {
      does: "Public nkey of the account.",
      example: "ABTSIS6PB6S33DQXJ52GI3HIK6X4DKRRGFH5ACQIFIXIP5AVA5PORWV3",
      unset: "–",
    },
    "accounts.*.exports": {
      does: "Subjects that other accounts may import.",
      example: '[{ stream: "orders.>" }]',
      unset: "–",
    },
    "accounts.*.imports": {
      does: "Subjects of other accounts.",
      example: '[{ stream: { account: BILLING, subject: "bills.>" } }]',
      unset: "–",
    },
    "accounts.*.mappings": {
      does: "Subjects that become others.",
      example: "{ old: new }",
      unset: "–",
    },
    "accounts.*.jetstream": {
      does: "Whether the account may keep messages, and how many.",
      example: "{ max_mem: 1GB }",
      unset: "–",
    },
    "accounts.*.msg_trace": {
      does: "Where the ways of messages are told that carry a `traceparent`.",
      example: "ways",
      unset: "–",
    },
    system_account: {
      does: "The account of the server's own messages.",
      example: "OPS",
      unset: "`$SYS`",
      needs: { accounts: "{ OPS {} }" },
    },
    no_system_account: { does: "Have no such account.", example: "true" },
  },
};
