// One run with its figures and where they come from: a line of a history, whether a benchmark or a drill measured it.
import { z } from "zod";
import type { ExitReason } from "../../harness/base/errors.ts";
import type { ScenarioResult, Verdict } from "../../harness/record/result.ts";
import { type Provenance, provenanceSchema } from "./provenance.ts";

export const historySchemaVersion = 1;

export interface MeasuredFigure {
  /** Unique in its run: "cycle: backup, of SAVE". */
  readonly name: string;
  /** Only ratios (`x`) are judged for regressions; other times are kept for people to look at. */
  readonly unit: string;
  readonly value: number;
  readonly better: "less" | "more";
  /** Share by which two runs of one version may differ, for a figure that does not depend on time. */
  readonly exactWithin?: number | undefined;
}

export interface MeasuredRun {
  readonly schemaVersion: number;
  /** ISO 8601. */
  readonly at: string;
  readonly version: string;
  readonly commit?: string | undefined;
  readonly provenance: Provenance;
  readonly figures: readonly MeasuredFigure[];
  /** How the scenarios of a drill ended; absent for benchmarks. */
  readonly scenarios?: readonly EndedScenario[] | undefined;
}

interface EndedScenario {
  readonly id: string;
  readonly verdict: Verdict;
  readonly exit: ExitReason;
}

export const measuredRunSchema: z.ZodType<MeasuredRun> = z.object({
  schemaVersion: z.literal(historySchemaVersion),
  at: z.string(),
  version: z.string(),
  commit: z.string().optional(),
  provenance: provenanceSchema,
  figures: z.array(
    z.object({
      name: z.string(),
      unit: z.string(),
      value: z.number(),
      better: z.enum(["less", "more"]),
      exactWithin: z.number().optional(),
    }),
  ),
});

/** Whether a regression of this figure is called: ratios, and what time has no part in. */
export function isJudged(figure: MeasuredFigure): boolean {
  return figure.exactWithin !== undefined || figure.unit === "x";
}

/** Figures of a drill next to the raw limit of the same run, as `figure: [metric, raw limit]`. */
const ratios: Readonly<Record<string, readonly [string, string]>> = {
  "backup, of SAVE": ["backupMs", "rawSaveMs"],
  "restore to first correct answer, of plain load": ["firstAnswerMs", "rawLoadMs"],
  "restore to fully operational, of plain load": ["operationalMs", "rawLoadMs"],
  "full proof, of plain load": ["verifyMs", "rawLoadMs"],
  "RTO, of plain load": ["rtoMs", "rawLoadMs"],
  "stored, of the dump": ["storedBytes", "rawBytes"],
};

/** What scenarios measured. Only of those that passed: how fast a wrong restore was says nothing. */
export function figuresOf(scenarios: readonly ScenarioResult[]): readonly MeasuredFigure[] {
  return scenarios
    .filter((scenario) => scenario.verdict === "pass")
    .flatMap(({ id, metrics }) => {
      const figures: MeasuredFigure[] = [];
      for (const [name, [metric, limit]] of Object.entries(ratios)) {
        const [value, of] = [metrics[metric], metrics[limit]];
        if (value === undefined || of === undefined || of === 0) continue;
        figures.push({ name: `${id}: ${name}`, unit: "x", value: value / of, better: "less" });
      }
      for (const [name, value] of Object.entries(metrics)) {
        const unit = name.endsWith("Ms") ? "ms" : name.endsWith("Bytes") ? "bytes" : undefined;
        if (unit !== undefined) figures.push({ name: `${id}: ${name}`, unit, value, better: "less" });
      }
      return figures;
    });
}
