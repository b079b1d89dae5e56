// The states of clusters in which monitors are compared.
import type { ClusterScene } from "./cluster-monitor-stage.ts";

/** Without it nats-server has neither subscriptions nor events of its own. */
const QUIET = "no_system_account: true";
const LOGIN = "authorization { user: u, password: pw }";

const WANTS = [
  ["foo.a", "bar q"],
  ["foo.b", "bar.* q"],
];
const SENDS = [
  ["foo.a", "hello"],
  ["bar", "to one of them"],
  ["foo.a", ""],
] as const;

export const CLUSTER_SCENES: readonly ClusterScene[] = [
  {
    name: "two servers without a pool, where nobody is",
    servers: 2,
    config: QUIET,
    cluster: LOGIN,
    pools: "pool_size: -1",
    routes: 1,
  },
  {
    name: "two servers without a pool, whose clients talk to each other",
    servers: 2,
    config: QUIET,
    cluster: LOGIN,
    pools: "pool_size: -1",
    routes: 1,
    wants: WANTS,
    sends: SENDS,
  },
  {
    name: "two servers with a pool, whose clients talk to each other",
    servers: 2,
    config: QUIET,
    routes: 3,
    wants: WANTS,
    sends: SENDS,
  },
  {
    name: "two servers with a larger pool and an account that has its own route",
    servers: 2,
    config: `${QUIET}
accounts { ONE: { users: [{ user: one, password: pw }] } }
no_auth_user: one`,
    pools: "pool_size: 4, accounts: [ONE], write_deadline: 3s",
    routes: 5,
    wants: WANTS,
    sends: SENDS,
  },
  {
    name: "two servers with a system account",
    servers: 2,
    routes: 4,
    wants: WANTS,
    sends: SENDS,
    questions: [
      ...["/routez", "/routez?subs=1", "/routez?subs=detail", "/varz", "/healthz"],
      ...[
        "/accstatz",
        "/accstatz?unused=1",
        "/accountz?acc=$G",
        "/accountz?acc=$SYS",
        "/connz?subs=1",
      ],
      "/subsz",
    ],
  },
  {
    name: "two servers, one of which says what may pass",
    servers: 2,
    config: QUIET,
    cluster: LOGIN,
    firstCluster: `permissions { import: ["foo.>", "bar"], export: { allow: ">", deny: ["secret.>"] } }`,
    routes: 3,
    wants: [
      ["foo.a", "bar q", "secret.a"],
      ["foo.b", "secret.b"],
    ],
    sends: SENDS,
  },
  {
    name: "two servers that tell clients nothing of each other",
    servers: 2,
    config: QUIET,
    cluster: "no_advertise: true",
    pools: "pool_size: 1",
    routes: 1,
  },
  {
    name: "three servers, two of which heard of each other",
    servers: 3,
    config: QUIET,
    pools: "pool_size: -1",
    routes: 1,
    wants: [["foo.a", "bar q"], ["foo.b"], ["baz.*"]],
    sends: SENDS,
  },
  {
    name: "three servers with accounts, one of which has its own route",
    servers: 3,
    config: `${QUIET}
accounts { ONE: { users: [{ user: one, password: pw }] }, TWO: {} }
no_auth_user: one`,
    pools: "pool_size: 2, accounts: [ONE]",
    routes: 3,
    wants: [["foo.*", "bar q"], ["foo.>", "bar q"], ["baz.*"]],
    sends: [["foo.a", "hello"]],
  },
  {
    name: "two servers that asked each other for signs of life",
    servers: 2,
    config: `${QUIET}\nping_interval: "300ms"\nping_max: 20`,
    pools: "pool_size: 1",
    routes: 1,
    isTimed: true,
  },
  {
    name: "two servers that are told of each other",
    servers: 2,
    config: QUIET,
    pools: "pool_size: 2",
    isMutual: true,
    routes: 2,
  },
  {
    name: "two servers that talk in secret",
    servers: 2,
    config: QUIET,
    pools: "pool_size: 1",
    isSecure: true,
    routes: 1,
    wants: WANTS,
    sends: SENDS,
  },
];
