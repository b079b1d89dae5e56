// Keys of the `tls` blocks. They are checked here; nothing encrypts yet, so a `tls` block refuses the
// start (keys.ts). Files are not read.
import * as v from "valibot";
import { CIPHER_SUITES, CURVES } from "./tls-names.ts";
import {
  anything,
  duration,
  nonEmpty,
  oneOf,
  path,
  text,
  timeout,
  whole,
  yesNo,
} from "./leaves.ts";
import {
  block,
  either,
  fault,
  key,
  leaf,
  listOf,
  secretKey,
  type Rule,
  type Values,
} from "./rules.ts";

function nameFrom(names: readonly string[], what: string): Rule<string> {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  return leaf(
    v.pipe(
      v.string(what),
      v.check((given) => wanted.has(given.toLowerCase()), what),
    ),
  );
}

const fingerprint = leaf(
  v.pipe(v.string("a SHA-256 in hex"), v.regex(/^[\da-f]{64}$/i, "a SHA-256 in hex")),
);

const certificatePair = block(
  [key("cert_file", path), key("key_file", path), secretKey("key_password", text())],
  { exact: true },
);

const ocspPeer = either("true, false or a block", {
  boolean: yesNo,
  map: block([
    key("verify", yesNo),
    key("ca_timeout", timeout),
    key("allowed_clockskew", timeout),
    key("cache_ttl_when_next_update_unset", timeout),
    key("warn_only", yesNo),
    key("unknown_is_good", yesNo),
    key("allow_when_ca_unreachable", yesNo),
  ]),
});

/** No suite at all would be no encryption at all. */
function someOf(rule: Rule<string>): Rule<string[]> {
  const list = listOf(rule);
  return (value, place) => {
    if (value.kind === "array" && value.items.length === 0)
      return fault(place, "must not be empty");
    return list(value, place);
  };
}

function checkPair(values: Values, place: Parameters<typeof fault>[0]): void {
  const { cert_file: certificate, key_file: privateKey, certs } = values;
  if (certificate !== undefined && privateKey === undefined) fault(place, "key_file is missing");
  if (privateKey !== undefined && certificate === undefined) fault(place, "cert_file is missing");
  if (certificate !== undefined && certs !== undefined) {
    fault(place, "cert_file and certs exclude each other");
  }
}

export const tls = block(
  [
    key("cert_file", path),
    key("key_file", path),
    key("ca_file", path),
    key("insecure", yesNo),
    key("verify", yesNo),
    key("verify_and_map", yesNo),
    key("verify_cert_and_check_known_urls", yesNo),
    key("cipher_suites", someOf(nameFrom(CIPHER_SUITES, "a cipher suite (midge --help_tls)"))),
    key("curve_preferences", someOf(nameFrom(CURVES, "a curve (midge --help_tls)"))),
    key("timeout", timeout),
    key("connection_rate_limit", whole(0)),
    key("pinned_certs", listOf(fingerprint)),
    key(
      "handshake_first first immediate",
      either('true, false, "auto" or a duration', {
        boolean: yesNo,
        string: (value, place) =>
          value.kind === "string" && /^(auto|auto_fallback|true|false|on|off)$/i.test(value.value)
            ? value.value
            : duration("refused", 'true, false, "auto" or a duration')(value, place),
      }),
    ),
    key("certs certificates", listOf(certificatePair)),
    key("min_version", oneOf("1.2", "1.3")),
    key("allow_insecure_cipher_suites", yesNo),
    key("ocsp_peer", ocspPeer),
    key("cert_store", nonEmpty("the name of a store")),
    key("cert_match_by", text()),
    key("cert_match", text()),
    key("ca_certs_match", anything),
    key("cert_match_skip_invalid", yesNo),
  ],
  { check: checkPair },
);

const OCSP_MODES = oneOf("auto", "always", "must", "never");

export const ocsp = either("true, false or a block", {
  boolean: yesNo,
  map: block([key("mode", OCSP_MODES), key("url", text()), key("urls", listOf(text()))], {
    exact: true,
  }),
});

export const ocspCache = either("true, false or a block", {
  boolean: yesNo,
  map: block([
    key("type", oneOf("none", "local")),
    key("local_store", path),
    key("preserve_revoked", yesNo),
    key("save_interval", timeout),
  ]),
});
