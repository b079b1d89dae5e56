// The page's graph of a cluster in a real browser: both servers stand there by name, version and address, and
// what goes between them is on the line between them, however many connections it takes.
import { expect, test } from "bun:test";
import { meet, routeTo, startMidge, startOriginal } from "../cluster/nodes.ts";
import { describeWithBrowser } from "../e2e/page-browser.ts";
import { describeWithPeer } from "../support/peer.ts";

/** A page is bundled, and its rates are of whole seconds. */
const PAGE_MS = 20_000;
const LOAD_MESSAGES = 50;
const LOAD_EVERY_MS = 20;

/** `123 /s`, `2.5k/s`: any rate that is not 0. */
const SOME_RATE = /(in|out) [1-9][\d.]*\s?k?\/s/;

describeWithBrowser("the page of a clustered server", (open) => {
  test(
    "shows both servers and what goes between them",
    async () => {
      await using east = await startMidge("east-1", {}, { httpPort: -1 });
      await using west = await startMidge("west-1", { routes: [routeTo(east)] });
      await meet(east, west);
      await using shown = await open(east.midge!.monitorUrl!);
      const { page, complaints } = shown;
      await page.click('[role="tab"]:has-text("Servers")');
      await page.locator("#graph .server text.name").getByText("west-1").waitFor();
      const names = await page.locator("#graph .server text.name").allTextContents();
      expect(names.toSorted()).toEqual(["east-1", "west-1"]);
      // A pool of connections, and one line.
      expect([...east.midge!.cluster!.routes].length).toBeGreaterThan(1);
      expect(await page.locator("#graph g.route").count()).toBe(1);
      const row = page.locator("#server-table tbody tr").filter({ hasText: "west-1" });
      const cells = await row.locator("td").allTextContents();
      expect(cells.slice(0, 5)).toEqual(["west-1", "0.1.0", `127.0.0.1:${west.port}`, "–", "–"]);
      const load = setInterval(
        () => void east.probe.says("PUB probe.west-1 5\r\nhello\r\n".repeat(LOAD_MESSAGES)),
        LOAD_EVERY_MS,
      );
      await using _ = { [Symbol.asyncDispose]: async () => clearInterval(load) };
      await page.locator("#graph g.route text.out").filter({ hasText: SOME_RATE }).waitFor();
      await row
        .locator("td")
        .nth(6)
        .filter({ hasText: /^[1-9]/ })
        .waitFor();
      const title = await page.locator("#graph g.route title").textContent();
      expect(title).toMatch(/out .*\/s, .*B\/s\npending .* B\nround trip /);
      expect(complaints).toEqual([]);
    },
    PAGE_MS,
  );

  describeWithPeer("with a real nats-server", "2.15", (path) => {
    test(
      "shows the other server for what it is",
      async () => {
        await using east = await startMidge("east-1", {}, { httpPort: -1 });
        await using west = await startOriginal(path, "west-1", [routeTo(east)]);
        await meet(east, west);
        await using shown = await open(east.midge!.monitorUrl!);
        const { page, complaints } = shown;
        await page.click('[role="tab"]:has-text("Servers")');
        const row = page.locator("#server-table tbody tr").filter({ hasText: "west-1" });
        await row.waitFor();
        const [, version, address] = await row.locator("td").allTextContents();
        expect(version).toMatch(/^nats-server 2\.15\.\d+$/);
        expect(address).toBe(`127.0.0.1:${west.port}`);
        expect(await page.locator("#graph g.route").count()).toBe(1);
        expect(complaints).toEqual([]);
      },
      PAGE_MS,
    );
  });
});
