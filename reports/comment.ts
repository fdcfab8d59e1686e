// A run as a comment on a pull request: five lines and a table where it passed; where it did not, what went wrong by cause.
// Everything else is in the job summary and in the artifact, to which it links.
import { oneLine } from "../harness/base/one-line.ts";
import { formatCount } from "../harness/base/units.ts";
import { type FindingGroup, groupCount, kindNames } from "./findings/finding-groups.ts";
import { code, fenced, inline } from "./text/markdown-text.ts";
import { formatMetric } from "./figures/metrics.ts";
import { type ReportModel, verdictSentence } from "./model/model.ts";
import { runFacts } from "./model/run-facts.ts";

/** The first line of a comment of ours; the job that posts it replaces a comment with this line. */
export const commentMarker = "<!-- falkordrill report -->";

export interface CommentOptions {
  /** Distinguishes this drill from others of the same pull request, such as the name of its artifact. */
  readonly about?: string;
  readonly links?: { readonly run?: string | undefined; readonly artifact?: string | undefined };
  /** What the gate decided; empty without a policy. */
  readonly decision?: string;
  /** The last run of the base branch. */
  readonly base?: ReportModel | undefined;
}

const groupsMax = 10;
const idsMax = 3;
const changesMax = 10;
const textMax = 300;

export function comment(model: ReportModel, options: CommentOptions = {}): string {
  const { about = "", decision = "", base } = options;
  const { result } = model;
  const title = about === "" ? "Disaster-recovery drill" : `Disaster-recovery drill ${about}`;
  const marker = about === "" ? commentMarker : `<!-- falkordrill report ${about.replaceAll(/[^\w.-]/g, "-")} -->`;
  const gate = decision === "" ? [] : [`Release gate: **${inline(decision)}**.`];
  const lines = [
    marker,
    `### ${inline(title)}: ${result.verdict}`,
    "",
    [inline(verdictSentence(model)), ...gate, setup(model)].join(" "),
    "",
    ...(result.verdict === "pass" && model.groups.length === 0 ? [] : causes(model)),
    ...table(model, base),
    ...verdictChanges(model, base),
    ...links(options),
  ];
  if (result.verdict !== "pass") lines.push("Run it again:", "", ...fenced(result.replay, "sh"), "");
  return `${lines.join("\n").trimEnd()}\n`;
}

function setup(model: ReportModel): string {
  const { system, engine, profile, nodes, seed, commit } = runFacts(model);
  const parts = [
    system,
    engine,
    profile === undefined ? undefined : `profile ${profile}`,
    nodes === undefined ? undefined : `${formatCount(Number(nodes))} nodes`,
    seed === undefined ? undefined : `seed ${seed}`,
    commit?.slice(0, 12),
  ];
  return inline(`${parts.filter((part) => part !== undefined).join(", ")}.`);
}

function causes({ groups, damage }: ReportModel): string[] {
  const shown = groups.slice(0, groupsMax);
  const more = groups.length - shown.length;
  return [
    ...(damage === undefined ? [] : [`**${inline(damage.damage.sentence)}**`, ""]),
    ...shown.map(cause),
    ...(more > 0 ? [`- ${groupCount(groups)} in all; the report has the others`] : []),
    "",
  ];
}

function cause({ kind, title, code: of, example, next, scenarios }: FindingGroup): string {
  const more = scenarios.length - idsMax;
  const where = `${scenarios.slice(0, idsMax).map(code).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  const said = title === example.message ? [] : [`e.g. ${clipped(example.message)}`];
  const todo = next === undefined ? [] : [`next: ${clipped(next)}`];
  return `- ${kindNames[kind]}: **${clipped(title)}** (${code(of)}) in ${[where, ...said, ...todo].join("; ")}`;
}

function clipped(text: string): string {
  const characters = Array.from(text);
  return inline(characters.length <= textMax ? text : `${characters.slice(0, textMax).join("")}…`);
}

interface Row {
  readonly name: string;
  readonly text: (model: ReportModel) => string;
  readonly value: (model: ReportModel) => number | undefined;
}

const rows: readonly Row[] = [
  { name: "RTO", text: ({ rto }) => [rto.text, rto.rank].filter(Boolean).join(", "), value: ({ rto }) => rto.value },
  { name: "RPO", text: ({ rpo }) => [rpo.text, rpo.rank].filter(Boolean).join(", "), value: ({ rpo }) => rpo.value },
  ...(["backupMs", "firstAnswerMs", "storedBytes"] as const).map((metric): Row => {
    const value = ({ main }: ReportModel): number | undefined => main?.metrics[metric];
    const names = { backupMs: "backup", firstAnswerMs: "restore to the first answer", storedBytes: "stored" };
    const text = (model: ReportModel): string => formatMetric(metric, value(model) ?? 0);
    return { name: names[metric], value, text };
  }),
  {
    name: "scenarios passed",
    text: ({ counts, scenarios }) => `${formatCount(counts.pass)} of ${formatCount(scenarios.length)}`,
    value: ({ counts }) => counts.pass,
  },
];

function table(model: ReportModel, base: ReportModel | undefined): string[] {
  const measured = rows.filter((row) => row.value(model) !== undefined);
  if (base === undefined || !isComparable(model, base)) {
    const why = base === undefined ? [] : ["The last run of the base had other settings, so it is not compared.", ""];
    return [
      "| | |",
      "|---|---:|",
      ...measured.map((row) => `| ${row.name} | ${inline(row.text(model))} |`),
      "",
      ...why,
    ];
  }
  return [
    "| | this change | base | change |",
    "|---|---:|---:|---:|",
    ...measured.map((row) => {
      const before = row.value(base);
      const cells = before === undefined ? ["", ""] : [inline(row.text(base)), change(row.value(model) ?? 0, before)];
      return `| ${[row.name, inline(row.text(model)), ...cells].join(" | ")} |`;
    }),
    "",
    "<sub>One run each: on shared runners, times that differ by less than a fifth say nothing.</sub>",
    "",
  ];
}

/** Figures of another graph, system or engine say nothing about this change. */
function isComparable(model: ReportModel, base: ReportModel): boolean {
  const [now, before] = [runFacts(model), runFacts(base)];
  return ["system", "engine", "profile", "nodes", "dims"].every((name) => now[name] === before[name]);
}

function change(now: number, before: number): string {
  if (now === before) return "=";
  const difference = before === 0 ? "" : `${Math.abs(((now - before) / before) * 100).toFixed(0)} %`;
  return `${now > before ? "+" : "-"}${difference}`;
}

function verdictChanges({ scenarios }: ReportModel, base: ReportModel | undefined): string[] {
  if (base === undefined) return [];
  const before = new Map(base.scenarios.map(({ id, verdict }) => [id, verdict]));
  const changed = scenarios.flatMap(({ id, verdict }) => {
    const was = before.get(id);
    return was === undefined || was === verdict ? [] : [`${code(id)} ${was} → ${verdict}`];
  });
  const more = changed.length - changesMax;
  const shown = changed.slice(0, changesMax).join(", ");
  return changed.length === 0 ? [] : [`Changed against the base: ${shown}${more > 0 ? ` and ${more} more` : ""}.`, ""];
}

function links({ links: to = {} }: CommentOptions): string[] {
  const parts = [
    to.run === undefined ? undefined : `[workflow run](${oneLine(to.run)})`,
    to.artifact === undefined ? undefined : `[report and run directory](${oneLine(to.artifact)})`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? [] : [parts.join(" · "), ""];
}
