// The system's Chromium for tests of our pages, opened from disk as a user would.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished } from "vitest";
import { environment } from "../../harness/base/environment.ts";

export type PageOptions = Parameters<Browser["newPage"]>[0];

const executable = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) =>
  existsSync(path),
);
const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"];
flags.push("--disable-background-networking", "--disable-component-update", "--disable-sync");

export const isWithoutBrowser: boolean = executable === undefined && !environment().requireBrowser;
/** Suffix of the name of a suite that needs a browser. */
export const whyWithoutBrowser: string = isWithoutBrowser ? " (skipped: there is no Chromium on this machine)" : "";

async function launchBrowser(): Promise<Browser> {
  if (executable === undefined) throw new Error("FALKORDRILL_REQUIRE_BROWSER is set, and there is no Chromium here");
  return await chromium.launch({ executablePath: executable, args: flags });
}

/** One browser and one folder for all tests of a suite. Opens a page that is written to a file of that name. */
export function browserOfSuite(
  name: string,
): (file: string, page: string, options?: PageOptions, hash?: string) => Promise<Page> {
  const folder = mkdtempSync(join(tmpdir(), `falkordrill-${name}-`));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const open = pagesOfSuite();
  return async (file, page, options = {}, hash = "") => {
    const path = join(folder, `${file}.html`);
    writeFileSync(path, page);
    return await open(`file://${path}${hash}`, options);
  };
}

/** One browser for all tests of a suite. Opens an address; what the browser asks of any other site fails the test. */
export function pagesOfSuite(): (url: string, options?: PageOptions) => Promise<Page> {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(async () => await browser?.close());
  return async (url, options = {}) => await openPage(browser, url, options);
}

/** Anything that the browser complains of, or asks another site for, fails the test. */
async function openPage(browser: Browser, url: string, options: PageOptions): Promise<Page> {
  const { origin, protocol } = new URL(url);
  const page = await browser.newPage(options);
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("dialog", (dialog) => complaints.push(`dialog: ${dialog.message()}`));
  page.on("request", (request) => {
    const asked = new URL(request.url());
    const isOwn = protocol === "file:" ? asked.protocol === "file:" : asked.origin === origin;
    if (!isOwn && asked.protocol !== "data:") complaints.push(`asked for ${request.url()}`);
  });
  onTestFinished(async () => {
    await page.close();
    expect(complaints).toEqual([]);
  });
  // A deadline against hanging: other work on the machine slows a large page down.
  await page.goto(url, { timeout: 120_000 });
  return page;
}

/** Texts whose contrast is below 4.5 (WCAG AA), against the first opaque background behind them. */
export async function weakTexts(page: Page): Promise<readonly string[]> {
  return await page.evaluate<string[]>(weakTextsInPage);
}

const weakTextsInPage = `(() => {
  const channels = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const luminance = ([r, g, b]) => [r, g, b].map((c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = (node) => {
    for (let at = node; at !== null; at = at.parentElement) {
      const colour = channels(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const weak = [];
  for (const node of document.querySelectorAll("body *")) {
    if (node.closest("svg") || node.closest("option") || ![...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim() !== "")) continue;
    const style = getComputedStyle(node);
    if (node.tagName === "SCRIPT" || node.tagName === "STYLE" || style.visibility === "hidden" || node.getClientRects().length === 0) continue;
    const [a, b] = [luminance(channels(style.color)), luminance(behind(node))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) weak.push(node.tagName + "." + node.className + " " + ratio.toFixed(2) + " " + node.textContent.trim().slice(0, 30));
  }
  return weak;
})()`;
