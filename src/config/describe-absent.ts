// What the keys are for that Midge has no part for: checked, and warned about or refused.
import type { Section } from "./describe.ts";

const NKEY_O = "OBH4VTLKOKONWWJ22JP2IWOLNDVL42SA2RVWKVE3DU6SKHVOUW3KQXFA";
const NKEY_A = "ABTSIS6PB6S33DQXJ52GI3HIK6X4DKRRGFH5ACQIFIXIP5AVA5PORWV3";
const NKEY_U = "UB2PMILBTWZKGXHNG7WGRMLYAMMKIQNLYOZLLUBDCGF65VKO7DOILGFB";

export const ABSENT: Section = {
  title: "Not there yet",
  intro: "",
  keys: {
    jetstream: { does: "Keep messages.", example: "enabled" },
    store_dir: { does: "The folder to keep them in.", example: '"/data"' },
    default_js_domain: { does: "JetStream domains of accounts.", example: "{ ORDERS: hub }" },
    leafnodes: { does: "Servers that connect as clients of this one.", example: "{ port: 7422 }" },
    gateway: { does: "Clusters of clusters.", example: "{ name: east, port: 7222 }" },
    websocket: {
      does: "Clients in browsers.",
      example: "{ port: 8080, no_tls: true }",
    },
    mqtt: { does: "Clients that speak MQTT.", example: "{ port: 1883 }" },
    mappings: { does: "Subjects of `$G` that become others.", example: "{ old: new }" },
    write_timeout: {
      does: "What to do with a client when the write deadline is over; Midge closes it.",
      example: "close",
    },
    proxy_protocol: {
      does: "Take the client's address from the header of a proxy.",
      example: "true",
    },
    prof_port: { does: "Port for profiling.", example: "65432" },
    prof_block_rate: { does: "How often a profile looks at what is blocked.", example: "1" },
    feature_flags: { does: "Features of nats-server to try.", example: "{ something: true }" },
    ocsp: { does: "Show that the certificate was not revoked.", example: "{ mode: auto }" },
    ocsp_cache: { does: "Where answers about that are kept.", example: "{ type: local }" },
    resolver_pinned_accounts: { does: "Accounts that stay as they are.", example: `[${NKEY_A}]` },
    operator: { does: "Accounts and users that an operator signed.", example: '"operator.jwt"' },
    trusted_keys: { does: "Public nkeys of those operators.", example: `[${NKEY_O}]` },
    resolver: { does: "Where accounts are looked up.", example: "MEMORY" },
    resolver_tls: { does: "Encryption for that.", example: "{ timeout: 3 }" },
    resolver_preload: { does: "Accounts that are known.", example: `{ ${NKEY_A}: "eyJ.a.b" }` },
    default_sentinel: {
      does: "The user that clients without one are, as a JWT.",
      example: '"eyJ.a.b"',
    },
    proxies: {
      does: "Proxies whose word about a client is trusted.",
      example: `{ trusted: [{ key: ${NKEY_U} }] }`,
    },
  },
};
