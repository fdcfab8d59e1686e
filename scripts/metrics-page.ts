// docs/reference/metrics.md: what `falkordrill monitor` gives, from the registry that gives its names and HELP texts.
import { metricUnit } from "../harness/monitor/metrics/metric.ts";
import { monitorMetrics } from "../harness/monitor/metrics/samples.ts";

export function metricsPage(): string {
  const sections = Object.entries(monitorMetrics).map(([name, { type, labels, help, from, cannotSay }]) => {
    const by = labels.map((label) => `\`${label}\``).join(", ");
    return `## ${name}

${help} A ${type} (${metricUnit(name)}), by ${by}.

- _From:_ ${from}.
- _Does not say_ ${cannotSay}.`;
  });
  return `# Metrics

What \`falkordrill monitor\` gives under \`/metrics\`: [monitoring](../guides/monitoring.md) says how to run it. Times are given as
moments and not as ages: an age that a hung exporter repeats looks young for ever, while \`time() - x\` grows whatever happens to it.

${sections.join("\n\n")}
`;
}
