// The result of drills without a fault, for a terminal.
import { oneLine } from "../../base/one-line.ts";
import { formatDuration } from "../../base/units.ts";
import type { SilenceProof } from "./prove-silence.ts";

export function silenceText(proof: SilenceProof, paste: (command: string) => string): string {
  const { counts, drills, planned, durationMs, seed, falseAlarmRateMax } = proof;
  const judged = counts.silent + counts.named + counts.alarm;
  const notRun = planned - drills.length;
  const lines = [
    `${counts.silent} of ${planned} drills without a fault are silent, in ${formatDuration(durationMs)}, from seed ${seed} on`,
    ...(counts.named === 0 ? [] : [`${counts.named} backups were called unloadable, as FalkorDB makes them`]),
    `false alarms: ${counts.alarm} of ${judged}; at most ${percent(falseAlarmRateMax)} of drills, with 95 % confidence`,
    ...(counts.inconclusive === 0 ? [] : [`inconclusive: ${counts.inconclusive}`]),
    ...(notRun === 0 ? [] : [`not run: ${notRun}`]),
  ];
  const others = drills
    .filter(({ outcome }) => outcome === "alarm" || outcome === "inconclusive")
    .flatMap(({ outcome, name, findings, repeat }) => [
      `${outcome}: ${name}: ${oneLine(findings)}`,
      `  again: ${paste(repeat)}`,
    ]);
  return [...others, ...lines, ""].join("\n");
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
