// The lower half of the page: one of its panels, or, where the screen is wide enough, all of them.
import { find } from "./dom.ts";

const NAMES = ["connections", "subjects", "servers"] as const;

export type PanelName = (typeof NAMES)[number];

export class Tabs {
  readonly #onChange: () => void;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
    for (const name of NAMES) {
      const tab = tabOf(name);
      tab.addEventListener("click", () => this.select(name));
      tab.addEventListener("keydown", (event) => this.#onKey(event, name));
    }
    this.#mark("connections");
  }

  select(name: PanelName): void {
    this.#mark(name);
    this.#onChange();
  }

  #onKey(event: KeyboardEvent, name: PanelName): void {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const next = NAMES[(NAMES.indexOf(name) + step + NAMES.length) % NAMES.length]!;
    this.select(next);
    tabOf(next).focus();
  }

  #mark(selected: PanelName): void {
    for (const name of NAMES) {
      const isOn = name === selected;
      tabOf(name).ariaSelected = String(isOn);
      tabOf(name).tabIndex = isOn ? 0 : -1;
      // A wide screen shows it all the same.
      find(name, HTMLElement).classList.toggle("off", !isOn);
    }
  }
}

function tabOf(name: PanelName): HTMLButtonElement {
  return find(`tab-${name}`, HTMLButtonElement);
}
