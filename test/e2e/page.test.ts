// The page in a real browser, served by the executable: what people see and do there.
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { join, type WireClient } from "../support/wire.ts";
import { describeWithBrowser } from "./page-browser.ts";
import { Broker, freePort, until } from "./support.ts";

const RATE_MS = 2000;
const LOAD_MESSAGES = 200;
const LOAD_EVERY_MS = 20;

interface Watched extends AsyncDisposable {
  readonly broker: Broker;
  readonly url: string;
}

/** An executable with its monitor on, and the address of its page. */
async function watched(config?: string, flags: string[] = ["-m", "-1"]): Promise<Watched> {
  const broker = await Broker.start({ flags, ...(config === undefined ? {} : { config }) });
  const line = await broker.line(/Starting http monitor on 127\.0\.0\.1:\d+$/);
  const url = `http://127.0.0.1:${line.split(":").at(-1)}/`;
  return { broker, url, [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose]() };
}

/** Clients with these names. */
async function clients(port: number, ...names: string[]): Promise<WireClient[]> {
  return Promise.all(names.map((name) => join(port, { name, lang: "test", version: "1.0" })));
}

const LIVE = '#status[data-state="live"]';
const ROWS = "#table tbody tr";

/** The text of a column, from top to bottom. */
function column(page: Page, key: string): Promise<string[]> {
  const heading = `th => th.dataset.key === "${key}"`;
  const at = `[...document.querySelectorAll("#table th")].findIndex(${heading})`;
  const cells = `[...document.querySelectorAll("${ROWS}")].map((row) => row.cells[${at}]?.textContent)`;
  return page.evaluate<string[]>(cells);
}

/** Waits until a column reads like this. */
async function reads(page: Page, key: string, texts: readonly string[]): Promise<void> {
  const wanted = texts.join("\n");
  let seen = "";
  const isThere = async () => (seen = (await column(page, key)).join("\n")) === wanted;
  await until(isThere, `the column ${key} reads ${wanted}`).catch(() => expect(seen).toBe(wanted));
}

function sortBy(page: Page, key: string): Promise<void> {
  return page.click(`#table th[data-key="${key}"] button`);
}

