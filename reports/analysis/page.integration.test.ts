// The page of an analysis in a real browser, opened from disk as a user would.
import { describe, expect, it } from "vitest";
import { browserOfSuite, isWithoutBrowser, weakTexts, whyWithoutBrowser } from "../testing/browser.ts";
import { hostile } from "../testing/sample-run.ts";
import { analyze } from "./analyze.ts";
import { analysisPage } from "./page.ts";
import { sampleHistory, sampleNowMs } from "./testing/sample-history.ts";

const prices = {
  currency: "EUR",
  classes: { hot: { gibMonth: 0.025, put1000: 0.006 }, cold: { gibMonth: 0.004 } },
  vaults: { default: { class: "hot", move: [{ afterDays: 30, to: "cold" }] } },
};
const limits = { windowSeconds: 2820, rtoSeconds: 900, costPerMonth: 1 };

function pageOf(history = sampleHistory({ failsEvery: 9, vault: { name: hostile } })): string {
  const changes = history.vaults.length === 0 ? [] : ["every=1h"];
  const { analysis } = analyze({ history, limits, prices, changes, journal: [] });
  return analysisPage(analysis, (command) => `npx ${command}`);
}

describe.skipIf(isWithoutBrowser)(`the page of an analysis${whyWithoutBrowser}`, () => {
  const openPage = browserOfSuite("analysis");

  it("says first what to do, with a command for each, then when objectives break", async () => {
    const page = await openPage("whole", pageOf(), { viewport: { width: 1280, height: 900 } });
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Act now");
    const todo = page.getByRole("region", { name: "What to do" });
    expect(await todo.locator("code").count()).toBeGreaterThan(5);
    expect(await todo.locator("code").first().textContent()).toContain("npx falkordrill run cycle/full");
    const charts = page.getByRole("region", { name: "When objectives break" }).getByRole("img");
    expect(await charts.count()).toBe(3);
    expect(await charts.nth(1).locator("desc").textContent()).toMatch(
      /^107 days, now .* min, limit 47\.0 min, broken about 2026-12/,
    );
    // The interval of what comes.
    expect(await charts.nth(1).locator("path.area.tone-second").count()).toBe(1);
  });

  it("is read at every width, in light and dark", async () => {
    const page = await openPage("widths", pageOf());
    for (const width of [1440, 900, 390]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
    }
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      expect([colorScheme, await weakTexts(page)]).toEqual([colorScheme, []]);
    }
  });

  it("says of nothing that there is nothing", async () => {
    const page = await openPage("empty", pageOf({ nowMs: sampleNowMs, vaults: [], drills: [] }));
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Nothing known");
    expect(await page.getByRole("img").count()).toBe(0);
  });
});
