// The table of connections: sorted, searched and cut into pages by the server, which has all of them; here is
// what people see of it and how they ask.
import type { ConnectionPage, ConnectionRow, ConnectionState, SortKey } from "../live-shapes.ts";
import { Choice } from "./choice.ts";
import { type Column, columnsFor } from "./columns.ts";
import { detailHash } from "./detail.ts";
import { find, ItemList, make, setText } from "./dom.ts";
import { whole } from "./format.ts";
import { Poll } from "./poll.ts";

const ROWS_SHOWN = 50;
/** After the last key: people type words, not letters. */
const TYPING_MS = 200;

interface Order {
  readonly sort: SortKey;
  readonly descending: boolean;
}

/** Who works hardest, and who left last, is what people come for. */
const FIRST_ORDER: Readonly<Record<ConnectionState, Order>> = {
  open: { sort: "outMsgsRate", descending: true },
  closed: { sort: "stoppedAt", descending: true },
};

export class ConnectionTable {
  readonly #panel = find("connections", HTMLElement);
  readonly #search = find("search", HTMLInputElement);
  readonly #table = find("table", HTMLTableElement);
  readonly #earlier = find("earlier", HTMLButtonElement);
  readonly #later = find("later", HTMLButtonElement);
  readonly #state: Choice<ConnectionState>;
  readonly #list: ItemList<ConnectionRow, HTMLTableRowElement>;
  readonly #poll: Poll<ConnectionPage>;
  readonly #now: () => number;
  readonly #orders = { ...FIRST_ORDER };
  #columns: readonly Column[] = [];
  #offset = 0;
  #typing = 0;

  /** `isLive`: there is a server to ask. `now` is its time. */
  constructor(isLive: () => boolean, now: () => number) {
    this.#now = now;
    const states = [
      { value: "open", label: "Open" },
      { value: "closed", label: "Closed" },
    ] as const;
    this.#state = new Choice<ConnectionState>(find("state", HTMLElement), states, "open", () => {
      this.#rebuild();
      this.#ask();
    });
    const body = this.#table.tBodies[0]!;
    this.#list = new ItemList(
      body,
      ({ cid }) => String(cid),
      () => this.#makeRow(),
      (element, row) => this.#write(element, row),
    );
    this.#poll = new Poll<ConnectionPage>(
      () => (isLive() && this.#panel.checkVisibility() ? this.#question() : null),
      (page) => this.#show(page),
    );
    this.#search.addEventListener("input", () => {
      clearTimeout(this.#typing);
      this.#typing = setTimeout(() => this.#ask(), TYPING_MS);
    });
    this.#search.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown") this.#focusRow(0, event);
    });
    this.#earlier.addEventListener("click", () => this.#turn(-ROWS_SHOWN));
    this.#later.addEventListener("click", () => this.#turn(ROWS_SHOWN));
    body.addEventListener("click", (event) => openRow(event));
    body.addEventListener("keydown", (event) => this.#move(event));
    this.#rebuild();
  }

  /** Something else is asked, or somebody looks again. */
  refresh(): void {
    this.#poll.now();
  }

  #ask(): void {
    this.#offset = 0;
    this.#poll.now();
  }

  #turn(by: number): void {
    this.#offset = Math.max(0, this.#offset + by);
    this.#poll.now();
  }

  #question(): string {
    const { sort, descending } = this.#order;
    const question = new URLSearchParams({
      state: this.#state.value,
      sort,
      order: descending ? "desc" : "asc",
      offset: String(this.#offset),
      limit: String(ROWS_SHOWN),
      search: this.#search.value.trim(),
    });
    return `live/connections?${question}`;
  }

  get #order(): Order {
    return this.#orders[this.#state.value];
  }

  #show({ rows, found, total, offset }: ConnectionPage): void {
    if (rows.length === 0 && offset > 0) return this.#turn(-ROWS_SHOWN);
    this.#list.show(rows);
    const isAll = found === total;
    const of = isAll ? whole(total) : `${whole(found)} (${whole(total)} in all)`;
    const range = `${whole(offset + 1)}–${whole(offset + rows.length)}`;
    setText(find("found", HTMLElement), found === 0 ? of : `${range} of ${of}`);
    this.#earlier.disabled = offset === 0;
    this.#later.disabled = offset + rows.length >= found;
    const empty = find("table-empty", HTMLElement);
    empty.hidden = found > 0;
    setText(empty, this.#emptyText(isAll));
  }

  #emptyText(isAll: boolean): string {
    if (!isAll) return "No connection has what you search for.";
    if (this.#state.value === "closed") return "No connection was closed yet.";
    return "No client is connected.";
  }

  #rebuild(): void {
    this.#columns = columnsFor(this.#state.value);
    this.#list.show([]);
    this.#table.tHead!.replaceChildren(
      make("tr", {}, ...this.#columns.map((column) => this.#makeHeading(column))),
    );
  }

  #makeHeading(column: Column): HTMLTableCellElement {
    const { key, label, title } = column;
    const button = make("button", { type: "button", title }, label);
    button.addEventListener("click", () => this.#sortBy(column));
    const heading = make(
      "th",
      { ...cellAttributes(column), scope: "col", "data-key": key },
      button,
    );
    heading.ariaSort = this.#sortedAs(key);
    return heading;
  }

  #sortBy({ key, isDownward = false }: Column): void {
    const { sort, descending } = this.#order;
    const next = { sort: key, descending: sort === key ? !descending : isDownward };
    this.#orders[this.#state.value] = next;
    for (const heading of this.#table.tHead!.querySelectorAll("th")) {
      heading.ariaSort = this.#sortedAs(heading.dataset["key"]);
    }
    this.#ask();
  }

  #sortedAs(key: string | undefined): string {
    const { sort, descending } = this.#order;
    if (key !== sort) return "none";
    return descending ? "descending" : "ascending";
  }

  #makeRow(): HTMLTableRowElement {
    const cells = this.#columns.map((column, i) =>
      make("td", cellAttributes(column), ...(i === 0 ? [make("a")] : [])),
    );
    return make("tr", {}, ...cells);
  }

  #write(element: HTMLTableRowElement, row: ConnectionRow): void {
    this.#columns.forEach((column, i) => {
      const cell = element.cells[i]!;
      const text = column.text(row, this.#now());
      const link = cell.querySelector("a");
      setText(link ?? cell, text);
      if (link !== null) {
        link.href = detailHash(row.cid);
        link.ariaLabel = `Connection ${row.cid} ${row.name}`;
      } else if (column.key === "name") {
        cell.title = [row.name, `${row.lang} ${row.version}`]
          .filter((each) => each.trim())
          .join("\n");
      }
      if (column.key === "pending") cell.classList.toggle("waits", row.pending > 0);
    });
  }

  #move(event: KeyboardEvent): void {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const row = event.target instanceof Element ? event.target.closest("tr") : null;
    if (step !== 0 && row !== null) this.#focusRow(row.sectionRowIndex + step, event);
  }

  #focusRow(index: number, event: KeyboardEvent): void {
    const link = this.#table.tBodies[0]!.rows[index]?.querySelector("a");
    if (!link) return;
    event.preventDefault();
    link.focus();
  }
}

function cellAttributes({ isNumber, rank }: Column): { class: string } {
  return { class: `rank-${rank}${isNumber ? " number" : ""}` };
}

/** All of a row is its link, except where somebody marks text. */
function openRow({ target }: MouseEvent): void {
  if (!(target instanceof Element) || target.closest("a") || getSelection()?.toString()) return;
  target.closest("tr")?.querySelector("a")?.click();
}
