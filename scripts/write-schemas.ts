// Writes schemas/ from the schemas in the code: `node scripts/write-schemas.ts`.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { jsonSchemas, runSchemas } from "../harness/record/schemas.ts";
import { configSchema } from "../harness/drill/run/config.ts";
import { analysisSchema } from "../reports/analysis/analysis.ts";
import { pricesSchema } from "../reports/analysis/cost/prices.ts";
import { journalSchema } from "../reports/analysis/journal.ts";
import { scorecardSchema } from "../reports/assess/scorecard.ts";
import { policySchema } from "../reports/gate/policy.ts";
import { replaySchema } from "../harness/shrink/replay-file.ts";

const folder = fileURLToPath(new URL("../schemas/", import.meta.url));
for (const [name, text] of jsonSchemas({
  policy: policySchema,
  config: configSchema,
  scorecard: scorecardSchema,
  analysis: analysisSchema,
  prices: pricesSchema,
  "forecasts.jsonl": journalSchema,
  "replay.json": replaySchema,
  ...runSchemas,
}))
  writeFileSync(`${folder}${name}`, text);
