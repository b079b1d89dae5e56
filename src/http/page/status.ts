// The head of the page: which server this is, how it is, and, in words nobody can miss, that it is gone.
import type { ServerFacts, Tick } from "../live-shapes.ts";
import { find, setText } from "./dom.ts";
import { clock, duration } from "./format.ts";
import type { StreamState } from "./stream.ts";

const TOAST_MS = 8000;
const UNAUTHORIZED = 401;
const UNAVAILABLE = 503;

export class Status {
  readonly #pill = find("status", HTMLElement);
  readonly #banner = find("banner", HTMLElement);
  readonly #toast = find("toast", HTMLElement);
  #state: StreamState = { kind: "connecting" };
  #server: ServerFacts | null = null;
  #serverSetAt = 0;
  #isReady = true;
  #toastTimer = 0;

  constructor() {
    // The time it has been up.
    setInterval(() => this.#write(), 1000);
  }

  setState(state: StreamState): void {
    this.#state = state;
    document.body.dataset["stream"] = state.kind;
    this.#write();
  }

  setServer(server: ServerFacts): void {
    const isAnother = this.#server !== null && this.#server.id !== server.id;
    this.#server = server;
    this.#serverSetAt = performance.now();
    if (isAnother) this.#say("The server was restarted: its counters begin anew.");
    this.#write();
  }

  setTick({ ready }: Tick): void {
    if (this.#isReady === ready) return;
    this.#isReady = ready;
    this.#write();
  }

  #write(): void {
    const word = this.#word();
    setText(this.#pill, word);
    this.#pill.dataset["state"] =
      this.#state.kind === "live" && !this.#isReady ? "leaving" : this.#state.kind;
    const name = this.#server?.name ?? "Midge";
    setText(find("server-name", HTMLElement), name);
    document.title = `${this.#state.kind === "gone" ? "✕ " : ""}${name} · Midge`;
    setText(find("server-facts", HTMLElement), this.#facts());
    const text = this.#warning();
    this.#banner.hidden = text === "";
    setText(this.#banner, text);
  }

  #word(): string {
    if (this.#state.kind === "live" && !this.#isReady) return "takes no clients";
    return this.#state.kind;
  }

  #facts(): string {
    if (this.#server === null) return "";
    const { id, version, level, startedAt, now, port } = this.#server;
    // The clock of the server may be another one than ours.
    const since = this.#state.kind === "live" ? performance.now() - this.#serverSetAt : 0;
    const age = now - startedAt + since;
    return [
      `Midge ${version} (NATS ${level})`,
      `port ${port}`,
      `up ${duration(age)}`,
      id === this.#server.name ? "" : id,
    ]
      .filter(Boolean)
      .join(" · ");
  }

  #warning(): string {
    if (this.#state.kind !== "gone") return "";
    const { status, since } = this.#state;
    if (status === UNAUTHORIZED)
      return "The monitor wants a user and a password: load the page again.";
    if (status === UNAVAILABLE)
      return "Too many pages look at this server. Trying again every second.";
    const given = `since ${clock(since)}. Trying again every second`;
    if (status > 0) return `The monitor has refused to answer (${status}) ${given}.`;
    return `The server has been gone ${given}; these are the last numbers it told.`;
  }

  #say(text: string): void {
    clearTimeout(this.#toastTimer);
    this.#toast.hidden = false;
    setText(this.#toast, text);
    this.#toastTimer = setTimeout(() => (this.#toast.hidden = true), TOAST_MS);
  }
}
