// Keys that work everywhere on the page, except where somebody types.

export function onKeys(actions: Readonly<Record<string, () => void>>): void {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    // What is open has the keys to itself.
    if (document.querySelector("dialog[open]")) return;
    const action = actions[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  });
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
}
