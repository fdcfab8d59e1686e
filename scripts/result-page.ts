// docs/reference/result-json.md: the fields come from the schema, so that a field without a sentence is an error.
import { z } from "zod";
import { drillResultSchema, schemaVersion } from "../harness/record/result.ts";
import { type Measure, measureNames, metricMeasure, witnessMeasure } from "../reports/figures/measures.ts";

const fields: Readonly<Record<string, string>> = {
  schemaVersion: "Version of this format. A field that is renamed or removed raises it; new fields do not.",
  verdict: "Verdict of the whole drill.",
  seed: "Seed that all data, schedules and faults were derived from.",
  exitCode: "[Exit code](exit-codes.md) of the run.",
  replay: "Command that runs the same drill again.",
  scenarios: "Results in the order in which the scenarios were planned.",
  "scenarios[].id": "Scenario, for example `cycle/full`; with `--repeat`, the seed is added.",
  "scenarios[].title": "The claim, as a sentence that is true when the scenario passes.",
  "scenarios[].verdict": "Verdict of this scenario.",
  "scenarios[].exit": "Reason for the verdict; `pass` when it passed.",
  "scenarios[].startedAt": "When the scenario began, ISO 8601.",
  "scenarios[].durationMs": "Duration of the scenario.",
  "scenarios[].findings": "Expectations that did not hold.",
  "scenarios[].findings[].code": "[Finding code](finding-codes.md).",
  "scenarios[].findings[].severity": "Only `error` decides the verdict.",
  "scenarios[].findings[].subject": "What it is about: a graph, an entity, a write, a file.",
  "scenarios[].findings[].message": "One sentence for people. Do not parse it.",
  "scenarios[].findings[].evidence": "Expected and actual values; the keys depend on the code.",
  "scenarios[].findings[].hint": "What to do next.",
  "scenarios[].findings[].class": "Class of the finding where the code alone does not decide it.",
  "scenarios[].findings[].judgement": "Stored judgement that the finding comes from; absent when only the run saw it.",
  "scenarios[].witnesses": "How much each check compared, by name. A required witness of zero is inconclusive.",
  "scenarios[].metrics": "Measured figures, see below.",
  "scenarios[].phases": "Phases of the recovery.",
  "scenarios[].phases[].name": "Name of the phase.",
  "scenarios[].phases[].startMs": "Start, counted from the disaster or from the start of the restore.",
  "scenarios[].phases[].ms": "Duration.",
  "scenarios[].phases[].bytes": "Bytes that the phase handled.",
  "scenarios[].notCovered": "What the system or this run does not cover, in plain sentences.",
  "scenarios[].judged": "Judgements that `falkordrill verify` must find again.",
  "scenarios[].coordination":
    "Whether writes were held for the backup: `held`, `none` (no coordinator), `removed` (a pause that holds no writer, on purpose).",
  "scenarios[].replay": "Command that runs this scenario alone.",
  notCovered: "Scenarios that were asked for and that the system under test cannot do.",
  "notCovered[].id": "Scenario.",
  "notCovered[].title": "Its claim.",
  "notCovered[].missing": "Capabilities that the system lacks.",
};

interface Schema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
}

function rowsOf(schema: Schema, prefix: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const path = `${prefix}${name}`;
    const says = fields[path];
    if (says === undefined) throw new Error(`scripts/result-page.ts has no sentence for the field ${path}`);
    const type = field.enum === undefined ? (field.type ?? "any") : field.enum.map((value) => `"${value}"`).join(", ");
    const optional = schema.required?.includes(name) === true ? "" : " _Optional._";
    const inner = field.items === undefined ? rowsOf(field, `${path}.`) : rowsOf(field.items, `${path}[].`);
    return [`- \`${path}\` (${type}): ${says}${optional}`].concat(inner);
  });
}

/** The names that have words of their own, each with its sentence. */
function listOf(measureOf: (name: string) => Measure | undefined): string {
  const lines = measureNames.flatMap((name) => {
    const measure = measureOf(name);
    return measure === undefined ? [] : [`- \`${name}\`: ${measure.means}`];
  });
  return lines.join("\n");
}

export function resultPage(): string {
  const schema = z.toJSONSchema(drillResultSchema, { io: "input" }) as Schema;
  return `# result.json

Written by \`falkordrill run\` into the [run directory](run-directory.md), and printed by \`falkordrill run --json\`. The JSON
Schema is [schemas/result.schema.json](../../schemas/result.schema.json). The current \`schemaVersion\` is ${schemaVersion}.

${rowsOf(schema, "").join("\n")}

## Metrics

Names end in their unit: \`Ms\` for milliseconds, \`Bytes\`, \`PerSecond\`. A metric that was not measured is absent.
Scenarios add names of their own, composed of these words; \`falkordrill explain <name>\` explains them too.

${listOf(metricMeasure)}

## Witnesses

How much was compared or done. A witness that a scenario requires and that is zero makes it inconclusive.

${listOf(witnessMeasure)}
`;
}
