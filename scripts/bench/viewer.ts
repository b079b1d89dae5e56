// A browser that shows the monitor's page on a wide screen, as the server sees it: the page, the stream
// of samples, and what the three panels ask, each two seconds after its last answer.

const PANEL_SECONDS = 2;
const PANELS = [
  "/live/connections?state=open&sort=outMsgsRate&order=desc&offset=0&limit=50&search=",
  "/live/subjects?order=rate&under=",
  "/live/servers",
];

export class Viewer {
  readonly #monitor: string;
  readonly #abort = new AbortController();
  /** Rejects when the server refuses to be looked at; never resolves. */
  readonly broken: Promise<never>;
  #samples = 0;
  #break!: (error: unknown) => void;

  private constructor(monitor: string) {
    this.#monitor = monitor;
    this.broken = new Promise((_, reject) => (this.#break = reject));
    this.broken.catch(() => {});
  }

  /** Resolves when the stream is open. */
  static async open(monitor: string): Promise<Viewer> {
    const viewer = new Viewer(monitor);
    const page = await viewer.#fetch("/", "text/html");
    await page.arrayBuffer();
    const stream = await viewer.#fetch("/live", "text/event-stream");
    viewer.#goOn(viewer.#read(stream));
    for (const panel of PANELS) viewer.#goOn(viewer.#poll(panel));
    return viewer;
  }

  /** Pieces of the stream so far. */
  get samples(): number {
    return this.#samples;
  }

  close(): void {
    this.#abort.abort();
  }

  async #read(stream: Response): Promise<void> {
    for await (const _ of stream.body ?? []) this.#samples++;
    throw new Error("the monitor closed the stream of samples");
  }

  async #poll(panel: string): Promise<void> {
    for (;;) {
      await (await this.#fetch(panel, "*/*")).arrayBuffer();
      await Bun.sleep(PANEL_SECONDS * 1e3);
    }
  }

  async #fetch(path: string, accept: string): Promise<Response> {
    const { signal } = this.#abort;
    const response = await fetch(this.#monitor + path, { headers: { Accept: accept }, signal });
    if (response.ok) return response;
    throw new Error(`the monitor answered ${path} with ${response.status}`);
  }

  #goOn(task: Promise<void>): void {
    task.catch((error: unknown) => {
      if (!this.#abort.signal.aborted) this.#break(error);
    });
  }
}
