// A small row of buttons of which one is on: a radio group with the keys that people expect of one.
import { make } from "./dom.ts";

export interface Option<T extends string> {
  readonly value: T;
  readonly label: string;
}

export class Choice<T extends string> {
  readonly #buttons = new Map<T, HTMLButtonElement>();
  readonly #onChange: (value: T) => void;
  #value: T;

  constructor(
    parent: HTMLElement,
    options: readonly Option<T>[],
    value: T,
    onChange: (value: T) => void,
  ) {
    this.#onChange = onChange;
    this.#value = value;
    for (const { value: each, label } of options) {
      const button = make("button", { type: "button", role: "radio", "data-value": each }, label);
      button.addEventListener("click", () => this.choose(each));
      button.addEventListener("keydown", (event) => this.#onKey(event));
      this.#buttons.set(each, button);
      parent.append(button);
    }
    this.#mark();
  }

  get value(): T {
    return this.#value;
  }

  choose(value: T): void {
    if (value === this.#value) return;
    this.#value = value;
    this.#mark();
    this.#onChange(value);
  }

  /** The one after the one that is on, the first after the last. */
  next(step = 1): void {
    const values = [...this.#buttons.keys()];
    const at = (values.indexOf(this.#value) + step + values.length) % values.length;
    this.choose(values[at]!);
  }

  #onKey(event: KeyboardEvent): void {
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    this.next(step);
    this.#buttons.get(this.#value)?.focus();
  }

  #mark(): void {
    for (const [value, button] of this.#buttons) {
      const isOn = value === this.#value;
      button.setAttribute("aria-checked", String(isOn));
      button.tabIndex = isOn ? 0 : -1;
    }
  }
}

const STEPS: Readonly<Record<string, number>> = {
  ArrowRight: 1,
  ArrowDown: 1,
  ArrowLeft: -1,
  ArrowUp: -1,
};
