// The kill matrix as a page.
import { code, inline } from "../../reports/text/markdown-text.ts";
import { formatBytes, formatDuration } from "../base/units.ts";
import type { KillMatrix, MutantRow } from "./kill-matrix.ts";

export function matrixMarkdown(matrix: KillMatrix): string {
  const { mutants, killed, planned, classes, finders, peers, originals } = matrix;
  const others = mutants.filter(({ status }) => status !== "killed");
  const sections = [
    "# The kill matrix",
    "Each mutant is a backup system that works, with one fault put in. A drill has to find it by a finding that names " +
      "the effect; the same drill passes without the fault in the same round. " +
      "[Proving the judge](guides/proving-the-judge.md) says how to read this page.",
    `**${killed} of ${planned} killed** in ${formatDuration(matrix.durationMs)}; ${aboutRun(matrix)}.`,
    table(
      ["class", "killed"],
      classes.map(({ name, killed: its, total }) => [name, `${its}/${total}`]),
    ),
    "## Which check found how many",
    table(
      ["check, judge or step", "mutants"],
      finders.map(({ name, mutants: count }) => [name, String(count)]),
    ),
    ...(others.length === 0 ? [] : ["## Not killed", notKilled(others)]),
    ...(peers.length === 0 ? [] : ["## Beside the checks that teams use", peersAbout, peersTable(matrix)]),
    "## Mutants",
    table(
      ["mutant", "fault", "seconds", "first finding", "found by", "peers that caught it"],
      mutants.map((row) => mutantCells(row)),
    ),
    "## Drills without a fault",
    table(
      ["drill", "result", "seconds"],
      originals.map(({ drill, exit, ms }) => [drill, exit, seconds(ms)]),
    ),
  ];
  return `${sections.join("\n\n")}\n`;
}

function aboutRun({ seed, startedAt, version, commit, engine, machine }: Omit<KillMatrix, "mutants">): string {
  const { cpus, memoryBytes } = machine;
  return [
    `seed ${seed}`,
    startedAt.slice(0, 10),
    `version ${version}`,
    ...(commit === undefined ? [] : [`commit ${commit.slice(0, 12)}`]),
    ...(engine === undefined ? [] : [inline(engine)]),
    `${String(cpus)} cores, ${formatBytes(Number(memoryBytes))}`,
  ].join(", ");
}

const peersAbout =
  "Each looked at the same systems in the same drills. An alarm counts where the same drill without the fault raises none; " +
  "a check says nothing of a mutant (n/a) where nothing comes back that it looks at, or where writers make it raise an alarm " +
  "without a fault.";

function peersTable({ peers, killed, mutants }: KillMatrix): string {
  const rate = (part: number): string => `${Math.round((100 * part) / Math.max(1, mutants.length))} %`;
  return table(
    ["check", "caught", "missed", "n/a", "kill rate", "what it does"],
    [
      ["**FalkorDrill**", String(killed), String(mutants.length - killed), "0", rate(killed), "drills"],
      ...peers.map(({ name, looks, caught, missed, notApplicable, notRun }) =>
        notRun === undefined
          ? [name, String(caught), String(missed), String(notApplicable), rate(caught), looks]
          : [name, "", "", "", "not run", inline(notRun)],
      ),
    ],
  );
}

function mutantCells(row: MutantRow): readonly string[] {
  return [
    cell(row),
    inline(row.fault),
    seconds(row.ms),
    first(row),
    inline(row.finders.join(", ")),
    inline(catchers(row)),
  ];
}

function catchers({ peers }: MutantRow): string {
  return Object.entries(peers)
    .filter(([, { verdict }]) => verdict === "caught")
    .map(([name]) => name)
    .join(", ");
}

function cell({ id, after }: MutantRow): string {
  return after === undefined ? code(id) : `[${code(id)}](${after})`;
}

function first({ first: finding, why = "" }: MutantRow): string {
  return finding === undefined ? inline(why) : `${code(finding.code)} ${inline(finding.subject)}`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}

function notKilled(rows: readonly MutantRow[]): string {
  return rows
    .map(({ id, status, why = "", repeat }) => `- ${code(id)} ${status}: ${inline(why)} ${code(repeat)}`)
    .join("\n");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
