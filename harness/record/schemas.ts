// The schema of every file of a run directory, by file name; for JSONL files, of one line. schemas/ holds them as JSON
// Schema for readers in other languages (written by `node scripts/write-schemas.ts`, checked by a test).
import { z } from "zod";
import { expectationSchema, observationSchema } from "../check/observation-schema.ts";
import { writeRecordFields } from "../workload/history/evidence-schema.ts";
import {
  drillResultSchema,
  faultLineSchema,
  findingSchema,
  phaseSchema,
  resourceLineSchema,
  scenarioResultSchema,
  timelineMarkSchema,
} from "./result.ts";
import { judgementSchema } from "./judgement.ts";
import { runRecordSchema } from "./run-directory.ts";

const scenario = z.object({ scenario: z.string() });

const historyLine = z.object({ scenario: z.string(), ...writeRecordFields });

export const runSchemas: Readonly<Record<string, z.ZodType>> = {
  "run.json": runRecordSchema,
  "result.json": drillResultSchema,
  "results.jsonl": scenarioResultSchema,
  "findings.jsonl": z.intersection(scenario, findingSchema),
  "phases.jsonl": z.intersection(scenario, phaseSchema),
  "timeline.jsonl": timelineMarkSchema,
  "history.jsonl": historyLine,
  "faults.jsonl": faultLineSchema,
  "resources.jsonl": resourceLineSchema,
  "judgements.jsonl": judgementSchema,
  "observations-expected.json": expectationSchema,
  "observations-observed.json": observationSchema,
};

export function jsonSchemas(schemas: Readonly<Record<string, z.ZodType>>): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(schemas).map(([file, schema]) => [
      `${file.replace(/\.jsonl?$/, "")}.schema.json`,
      `${JSON.stringify({ title: file, ...z.toJSONSchema(schema, { io: "input" }) }, undefined, 2)}\n`,
    ]),
  );
}
