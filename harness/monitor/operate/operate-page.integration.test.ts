// A backup that is started from the page, in a real browser: asked, confirmed, watched, and then there as a restore point.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isWithoutBrowser, pagesOfSuite, whyWithoutBrowser } from "../../../reports/testing/browser.ts";
import { serverUrl } from "../../base/endpoint.ts";
import { privateFolder } from "../../base/process/reaper.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import { fillSource } from "../../vault/testing/test-source.ts";
import { hardToRead } from "../testing/axe.ts";
import { sampleSite } from "../testing/sample-site.ts";
import type { OperateCommand } from "./commands.ts";
import { Operations } from "./operations.ts";

const operateToken = "fedcba9876543210-who-may-start";
const soon = { timeout: 120_000, interval: 50 } as const;

describe.skipIf(isWithoutBrowser)(`the page that starts commands${whyWithoutBrowser}`, () => {
  const openPage = pagesOfSuite();

  it("starts a real backup after a question, shows its output as it is written, and then the restore point", async () => {
    await using resources = new AsyncDisposableStack();
    const { path: folder } = resources.use(await privateFolder("operate-page"));
    const source = resources.use(await embeddedEngines().start({ name: "source" }));
    await fillSource(source.endpoint);
    const commands: OperateCommand[] = [];
    const operations = resources.use(await Operations.open({ folder, cwd: folder, commands }));
    const app = { operate: { operations, token: operateToken } };
    const site = resources.use(await sampleSite({ logs: [operations.outputs], everyMs: 1000 }, app));
    const place = ["--vault", site.vault, "--keys", site.keyring.folder];
    const url = serverUrl(source.endpoint, { withPassword: false });
    const passwordFile = join(folder, "password");
    await writeFile(passwordFile, source.endpoint.password ?? "", { mode: 0o600 });
    const server = ["--url", url, "--password-file", passwordFile];
    commands.push(
      { name: "Back up near", kind: "backup", words: ["vault", "backup", ...place, ...server] },
      { name: "Prove the newest", kind: "proof", words: ["vault", "verify", ...place] },
    );

    const page = await openPage(`${site.url}/operate`);
    await page.getByLabel("Token of this monitor").fill(operateToken);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { level: 1, name: "Operate" }).waitFor();
    expect(await hardToRead(page)).toEqual([]);
    await page.getByRole("button", { name: "Start: Back up near" }).click();
    await page.getByRole("heading", { level: 1, name: "Start this backup?" }).waitFor();
    expect(await page.locator("pre").textContent()).toContain(`--vault ${site.vault}`);
    expect(await hardToRead(page)).toEqual([]);
    await page.getByRole("button", { name: "Start the backup" }).click();
    const lines = page.getByRole("log").locator("div");
    await expect.poll(() => lines.last().textContent(), soon).toMatch(/^ended with exit code 0, after/);
    expect((await lines.allTextContents()).join("\n")).toMatch(/^falkordrill vault backup [^]*\nbackup \d{8}T\d{6}Z/);
    await page.goto(`${site.url}/operate`);
    const row = page.getByRole("table", { name: "Commands that can be started" }).getByRole("row").nth(1);
    expect(await row.textContent()).toContain("ended with exit code 0");
    expect(await hardToRead(page)).toEqual([]);
    await page.getByRole("link", { name: "Restore points" }).click();
    const rows = page.getByRole("table", { name: "Restore points" }).getByRole("row");
    const reloaded = async (): Promise<number> => {
      await page.reload();
      return await rows.count();
    };
    await expect.poll(reloaded, { ...soon, interval: 1000 }).toBe(1 + 11);
  });
});
