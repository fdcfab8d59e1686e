// The first paint of the restore points of a vault with ten thousand backups. The facts are made here, as a look at such a vault
// takes a minute; the pages, the server and the browser are the real ones.
import { Hono } from "hono";
import { describe, expect, it, onTestFinished } from "vitest";
import { isWithoutBrowser, pagesOfSuite, whyWithoutBrowser } from "../../../reports/testing/browser.ts";
import { systemClock } from "../../base/clock.ts";
import { listen } from "../../service/server/listen.ts";
import { sampleSite } from "../testing/sample-site.ts";
import { Monitor, type MonitorState } from "../monitor.ts";
import { vaultIn } from "../testing/scrape.ts";
import type { PointRow } from "../vault/point-row.ts";
import { addOpenRoutes, addPages } from "./routes.ts";
import { Sessions } from "./sessions.ts";

const count = 10_000;
const firstPaint = `new Promise((done) => new PerformanceObserver((list) => {
  const [found] = list.getEntriesByName("first-contentful-paint");
  if (found !== undefined) done(found.startTime);
}).observe({ type: "paint", buffered: true }))`;

describe.skipIf(isWithoutBrowser)(`ten thousand backups${whyWithoutBrowser}`, () => {
  const openPage = pagesOfSuite();

  it("are painted first within a second, on the overview, sorted by their size, and as charts", async () => {
    await using site = await sampleSite();
    await using monitor = new Monitor({
      vaults: [vaultIn(site.vault, site.keyring)],
      runs: [],
      disks: {},
      objectives: {},
      everyMs: 3_600_000,
      graphsMax: 200,
      log: () => {},
    });
    await monitor.metrics(60_000);
    const [vault] = monitor.state.vaults;
    if (vault?.looked === undefined) throw new Error("the vault could not be read");
    const nowMs = systemClock.nowMs();
    const points = Array.from({ length: count }, (_, index): PointRow => ({
      id: `20261130T200258Z-${String(index).padStart(8, "0")}`,
      atMs: nowMs - index * 3_600_000,
      kind: "full",
      bytes: 1000 + ((index * 7919) % count),
      state: "unproven",
      judged: undefined,
      pinned: undefined,
      doubt: undefined,
      lockedUntilMs: undefined,
    }));
    const looked = { ...vault.looked, facts: { ...vault.looked.facts, points } };
    const state: MonitorState = { ...monitor.state, vaults: [{ ...vault, looked }] };
    const app = new Hono();
    addOpenRoutes(app);
    addPages(
      app,
      { state, ask: () => Promise.resolve(undefined), logFolders: { logs: [], runs: [] } },
      new Sessions(systemClock, false),
      undefined,
    );
    const server = await listen(app, { name: "the sample", host: "127.0.0.1", port: 0 });
    onTestFinished(() => server[Symbol.asyncDispose]());
    // What a browser does for a tab that is new (it starts a process for it) is not of the page.
    const page = await openPage(`${server.url}/points?sort=size&page=100`);
    expect(await page.getByText("4,951 to 5,000 of 10,000").count()).toBe(1);
    for (const path of ["/", "/points?sort=size&page=100", "/charts"]) {
      const paintedMs: number[] = [];
      for (let load = 0; load < 5; load += 1) {
        await page.goto(`${server.url}${path}`);
        paintedMs.push(await page.evaluate<number>(firstPaint));
      }
      const [medianMs = 0] = paintedMs.toSorted((a, b) => a - b).slice(2);
      const all = paintedMs.map(Math.round).join(", ");
      process.stdout.write(`${path} with ${count} backups was painted first after ${all} ms\n`);
      expect(medianMs).toBeLessThan(1000);
    }
  });
});
