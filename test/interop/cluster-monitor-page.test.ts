// The page's graph of a cluster in a real browser: both servers stand there by name, version and address, and
// what goes between them is on the line between them, however many connections it takes.
import { expect, test } from "bun:test";
import { meet, type Node, routeTo, startMidge, startOriginal } from "../cluster/nodes.ts";
import { describeWithBrowser } from "../e2e/page-browser.ts";
import { describeWithPeer } from "../support/peer.ts";

/** A page is bundled, and its rates are of whole seconds. */
const PAGE_MS = 20_000;
const LOAD_MESSAGES = 50;
const LOAD_EVERY_MS = 20;

/** Of the table of servers, what comes from there and what is sent there. */
const [IN_COLUMN, OUT_COLUMN] = [5, 6];

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
      await using _ = sends(east, west);
      await page.locator("#graph g.route text.out").filter({ hasText: SOME_RATE }).waitFor();
      await row
        .locator("td")
        .nth(OUT_COLUMN)
        .filter({ hasText: /^[1-9]/ })
        .waitFor();
      const title = await page.locator("#graph g.route title").textContent();
      expect(title).toMatch(/out .*\/s, .*B\/s\npending .* B\nround trip /);
      expect(complaints).toEqual([]);
    },
    PAGE_MS,
  );

  for (const level of ["2.15", "2.9"] as const) {
    describeWithPeer(`with nats-server ${level}`, level, (path) => {
      test(
        "shows the other server for what it is, and what goes either way",
        async () => {
          await using east = await startMidge("east-1", {}, { httpPort: -1 });
          await using west = await startOriginal(path, "west-1", [routeTo(east)]);
          await meet(east, west);
          await using shown = await open(east.midge!.monitorUrl!);
          const { page, complaints } = shown;
          await page.click('[role="tab"]:has-text("Servers")');
          await page.locator("#graph .server text.name").getByText("west-1").waitFor();
          const names = await page.locator("#graph .server text.name").allTextContents();
          expect(names.toSorted()).toEqual(["east-1", "west-1"]);
          expect(await page.locator("#graph g.route").count()).toBe(1);
          const row = page.locator("#server-table tbody tr").filter({ hasText: "west-1" });
          const [, version, address] = await row.locator("td").allTextContents();
          expect(version).toMatch(new RegExp(`^nats-server ${RegExp.escape(level)}\\.\\d+$`));
          expect(address).toBe(`127.0.0.1:${west.port}`);
          for (const [from, to, way, column] of [
            [east, west, "out", OUT_COLUMN],
            [west, east, "in", IN_COLUMN],
          ] as const) {
            await using _ = sends(from, to);
            await page
              .locator(`#graph g.route text.${way}`)
              .filter({ hasText: SOME_RATE })
              .waitFor();
            await row
              .locator("td")
              .nth(column)
              .filter({ hasText: /^[1-9]/ })
              .waitFor();
          }
          expect(complaints).toEqual([]);
        },
        PAGE_MS,
      );

      test(
        "shows a middle between two of them, with a line to each",
        async () => {
          await using west = await startOriginal(path, "west-1");
          await using east = await startMidge(
            "east-1",
            { routes: [routeTo(west)] },
            { httpPort: -1 },
          );
          await using north = await startOriginal(path, "north-1", [routeTo(east)]);
          await meet(west, east, north);
          await using shown = await open(east.midge!.monitorUrl!);
          const { page, complaints } = shown;
          await page.click('[role="tab"]:has-text("Servers")');
          for (const name of ["west-1", "north-1"]) {
            await page.locator("#graph .server text.name").getByText(name).waitFor();
            await page.locator("#server-table tbody tr").filter({ hasText: name }).waitFor();
          }
          expect(await page.locator("#graph g.route").count()).toBe(2);
          expect(complaints).toEqual([]);
        },
        PAGE_MS,
      );
    });
  }
});

/** Messages from one to the other, again and again. */
function sends(from: Node, to: Node): AsyncDisposable {
  const load = setInterval(
    () => void from.probe.says(`PUB probe.${to.name} 5\r\nhello\r\n`.repeat(LOAD_MESSAGES)),
    LOAD_EVERY_MS,
  );
  return { [Symbol.asyncDispose]: async () => clearInterval(load) };
}
