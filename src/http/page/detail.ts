// One connection, opened from the table. The address of the page names it, so that a link, a reload and the
// way back work.
import {
  SUBSCRIPTIONS_SHOWN,
  type ConnectionDetail,
  type SubscriptionRow,
} from "../live-shapes.ts";
import { Chart } from "./chart.ts";
import { find, ItemList, make, setText } from "./dom.ts";
import { bytes, duration, milliseconds, moment, perSecond, whole } from "./format.ts";
import { Poll } from "./poll.ts";

const HASH = /^#connection-(\d+)$/;
/** Looks at a connection that the chart shows: five minutes. */
const LOOKS_MAX = 150;

export function detailHash(cid: number): string {
  return `#connection-${cid}`;
}

export class DetailView {
  readonly #dialog = find("detail", HTMLDialogElement);
  readonly #poll: Poll<ConnectionDetail>;
  #cid = 0;
  #shown: OpenDetail | null = null;

  constructor(isLive: () => boolean) {
    this.#poll = new Poll<ConnectionDetail>(
      () => (this.#cid > 0 && isLive() ? `live/connections/${this.#cid}` : null),
      (detail) => this.#show(detail),
      (status) => this.#refuse(status),
    );
    addEventListener("hashchange", () => this.#follow());
    this.#dialog.addEventListener("close", () => this.#leave());
    this.#dialog.addEventListener("click", ({ target }) => {
      if (target === this.#dialog) this.#dialog.close();
    });
    this.#follow();
  }

  /** There is a server again. */
  refresh(): void {
    if (this.#cid > 0) this.#poll.now();
  }

  redraw(): void {
    this.#shown?.chart.redraw();
  }

  #follow(): void {
    const cid = Number(HASH.exec(location.hash)?.[1] ?? 0);
    if (cid === this.#cid) return;
    this.#clear();
    this.#cid = cid;
    if (cid === 0) return this.#dialog.close();
    const title = make("h2", { id: "detail-title" }, `Connection ${cid}`);
    this.#dialog.replaceChildren(makeHead(title), make("p", { class: "empty" }, "…"));
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#poll.now();
  }

  #leave(): void {
    this.#clear();
    this.#cid = 0;
    if (HASH.test(location.hash)) history.pushState(null, "", location.pathname + location.search);
  }

  #clear(): void {
    this.#shown?.chart.remove();
    this.#shown = null;
  }

  #refuse(status: number): void {
    this.#clear();
    const text =
      status === 404
        ? "This connection is not there any more, and nothing is remembered of it."
        : `The server refuses to tell (${status}).`;
    const title = make("h2", { id: "detail-title" }, `Connection ${this.#cid}`);
    this.#dialog.replaceChildren(makeHead(title), make("p", { class: "empty" }, text));
  }

  #show(detail: ConnectionDetail): void {
    this.#shown ??= new OpenDetail(this.#dialog);
    this.#shown.show(detail);
  }
}

function makeHead(...title: Node[]): HTMLElement {
  const close = make(
    "button",
    { class: "quiet", "aria-label": "Close", title: "Close (Esc)" },
    "✕",
  );
  return make("form", { method: "dialog", class: "head" }, make("div", {}, ...title), close);
}

/** What the dialog holds while it shows a connection. */
class OpenDetail {
  readonly chart: Chart;
  readonly #title = make("h2", { id: "detail-title" });
  readonly #subtitle = make("p", { class: "facts" });
  readonly #reason = make("p", { class: "reason" });
  readonly #facts: ItemList<readonly [string, string], HTMLElement>;
  readonly #subscriptions: ItemList<SubscriptionRow, HTMLTableRowElement>;
  readonly #count = make("h3");
  readonly #empty = make("p", { class: "empty" }, "It has no subscriptions.");
  readonly #table: HTMLElement;
  readonly #history: HTMLElement;
  readonly #looks: { time: number; in: number | null; out: number | null }[] = [];

