// Making and changing elements. Text from the network only ever becomes text nodes and attributes here.

type Attributes = Readonly<Record<string, string | number | boolean>>;

/** `true` sets an empty attribute, `false` none. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

export function makeSvg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

function setAttributes(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) element.setAttribute(name, value === true ? "" : String(value));
  }
}

/** An element of the document that is there from the beginning. */
export function find<T extends Element>(id: string, type: new () => T): T {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`the page has no ${type.name} "${id}"`);
  return element;
}

/** The first element inside that matches and must be there. */
export function within<T extends Element>(parent: Element, selector: string, type: new () => T): T {
  const element = parent.querySelector(selector);
  if (!(element instanceof type)) throw new Error(`there is no ${selector}`);
  return element;
}

/** Does nothing where the text is the same already: that keeps selections and saves work. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Children for these items, in their order; elements that exist are used again and keep the focus. */
export class ItemList<T, E extends HTMLElement> {
  readonly #parent: Element;
  readonly #keyOf: (item: T) => string;
  readonly #make: (item: T) => E;
  readonly #update: (element: E, item: T) => void;
  #elements = new Map<string, E>();

  constructor(
    parent: Element,
    keyOf: (item: T) => string,
    makeElement: (item: T) => E,
    update: (element: E, item: T) => void,
  ) {
    this.#parent = parent;
    this.#keyOf = keyOf;
    this.#make = makeElement;
    this.#update = update;
  }

  show(items: readonly T[]): void {
    const focused = document.activeElement;
    const before = this.#elements;
    this.#elements = new Map();
    let next = this.#parent.firstElementChild;
    for (const item of items) {
      const key = this.#keyOf(item);
      const element = before.get(key) ?? this.#make(item);
      before.delete(key);
      this.#elements.set(key, element);
      this.#update(element, item);
      if (element === next) next = next.nextElementSibling;
      else this.#parent.insertBefore(element, next);
    }
    for (const element of before.values()) element.remove();
    // An element that is moved loses the focus.
    if (
      focused instanceof HTMLElement &&
      focused !== document.activeElement &&
      focused.isConnected
    ) {
      focused.focus({ preventScroll: true });
    }
  }
}
