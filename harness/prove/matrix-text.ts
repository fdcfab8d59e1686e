// The kill matrix for a terminal.
import { oneLine } from "../base/one-line.ts";
import { formatDuration } from "../base/units.ts";
import type { KillMatrix, MutantRow } from "./kill-matrix.ts";

interface TextOptions {
  readonly columns: number;
  /** Writes commands as they have to be typed here. */
  readonly paste: (command: string) => string;
}

export function matrixText(matrix: KillMatrix, { columns, paste }: TextOptions): string {
  const { mutants, killed, planned, classes, finders } = matrix;
  const widths = [8, Math.max(6, ...mutants.map(({ id }) => id.length)), 8];
  const rows = mutants.map((row) => {
    const cells = [row.status, row.id, formatDuration(row.ms), `${found(row)}  [${row.finders.join(", ")}]`];
    return cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ");
  });
  const notRun = planned - mutants.length;
  const lines = [
    ...rows,
    "",
    `killed ${killed} of ${planned} mutants in ${formatDuration(matrix.durationMs)}, seed ${matrix.seed}` +
      (notRun === 0 ? "" : `; ${notRun} did not run`),
    `classes: ${classes.map(({ name, killed: its, total }) => `${name} ${its}/${total}`).join(", ")}`,
    `found by: ${finders.map(({ name, mutants: count }) => `${name} ${count}`).join(", ")}`,
    ...matrix.peers.map(({ name, caught, notRun }) =>
      notRun === undefined ? `${name}: caught ${caught} of ${mutants.length}` : `${name}: not run, ${notRun}`,
    ),
  ];
  return [...lines.map((line) => oneLine(line).slice(0, columns)), ...notKilled(mutants, paste), ""].join("\n");
}

function found({ first, why }: MutantRow): string {
  return first === undefined ? (why ?? "") : `${first.code} ${first.subject}`;
}

/** Whole lines: they are copied. */
function notKilled(mutants: readonly MutantRow[], paste: TextOptions["paste"]): string[] {
  return mutants
    .filter(({ status }) => status !== "killed")
    .flatMap(({ id, status, why = "", fault, repeat }) => [
      `${status}: ${id}, which ${fault}: ${oneLine(why)}`,
      `  again: ${paste(repeat)}`,
    ]);
}
