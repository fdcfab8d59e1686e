// What backups take where they are stored, chain by chain: each full backup with the increments that build on it.
import { formatBytes } from "../../harness/base/units.ts";
import type { MergedScenario } from "./merge.ts";
import type { StoredPoint } from "./stored-run.ts";
import type { Bar } from "../svg/bars.ts";

const pointsMax = 40;

export function chainBars({ metrics, trace }: Pick<MergedScenario, "metrics" | "trace">): readonly Bar[] {
  const { rawBytes, snapshotBytes, storedBytes } = metrics as Partial<Record<string, number>>;
  const plain = (name: string, value: number | undefined, tone: Bar["tone"]): Bar[] =>
    value === undefined ? [] : [{ name, value, text: formatBytes(value), tone }];
  const limits = [
    ...plain("the engine's own dump", rawBytes, "raw"),
    ...plain("snapshot before compression", snapshotBytes, "muted"),
  ];
  const points = chainsOf(trace.restorePoints).flat();
  if (points.length === 0) return [...limits, ...plain("backup", storedBytes, "accent")];
  const shown = points.slice(0, pointsMax).map((point): Bar => {
    const ratio =
      rawBytes === undefined || point.parent !== undefined
        ? ""
        : ` (${(point.storedBytes / rawBytes).toFixed(2)}x the dump)`;
    const kind = point.parent === undefined ? "full" : "+ increment";
    const tone = point.parent === undefined ? "accent" : "second";
    return {
      name: `${kind} …${point.id.slice(-8)}`,
      value: point.storedBytes,
      text: `${formatBytes(point.storedBytes)}${ratio}`,
      tone,
    };
  });
  const rest = points.slice(pointsMax).reduce((sum, point) => sum + point.storedBytes, 0);
  return [...limits, ...shown, ...plain(`${points.length - pointsMax} more`, rest === 0 ? undefined : rest, "muted")];
}

/** Every full backup with the increments on it, oldest first. A point whose parent is gone begins a chain of its own. */
export function chainsOf(points: readonly StoredPoint[]): readonly (readonly StoredPoint[])[] {
  const byId = new Map(points.map((point) => [point.id, point]));
  const rootOf = (point: StoredPoint): string => {
    const seen = new Set<string>();
    let at = point;
    // A ring of parents would be a damaged vault; it must not hang the report.
    while (at.parent !== undefined && !seen.has(at.id)) {
      seen.add(at.id);
      const parent = byId.get(at.parent);
      if (parent === undefined) break;
      at = parent;
    }
    return at.id;
  };
  const sorted = points.toSorted((a, b) => a.cutAt.localeCompare(b.cutAt));
  return [...Map.groupBy(sorted, rootOf).values()];
}
