// A scenario may have several backups and several restores, and the phases of each count from its own start.
import type { StoredPhase } from "../../harness/record/result.ts";

export type OperationKind = "backup" | "restore";

/** The phases of each backup, or of each restore, in order. A phase that repeats marks the start of the next one. */
export function operationsOf(kind: OperationKind, phases: readonly StoredPhase[]): readonly (readonly StoredPhase[])[] {
  const operations: StoredPhase[][] = [];
  for (const phase of phases) {
    if (!phase.name.startsWith(`${kind}/`)) continue;
    const current = operations.at(-1);
    const before = current?.findLast(({ name }) => name === phase.name);
    if (current === undefined || (before !== undefined && phase.startMs < before.startMs + before.ms))
      operations.push([phase]);
    else current.push(phase);
  }
  return operations;
}

/** The last one, to which the figures of the scenario belong; without phases if there was no operation. */
export function lastOperation(
  kind: OperationKind,
  phases: readonly StoredPhase[],
): { readonly phases: readonly StoredPhase[]; readonly count: number } {
  const operations = operationsOf(kind, phases);
  return { phases: operations.at(-1) ?? [], count: operations.length };
}
