// What a drill would do, before it does it: which scenarios, how large, about how long.
import { exitCodes } from "../base/errors.ts";
import { pasteable } from "../base/invocation.ts";
import { formatCount } from "../base/units.ts";
import { expectedMs } from "../drill/run/durations.ts";
import type { DrillOptions } from "../drill/run/drill-options.ts";
import { replayCommand, shownOptions } from "../drill/run/options.ts";
import type { DrillPlan, Planned } from "../drill/run/plan.ts";
import { profiles } from "../drill/run/profiles.ts";
import { shardText } from "../record/shard.ts";
import { atOnce, mustRunAlone } from "../drill/side-by-side.ts";
import { uncoveredSentences } from "../../reports/model/verified.ts";
import { paint } from "./terminal/style.ts";

export interface PlannedStep {
  readonly id: string;
  readonly title: string;
  readonly profiles: readonly string[];
  /** Capabilities that the system under test must have. */
  readonly needs: readonly string[];
  readonly nodes: number;
  /** Whether the scenario keeps to a size of its own, whatever --nodes says. */
  readonly hasOwnSize: boolean;
  readonly expectedMs: number;
  /** Whether nothing else runs beside it. */
  readonly isAlone: boolean;
}

export function stepOf(planned: Planned, options: DrillOptions): PlannedStep {
  const { id, scenario } = planned;
  const { title, profiles: of, nodes, needs = [] } = scenario;
  const expected = Math.round(expectedMs(scenario, options));
  return {
    id,
    title,
    profiles: of,
    needs,
    nodes: nodes ?? options.nodes,
    hasOwnSize: nodes !== undefined,
    expectedMs: expected,
    isAlone: mustRunAlone(planned, options),
  };
}

/** The first line of a run. */
export function plan(options: DrillOptions, steps: readonly PlannedStep[]): string {
  const { profile, dims, shard, seed, engine } = options;
  const part = shard === undefined ? "" : `, shard ${shardText(shard)}`;
  const count = steps.length === 1 ? "1 scenario" : `${formatCount(steps.length)} scenarios`;
  return `${count} of profile ${profile}${part}, ${total(steps, options)}; seed ${seed}, dims ${dims}, engine ${engine}`;
}

/** A size that is asked for and not used would be believed. */
export function noteOwnSizes(steps: readonly PlannedStep[], nodes: string): void {
  const own = steps.filter(({ hasOwnSize }) => hasOwnSize);
  if (own.length === 0) return;
  const names = own.slice(0, namesMax).map(({ id }) => id);
  const more = own.length - names.length;
  const which =
    own.length === steps.length
      ? "none of these scenarios"
      : `${steps.length - own.length} of ${steps.length} scenarios`;
  process.stderr.write(
    `${paint("yellow", "note:")} --nodes ${nodes} applies to ${which}; ` +
      `${names.join(", ")}${more > 0 ? ` and ${more} more` : ""} have a size of their own\n`,
  );
}

const namesMax = 5;

export function printList(options: DrillOptions, steps: readonly PlannedStep[], json: boolean): number {
  if (json) {
    process.stdout.write(`${JSON.stringify({ scenarios: steps }, undefined, 2)}\n`);
    return exitCodes.pass;
  }
  const rows = [
    ["ID", "NODES", "ABOUT", "PROFILES", "NEEDS", "CLAIM"],
    ...steps.map((step) => [
      step.id,
      formatCount(step.nodes),
      seconds(step.expectedMs),
      step.profiles.join(","),
      step.needs.join(",") || "-",
      step.title,
    ]),
  ];
  process.stdout.write(`${aligned(rows).join("\n")}\n\n${count(steps, options)}\n`);
  return exitCodes.pass;
}

export function printPlan({ options, notCovered }: DrillPlan, steps: readonly PlannedStep[], json: boolean): number {
  const { backupSystem } = options;
  const calls = (typeof backupSystem === "function" ? backupSystem.describe?.() : undefined) ?? [];
  if (json) {
    const planned = { options: shownOptions(options), scenarios: steps, notCovered, calls };
    process.stdout.write(`${JSON.stringify(planned, undefined, 2)}\n`);
    return exitCodes.pass;
  }
  const rows = [
    ["SCENARIO", "NODES", "ABOUT"],
    ...steps.map(({ id, nodes, hasOwnSize, expectedMs: ms }) => [
      id,
      `${formatCount(nodes)}${hasOwnSize ? " (its own)" : ""}`,
      seconds(ms),
    ]),
  ];
  const { about } = profiles[options.profile];
  const head = options.filters.length > 0 ? "would run" : `would run profile ${options.profile} (${about})`;
  const system = calls.length === 0 ? [] : ["", `system ${options.system}:`, ...calls.map((call) => `  ${call}`)];
  const lines = [
    `${head}, seed ${options.seed}, dims ${options.dims}, engine ${options.engine}:`,
    ...aligned(rows),
    "",
    count(steps, options),
    ...uncoveredSentences(notCovered).map((sentence) => `not run: ${sentence}`),
    ...system,
    "",
    `into ${options.out}`,
    pasteable(replayCommand(options)),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
  return exitCodes.pass;
}

function count(steps: readonly PlannedStep[], options: DrillOptions): string {
  return `${steps.length === 1 ? "1 scenario" : `${formatCount(steps.length)} scenarios`}, ${total(steps, options)}`;
}

function total(steps: readonly PlannedStep[], options: DrillOptions): string {
  const limit = Math.min(atOnce(options), steps.length);
  const ms = steps.reduce((sum, step) => sum + step.expectedMs / (step.isAlone ? 1 : limit), 0);
  const sumMs = steps.reduce((sum, step) => sum + step.expectedMs, 0);
  const apart = seconds(sumMs) === seconds(ms) ? "" : ` (${seconds(sumMs)} in all, ${limit} at a time)`;
  return `about ${seconds(ms)} on two quiet cores${apart}`;
}

/** Nobody can say it to the tenth of a second beforehand. */
function seconds(ms: number): string {
  const whole = Math.max(1, Math.round(ms / 1000));
  return whole < 100 ? `${whole} s` : `${Math.round(whole / 60)} min`;
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        figures.has(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}

/** Columns aligned to the right. */
const figures = new Set([1, 2]);
