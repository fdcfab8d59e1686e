// What axe and a reader of any screen find in a page. For tests.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { weakTexts } from "../../../reports/testing/browser.ts";

const require = createRequire(import.meta.url);
const axe = require.resolve("axe-core/axe.min.js");

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** What is hard to read, light and wide or dark and narrow: a page that scrolls sideways, weak texts, and what axe finds. */
export async function hardToRead(page: Page): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [width, colorScheme] of [
    [1280, "light"],
    [400, "dark"],
  ] as const) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
    const scrollWidth = await page.evaluate<number>("document.documentElement.scrollWidth");
    const wide = scrollWidth === width ? [] : [`${scrollWidth} px wide`];
    const all = [...wide, ...(await weakTexts(page)), ...(await violations(page))];
    found.push(...all.map((each) => `${page.url()}, ${width} px, ${colorScheme}: ${each}`));
  }
  return found;
}

/** What axe finds, of every rule that it has. */
export async function violations(page: Page): Promise<readonly string[]> {
  // The policy of the page lets no script in that is not its own; the debugger may.
  await page.evaluate(readFileSync(axe, "utf8"));
  const found = await page.evaluate<{ violations: readonly Violation[] }>("axe.run()");
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
}
