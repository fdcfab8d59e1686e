// Figures that time has no part in (bytes stored, commands sent): they are compared as they are. Where two runs of one
// version differ by more than such a figure may, it is not such a figure, and that is reported instead.

export interface ExactJudgement {
  readonly says: "same" | "worse" | "better" | "unsteady" | "too-few";
  /** The middle of each side. */
  readonly base: number;
  readonly head: number;
  /** The largest difference among the runs of one side, as a share. */
  readonly spread: number;
}

/** `within` is the share by which two runs of one version may differ. Each side needs two runs. */
export function judgeExact(
  base: readonly number[],
  head: readonly number[],
  { within, better }: { readonly within: number; readonly better: "less" | "more" },
): ExactJudgement {
  const middles = { base: middle(base), head: middle(head) };
  const spread = Math.max(spreadOf(base), spreadOf(head));
  const found = { ...middles, spread };
  if (base.length < 2 || head.length < 2) return { says: "too-few", ...found };
  if (spread > within) return { says: "unsteady", ...found };
  const share = shareOf(middles.head - middles.base, middles.base);
  if (Math.abs(share) <= within) return { says: "same", ...found };
  return { says: share > 0 === (better === "less") ? "worse" : "better", ...found };
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function spreadOf(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const low = Math.min(...values);
  return shareOf(Math.max(...values) - low, low);
}

/** An unchanged value is a difference of 0, even where the base is 0. */
function shareOf(difference: number, of: number): number {
  return difference === 0 ? 0 : difference / Math.abs(of);
}