  constructor(dialog: HTMLDialogElement) {
    const facts = make("dl", { class: "grid" });
    const plot = make("div", { class: "plot", "aria-hidden": "true" });
    this.#history = make("section", {}, make("h3", {}, "Messages in and out per second"), plot);
    const body = make("tbody");
    const headings = ["Subject", "Queue", "SID", "Delivered", "Ends after"].map((label, i) =>
      make("th", { scope: "col", class: i > 1 ? "number" : "" }, label),
    );
    const head = make("thead", {}, make("tr", {}, ...headings));
    const table = make("table", { class: "table" }, head, body);
    this.#table = make("div", { class: "scroll" }, table);
    dialog.replaceChildren(
      makeHead(this.#title, this.#subtitle),
      this.#reason,
      facts,
      this.#history,
      this.#count,
      this.#empty,
      this.#table,
    );
    this.#facts = new ItemList(facts, ([label]) => label, makeFact, writeFact);
    this.#subscriptions = new ItemList(body, ({ sid }) => sid, makeSubscription, writeSubscription);
    this.chart = new Chart(plot, {
      lines: [
        { label: "in", ink: "in" },
        { label: "out", ink: "out" },
      ],
      mark: perSecond,
      reach: 10,
      span: () => this.#span(),
    });
  }

  show(detail: ConnectionDetail): void {
    const { row, now, subscriptions } = detail;
    setText(this.#title, row.name === "" ? `Connection ${row.cid}` : row.name);
    const client = `${row.lang} ${row.version}`.trim();
    setText(this.#subtitle, [`#${row.cid}`, client].filter(Boolean).join(" · "));
    this.#reason.hidden = row.reason === null;
    setText(this.#reason, `Closed ${moment(row.stoppedAt ?? now)}: ${row.reason ?? ""}`);
    this.#history.hidden = row.stoppedAt !== null;
    this.#facts.show(factsOf(detail));
    this.#subscriptions.show(subscriptions);
    const { length } = subscriptions;
    const isAll = length < SUBSCRIPTIONS_SHOWN || length === row.subscriptions;
    const count = isAll ? whole(length) : `${whole(length)} of ${whole(row.subscriptions)}`;
    setText(this.#count, `Subscriptions (${count})`);
    this.#empty.hidden = length > 0;
    this.#table.hidden = length === 0;
    this.#looks.push({ time: now / 1000, in: row.inMsgsRate, out: row.outMsgsRate });
    if (this.#looks.length > LOOKS_MAX) this.#looks.shift();
    this.chart.show(
      this.#looks.map(({ time }) => time),
      this.#looks.map((look) => look.in),
      this.#looks.map((look) => look.out),
    );
  }

  #span(): [number, number] {
    const end = this.#looks.at(-1)?.time ?? 0;
    return [Math.min(this.#looks[0]?.time ?? 0, end - 60), end];
  }
}

function factsOf({ row, now, stalls, tls }: ConnectionDetail): [string, string][] {
  const traffic = (msgs: number, rate: number | null, size: number) =>
    `${whole(msgs)} messages, ${bytes(size)}${rate === null ? "" : `, ${perSecond(rate)}`}`;
  const end = row.stoppedAt ?? now;
  const facts: [string, string][] = [
    ["Address", row.ip.includes(":") ? `[${row.ip}]:${row.port}` : `${row.ip}:${row.port}`],
    ["User", row.user || "nobody"],
    ["Account", row.account],
    ["TLS", tls === null ? "no" : `${tls.version}, ${tls.cipher}${tls.first ? ", first" : ""}`],
  ];
  if (tls !== null && tls.certificate !== "") facts.push(["Certificate", tls.certificate]);
  facts.push(
    ["Round trip", row.rtt > 0 ? milliseconds(row.rtt) : "not known yet"],
    ["Pending", bytes(row.pending)],
    ["In", traffic(row.inMsgs, row.inMsgsRate, row.inBytes)],
    ["Out", traffic(row.outMsgs, row.outMsgsRate, row.outBytes)],
    ["Slowed down others", stalls === 0 ? "never" : `${whole(stalls)} times`],
    ["Connected", `${moment(row.startedAt)} (${duration(end - row.startedAt)})`],
  );
  if (row.stoppedAt === null) facts.push(["Idle", duration(now - row.lastActivity)]);
  return facts;
}

function makeFact([label]: readonly [string, string]): HTMLElement {
  return make("div", {}, make("dt", {}, label), make("dd"));
}

function writeFact(element: HTMLElement, [, text]: readonly [string, string]): void {
  setText(element.lastElementChild!, text);
}

function makeSubscription(): HTMLTableRowElement {
  const number = () => make("td", { class: "number" });
  return make("tr", {}, make("td"), make("td"), number(), number(), number());
}

function writeSubscription(element: HTMLTableRowElement, row: SubscriptionRow): void {
  const ends = row.max === 0 ? "–" : whole(row.max);
  const texts = [row.subject, row.queue ?? "–", row.sid, whole(row.delivered), ends];
  texts.forEach((text, i) => setText(element.cells[i]!, text));
}
