// What the keys of the client listener and of its limits are for.
import type { Section } from "./describe.ts";

export const LISTENER: Section = {
  title: "Where clients connect",
  intro: "",
  keys: {
    listen: {
      does: "Address and port for clients in one; a port alone means every address.",
      example: '"127.0.0.1:4333"',
      unset: "`host` and `port`",
    },
    host: {
      does: "Address for clients; a server that a program embeds listens on 127.0.0.1 unless told.",
      example: '"127.0.0.1"',
    },
    port: { does: "Port for clients.", example: "4333" },
    client_advertise: {
      does: "The address that clients are told instead of the real one, as behind a NAT.",
      example: '"nats.example.com:4222"',
      unset: "the real address",
    },
    server_name: {
      does: "The name that clients, other servers and the monitor see.",
      example: "east-1",
      unset: "the id of the server",
    },
    server_tags: {
      does: "Words that the monitor tells of this server, and by which requests find it.",
      example: "[east, ssd]",
      unset: "none",
    },
    server_metadata: { does: "The same with names.", example: '{ owner: "ops" }', unset: "none" },
    no_header_support: {
      does: "Refuse message headers, as servers before 2.2 did.",
      example: "true",
    },
    disable_sublist_cache: {
      does: "Accepted in silence: it switches off a cache of nats-server that Midge does not have.",
      example: "true",
      unset: "–",
    },
    lame_duck_duration: {
      does: "How long lame duck mode takes to send all clients away, one by one.",
      example: '"1m"',
    },
    lame_duck_grace_period: {
      does: "How long lame duck mode waits before the first client has to go; less than the duration.",
      example: '"20s"',
    },
  },
};

export const LIMITS: Section = {
  title: "Limits",
  intro: "",
  keys: {
    max_connections: { does: "Clients at a time; the next one is refused.", example: "1000" },
    max_subscriptions: {
      does: "Subscriptions of one connection; further ones are refused.",
      example: "500",
    },
    max_sub_tokens: { does: "Tokens in the subject of a subscription.", example: "16" },
    max_control_line: {
      does: "Longest line of the protocol; a longer one ends the connection.",
      example: "8KB",
    },
    max_payload: {
      does: "Largest message, headers included; a larger one ends the connection.",
      example: "4MB",
    },
    max_pending: {
      does: "What may wait for one client before it is closed as a slow consumer.",
      example: "32MB",
    },
    write_deadline: {
      does: "How long a client may take none of the bytes that wait for it.",
      example: '"5s"',
    },
    no_fast_producer_stall: {
      does: "Let clients that can't keep up miss messages instead of slowing down who publishes.",
      example: "true",
    },
    ping_interval: {
      does: "Time between the pings to a client; a number is taken for seconds, with a warning.",
      example: '"30s"',
    },
    ping_max: { does: "Unanswered pings before a client is closed as stale.", example: "3" },
  },
};
