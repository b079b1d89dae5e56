// A real browser for tests of the page: headless Chromium, found by MIDGE_CHROMIUM or on the PATH. Where there
// is none its tests are skipped and say why; with MIDGE_REQUIRE_PEERS=1 that is a failure.
import { afterAll, beforeAll, describe, test } from "bun:test";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

/** A cold start on a busy machine. */
const LAUNCH_MS = 20_000;
/** Whatever is waited for on the page. */
const PATIENCE_MS = 4000;
const SIZE = { width: 1400, height: 900 };

export interface OpenPage extends AsyncDisposable {
  readonly page: Page;
  /** What the browser complained about. */
  readonly complaints: readonly string[];
}

export type OpenPageAt = (url: string, options?: BrowserContextOptions) => Promise<OpenPage>;

/** A group of tests in one browser; each page is a stranger to the others. */
export function describeWithBrowser(name: string, body: (open: OpenPageAt) => void): void {
  const path = process.env["MIDGE_CHROMIUM"] ?? Bun.which("chromium");
  if (path) return describe(name, () => inBrowser(path, body));
  const missing = "no chromium in MIDGE_CHROMIUM or on the PATH";
  if (process.env["MIDGE_REQUIRE_PEERS"] === "1") {
    test(name, () => {
      throw new Error(missing);
    });
  } else {
    console.warn(`skipped: ${name}: ${missing}`);
    test.skip(`${name} (${missing})`, () => {});
  }
}

/** A browser, for as long as it is needed. */
export function launch(path: string): Promise<Browser> {
  // Its sandbox needs rights that root in a container has not; it only sees our own page.
  return chromium.launch({ executablePath: path, args: ["--no-sandbox"], timeout: LAUNCH_MS });
}

function inBrowser(path: string, body: (open: OpenPageAt) => void): void {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch(path);
  }, LAUNCH_MS);
  afterAll(() => browser.close());
  body(async (url, options = {}) => {
    const context = await browser.newContext({ viewport: SIZE, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning")
        complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(url);
    return { page, complaints, [Symbol.asyncDispose]: () => context.close() };
  });
}
