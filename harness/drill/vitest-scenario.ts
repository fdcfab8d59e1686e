// A scenario as a vitest test: at the size of the smallest profile, with findings as the assertion.
import { expect, test } from "vitest";
import { silentProgress } from "../base/progress.ts";
import { resolveOptions } from "./options.ts";
import { RunDirectory } from "./run-directory.ts";
import { runScenario } from "./run-scenario.ts";
import { deadlineMs, type ScenarioDefinition } from "./scenario.ts";

export function testScenario(definition: ScenarioDefinition): void {
  const out = `.falkordrill/runs/vitest/${definition.id}`;
  const options = resolveOptions([], { profile: "pr", out });
  test(`${definition.id}: ${definition.title}`, { timeout: deadlineMs(definition, options) }, async ({ signal }) => {
    const directory = new RunDirectory(options.out);
    const progressOf = (): typeof silentProgress => silentProgress;
    const result = await runScenario(definition, { options, seed: options.seed, directory, signal, progressOf });
    expect(result.findings.filter((finding) => finding.severity === "error")).toEqual([]);
    expect(result.verdict).toBe("pass");
  });
}
