// Rehearses runbooks, and writes into docs/runbooks how long their commands took, from the last five runs of each branch:
// `node scripts/measure-runbooks.ts [--times 5] [--missing] [runbook...]`. `--missing` takes branches that were never measured, and
// `--times 0` only writes what was measured before.
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { format, resolveConfig } from "prettier";
import { errorMessage } from "../harness/base/errors.ts";
import { packageRoot } from "../harness/base/package.ts";
import { rehearsals } from "../test/runbooks/rehearsals.ts";
import { rehearse } from "../test/runbooks/rehearse.ts";
import { readRunbook, runbookFolder, stepsOf } from "../test/runbooks/runbook-text.ts";

interface Measured {
  readonly runbook: string;
  readonly branch: string;
  readonly ms: number;
  /** Processes that waited for a core, on average of the last minute. */
  readonly load: number;
}

const kept = join(packageRoot(), ".falkordrill", "runbook-times.jsonl");
const runsKept = 5;
const marker = "<!-- table: written by scripts/measure-runbooks.ts -->";

async function measure(names: readonly string[], times: number, isMissingOnly: boolean): Promise<void> {
  mkdirSync(dirname(kept), { recursive: true });
  for (const { runbook, paths } of rehearsals.filter(({ runbook: name }) => names.length === 0 || names.includes(name)))
    for (const path of paths)
      for (let run = 0; run < times; run++) {
        const { branch = "" } = path;
        if (isMissingOnly && measuredOf(runbook, branch).length > 0) break;
        try {
          const measured: Measured = { runbook, branch, ms: await rehearse(runbook, path), load: loadavg()[0] ?? 0 };
          appendFileSync(kept, `${JSON.stringify(measured)}\n`);
          process.stdout.write(`${JSON.stringify(measured)}\n`);
        } catch (error) {
          process.exitCode = 1;
          process.stderr.write(`FAILED ${runbook}: ${branch}: ${errorMessage(error)}\n`);
          break;
        }
      }
}

function measuredOf(runbook: string, branch: string): readonly Measured[] {
  if (!existsSync(kept)) return [];
  const all = readFileSync(kept, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Measured);
  return all.filter((one) => one.runbook === runbook && one.branch === branch).slice(-runsKept);
}

const seconds = (ms: number): string => `${ms < 10_000 ? (ms / 1000).toFixed(1) : Math.round(ms / 1000)} s`;

function medianOf(runs: readonly Measured[]): number {
  const sorted = runs.map(({ ms }) => ms).toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}

async function write(file: string, change: (text: string) => string): Promise<void> {
  const path = join(runbookFolder, file);
  const options = { ...(await resolveConfig(path)), parser: "markdown" };
  writeFileSync(path, await format(change(readFileSync(path, "utf8")), options));
}

/** The last cells of the row in the table as it is: what was measured on another machine stays. */
function writtenTimes(table: readonly string[], row: number, branch: string): string {
  const cells = table[row]?.split("|").map((cell) => cell.trim()) ?? [];
  return cells[2] === branch ? `| ${cells.slice(5, 7).join(" | ")} | ${cells[7] ?? ""}` : "| | |";
}

async function writeTimes(): Promise<void> {
  const rows: string[] = [];
  const table =
    readFileSync(join(runbookFolder, "README.md"), "utf8").split(marker)[1]?.trim().split("\n").slice(2) ?? [];
  for (const { runbook, paths } of rehearsals) {
    const text = readRunbook(runbook);
    const all = paths.map(({ branch = "", alerts }, at) => {
      const runs = measuredOf(runbook, branch);
      const slowest = Math.max(...runs.map(({ ms }) => ms));
      const blocks = stepsOf(text, branch).filter(({ kind }) => kind === "block");
      const commands = blocks.reduce((sum, block) => sum + block.text.trim().split("\n").length, 0);
      const link = at === 0 ? `[${text.title}](${runbook}.md)` : "";
      const fired = alerts.length === 0 ? "none" : alerts.map((alert) => `\`${alert}\``).join(", ");
      const times =
        runs.length === 0
          ? writtenTimes(table, rows.length, branch)
          : `| ${seconds(medianOf(runs))} | ${seconds(slowest)} of ${runs.length} | proven |`;
      rows.push(`| ${link} | ${branch} | ${fired} | ${commands} ${times}`);
      return runs;
    });
    if (all.some((runs) => runs.length === 0)) continue;
    const median = Math.max(...all.map((runs) => medianOf(runs)));
    const slowest = Math.max(...all.flat().map(({ ms }) => ms));
    const load = Math.max(...all.flat().map((one) => one.load));
    const line = `**Measured:** ${seconds(median)} (median) and ${seconds(slowest)} (slowest of ${Math.min(...all.map((runs) => runs.length))}) for the longest branch, on ${availableParallelism()} cores with a load of up to ${Math.ceil(load)}`;
    await write(`${runbook}.md`, (page) => {
      const without = page.replace(/\n\*\*Measured:\*\* [^]*?\n\n/, "\n");
      return without.replace(/^(\*\*Alert:\*\*[^]*?\n)\n/m, `$1\n${line}\n\n`);
    });
  }
  const head = `| fault | branch | alert | commands | median | slowest | outcome |\n| --- | --- | --- | ---: | ---: | ---: | --- |`;
  await write("README.md", (all) => `${all.slice(0, all.indexOf(marker))}${marker}\n\n${head}\n${rows.join("\n")}\n`);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { times: { type: "string", default: String(runsKept) }, missing: { type: "boolean", default: false } },
});
await measure(positionals, Number(values.times), values.missing);
await writeTimes();
