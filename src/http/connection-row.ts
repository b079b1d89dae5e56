// A connection as /connz shows it (monitoring §6.4): names and order are nats-server's.
import { formatTime, formatUptime } from "../proto/format.ts";
import { LongList, LongObject } from "./json.ts";
import type { Detail } from "./query.ts";
import { formatRoundTrip } from "./round-trip.ts";
import type { ConnectionView, TlsView } from "./source.ts";
import { subscriptionRow } from "./subscription-row.ts";
import { decoded } from "./texts.ts";

const USER_NKEY = /^U[A-Z2-7]{55}$/;

/** The account that is not worth a word. */
const GLOBAL_ACCOUNT = "$G";
/** Subscriptions of one connection that are written in one go. */
const SHORT_LIST_MAX = 64;

export interface RowOptions {
  readonly nowMs: number;
  readonly auth: boolean;
  readonly subs: Detail;
  /** How to show a client's certificate; where it is missing there are none. */
  readonly describeCertificate?: (der: Uint8Array) => object | null;
}

/** A plain object, or a long one where there are many subscriptions to show. */
export function connectionRow(view: ConnectionView, options: RowOptions): object {
  const { subs, auth } = options;
  const row = { ...facts(view, options.nowMs), ...tlsFacts(view, options) };
  if (!auth && subs === false) return row;
  const count = view.subscriptionCount;
  const isLong = subs !== false && count > SHORT_LIST_MAX;
  const fields = {
    ...row,
    ...(auth ? loginFacts(view) : {}),
    ...(subs === false || count === 0 ? {} : subscriptions(view, subs, isLong)),
    ...(auth ? { ...issuer(view), ...accountTag(view) } : {}),
  };
  return isLong ? new LongObject(fields) : fields;
}

function facts(view: ConnectionView, nowMs: number) {
  const { name, lang, version, stoppedAt, stalls } = view;
  const endMs = stoppedAt ?? nowMs;
  return {
    cid: view.cid,
    kind: "Client",
    type: "nats",
    ip: view.ip,
    port: view.port,
    start: formatTime(view.startedAt),
    last_activity: formatTime(view.lastActivity),
    ...(stoppedAt === null ? {} : { stop: formatTime(stoppedAt), reason: view.reason ?? "" }),
    rtt: formatRoundTrip(view.rttMs),
    uptime: formatUptime(endMs - view.startedAt),
    idle: formatUptime(endMs - view.lastActivity),
    pending_bytes: view.pendingBytes,
    in_msgs: view.inMsgs,
    out_msgs: view.outMsgs,
    in_bytes: view.inBytes,
    out_bytes: view.outBytes,
    ...(stalls > 0 ? { stalls } : {}),
    subscriptions: view.subscriptionCount,
    ...(name === "" ? {} : { name }),
    ...(lang === "" ? {} : { lang }),
    ...(version === "" ? {} : { version }),
  };
}

function tlsFacts({ tls, stoppedAt }: ConnectionView, { auth, describeCertificate }: RowOptions) {
  if (tls === null) return {};
  const isShown = auth && stoppedAt === null;
  const peer = isShown ? certificates(tls, describeCertificate) : [];
  return {
    tls_version: tls.version,
    tls_cipher_suite: tls.cipher,
    ...(peer.length > 0 ? { tls_peer_certs: peer } : {}),
    ...(tls.first ? { tls_first: true } : {}),
  };
}

function certificates({ certificate }: TlsView, describe: RowOptions["describeCertificate"]) {
  const shown = certificate === null ? null : (describe?.(certificate) ?? null);
  return shown === null ? [] : [shown];
}

function loginFacts({ user, accountName }: ConnectionView) {
  return {
    ...(user === "" ? {} : { authorized_user: user }),
    ...(accountName === "" || accountName === GLOBAL_ACCOUNT ? {} : { account: accountName }),
  };
}

/** Who logged in with an nkey: nats-server names the account as the issuer of its key. */
function issuer({ user, accountName }: ConnectionView) {
  return USER_NKEY.test(user) ? { issuer_key: accountName } : {};
}

/** Of closed connections, nats-server remembers the account only where it is not the global one. */
function accountTag({ accountName, stoppedAt }: ConnectionView) {
  const isForgotten = stoppedAt !== null && accountName === GLOBAL_ACCOUNT;
  return accountName === "" || isForgotten ? {} : { name_tag: accountName };
}

function subscriptions(view: ConnectionView, subs: true | "detail", isLong: boolean) {
  const rows = subs === "detail" ? details(view) : subjects(view);
  const list = isLong ? new LongList(rows) : [...rows];
  return subs === "detail" ? { subscriptions_list_detail: list } : { subscriptions_list: list };
}

function* subjects(view: ConnectionView): Generator<string> {
  for (const { subject } of view.subscriptionViews()) yield decoded(subject);
}

function* details(view: ConnectionView): Generator<object> {
  const isAccountShown = view.stoppedAt !== null;
  for (const each of view.subscriptionViews()) yield subscriptionRow(each, isAccountShown);
}
