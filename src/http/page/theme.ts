// Light or dark: as the system has it, or as somebody chose on this page.

const KEY = "midge-theme";
const THEMES = ["auto", "light", "dark"] as const;
const SIGNS = { auto: "◐", light: "☀", dark: "☾" } as const;

type Theme = (typeof THEMES)[number];

export class ThemeSwitch {
  readonly #button: HTMLButtonElement;
  readonly #onChange: () => void;
  #theme: Theme = remembered();

  constructor(button: HTMLButtonElement, onChange: () => void) {
    this.#button = button;
    this.#onChange = onChange;
    button.addEventListener("click", () => this.next());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", onChange);
    this.#apply();
  }

  next(): void {
    this.#theme = THEMES[(THEMES.indexOf(this.#theme) + 1) % THEMES.length]!;
    remember(this.#theme);
    this.#apply();
    this.#onChange();
  }

  #apply(): void {
    document.documentElement.dataset["theme"] = this.#theme;
    this.#button.textContent = SIGNS[this.#theme];
    this.#button.ariaLabel = `Colours: ${this.#theme}`;
  }
}

/** A browser may keep nothing for us; then the choice lasts as long as the page. */
function remembered(): Theme {
  try {
    const theme = localStorage.getItem(KEY);
    return THEMES.find((each) => each === theme) ?? "auto";
  } catch {
    return "auto";
  }
}

function remember(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // As above.
  }
}
