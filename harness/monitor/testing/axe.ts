// What axe finds in a page. For tests.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

const require = createRequire(import.meta.url);
const axe = require.resolve("axe-core/axe.min.js");

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** What axe finds, of every rule that it has. */
export async function violations(page: Page): Promise<readonly string[]> {
  // The policy of the page lets no script in that is not its own; the debugger may.
  await page.evaluate(readFileSync(axe, "utf8"));
  const found = await page.evaluate<{ violations: readonly Violation[] }>("axe.run()");
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
}
