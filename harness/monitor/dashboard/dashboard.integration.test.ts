// The pages of a monitor in a real browser, of a real vault and real run directories, as an on-call engineer opens them.
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  isWithoutBrowser,
  type PageOptions,
  pagesOfSuite,
  weakTexts,
  whyWithoutBrowser,
} from "../../../reports/testing/browser.ts";
import { systemClock } from "../../base/clock.ts";
import { isNightly } from "../../base/testing/nightly.ts";
import { lockVault } from "../../vault/locks/vault-lock.ts";
import { openVault } from "../../vault/store/vault.ts";
import { hardToRead, violations } from "../testing/axe.ts";
import { type SampleSite, sampleSite, sampleToken } from "../testing/sample-site.ts";

// A deadline, not an expectation: what a browser does at once may wait for a busy machine.
const soon = { timeout: 30_000, interval: 100 } as const;
describe.skipIf(isWithoutBrowser)(`the dashboard${whyWithoutBrowser}`, () => {
  const openPage = pagesOfSuite();
  let site: SampleSite;
  beforeAll(async () => {
    site = await sampleSite();
  });
  afterAll(() => site[Symbol.asyncDispose]());

  async function open(path: string = "/", options: PageOptions = {}): Promise<Page> {
    const page = await openPage(`${site.url}${path}`, options);
    await page.getByLabel("Token of this monitor").fill(sampleToken);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.locator("main#main").waitFor();
    return page;
  }

  it("shows nothing without the token, goes on where one wanted to after it, and nothing any more after signing out", async () => {
    const page = await openPage(`${site.url}/points?vault=near&kind=full`);
    expect(await page.locator("body").textContent()).not.toContain("near");
    await page.getByLabel("Token of this monitor").fill(sampleToken);
    await page.keyboard.press("Enter");
    await expect.poll(() => page.url(), soon).toBe(`${site.url}/points?vault=near&kind=full`);
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Strict" });
    expect(await page.evaluate("document.cookie")).toBe("");
    await page.getByRole("button", { name: "Sign out" }).click();
    await expect.poll(() => page.url(), soon).toBe(`${site.url}/login`);
    const answer = await fetch(`${site.url}/`, { headers: { cookie: `${cookie?.name}=${cookie?.value}` } });
    expect(answer.status).toBe(401);
  });

  it("says what is wrong and when a restore was last proven, and shows a lock that is taken meanwhile without a reload", async () => {
    const page = await open();
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toMatch(/^\d alerts?$/);
    const facts = page.locator(".facts > div");
    expect(await facts.nth(0).textContent()).toContain("2.0 h ago");
    expect(await page.getByText("FalkorDrillRestorePointFaulty").count()).toBe(1);
    const vaults = page.getByRole("table", { name: "Vaults" });
    expect(await vaults.getByRole("row").nth(1).textContent()).toContain("near");
    // The clock of the page runs ahead, to its next look at the monitor.
    await page.clock.install();
    await page.reload();
    await page.evaluate("window.isSame = true");
    await using _lock = await lockVault(await openVault(site.vault), "backup");
    const later = async (): Promise<string | null> => {
      await page.clock.fastForward(10_000);
      return await vaults.textContent();
    };
    await expect.poll(later, soon).toContain("1 command at work");
    expect(await page.evaluate("window.isSame")).toBe(true);
    expect([await weakTexts(page), await violations(page)]).toEqual([[], []]);
  });

  it.runIf(isNightly)("lists, sorts and filters restore points, and shows what is on record of one", async () => {
    const page = await open("/points");
    const rows = page.getByRole("table", { name: "Restore points" }).getByRole("row");
    expect(await rows.count()).toBe(1 + 10);
    await page.getByLabel("Kind").selectOption("full");
    await expect.poll(() => rows.count(), soon).toBe(1 + 6);
    await page.getByRole("link", { name: "Age" }).click();
    await expect.poll(() => rows.nth(1).textContent(), soon).toContain(site.backups[0]);
    expect(await rows.nth(1).textContent()).toContain("pinned: for the auditors");
    expect(await page.getByRole("columnheader", { name: "Age" }).getAttribute("aria-sort")).toBe("ascending");
    await page.getByRole("link", { name: site.backups[1] ?? "" }).click();
    await page.getByText("3 nodes are missing").waitFor();
    expect(await page.getByRole("table", { name: "Graphs" }).getByRole("row").nth(1).textContent()).toContain("1,010");
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.getByRole("button", { name: "Copy the command that runs a verify again" }).click();
    await expect.poll(() => page.locator("#said").textContent(), soon).toBe("The command was copied.");
    expect(await page.evaluate("navigator.clipboard.readText()")).toContain(
      `falkordrill vault verify ${site.backups[1]}`,
    );
  });

  it.runIf(isNightly)(
    "shows a line within half a second after it was written, and after a reload all of them, each once",
    async () => {
      const page = await open("/activity");
      await page.getByRole("link", { name: "backup.log" }).click();
      const lines = page.getByRole("log").locator("div");
      await page.getByText("Lines appear as they are written.").waitFor();
      const tookMs: number[] = [];
      for (let at = 0; at < 10; at += 1) {
        const startMs = systemClock.monotonicMs();
        await appendFile(join(site.logs, "backup.log"), `line ${at} <b>\n`);
        await page.getByText(`line ${at} <b>`, { exact: true }).waitFor();
        tookMs.push(systemClock.monotonicMs() - startMs);
      }
      const sorted = tookMs.toSorted((a, b) => a - b).map(Math.round);
      process.stdout.write(`a line was on the screen after ${sorted[5]} ms (median), ${sorted[9]} ms (slowest)\n`);
      expect(sorted[5]).toBeLessThan(500);
      await page.reload();
      const all = ["snapshot ...", ...Array.from({ length: 10 }, (_, at) => `line ${at} <b>`)];
      await expect.poll(() => lines.allTextContents(), soon).toEqual(all);
      expect(await violations(page)).toEqual([]);
    },
  );

  it.runIf(isNightly)("is reached by keyboard alone, from the first key on", async () => {
    const page = await open();
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Skip to the content");
    await page.keyboard.press("Enter");
    expect(await page.evaluate("document.activeElement.id")).toBe("main");
    for (let at = 0; at < 20; at += 1) {
      await page.keyboard.press("Tab");
      if ((await page.evaluate("document.activeElement.textContent")) === "near") break;
    }
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Restore points" }).waitFor();
  });

  it.runIf(isNightly)(
    "is read in light and dark, and at 400 px, without scrolling sideways; axe finds nothing",
    async () => {
      const page = await open();
      const point = `/point?${new URLSearchParams({ vault: "near", id: site.backups[5] ?? "" }).toString()}`;
      for (const path of ["/", "/points", point, "/activity", "/charts", "/login"]) {
        await page.goto(`${site.url}${path}`);
        expect(await hardToRead(page)).toEqual([]);
      }
    },
  );
});
