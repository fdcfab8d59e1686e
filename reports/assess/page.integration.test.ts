// The scorecard in a real browser, opened from disk as a user would.
import { describe, expect, it } from "vitest";
import { sampleEvidence, sampleFailure, sampleNowMs, sampleScenario } from "../gate/testing/sample-evidence.ts";
import { browserOfSuite, isWithoutBrowser, weakTexts, whyWithoutBrowser } from "../testing/browser.ts";
import { hostile } from "../testing/sample-run.ts";
import { assess } from "./assess.ts";
import { scorecardPage } from "./page.ts";

describe.skipIf(isWithoutBrowser)(`the scorecard as a page${whyWithoutBrowser}`, () => {
  const openPage = browserOfSuite("scorecard");
  const witnesses = { graphsCompared: 1, nodesCompared: 9 };
  const found = { code: "node-missing", severity: "error", subject: hostile, message: hostile, evidence: {} } as const;
  const lost = { ...sampleFailure(["node-missing"], { id: "cycle/wire", notCovered: [hostile] }), findings: [found] };
  const run = {
    ...sampleEvidence([sampleScenario({ witnesses }), lost], { system: hostile }),
    path: `/runs/night-${"long".repeat(20)}`,
    sealSha256: "a".repeat(64),
    capabilities: undefined,
    notRun: [],
    objectives: {},
  };
  const card = assess([run], { nowMs: sampleNowMs, proofAgeMsMax: 1000, rtoMsMax: undefined, rpoMsMax: undefined });

  it.each([
    { width: 1280, colorScheme: "light" },
    { width: 360, colorScheme: "dark" },
  ] as const)(
    "fits into $width px, in $colorScheme, is legible, and has a heading for each criterion",
    async (look) => {
      const { width, colorScheme } = look;
      const page = await openPage(`card-${width}`, scorecardPage(card), {
        viewport: { width, height: 900 },
        colorScheme,
      });
      expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
      expect(await weakTexts(page)).toEqual([]);
      for (const { title } of card.criteria)
        expect([title, await page.getByRole("heading", { name: title }).count()]).toEqual([title, 1]);
      expect(await page.getByRole("heading", { level: 1 }).textContent()).toContain("<script>");
      expect(await page.locator(".criteria > li:has(.verdict.fail) .finding").first().isVisible()).toBe(true);
    },
  );
});
