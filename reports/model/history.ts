// Earlier runs of the same drill: what changed since the last one, and how recovery time developed.
import { formatCount, formatDuration } from "../../harness/base/units.ts";
import type { ReportModel } from "./model.ts";

const turnsMax = 3;

/** One sentence; undefined where no earlier run is known. */
export function sinceLast({ earlier, rto, rpo, scenarios }: ReportModel): string | undefined {
  const last = earlier.at(-1);
  if (last === undefined) return undefined;
  const turned = scenarios.flatMap(({ id, verdict }) => {
    const before = last.verdicts.get(id);
    return before === undefined || before === verdict ? [] : [`${id} ${before} → ${verdict}`];
  });
  const more = turned.length - turnsMax;
  const turns = [...turned.slice(0, turnsMax), ...(more > 0 ? [`${formatCount(more)} more`] : [])];
  const parts = [
    ...(turned.length === 0 ? ["the same verdicts"] : turns),
    change("RTO", last.rtoMs, rto.value, formatDuration),
    change("writes lost", last.rpoWrites, rpo.value, formatCount),
  ].filter((part) => part !== undefined);
  const commit = last.commit === undefined ? "" : `, commit ${last.commit.slice(0, 10)}`;
  return `Since the run of ${minuteOf(last.startedAt)}${commit}: ${parts.join("; ")}.`;
}

function change(
  name: string,
  before: number | undefined,
  now: number | undefined,
  format: (value: number) => string,
): string | undefined {
  if (before === undefined || now === undefined) return undefined;
  if (before === now) return `${name} ${format(now)}, unchanged`;
  const share = before === 0 ? "" : ` (${now >= before ? "+" : "−"}${Math.abs((now / before - 1) * 100).toFixed(0)} %)`;
  return `${name} ${format(before)} → ${format(now)}${share}`;
}

function minuteOf(startedAt: string): string {
  return startedAt.slice(0, 16).replace("T", " ");
}
