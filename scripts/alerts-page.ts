// docs/reference/alerts.md: what each alert of monitoring/ means, and what to do first.
import { readFileSync } from "node:fs";
import { parse } from "yaml";

interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly action: string; readonly runbook_url: string };
}

export function alertsPage(): string {
  const text = readFileSync(new URL("../monitoring/falkordrill.rules.yaml", import.meta.url), "utf8");
  const { groups } = parse(text) as { readonly groups: readonly { readonly rules: readonly AlertRule[] }[] };
  const sections = groups.flatMap(({ rules }) =>
    rules.map(({ alert, expr, labels: { severity }, annotations: { summary, action, runbook_url: url } }) => {
      const words = summary.replaceAll(/\s*\{\{ (?:if|end).*?\}\}(?:.*?\{\{ end \}\})?/g, "");
      const plain = words.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, "_$1_");
      const [, runbook] = /docs\/runbooks\/(.+)\.md$/.exec(url) ?? [];
      const link = runbook === undefined ? "" : ` [Runbook](../runbooks/${runbook}.md).`;
      return `## ${alert}\n\n${plain}. Severity: ${severity}.${link}\n\n_First:_ ${action}\n\n\`\`\`text\n${expr.trim()}\n\`\`\``;
    }),
  );
  return `# Alerts

The rules in [falkordrill.rules.yaml](../../monitoring/falkordrill.rules.yaml), on the [metrics](metrics.md) of
\`falkordrill monitor\`. Each fires with the second evaluation that finds its condition, as
printed here, to be true. A condition that looks
back over hours turns true later than its cause begins: [how much later](../guides/monitoring.md#alerts).

${sections.join("\n\n")}
`;
}