describeWithBrowser("the page in a browser", (open) => {
  test("loads from the executable and is live, without a complaint and without another request", async () => {
    await using server = await watched("server_name: east-1");
    await using shown = await open(server.url);
    const { page, complaints } = shown;
    await page.waitForSelector(LIVE);
    expect(await page.textContent("#server-name")).toBe("east-1");
    expect(await page.title()).toBe("east-1 · Midge");
    const fetched = await page.evaluate<string[]>(
      `performance.getEntriesByType("resource").map((each) => new URL(each.name).pathname)`,
    );
    expect(fetched.filter((path) => !path.startsWith("/live"))).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test("shows the rate that a load makes within two seconds", async () => {
    await using server = await watched();
    const [sender] = await clients(server.broker.port, "sender");
    await using shown = await open(server.url);
    await shown.page.waitForSelector(LIVE);
    const startedAt = performance.now();
    const load = setInterval(
      () => void sender!.says("PUB a 5\r\nhello\r\n".repeat(LOAD_MESSAGES)),
      LOAD_EVERY_MS,
    );
    // 10,000 a second are sent; the first sample may have seen the load begin.
    const value = shown.page.locator("#card-messages .value").first();
    await value.filter({ hasText: /^[1-9][\d.]*k\/s$/ }).waitFor();
    clearInterval(load);
    expect(performance.now() - startedAt).toBeLessThan(RATE_MS);
    sender!.close();
  });

  test("sorts, searches and turns pages of connections", async () => {
    await using server = await watched();
    const names = Array.from({ length: 60 }, (_, i) => `client-${String(i).padStart(2, "0")}`);
    const joined = await clients(server.broker.port, ...names, "Orders");
    await using shown = await open(server.url);
    const { page, complaints } = shown;
    await page.getByText("1–50 of 61", { exact: true }).waitFor();
    await sortBy(page, "name");
    await reads(page, "name", ["Orders", ...names.slice(0, 49)]);
    await sortBy(page, "name");
    await reads(page, "name", names.slice(10).reverse());
    await page.click("#later");
    await reads(page, "name", [...names.slice(0, 10).reverse(), "Orders"]);
    await page.keyboard.press("/");
    await page.keyboard.type("oRd");
    await reads(page, "name", ["Orders"]);
    expect(await page.textContent("#found")).toBe("1–1 of 1 (61 in all)");
    await page.fill("#search", "nobody");
    await page.waitForSelector("#table-empty:not([hidden])");
    for (const each of joined) each.close();
    expect(complaints).toEqual([]);
  });

  test("opens a connection with its subscriptions, by mouse, key and address", async () => {
    await using server = await watched();
    const [client] = await clients(server.broker.port, "worker");
    await client!.says("SUB orders.> 7\r\nSUB jobs crew 8\r\nPUB orders.eu 2\r\nhi\r\nPING\r\n");
    await client!.hears("MSG orders.eu 7 2\r\nhi\r\nPONG\r\n");
    await using shown = await open(server.url);
    const { page, complaints } = shown;
    await page.click(`${ROWS} td:nth-child(2)`);
    const dialog = page.locator("#detail[open]");
    await dialog.getByText("Subscriptions (2)").waitFor();
    expect(await dialog.locator("h2").textContent()).toBe("worker");
    expect(await dialog.locator("tbody tr").first().locator("td").allTextContents()).toEqual([
      "orders.>",
      "–",
      "7",
      "1",
      "–",
    ]);
    expect(new URL(page.url()).hash).toBe("#connection-1");
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    await page.focus("#search");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await dialog.getByText("Subscriptions (2)").waitFor();
    await page.reload();
    await dialog.getByText("Subscriptions (2)").waitFor();
    client!.close();
    await dialog.getByText("Client Closed").waitFor();
    expect(complaints).toEqual([]);
  });

  test("shows names that are markup as the text they are", async () => {
    const hostile = `<img src=x onerror="document.title='gotcha'"><script>alert(1)</script>`;
    await using server = await watched();
    const [client] = await clients(server.broker.port, hostile);
    await client!.says("SUB <b>bold</b> 1\r\nPUB <b>bold</b> 0\r\n\r\nPUB <b>bold</b> 0\r\n\r\n");
    await using shown = await open(server.url);
    const { page, complaints } = shown;
    await reads(page, "name", [hostile]);
    await page.keyboard.press("2");
    await page.locator("#tree .token").getByText("<b>bold</b>", { exact: true }).waitFor();
    expect(await page.locator("main img, main script, main b").count()).toBe(0);
    expect(await page.title()).not.toContain("gotcha");
    client!.close();
    expect(complaints).toEqual([]);
  });

  test("shows closed connections with their reason", async () => {
    await using server = await watched();
    const [client] = await clients(server.broker.port, "clumsy");
    await client!.says("NONSENSE\r\n");
    await using shown = await open(server.url);
    await shown.page.getByRole("radio", { name: "Closed" }).click();
    await reads(shown.page, "name", ["clumsy"]);
    expect(await column(shown.page, "reason")).toEqual(["Protocol Violation"]);
  });

  test("draws the server and the subjects by activity", async () => {
    await using server = await watched("server_name: lonely");
    const [client] = await clients(server.broker.port, "sensor");
    // A subject that is used only once is not worth a place in the cache.
    for (let i = 0; i < 5; i++) {
      await client!.says("PUB sensors.kitchen.temp 2\r\n21\r\n");
      await client!.silent();
    }
    await using shown = await open(server.url);
    const { page, complaints } = shown;
    await page.getByRole("tab", { name: "Servers" }).click();
    await page.locator("#graph text").getByText("lonely").waitFor();
    await page.keyboard.press("2");
    await page.getByRole("treeitem").getByText("sensors.kitchen.temp").waitFor();
    client!.close();
    expect(complaints).toEqual([]);
  });

  test("says when the server is gone, and goes on by itself when another one takes its place", async () => {
    const port = String(await freePort());
    const first = await watched("server_name: phoenix", ["-m", port]);
    await using shown = await open(first.url);
    const { page } = shown;
    await page.waitForSelector(LIVE);
    await first.broker.stop();
    await page.waitForSelector('#status[data-state="gone"]');
    expect(await page.textContent("#banner")).toContain("The server has been gone since");
    expect(await page.title()).toStartWith("✕");
    await using second = await watched("server_name: phoenix", ["-m", port]);
    await page.waitForSelector(LIVE);
    expect(await page.isHidden("#banner")).toBe(true);
    expect(await page.textContent("#toast")).toContain("restarted");
    const [client] = await clients(second.broker.port, "newcomer");
    await reads(page, "name", ["newcomer"]);
    client!.close();
  });

  test("works below a base path and behind a password", async () => {
    const config = `
      http_base_path: "/nats"
      monitor_authorization { user: eve, password: s3cret }
    `;
    await using server = await watched(config);
    const httpCredentials = { username: "eve", password: "s3cret" };
    await using shown = await open(`${server.url}nats`, { httpCredentials });
    await shown.page.waitForSelector(LIVE);
    expect(await shown.page.getAttribute("#links a", "href")).toBe("/nats/varz");
  });

  test("fits a phone and a wall", async () => {
    await using server = await watched();
    for (const [width, height] of [
      [360, 740],
      [3840, 2160],
    ] as const) {
      await using shown = await open(server.url, { viewport: { width, height } });
      await shown.page.waitForSelector(LIVE);
      const overflow = `document.documentElement.scrollWidth - document.documentElement.clientWidth`;
      expect(await shown.page.evaluate<number>(overflow)).toBe(0);
      const isWall = width > height;
      expect(await shown.page.isVisible("#servers")).toBe(isWall);
    }
  });

  test("is light or dark as the system has it, until somebody chooses", async () => {
    await using server = await watched();
    await using shown = await open(server.url, { colorScheme: "dark" });
    const { page } = shown;
    const background = () =>
      page.evaluate<string>(`getComputedStyle(document.body).backgroundColor`);
    const dark = await background();
    await page.keyboard.press("t");
    const light = await background();
    expect(light).not.toBe(dark);
    await page.reload();
    expect(await background()).toBe(light);
  });
});
