// One connection in all its details: what the page shows when somebody opens a row of the table.
import type { ConnectionView, MonitorSource, SubscriptionView, TlsView } from "./source.ts";
import type { Turns } from "./turns.ts";
import {
  SUBSCRIPTIONS_SHOWN,
  type ConnectionDetail,
  type ConnectionRow,
  type SubscriptionRow,
} from "./live-shapes.ts";
import { Snapshot } from "./live-snapshot.ts";
import { type MonotonicClock, monotonic } from "./live-shared.ts";
import { textFromBytes } from "./live-text.ts";
import { Top } from "./top.ts";
import { forEachInTurns } from "./live-turns.ts";

/** Rates compare two looks that are no further apart. */
const RATE_MS_MAX = 10_000;

export class ConnectionDetails {
  readonly #source: MonitorSource;
  readonly #turns: Turns;
  readonly #now: MonotonicClock;
  readonly #before = new Map<number, Snapshot>();

  constructor(source: MonitorSource, turns: Turns, now: MonotonicClock = monotonic) {
    this.#source = source;
    this.#turns = turns;
    this.#now = now;
  }

  /** Null for a connection that never was, or was forgotten. */
  async detail(cid: number): Promise<ConnectionDetail | null> {
    const open = this.#source.connectionView(cid);
    const view = open ?? this.#source.closedViews().find((each) => each.cid === cid);
    if (view === undefined) return null;
    // The answer comes too late for this look and in time for the next one.
    open?.ping();
    const row = this.#row(view);
    const { stalls, tls } = view;
    return {
      row,
      now: Date.now(),
      stalls,
      tls: tls && (await describeTls(tls)),
      subscriptions: await this.#subscriptions(view),
    };
  }

  sweep(): void {
    const now = this.#now();
    for (const [cid, { takenAt }] of this.#before) {
      if (now - takenAt > RATE_MS_MAX) this.#before.delete(cid);
    }
  }

  #row(view: ConnectionView): ConnectionRow {
    const { cid } = view;
    const snapshot = new Snapshot(this.#now(), 1);
    const isOpen = view.stoppedAt === null;
    snapshot.add(view, isOpen ? (this.#before.get(cid) ?? null) : null);
    if (isOpen) this.#before.set(cid, snapshot);
    return snapshot.row(0);
  }

  async #subscriptions(view: ConnectionView): Promise<SubscriptionRow[]> {
    // There may be very many: no copy is made of them, and what comes or goes meanwhile may be missed.
    const top = new Top<SubscriptionView>(SUBSCRIPTIONS_SHOWN, true);
    const choose = (each: SubscriptionView) => void top.add(each, each.delivered);
    await forEachInTurns(this.#turns, view.subscriptionViews(), choose);
    return top.sorted().map(({ subject, queue, sid, delivered, max }) => ({
      subject: textFromBytes(subject),
      queue: queue === null ? null : textFromBytes(queue),
      sid: textFromBytes(sid),
      delivered,
      max,
    }));
  }
}

async function describeTls({ version, cipher, first, certificate }: TlsView) {
  return { version, cipher, first, certificate: certificate ? await subjectOf(certificate) : "" };
}

async function subjectOf(certificate: Uint8Array): Promise<string> {
  const { parseCertificate } = await import("../auth/certificate.ts");
  const { subject, dnsNames } = parseCertificate(certificate);
  const parts = subject.flat().map(({ type, value }) => `${type}=${value}`);
  return parts.length > 0 ? parts.reverse().join(", ") : dnsNames.join(", ");
}
