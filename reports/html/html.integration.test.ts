// The HTML report in a real browser, opened from disk as a user would.
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { isNightly } from "../../harness/base/testing/nightly.ts";
import { systemClock } from "../../harness/base/clock.ts";
import {
  browserOfSuite,
  isWithoutBrowser,
  type PageOptions,
  weakTexts,
  whyWithoutBrowser,
} from "../testing/browser.ts";
import { htmlReport } from "./html.ts";
import { reportModel } from "../model/model.ts";
import { hostile, manyScenarios, sampleRun, stored } from "../testing/sample-run.ts";

// A deadline, not an expectation: what a browser does at once may wait for a busy machine.
const soon = { timeout: 30_000, interval: 100 } as const;

/** Pairs of texts of one chart that cover each other. */
const textOnText = `[...document.querySelectorAll("svg.chart")].flatMap((chart) => {
  const texts = [...chart.querySelectorAll("text")].map((one) => [one.textContent.trim(), one.getBoundingClientRect()]);
  return texts.flatMap(([name, a], at) => texts.slice(at + 1)
    .filter(([, b]) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)
    .map(([other]) => name + " / " + other));
})`;

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

  it("shows verdict, objectives and the first cause on the first screen; has landmarks, headings without gaps, named charts", async () => {
    const page = await open(smallRun, { viewport: { width: 1440, height: 900 } });
    for (const locator of [
      page.getByRole("heading", { level: 1, name: "Fail" }),
      page.getByText("objective 800 ms missed"),
      page.getByRole("heading", { name: "summary is" }).first(),
    ]) {
      const box = await locator.boundingBox();
      expect((box?.y ?? 9999) + (box?.height ?? 0)).toBeLessThan(900);
    }
    const sides = page.locator(".sides").first();
    expect(await sides.getByRole("cell").allTextContents()).toEqual(["a summary of y", "a summary of <b>x</b>"]);
    expect(await sides.locator("mark").allTextContents()).toEqual(["y", "<b>x</b>"]);
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
  });

  it.runIf(isNightly)(
    "filters by words, verdict and group, and opens the scenario that a link names though a filter hid it",
    async () => {
      const page = await open(manyScenarios(40, 10), {}, "#cycle/claim-2");
      await expect.poll(() => page.locator('[id="cycle/claim-2"]').getAttribute("open"), soon).toBe("");
      const shown = page.locator("#shown");
      await page.getByLabel("Filter", { exact: true }).fill("claim-1");
      await expect.poll(() => shown.textContent(), soon).toBe("11 of 40 scenarios");
      await page.getByRole("checkbox", { name: "fail" }).uncheck();
      await expect.poll(() => visibleRows(page), soon).toBe(10);
      await page.getByLabel("Group").selectOption("concurrent");
      await expect.poll(() => visibleRows(page), soon).toBe(6);
      await page.getByLabel("Filter", { exact: true }).press("Escape");
      await expect.poll(() => shown.textContent(), soon).toBe("40 scenarios");
      await page.getByLabel("Filter", { exact: true }).fill("nothing has this");
      await expect.poll(() => visibleRows(page), soon).toBe(0);
      await page.evaluate("location.hash = '#cycle/claim-38'");
      await expect.poll(() => page.locator('[id="cycle/claim-38"]').isVisible(), soon).toBe(true);
    },
  );

  it.runIf(isNightly)(
    "is used by keyboard alone, names everything that can be reached, and copies a command",
    async () => {
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
      const nameless = await page.evaluate(
        `[...document.querySelectorAll("a[href], button, input, select, summary")].filter((one) => !(one.textContent.trim() || one.labels?.length)).length`,
      );
      expect(nameless).toBe(0);
      await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      await page.getByRole("button", { name: "Copy the command that runs cycle/wire again" }).first().click();
      await expect.poll(() => page.locator("#said").textContent(), soon).toBe("The command was copied.");
      expect(await page.evaluate("navigator.clipboard.readText()")).toBe("falkordrill run cycle/full --seed 1");
    },
  );

  it("is read at every width, in light, dark and print: no text on text in a chart, no weak text, no scrolling sideways", async () => {
    const page = await open();
    await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
    for (const width of [1440, 900, 390]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
      expect([width, await page.evaluate(textOnText)]).toEqual([width, []]);
    }
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      expect([colorScheme, await weakTexts(page)]).toEqual([colorScheme, []]);
    }
    await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = false");
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    expect(await page.locator("details:not([open])").count()).toBe(0);
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe("rgb(255, 255, 255)");
    expect((await page.pdf({ format: "A4" })).length).toBeGreaterThan(10_000);
  });

  // That 10,000 scenarios make a page of bounded size is a test of html.test.ts.
  it.each(isNightly ? [2000] : [])("filters %i rows, and prints how long it took", async (rows) => {
    const page = await open(manyScenarios(rows, 100));
    const filter = page.getByLabel("Filter", { exact: true });
    const startedMs = systemClock.monotonicMs();
    await filter.fill("claim-77");
    await expect.poll(() => page.locator("#shown").textContent(), soon).toBe("11 of 2,000 scenarios");
    process.stdout.write(`2,000 rows filtered in ${Math.round(systemClock.monotonicMs() - startedMs)} ms\n`);
  });
});
