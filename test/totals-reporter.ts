// Ends a test run with one plain line of totals, for people and scripts that read only the last line.
import { mkdirSync, writeFileSync } from "node:fs";
import type { Reporter } from "vitest/node";

const totalsFile = ".falkordrill/test-totals.txt";

export default class TotalsReporter implements Reporter {
  onTestRunEnd(...[modules, unhandled]: Parameters<NonNullable<Reporter["onTestRunEnd"]>>): void {
    const count = { passed: 0, failed: unhandled.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      count.failed += module.errors().length;
      for (const test of module.children.allTests()) count[test.result().state] += 1;
    }
    const line = `${count.passed} passed, ${count.failed + count.pending} failed, ${count.skipped} skipped`;
    mkdirSync(".falkordrill", { recursive: true });
    writeFileSync(totalsFile, `${line}\n`);
    process.stdout.write(`\n${line}\n`);
  }
}
