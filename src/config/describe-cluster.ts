// What the keys of the cluster are for.
import type { Section } from "./describe.ts";

const FRAME = { port: "-1" };

export const CLUSTER: Section = {
  title: "Cluster",
  intro:
    "[clustering.md](clustering.md) shows how servers become one. In a file the block needs a port, as in nats-server; whether there is a cluster at all is decided at the start.",
  keys: {
    cluster: {
      does: "Be one of several servers that act as one.",
      example: '{ port: 6222, routes: ["nats://nats-main:6222"] }',
      unset: "off",
      frame: FRAME,
    },
    "cluster.listen": {
      does: "Address and port for other servers in one.",
      example: '"0.0.0.0:6333"',
      unset: "`host` and `port`",
      beside: {},
    },
    "cluster.host": {
      does: "Address for other servers.",
      example: '"10.0.0.1"',
      unset: "the clients' address",
    },
    "cluster.port": {
      does: "Port for other servers; in a file, none or 0 is no cluster.",
      example: "6333",
      unset: "none; 6222 in `Midge.start`",
      beside: {},
    },
    "cluster.name": {
      does: "Name that all servers of the cluster have; who was given none takes it from the others.",
      example: "east",
      unset: "made up",
    },
    "cluster.routes": {
      does: "Servers to connect to, with the user and password that they ask for; one is enough to find all.",
      example: '["nats://ruser:T0pS3cr3t@nats-main:6222"]',
      unset: "none",
    },
    "cluster.authorization": {
      does: "Who may connect as a server, and how this one presents itself to servers that it heard of.",
      example: "{ user: ruser, password: T0pS3cr3t }",
      unset: "everybody",
      frame: { user: "ruser", password: "T0pS3cr3t" },
    },
    "cluster.authorization.user": { does: "Name of the user.", example: "route", unset: "none" },
    "cluster.authorization.password": {
      does: "Password of the user, plain or as its bcrypt hash.",
      example: "0th3r",
      unset: "none",
    },
    "cluster.authorization.timeout": {
      does: "How long another server may take to log in.",
      example: "0.75",
      unset: "2 s",
    },
    "cluster.authorization.permissions": {
      does: "The same as `permissions` of the cluster, in the place where older files have it.",
      example: '{ publish: "orders.>" }',
      unset: "everything",
      like: "authorization.users[].permissions",
    },
    "cluster.permissions": {
      does: "`publish` (`import`): what others hear of subscriptions here; `subscribe` (`export`): which of theirs count here.",
      example: '{ import: "orders.>", export: "orders.>" }',
      unset: "everything",
      like: "authorization.users[].permissions",
    },
    "cluster.tls": {
      does: "Encrypt what servers say to each other; both sides show a certificate and verify the other's.",
      example: '{ cert_file: "server.pem", key_file: "server-key.pem", ca_file: "ca.pem" }',
      unset: "off",
      like: "tls",
    },
    "cluster.advertise": {
      does: "The address that other servers are told instead of the real one.",
      example: '"a.example.com:6222"',
      unset: "the real address",
    },
    "cluster.no_advertise": {
      does: "Neither tell other servers' clients of this one nor clients here of the others.",
      example: "true",
    },
    "cluster.connect_retries": {
      does: "Further attempts for a server that was heard of and does not answer; those of `routes` are tried for ever.",
      example: "10",
    },
    "cluster.connect_backoff": {
      does: "Wait longer from attempt to attempt, up to 30 s.",
      example: "true",
    },
    "cluster.ping_interval": {
      does: "Time between pings to other servers.",
      example: '"10s"',
      unset: "that of clients, 30 s at the most",
    },
    "cluster.ping_max": {
      does: "Unanswered pings before another server is given up.",
      example: "3",
      unset: "that of clients",
    },
    "cluster.write_deadline": {
      does: "How long another server may take none of the bytes that wait for it.",
      example: '"5s"',
      unset: "that of clients",
    },
    "cluster.pool_size": {
      does: "Connections to each server, among which the accounts are shared out; -1 for one without a pool.",
      example: "5",
    },
    "cluster.accounts": {
      does: "Accounts that get a connection of their own to each server.",
      example: "[ORDERS]",
      unset: "the system account",
    },
    "cluster.compression": {
      does: "How to compress; Midge does not, and accepts in silence what says so.",
      example: "s2_fast",
      unset: "accept",
    },
    "cluster.write_timeout": {
      does: "What to do when the write deadline is over; Midge closes.",
      example: "retry",
      unset: "default",
    },
  },
};
