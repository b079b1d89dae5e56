// What went over routes that are gone, and why they went: totals must not go back when a connection ends.

import { CloseReason } from "../proto/errors.ts";

/** A route at its end. */
export interface EndedRoute {
  readonly inMsgs: number;
  readonly inBytes: number;
  readonly outMsgs: number;
  readonly outBytes: number;
  readonly closeReason: CloseReason | null;
}

export class RouteTotals {
  inMsgs = 0;
  inBytes = 0;
  outMsgs = 0;
  outBytes = 0;
  /** Routes that had been in use. */
  lost = 0;
  slow = 0;
  stale = 0;

  /** To be called once for each route, when it ends; `wasRegistered`: it was more than a handshake. */
  add(route: EndedRoute, wasRegistered: boolean): void {
    this.inMsgs += route.inMsgs;
    this.inBytes += route.inBytes;
    this.outMsgs += route.outMsgs;
    this.outBytes += route.outBytes;
    if (wasRegistered) this.lost++;
    if (isSlow(route.closeReason)) this.slow++;
    if (route.closeReason === CloseReason.staleConnection) this.stale++;
  }
}

const isSlow = (reason: CloseReason | null) =>
  reason === CloseReason.slowConsumerPendingBytes ||
  reason === CloseReason.slowConsumerWriteDeadline;
