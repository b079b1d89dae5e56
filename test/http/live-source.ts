// Many made-up connections and subjects, and a clock that tests turn themselves.
import type { ConnectionView, MonitorSource } from "../../src/http/source.ts";
import { Turns } from "../../src/http/turns.ts";
import { fakeAccount, fakeConnection, fakeSource, type FakeSource } from "./fake-source.ts";

/** Milliseconds that pass only when they are told to. */
export class HandClock {
  ms = 1_000_000;
  readonly now = () => this.ms;
}

export const turns = new Turns();

export type Changeable = { -readonly [K in keyof ConnectionView]: ConnectionView[K] };

/** A source with these connections open. */
export function sourceOf(views: readonly Partial<ConnectionView>[]) {
  const open = views.map((view, i): Changeable => fakeConnection({ cid: i + 1, ...view }));
  const source: Omit<FakeSource, "open"> = fakeSource();
  return Object.assign(source, { open });
}

/** A source with one account, whose subjects had so many messages. */
export function sourceWith(messages: Record<string, number>): MonitorSource {
  const source = fakeSource();
  const activity = () =>
    Object.entries(messages).map(([subject, count]) => ({ subject, messages: count }));
  source.accounts = [
    fakeAccount({ name: "$SYS", isSystem: true }),
    fakeAccount({ activity, received: { msgs: 1, bytes: 1 } }),
  ];
  return source;
}
