// CONNECT: the client's JSON, read by the rules that Go's decoder set for it (client-protocol §4): keys
// in any case, the last of two wins, null leaves what was, unknown keys are skipped, a wrong type refuses.

/** What a client said of itself. Fields it never named keep these first values. */
export interface ConnectOptions {
  verbose: boolean;
  pedantic: boolean;
  echo: boolean;
  headers: boolean;
  noResponders: boolean;
  tlsRequired: boolean;
  protocol: number;
  name: string;
  lang: string;
  version: string;
  user: string;
  pass: string;
  authToken: string;
  nkey: string;
  sig: string;
  jwt: string;
  account: string;
  newAccount: boolean;
}

/** A connection that never sent CONNECT runs with these. */
export function defaultConnectOptions(): ConnectOptions {
  return {
    verbose: true,
    pedantic: true,
    echo: true,
    headers: false,
    noResponders: false,
    tlsRequired: false,
    protocol: 0,
    name: "",
    lang: "",
    version: "",
    user: "",
    pass: "",
    authToken: "",
    nkey: "",
    sig: "",
    jwt: "",
    account: "",
    newAccount: false,
  };
}

const FIELDS: ReadonlyMap<string, keyof ConnectOptions> = new Map([
  ["verbose", "verbose"],
  ["pedantic", "pedantic"],
  ["echo", "echo"],
  ["headers", "headers"],
  ["no_responders", "noResponders"],
  ["tls_required", "tlsRequired"],
  ["protocol", "protocol"],
  ["name", "name"],
  ["lang", "lang"],
  ["version", "version"],
  ["user", "user"],
  ["pass", "pass"],
  ["auth_token", "authToken"],
  ["nkey", "nkey"],
  ["sig", "sig"],
  ["jwt", "jwt"],
  ["account", "account"],
  ["new_account", "newAccount"],
]);

const INTEGER = /^-?[0-9]+$/;

/**
 * Merges the JSON of a CONNECT into `options`. Returns null, or what is wrong with it (options may then
 * be changed in part). Secrets never stand in the text.
 */
export function mergeConnect(options: ConnectOptions, json: string): string | null {
  let problem: string | null = null;
  let parsed: unknown;
  try {
    // The source text tells 1 from 1.0, which is no integer to the clients' other servers.
    parsed = JSON.parse(
      json,
      function (this: unknown, key, value: unknown, context?: { source?: string }) {
        if (typeof value === "number" && !INTEGER.test(context?.source ?? "")) return NaN;
        void key;
        return value;
      },
    );
  } catch {
    return "CONNECT: not valid JSON";
  }
  if (parsed === null) return null;
  if (typeof parsed !== "object" || Array.isArray(parsed)) return "CONNECT: expected a JSON object";
  const target = options as unknown as Record<string, unknown>;
  for (const [key, value] of Object.entries(parsed)) {
    const field = FIELDS.get(key) ?? FIELDS.get(key.toLowerCase());
    if (field === undefined || value === null) continue;
    const wanted = typeof target[field];
    if (typeof value !== wanted || Number.isNaN(value)) {
      problem ??= `CONNECT: "${key}" must be ${wanted === "number" ? "an integer" : `a ${wanted}`}`;
      continue;
    }
    target[field] = value;
  }
  return problem;
}

const SECRET_FIELDS = ["pass", "auth_token", "sig", "jwt", "nkey", "proxy_sig"];
const SECRETS = new RegExp(
  `("(?:${SECRET_FIELDS.join("|")})"\\s*:\\s*)"(?:[^"\\\\]|\\\\.)*"?`,
  "gi",
);
const REDACTED = "[REDACTED]";

/** The JSON of a CONNECT for a trace line: every secret's value replaced, or nothing shown at all. */
export function redactConnect(json: string): string {
  const shown = json.replace(SECRETS, `$1"${REDACTED}"`);
  return isRedacted(shown) ? shown : "{…}";
}

/** A name may be spelt with escapes, and a value may be no text: then the pattern above missed it. */
function isRedacted(json: string): boolean {
  let isClean = true;
  try {
    JSON.parse(json, (key, value: unknown) => {
      const isShown = value !== REDACTED && value !== null;
      if (isShown && SECRET_FIELDS.includes(key.toLowerCase())) isClean = false;
      return value;
    });
    return isClean;
  } catch {
    return false;
  }
}
