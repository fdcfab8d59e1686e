// The HTML report in a real browser, opened from disk as a user would.
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { systemClock } from "../harness/base/clock.ts";
import { browserOfSuite, isWithoutBrowser, type PageOptions, weakTexts, whyWithoutBrowser } from "../test/browser.ts";
import { htmlReport } from "./html.ts";
import { reportModel } from "./model.ts";
import { hostile, manyScenarios, sampleRun, stored } from "./sample-run.ts";

// A deadline, not an expectation: what a browser does at once may wait for a busy machine.
const soon = { timeout: 30_000, interval: 20 } as const;

describe.skipIf(isWithoutBrowser)(`the HTML report${whyWithoutBrowser}`, () => {
  const openPage = browserOfSuite("html");

  const smallRun = {
    ...sampleRun,
    scenarios: sampleRun.scenarios.map((scenario) => Object.assign({}, scenario, { title: hostile })),
  };

  /** Opens a report of `run`. */
  async function open(run: typeof sampleRun = smallRun, options: PageOptions = {}, hash = ""): Promise<Page> {
    const report = htmlReport(reportModel([stored(run)], { rtoMs: 800 }));
    return await openPage(String(run.scenarios.length), report, options, hash);
  }
  const visibleRows = (page: Page): Promise<number> => page.locator("#list tbody tr:visible").count();

  it("shows the verdict, recovery against its objective, and the failure with its replay on the first screen", async () => {
    const page = await open(smallRun, { viewport: { width: 1440, height: 900 } });
    for (const locator of [
      page.getByRole("heading", { level: 1, name: "Fail" }),
      page.getByText("objective 800 ms missed"),
      page.getByRole("heading", { name: /cycle\/wire/ }).first(),
      page.getByText("falkordrill run cycle/full --seed 1").first(),
    ]) {
      const box = await locator.boundingBox();
      expect((box?.y ?? 9999) + (box?.height ?? 0)).toBeLessThan(900);
    }
    expect(await page.locator(".sides").first().getByRole("cell").allTextContents()).toEqual([
      "a summary of y",
      "a summary of <b>x</b>",
    ]);
    expect(await page.locator(".sides").first().locator("mark").allTextContents()).toEqual(["y", "<b>x</b>"]);
  });

  it("filters by words, verdict and group, and says how many are left", async () => {
    const page = await open(manyScenarios(100, 10));
    const shown = page.locator("#shown");
    await page.getByLabel("Filter", { exact: true }).fill("claim-1");
    await expect.poll(() => shown.textContent(), soon).toBe("11 of 100 scenarios");
    await page.getByRole("checkbox", { name: "fail" }).uncheck();
    await expect.poll(() => visibleRows(page), soon).toBe(10);
    await page.getByLabel("Group").selectOption("concurrent");
    await expect.poll(() => visibleRows(page), soon).toBe(6);
    await page.getByLabel("Filter", { exact: true }).press("Escape");
    await expect.poll(() => shown.textContent(), soon).toBe("100 scenarios");
  });

  it("opens the scenario that a link names, and shows its row where a filter hid it", async () => {
    const page = await open(manyScenarios(1000, 500), {}, "#cycle/claim-2");
    await expect.poll(() => page.locator('[id="cycle/claim-2"]').getAttribute("open"), soon).toBe("");
    await page.getByLabel("Filter", { exact: true }).fill("nothing has this");
    await expect.poll(() => visibleRows(page), soon).toBe(0);
    await page.evaluate("location.hash = '#cycle/claim-998'");
    await expect.poll(() => page.locator('[id="cycle/claim-998"]').isVisible(), soon).toBe(true);
  });

  it("is used by keyboard alone: skip link, filter, and a scenario opened and closed", async () => {
    const page = await open();
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Skip to the verdict");
    await page.keyboard.press("Enter");
    expect(await page.evaluate("document.activeElement.id")).toBe("main");
    await page.keyboard.press("/");
    await page.keyboard.type("wire");
    await expect.poll(() => visibleRows(page), soon).toBe(1);
    const summary = page.locator('[id="cycle/full"] > summary');
    await summary.focus();
    await page.keyboard.press("Enter");
    expect(await page.locator('[id="cycle/full"]').getAttribute("open")).toBe("");
    // Everything that can be reached has a name, and the focus is seen.
    const nameless = await page.evaluate(
      `[...document.querySelectorAll("a[href], button, input, select, summary")].filter((one) => !(one.textContent.trim() || one.labels?.length)).length`,
    );
    expect(nameless).toBe(0);
  });

  it("copies a replay command", async () => {
    const page = await open();
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.getByRole("button", { name: "Copy the command that runs cycle/wire again" }).first().click();
    await expect.poll(() => page.locator("#said").textContent(), soon).toBe("The command was copied.");
    expect(await page.evaluate("navigator.clipboard.readText()")).toBe("falkordrill run cycle/full --seed 1");
  });

  it("has landmarks, one first heading, headings without gaps, and names for its charts and tables", async () => {
    const page = await open();
    for (const role of ["banner", "main", "contentinfo", "navigation", "search"] as const)
      expect([role, await page.getByRole(role).count()]).toEqual([role, 1]);
    const levels = await page.locator("h1, h2, h3, h4").evaluateAll((all) => all.map((one) => Number(one.tagName[1])));
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    expect(levels.filter((level, at) => level > (levels[at - 1] ?? 0) + 1)).toEqual([]);
    const charts = await page
      .getByRole("img")
      .evaluateAll((all) => all.map((one) => one.querySelector("desc")?.textContent));
    expect(charts.length).toBeGreaterThan(4);
    expect(charts.filter((text) => text === undefined || text === null || text === "")).toEqual([]);
    expect(await page.getByRole("table", { name: "Scenarios, worst first" }).getByRole("row").count()).toBe(4);
    expect(await page.getByRole("columnheader").count()).toBeGreaterThan(5);
  });

  it.each(["light", "dark"] as const)("has text that stands out from what is behind it, in %s", async (colorScheme) => {
    const page = await open(smallRun, { colorScheme });
    await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
    expect(await weakTexts(page)).toEqual([]);
  });

  it.each([1440, 900, 390])("does not scroll sideways at %i pixels", async (width) => {
    const page = await open(smallRun, { viewport: { width, height: 900 } });
    await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
  });

  it("prints with everything open, in light colours", async () => {
    const page = await open(smallRun, { colorScheme: "dark" });
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    expect(await page.locator("details:not([open])").count()).toBe(0);
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe("rgb(255, 255, 255)");
    expect((await page.pdf({ format: "A4" })).length).toBeGreaterThan(10_000);
  });

  it("stays fast with 10,000 scenarios", async () => {
    const startedMs = systemClock.monotonicMs();
    const page = await open(manyScenarios(10_000, 100));
    await expect.poll(() => page.locator("#shown").textContent(), soon).toBe("10,000 scenarios");
    const loadedMs = systemClock.monotonicMs();
    const filter = page.getByLabel("Filter", { exact: true });
    await filter.fill("claim-77");
    await expect.poll(() => page.locator("#shown").textContent(), soon).toBe("111 of 10,000 scenarios");
    const filteredMs = systemClock.monotonicMs();
    const times = { renderAndLoadMs: Math.round(loadedMs - startedMs), filterMs: Math.round(filteredMs - loadedMs) };
    process.stdout.write(`10,000 scenarios in Chromium: ${JSON.stringify(times)}\n`);
    // Deadlines against hanging; what it took is printed.
    expect(times.renderAndLoadMs).toBeLessThan(60_000);
    expect(times.filterMs).toBeLessThan(10_000);
  });
});
