// The page of trends in a real browser, opened from disk as a user would.
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { Draw } from "../../generators/random.ts";
import {
  browserOfSuite,
  isWithoutBrowser,
  type PageOptions,
  weakTexts,
  whyWithoutBrowser,
} from "../testing/browser.ts";
import { hostile } from "../testing/sample-run.ts";
import type { MeasuredRun } from "./measured-run.ts";
import { trends, worsened } from "./trend.ts";
import { trendPage } from "./trend-page.ts";

const draw = new Draw(1, "trend-page");
const noisy = (level: number): number => level * (1 + 0.02 * draw.unit());

function history(count: number): readonly MeasuredRun[] {
  return Array.from({ length: count }, (_, at) => ({
    schemaVersion: 1,
    at: new Date(at * 86_400_000).toISOString(),
    version: "0.1.0",
    commit: `${String(at).padStart(4, "0")}${"c".repeat(36)}`,
    provenance: { machine: "2 x a processor, 8.00 GiB", configuration: `{"names":"${"benchmark+".repeat(20)}"}` },
    figures: [
      { name: "cycle: full proof, of plain load", unit: "x", value: noisy(0.22), better: "less" as const },
      { name: "load: rows", unit: "x", value: noisy(at < 20 ? 1.5 : 1.8), better: "more" as const },
      {
        name: "cycle: backup, of SAVE",
        unit: "x",
        value: noisy(at < 12 ? 0.9 : at < 24 ? 0.7 : 0.95),
        better: "less" as const,
      },
      { name: "counts: bytes stored", unit: "bytes", value: 33_300_000, better: "less" as const, exactWithin: 0.015 },
      { name: `peers: ${hostile}`, unit: "x", value: noisy(3), better: "more" as const },
    ],
  }));
}

describe.skipIf(isWithoutBrowser)(`the page of trends${whyWithoutBrowser}`, () => {
  const openPage = browserOfSuite("trend");

  async function open(count: number = 40, options: PageOptions = {}): Promise<Page> {
    const runs = history(count);
    const found = trends(runs, { seed: 1, allowed: 0.05 });
    return await openPage(String(count), trendPage(found, worsened(found, ""), runs), options);
  }

  it("shows first what is worse, by how much and since when, with links", async () => {
    const page = await open(40, { viewport: { width: 1440, height: 900 } });
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Worse");
    await page.getByText("The last change of 1 of 5 figures is for the worse.").waitFor();
    const item = page.locator(".worse li");
    expect(await item.count()).toBe(1);
    expect(await item.textContent()).toMatch(
      /^cycle: backup, of SAVE \+3\d\.\d % \(worse\) from 1970-01-25 on,\s+0024cccccc, p = 0\.0\d+$/,
    );
    const target = await item.getByRole("link").getAttribute("href");
    expect(await page.locator(`${target}`).textContent()).toBe("cycle: backup, of SAVE");
    // Then other changes, then what is steady.
    const names = await page.getByRole("heading", { level: 2 }).allTextContents();
    expect(names.slice(0, 3)).toEqual(["cycle: backup, of SAVE", "load: rows", "cycle: full proof, of plain load"]);
    expect(names).toHaveLength(5);
  });

  it("names each change at its place in the chart, and below", async () => {
    const page = await open();
    const figure = page.getByRole("region", { name: "cycle: backup, of SAVE" });
    const changes = (await figure.locator("ul li").allTextContents()).map((text) => text.trim().split(")")[0]);
    expect(changes).toHaveLength(2);
    expect(await figure.locator("text.halo").allTextContents()).toEqual(changes.map((text) => `${text})`));
    const description = await figure.getByRole("img").locator("desc").textContent();
    expect(description).toMatch(/^40 runs between 0\.7\d*x and 0\.9\d*x, now 0\.9\d*x; 2 changes\.$/);
  });

  it("says where there are too few runs, and names no day twice", async () => {
    const page = await open(3);
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Too few runs");
    const days = await page
      .locator("svg.chart")
      .first()
      .locator("text", { hasText: /^01-0\d$/ })
      .allTextContents();
    expect(days).toEqual(["01-01", "01-02", "01-03"]);
  });

  it("is read at every width, in light and dark", async () => {
    const page = await open(40);
    for (const width of [1440, 900, 390]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
    }
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      expect([colorScheme, await weakTexts(page)]).toEqual([colorScheme, []]);
    }
  });
});
