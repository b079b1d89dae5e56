// Keys of the `tls` blocks. Files are not read here. That of the clients' listener becomes an option; the
// other listeners stay closed until Midge has them.
import * as v from "valibot";
import { certificateProblem } from "./access-rules.ts";
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
  guarded,
  isSwitchedOff,
  key,
  later,
  leaf,
  listOf,
  mismatch,
  shape,
  type Place,
  type Rule,
} from "./rules.ts";
import { cipherSuite, curve, isInsecure } from "./tls-names.ts";
import type { CertificatePair, GivenTls } from "./tls.ts";

function named(find: (given: string) => string | undefined, what: string): Rule<string> {
  return (value, place) => {
    const found = value.kind === "string" ? find(value.value) : undefined;
    return found ?? mismatch(place, `${what} (midge --help_tls)`, value);
  };
}

/** No suite at all would be no encryption at all. */
function someOf(rule: Rule<string>): Rule<string[]> {
  const list = listOf(rule);
  return (value, place) => {
    if (value.kind === "array" && value.items.length === 0) {
      return fault(place, "must not be empty");
    }
    return list(value, place);
  };
}

const fingerprint = leaf(
  v.pipe(
    v.string("a SHA-256 in hex"),
    v.regex(/^[\da-f]{64}$/i, "a SHA-256 in hex"),
    v.toLowerCase(),
  ),
);

const certificatePair: Rule<CertificatePair> = (value, place) => {
  const found = block([key("cert_file", path), key("key_file", path)], { exact: true })(
    value,
    place,
  );
  const { cert_file: certFile, key_file: keyFile } = found ?? {};
  if (typeof certFile === "string" && typeof keyFile === "string") return { certFile, keyFile };
  return found && fault(place, "cert_file and key_file are needed both");
};

const ocspPeer = either("true, false or a block", {
  boolean: yesNo,
  map: shape({
    verify: key("verify", yesNo),
    caTimeout: key("ca_timeout", timeout),
    clockSkew: key("allowed_clockskew", timeout),
    cacheTtl: key("cache_ttl_when_next_update_unset", timeout),
    warnOnly: key("warn_only", yesNo),
    unknownIsGood: key("unknown_is_good", yesNo),
    allowWhenUnreachable: key("allow_when_ca_unreachable", yesNo),
  }),
});

/** Whether a revoked certificate would have to be refused. */
function asksForOcsp(given: unknown): boolean {
  if (typeof given !== "object" || given === null) return given === true;
  return "verify" in given && given.verify === true;
}

const HANDSHAKE_WORDS: Readonly<Record<string, boolean | string>> = {
  auto: "auto",
  auto_fallback: "auto",
  true: true,
  on: true,
  false: false,
  off: false,
};

const handshakeFirst = either('true, false, "auto" or a duration', {
  boolean: yesNo,
  string(value, place) {
    const word = value.kind === "string" ? HANDSHAKE_WORDS[value.value.toLowerCase()] : undefined;
    if (word !== undefined) return word;
    const wait = duration("refused", 'true, false, "auto" or a duration')(value, place);
    // To wait for no time is not to greet at all.
    return wait === 0 ? true : wait;
  },
});

const KEYS = {
  certFile: key("cert_file", path),
  keyFile: key("key_file", path),
  certs: key("certs certificates", listOf(certificatePair)),
  caFile: key("ca_file", path),
  verify: key("verify", yesNo),
  verifyAndMap: key("verify_and_map", yesNo),
  timeout: key("timeout", timeout),
  cipherSuites: key("cipher_suites", someOf(named(cipherSuite, "a cipher suite"))),
  curvePreferences: key("curve_preferences", someOf(named(curve, "a curve"))),
  minVersion: key("min_version", oneOf("1.2", "1.3")),
  pinnedCerts: key("pinned_certs", listOf(fingerprint)),
  handshakeFirst: key("handshake_first first immediate", handshakeFirst),
  connectionRateLimit: key("connection_rate_limit", whole(0)),
};

const FILE_NAMES = { certificate: "cert_file", key: "key_file" };

function checkSuites(suites: readonly string[] = [], allowInsecure = false, place: Place): void {
  const insecure = suites.filter(isInsecure);
  if (insecure.length === 0 || allowInsecure) return;
  fault(place, `not secure without allow_insecure_cipher_suites: ${insecure.join(", ")}`);
}

/** Of listeners that stay closed and of connections to other servers. */
export const tls = shape(
  {
    ...KEYS,
    allowInsecure: key("allow_insecure_cipher_suites", yesNo),
    insecure: key("insecure", yesNo),
    checkKnownUrls: key("verify_cert_and_check_known_urls", yesNo),
    ocspPeer: key("ocsp_peer", ocspPeer),
    certStore: key("cert_store", nonEmpty("the name of a store")),
    certMatchBy: key("cert_match_by", text()),
    certMatch: key("cert_match", text()),
    certMatchSkipInvalid: key("cert_match_skip_invalid", yesNo),
    caCertsMatch: key("ca_certs_match", anything),
  },
  (given, place) => {
    checkSuites(given.cipherSuites, given.allowInsecure, place);
    const isNone = given.certFile === undefined && given.keyFile === undefined;
    const problem = isNone ? undefined : certificateProblem(given, FILE_NAMES);
    if (problem !== undefined) fault(place, problem);
  },
);

const ifTrue: Rule<true> = (value, place) => (yesNo(value, place) ? true : undefined);

const refusedIfTrue =
  (why: string): Rule<never> =>
  (value, place) =>
    yesNo(value, place) ? fault(place, why) : undefined;

const noStore: Rule<never> = (value, place) => {
  const store = nonEmpty("the name of a store")(value, place);
  return store === undefined ? undefined : fault(place, "only Windows has such a store");
};

const ofClients = shape(
  {
    ...KEYS,
    allowInsecure: key("allow_insecure_cipher_suites", yesNo),
    insecure: key("insecure", later(ifTrue, "has no effect on a listener")),
    checkKnownUrls: key(
      "verify_cert_and_check_known_urls",
      refusedIfTrue("is for clusters and gateways; clients have no known URLs"),
    ),
    ocspPeer: key("ocsp_peer", guarded(ocspPeer, asksForOcsp)),
    certStore: key("cert_store", noStore),
    certMatchBy: key("cert_match_by", later(text())),
    certMatch: key("cert_match", later(text())),
    certMatchSkipInvalid: key("cert_match_skip_invalid", later(ifTrue)),
    caCertsMatch: key("ca_certs_match", guarded(anything)),
  },
  (given, place) => {
    checkSuites(given.cipherSuites, given.allowInsecure, place);
    const problem = certificateProblem(given, FILE_NAMES);
    if (problem !== undefined && !isSwitchedOff(place)) fault(place, problem);
  },
);

/** Of the clients' listener. */
export const clientTls: Rule<GivenTls> = (value, place) => {
  const found = ofClients(value, place);
  if (found === undefined) return undefined;
  const { allowInsecure: _, pinnedCerts = [], ...given } = found;
  return pinnedCerts.length > 0 ? { ...given, pinnedCerts } : given;
};

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
