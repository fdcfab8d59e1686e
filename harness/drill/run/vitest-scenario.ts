// A scenario as a vitest test, with its findings as the assertion. Its records are then judged again offline, which must give
// the same result. By day those of both short profiles, on small graphs; at night all, at the size of the smallest profile.
import { rmSync } from "node:fs";
import { expect, inject, test } from "vitest";
import { silentProgress } from "../../base/progress.ts";
import { describeRun } from "./describe-run.ts";
import { resolveOptions } from "./options.ts";
import type { ScenarioResult } from "../../record/result.ts";
import { resultOf } from "./run-drill.ts";
import { RunDirectory } from "../../record/run-directory.ts";
import { runScenario } from "./run-scenario.ts";
import { deadlineMs, type ScenarioDefinition } from "./scenario-definition.ts";
import { verifyRun } from "../../record/verify-run.ts";

declare module "vitest" {
  interface ProvidedContext {
    isNightly: boolean;
  }
}

export function testScenario(definition: ScenarioDefinition): void {
  const isDaily = definition.profiles.includes("pr") && definition.profiles.includes("drill");
  if (!isDaily && !inject("isNightly")) return;
  const out = `.falkordrill/runs/vitest/${definition.id}`;
  const options = resolveOptions({ profile: "pr", out, ...(inject("isNightly") ? {} : { nodes: 500 }) });
  test(`${definition.id}: ${definition.title}`, { timeout: deadlineMs(definition, options) }, async ({ signal }) => {
    rmSync(options.out, { recursive: true, force: true });
    const directory = RunDirectory.create(options.out);
    directory.writeRun(describeRun(options, [definition.id]));
    const progressOf = (): typeof silentProgress => silentProgress;
    const { id } = definition;
    const result = await runScenario(definition, { id, options, seed: options.seed, directory, signal, progressOf });
    expect(result.findings.filter((finding) => finding.severity === "error")).toEqual([]);
    expect(result.verdict).toBe("pass");
    directory.writeResult(resultOf(options, [result], false));
    await directory.seal();
    const again = await verifyRun(options.out);
    expect(again.verdict).toBe("pass");
    expect(codesOf(again.scenarios[0])).toEqual(codesOf(result));
  });
}

function codesOf(result: ScenarioResult | undefined): string[] {
  return (result?.findings ?? []).map(({ code, subject }) => `${code} ${subject}`).toSorted();
}
