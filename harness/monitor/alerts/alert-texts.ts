// What an alert says and asks for, from the rules that are shipped, so that a page and a pager use the same words.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { packageRoot } from "../../base/package.ts";
import type { FiringAlert } from "./firing-alerts.ts";

export interface SaidAlert extends FiringAlert {
  readonly severity: "critical" | "warning";
  readonly summary: string;
  readonly action: string;
}

const rulesSchema = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({
          alert: z.string(),
          labels: z.object({ severity: z.enum(["critical", "warning"]) }),
          annotations: z.object({ summary: z.string(), action: z.string() }),
        }),
      ),
    }),
  ),
});

let known: ReadonlyMap<string, Pick<SaidAlert, "severity" | "summary" | "action">> | undefined;

function readTexts(): NonNullable<typeof known> {
  const file = join(packageRoot(), "monitoring", "falkordrill.rules.yaml");
  const { groups } = rulesSchema.parse(parse(readFileSync(file, "utf8")));
  return new Map(
    groups.flatMap(({ rules }) =>
      rules.map(({ alert, labels, annotations }) => [alert, { ...labels, ...annotations }] as const),
    ),
  );
}

/** The worst first. */
export function saidAlerts(firing: readonly FiringAlert[]): readonly SaidAlert[] {
  known ??= readTexts();
  const texts = known;
  const said = firing.map((alert): SaidAlert => {
    const text = texts.get(alert.name);
    if (text === undefined) throw new Error(`there is no rule ${alert.name}`);
    return { ...alert, ...text, summary: filled(text.summary, alert.labels) };
  });
  return said.toSorted((a, b) => Number(a.severity === "warning") - Number(b.severity === "warning"));
}

/** The two forms of templates that the rules use: a label, and a piece that is there where a label has a value. */
function filled(template: string, labels: FiringAlert["labels"]): string {
  return template
    .replaceAll(/\{\{ if \$labels\.(\w+) \}\}(.*?)\{\{ end \}\}/g, (_, label: string, piece: string) =>
      (labels[label] ?? "") === "" ? "" : piece,
    )
    .replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => labels[label] ?? "");
}
