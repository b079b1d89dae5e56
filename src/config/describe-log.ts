// What the keys of the log, of the files that a server writes and of its monitor are for.
import type { Section } from "./describe.ts";

export const LOGGING: Section = {
  title: "Log",
  intro:
    "The log goes to one place: the file where one is named, else the remote syslog, else that of this machine, else standard error.",
  keys: {
    debug: {
      does: "Log connections, their ends and what else helps to find a fault.",
      example: "true",
    },
    trace: { does: "Log every line of the protocol, without credentials.", example: "true" },
    trace_verbose: {
      does: "The same, the system account included; brings `trace` along.",
      example: "true",
    },
    trace_headers: {
      does: "Trace the headers of messages without their payload; brings `trace` along.",
      example: "true",
    },
    max_traced_msg_len: { does: "Bytes of a payload that a trace shows.", example: "64" },
    logtime: { does: "Put the time on each line.", example: "false" },
    logtime_utc: { does: "That time in UTC.", example: "true" },
    logfile: {
      does: "Log to this file, to its end.",
      example: '"/var/log/midge.log"',
      unset: "none",
    },
    logfile_size_limit: {
      does: "Set the file aside for a new one when it has grown to this size.",
      example: "100MB",
    },
    logfile_max_num: { does: "Files to keep, the current one included.", example: "5" },
    syslog: { does: "Log to the syslog of this machine.", example: "true" },
    remote_syslog: {
      does: "Log to the syslog at this address.",
      example: '"udp://logs.example.com:514"',
      unset: "none",
    },
    connect_error_reports: {
      does: "Each so many attempts at a first connection to another server, a failure is an error in the log.",
      example: "10",
    },
    reconnect_error_reports: {
      does: "The same for a connection that was lost; Midge goes by `connect_error_reports` there, too.",
      example: "10",
    },
  },
};

export const FILES: Section = {
  title: "Files",
  intro: "Paths are relative to the folder in which the server was started.",
  keys: {
    pidfile: {
      does: "Write the id of the process to this file.",
      example: '"/run/midge.pid"',
      unset: "none",
    },
    ports_file_dir: {
      does: "Write the addresses that were opened to `midge_<pid>.ports` in this folder, and remove it at the end.",
      example: '"/run/midge"',
      unset: "none",
    },
  },
};

const CERTIFICATE = { tls: '{ cert_file: "server.pem", key_file: "server-key.pem" }' };

export const MONITOR: Section = {
  title: "Monitor",
  intro:
    "What the monitor answers is in [monitoring.md](monitoring.md). HTTP and HTTPS may be on at the same time.",
  keys: {
    http: {
      does: "Address and port of the monitor in one; a port alone means the clients' address.",
      example: '"127.0.0.1:8222"',
      unset: "off",
    },
    http_port: { does: "Port of the monitor; 0 for none.", example: "8222" },
    https: {
      does: "Address and port of the monitor over HTTPS, with the certificate of `tls`.",
      example: '"127.0.0.1:8443"',
      unset: "off",
      needs: CERTIFICATE,
    },
    https_port: {
      does: "Port of the monitor over HTTPS; 0 for none.",
      example: "8443",
      needs: CERTIFICATE,
    },
    http_base_path: {
      does: "Where the monitor's paths begin.",
      example: '"/nats"',
      unset: "`/`",
    },
    max_closed_clients: {
      does: "Connections that the monitor remembers after their end.",
      example: "1000",
    },
    monitor_authorization: {
      does: "Who may ask the monitor for more than `/healthz`; Midge's own key, nats-server has none.",
      example: "{ user: ops, password: T0pS3cr3t }",
      unset: "everybody",
      frame: { user: "ops", password: "T0pS3cr3t" },
    },
    "monitor_authorization.user": {
      does: "Name to give, over HTTP Basic.",
      example: "admin",
      unset: "–",
    },
    "monitor_authorization.password": {
      does: "Password that goes with it, plain or as its bcrypt hash.",
      example: '"$2a$11$UZ0OS7JFsyvWxzZ8.QSRYubQbHnJLnCXCCSMDNvSzAOLoClZRkhzm"',
      unset: "–",
    },
    "monitor_authorization.token": {
      does: "Instead of a user: what to give as a Bearer token, plain or as its bcrypt hash.",
      example: "T0k3n",
      unset: "–",
      beside: {},
    },
  },
};
