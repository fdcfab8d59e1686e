// `bench --power-study <file>`: how good the regression judge is on this machine.
import { powerMarkdown, powerTable } from "../../../reports/regression/power-table.ts";
import type { BenchContext } from "../../bench/benchmark.ts";
import { powerStudy, slowdowns } from "../../bench/versions/power-study.ts";
import { provenanceOf } from "../../bench/versions/provenance.ts";

export interface PowerChoice {
  readonly file: string;
  readonly trials: number;
  readonly json: boolean;
}

export async function runPowerStudy({ file, trials, json }: PowerChoice, context: BenchContext): Promise<void> {
  const { seed, engines, progress, signal } = context;
  const provenance = await provenanceOf(context, { seed });
  const study = { file, slowdowns, trials, seed, provenance, engines, progress, signal };
  const rows = powerTable(await powerStudy(study));
  process.stdout.write(json ? `${JSON.stringify({ type: "summary", provenance, rows })}\n` : powerMarkdown(rows));
}
