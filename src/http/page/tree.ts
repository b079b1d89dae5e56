// The tree of subjects by activity, with the keys that trees have everywhere.
import type { SubjectOrder, SubjectTree } from "../live-shapes.ts";
import { type BranchRow, rowsOf } from "./branches.ts";
import { Choice } from "./choice.ts";
import { find, ItemList, make, setText, within } from "./dom.ts";
import { perSecond, short, whole } from "./format.ts";
import { Poll } from "./poll.ts";

export class SubjectView {
  readonly #panel = find("subjects", HTMLElement);
  readonly #tree = find("tree", HTMLElement);
  readonly #account = find("account", HTMLSelectElement);
  readonly #order: Choice<SubjectOrder>;
  readonly #poll: Poll<SubjectTree>;
  readonly #list: ItemList<BranchRow, HTMLElement>;
  /** Branches that somebody opened or closed. */
  readonly #chosen = new Map<string, boolean>();
  #rows: readonly BranchRow[] = [];
  #answer: SubjectTree | null = null;
  #under = "";

  constructor(isLive: () => boolean) {
    const orders = [
      { value: "rate", label: "Now" },
      { value: "messages", label: "Ever" },
    ] as const;
    this.#order = new Choice<SubjectOrder>(find("subject-order", HTMLElement), orders, "rate", () =>
      this.#poll.now(),
    );
    this.#list = new ItemList(
      this.#tree,
      ({ path }) => path,
      makeRow,
      (element, row) => writeRow(element, row),
    );
    this.#poll = new Poll<SubjectTree>(
      () => (isLive() && this.#panel.checkVisibility() ? this.#question() : null),
      (answer) => this.#show(answer),
    );
    this.#account.addEventListener("change", () => this.#look(""));
    this.#tree.addEventListener("click", (event) => this.#onClick(event));
    this.#tree.addEventListener("keydown", (event) => this.#onKey(event));
  }

  refresh(): void {
    this.#poll.now();
  }

  #question(): string {
    const question = new URLSearchParams({ order: this.#order.value, under: this.#under });
    if (this.#account.value !== "") question.set("account", this.#account.value);
    return `live/subjects?${question}`;
  }

  /** Shows only what is below this subject. */
  #look(under: string): void {
    this.#under = under;
    this.#poll.now();
  }

  #show(answer: SubjectTree): void {
    this.#answer = answer;
    this.#showAccounts(answer);
    this.#showCrumbs(answer.under);
    const { subjects, messages, rate } = answer.root;
    const sum = [`${whole(subjects)} subjects`, `${short(messages)} messages`];
    if (answer.hasRates) sum.push(perSecond(rate));
    setText(find("subject-sum", HTMLElement), sum.join(" · "));
    find("tree-empty", HTMLElement).hidden = subjects > 0;
    this.#draw();
  }

  #draw(): void {
    if (this.#answer === null) return;
    const { root, under } = this.#answer;
    this.#rows = rowsOf(root, under, this.#order.value, this.#chosen);
    this.#list.show(this.#rows);
    if (!this.#tree.querySelector("[tabindex='0']")) {
      this.#tree.querySelector("[role=treeitem]")?.setAttribute("tabindex", "0");
    }
  }

  #showAccounts({ accounts, account }: SubjectTree): void {
    this.#account.hidden = accounts.length < 2;
    const shown = Array.from(this.#account.options, ({ value }) => value);
    if ([...shown].sort().join("\n") !== [...accounts].sort().join("\n")) {
      this.#account.replaceChildren(
        ...accounts.map((name) => make("option", { value: name }, name)),
      );
      this.#account.value = account;
    }
  }

  #showCrumbs(under: string): void {
    const crumbs = find("crumbs", HTMLElement);
    if (crumbs.dataset["under"] === under) return;
    crumbs.dataset["under"] = under;
    const tokens = under === "" ? [] : under.split(".");
    const crumb = (label: string, path: string) => {
      const button = make("button", { type: "button" }, label);
      button.addEventListener("click", () => this.#look(path));
      return button;
    };
    crumbs.replaceChildren(
      ...(tokens.length > 0 ? [crumb("all", "")] : []),
      ...tokens.map((token, i) => crumb(token, tokens.slice(0, i + 1).join("."))),
    );
  }

  #rowAt(target: EventTarget | null): { element: HTMLElement; row: BranchRow } | null {
    const element = target instanceof Element ? target.closest("[role=treeitem]") : null;
    if (!(element instanceof HTMLElement)) return null;
    const row = this.#rows[[...this.#tree.children].indexOf(element)];
    return row === undefined ? null : { element, row };
  }

  #onClick({ target }: MouseEvent): void {
    const at = this.#rowAt(target);
    if (at === null) return;
    if (target instanceof Element && target.closest("button.look")) this.#look(at.row.path);
    else this.#toggle(at.row, !at.row.isOpen);
  }

  #toggle({ path, isOpen }: BranchRow, open: boolean): void {
    if (isOpen === null || isOpen === open) return;
    this.#chosen.set(path, open);
    this.#draw();
  }

  #onKey(event: KeyboardEvent): void {
    const at = this.#rowAt(event.target);
    if (at === null || event.target !== at.element) return;
    const { element, row } = at;
    switch (event.key) {
      case "ArrowDown":
        this.#focus(element, element.nextElementSibling);
        break;
      case "ArrowUp":
        this.#focus(element, element.previousElementSibling);
        break;
      case "ArrowRight":
        if (row.isOpen) this.#focus(element, element.nextElementSibling);
        else this.#toggle(row, true);
        break;
      case "ArrowLeft":
        if (row.isOpen) this.#toggle(row, false);
        else this.#focus(element, this.#parentOf(row));
        break;
      case "Enter":
        if (row.isOpen !== null) this.#look(row.path);
        break;
      default:
        return;
    }
    event.preventDefault();
  }

  #parentOf({ level }: BranchRow): Element | null {
    let element = document.activeElement;
    while (element && Number(element.ariaLevel) > level) element = element.previousElementSibling;
    return element;
  }

  #focus(from: HTMLElement, to: Element | null): void {
    if (!(to instanceof HTMLElement) || to === from) return;
    from.tabIndex = -1;
    to.tabIndex = 0;
    to.focus();
  }
}

const LOOK = { type: "button", class: "look quiet", tabindex: -1 } as const;

function makeRow({ isRest }: BranchRow): HTMLElement {
  return make(
    "div",
    { role: "treeitem", tabindex: -1, class: isRest ? "branch rest" : "branch" },
    make("span", { class: "twig", "aria-hidden": "true" }),
    make("bdi", { class: "token" }),
    make("span", { class: "rate number" }),
    make("span", { class: "messages number" }),
    make("button", { ...LOOK, title: "Look into it (Enter)", "aria-label": "Look into it" }, "›"),
  );
}

function writeRow(element: HTMLElement, row: BranchRow): void {
  const { level, isOpen, label, rate, messages, share, path, subjects } = row;
  element.ariaLevel = String(level + 1);
  element.ariaExpanded = isOpen === null ? null : String(isOpen);
  element.title = `${path}\n${whole(messages)} messages on ${whole(subjects)} subjects`;
  element.style.setProperty("--level", String(level));
  element.style.setProperty("--share", String(Math.min(1, share)));
  setText(within(element, ".token", HTMLElement), label);
  setText(within(element, ".rate", HTMLElement), perSecond(rate));
  setText(within(element, ".messages", HTMLElement), short(messages));
  within(element, ".look", HTMLElement).hidden = isOpen === null;
}
