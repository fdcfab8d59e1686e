import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../base/package.ts";
import { analysisSchema } from "../../reports/analysis/analysis.ts";
import { pricesSchema } from "../../reports/analysis/cost/prices.ts";
import { journalSchema } from "../../reports/analysis/journal.ts";
import { scorecardSchema } from "../../reports/assess/scorecard.ts";
import { replaySchema } from "../shrink/replay-file.ts";
import { policySchema } from "../../reports/gate/policy.ts";
import { sampleRun } from "../../reports/testing/sample-run.ts";
import { configSchema } from "../drill/run/config.ts";
import { jsonSchemas, runSchemas } from "./schemas.ts";

const schemas = jsonSchemas({
  policy: policySchema,
  config: configSchema,
  scorecard: scorecardSchema,
  analysis: analysisSchema,
  prices: pricesSchema,
  "forecasts.jsonl": journalSchema,
  "replay.json": replaySchema,
  ...runSchemas,
});
const folder = join(packageRoot(), "schemas");

describe("the JSON Schemas of a run directory", () => {
  it("are those of the code; run `node scripts/write-schemas.ts` after a change", () => {
    const stored = new Map(
      globSync("*.json", { cwd: folder }).map((name) => [name, readFileSync(join(folder, name), "utf8")]),
    );
    expect(Object.fromEntries(stored)).toEqual(Object.fromEntries(schemas));
  });

  it("accept a result, and refuse one whose verdict is not known", () => {
    const text = schemas.get("result.schema.json") ?? "";
    const validate = new Ajv2020({ strict: false }).compile(JSON.parse(text) as object);
    expect(validate(sampleRun)).toBe(true);
    expect(validate({ ...sampleRun, verdict: "perhaps" })).toBe(false);
  });
});
