// The differences as lines of text: grouped by graph and kind, with an example of each way in which entities differ.
import { counted } from "../../../reports/findings/finding-groups.ts";
import { formatCount } from "../../base/units.ts";
import type { Finding } from "../../check/check.ts";
import type { DescribedDifference } from "../../diff/diff-graph.ts";
import { differenceText } from "../../diff/diff-findings.ts";
import type { ServerDifferences } from "../../diff/diff-servers.ts";

const examplesMax = 5;

export function diffLines(
  names: { readonly a: string; readonly b: string },
  { equal, graphs, findings, notes }: ServerDifferences,
): string[] {
  const compared = graphs.flatMap(({ differences }) => differences ?? []);
  const [nodes, edges] = (["nodes", "edges"] as const).map((side) =>
    compared.reduce((sum, differences) => sum + Math.max(differences[side].a, differences[side].b), 0),
  );
  const what = `${counted(compared.length, "graph")} compared, ${counted(nodes ?? 0, "node")} and ${counted(edges ?? 0, "edge")}`;
  return [
    `A  ${names.a}`,
    `B  ${names.b}`,
    ...findings.flatMap(findingLines),
    ...notes.map((note) => `note: ${note}`),
    equal ? `equal: ${what}` : `different: ${counted(findings.length, "kind")} of differences; ${what}`,
  ];
}

function findingLines({ code, subject, message, evidence }: Finding): string[] {
  const examples = (evidence["examples"] ?? []) as readonly DescribedDifference[];
  const { graph } = evidence;
  if (typeof graph !== "string") return [`  ${code.padEnd(20)} ${subject}: ${message}`];
  // The first of each way in which entities differ.
  const ways = new Map(
    examples.toReversed().map((example) => [example.properties.map(({ name }) => name).join(), example]),
  );
  const shown = [...ways.values()]
    .toReversed()
    .slice(0, examplesMax)
    .map((example) => {
      const alike = (example.alike ?? 1) > 1 ? `  (and ${formatCount((example.alike ?? 1) - 1)} more like it)` : "";
      return `      ${differenceText(example)}${alike}`;
    });
  return [`  ${code.padEnd(20)} ${graph}: ${message}`, ...shown];
}
