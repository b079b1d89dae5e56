// Cipher suites and curves: from the names that configurations use (IANA's and Go's) to those of the TLS
// library. What it does not have is left out with a warning: a name less makes nothing weaker.

/** Suites of TLS 1.2, in the library's words. Those of TLS 1.3 can't be chosen and are always there. */
const SUITES: Readonly<Record<string, string>> = {
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: "ECDHE-ECDSA-AES128-GCM-SHA256",
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: "ECDHE-RSA-AES128-GCM-SHA256",
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: "ECDHE-ECDSA-AES256-GCM-SHA384",
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: "ECDHE-RSA-AES256-GCM-SHA384",
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: "ECDHE-ECDSA-CHACHA20-POLY1305",
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: "ECDHE-RSA-CHACHA20-POLY1305",
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305: "ECDHE-ECDSA-CHACHA20-POLY1305",
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305: "ECDHE-RSA-CHACHA20-POLY1305",
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: "ECDHE-ECDSA-AES128-SHA",
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: "ECDHE-RSA-AES128-SHA",
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: "ECDHE-ECDSA-AES256-SHA",
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: "ECDHE-RSA-AES256-SHA",
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256: "ECDHE-ECDSA-AES128-SHA256",
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256: "ECDHE-RSA-AES128-SHA256",
  TLS_RSA_WITH_AES_128_GCM_SHA256: "AES128-GCM-SHA256",
  TLS_RSA_WITH_AES_256_GCM_SHA384: "AES256-GCM-SHA384",
  TLS_RSA_WITH_AES_128_CBC_SHA: "AES128-SHA",
  TLS_RSA_WITH_AES_256_CBC_SHA: "AES256-SHA",
  TLS_RSA_WITH_3DES_EDE_CBC_SHA: "DES-CBC3-SHA",
};

/** Those of TLS 1.3; they keep their names. */
const SUITES_13 = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
];

/** What TLS 1.2 is offered with unless the configuration says otherwise: forward secrecy throughout. */
const SUITES_BY_DEFAULT = Object.keys(SUITES).filter(
  (name) => name.startsWith("TLS_ECDHE_") && !name.endsWith("CBC_SHA256"),
);

const CURVES: Readonly<Record<string, string>> = {
  X25519MLKEM768: "X25519MLKEM768",
  X25519: "X25519",
  CurveP256: "P-256",
  CurveP384: "P-384",
  CurveP521: "P-521",
};

/** The library's list of suites. Throws an Error when none of them is left. */
export function suiteList(names: readonly string[] | undefined, warnings: string[]): string {
  const wanted = names ?? SUITES_BY_DEFAULT;
  return translate({ ...SUITES, ...ownNames(SUITES_13) }, wanted, "cipher suite", warnings);
}

/** The library's list of curves, or undefined for its own choice. Throws when none of them is left. */
export function curveList(
  names: readonly string[] | undefined,
  warnings: string[],
): string | undefined {
  return names === undefined ? undefined : translate(CURVES, names, "curve", warnings);
}

const ownNames = (names: readonly string[]) => Object.fromEntries(names.map((n) => [n, n]));

/** Names count whatever the case of their letters. */
function translate(
  known: Readonly<Record<string, string>>,
  names: readonly string[],
  what: string,
  warnings: string[],
): string {
  const byFolded = new Map(Object.entries(known).map(([name, own]) => [name.toLowerCase(), own]));
  const list = new Set<string>();
  for (const name of names) {
    const own = byFolded.get(name.toLowerCase());
    if (own !== undefined) list.add(own);
    else warnings.push(`tls: ${what} ${name} is not supported and left out`);
  }
  if (list.size === 0) throw new Error(`tls: none of the configured ${what}s is supported`);
  return [...list].join(":");
}
