// `midge --healthcheck [URL]`: asks a server how it is, for images that have no other program to do it.
import { reasonOf } from "../log/reason.ts";

const PATIENCE_MS = 2000;
const SHOWN_MAX = 200;
const LOOPBACK = /^(localhost|127\.[\d.]+|\[::1\])$/;

export interface Health {
  readonly ok: boolean;
  /** One line, for whoever looks at the log of the probe. */
  readonly line: string;
}

/** Never rejects. Anything but a 200 that says ok within two seconds is no health. */
export async function healthcheck(url: string): Promise<Health> {
  const target = readUrl(url);
  if (target === null) {
    // Not repeated: it may carry a password anywhere.
    return { ok: false, line: "not healthy: what was given is no http or https URL" };
  }
  const where = `${target.protocol}//${target.host}${target.pathname}`;
  const signal = AbortSignal.timeout(PATIENCE_MS);
  try {
    const response = await ask(target, signal);
    const text = shorten(await response.text());
    // Other pages are answered in sickness, too.
    const ok = response.status === 200 && /^\{"status":\s*"ok"/.test(text);
    const verdict = ok ? "healthy" : `not healthy, status ${response.status}`;
    return { ok, line: `${verdict}: ${where}: ${text}` };
  } catch (error) {
    const reason = signal.aborted ? `no answer in ${PATIENCE_MS / 1000} s` : reasonOf(error);
    return { ok: false, line: `not healthy: ${where}: ${shorten(reason)}` };
  }
}

/** This machine is asked without a proxy, and whatever names its certificate has for the outside. */
function ask(target: URL, signal: AbortSignal): Promise<Response> {
  if (!LOOPBACK.test(target.hostname)) return fetch(target, { signal, redirect: "manual" });
  const { NO_PROXY } = process.env;
  process.env["NO_PROXY"] = "*";
  try {
    return fetch(target, { signal, redirect: "manual", tls: { rejectUnauthorized: false } });
  } finally {
    if (NO_PROXY === undefined) delete process.env["NO_PROXY"];
    else process.env["NO_PROXY"] = NO_PROXY;
  }
}

/** Without a path it is /healthz that is meant: the root is answered in sickness and in health. */
function readUrl(text: string): URL | null {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return null;
  if (url.pathname === "/") url.pathname = "/healthz";
  return url;
}

/** One line, and not a long one. */
function shorten(text: string): string {
  const line = text.replace(/[\s\p{C}]+/gu, " ").trim();
  return line.length > SHOWN_MAX ? `${line.slice(0, SHOWN_MAX)}…` : line;
}
