// Every mutilation of every kind of object, one at a time, with the untouched vault before and after all of them.
import type { Looked, Effect } from "./mutilate.ts";
import { effectOf, layOut, look } from "./mutilate.ts";
import { type ObjectChange, objectChanges, type Objects } from "./mutilations.ts";
import { kindOf, objectKinds } from "./object-kinds.ts";

export interface MutilationRow {
  readonly kind: string;
  readonly mutilation: string;
  readonly path: string;
  readonly effect: Effect;
  /** What a command said first; undefined if nothing. */
  readonly said: string | undefined;
}

export interface MutilationInput {
  /** Where the vault and its key ring are laid out again and again; removed by the caller. */
  readonly folder: string;
  readonly vault: Objects;
  readonly earlier: Objects;
  readonly keys: Objects;
  readonly signal: AbortSignal;
  /** Whether to try this one; all by default. */
  readonly chosen?: (index: number) => boolean;
}

export async function mutilationTable(input: MutilationInput): Promise<{
  readonly control: Looked;
  readonly rows: readonly MutilationRow[];
  readonly missingKinds: readonly string[];
}> {
  const { folder, vault, earlier, keys, signal, chosen = () => true } = input;
  const seen = async (objects: Objects): Promise<Looked> => {
    signal.throwIfAborted();
    await layOut(folder, objects, keys);
    return await look(folder);
  };
  const control = await seen(vault);
  const rows: MutilationRow[] = [];
  for (const [index, one] of pairs(vault).entries()) {
    if (!chosen(index)) continue;
    const changed = one.mutilation.apply(vault, one.path, { twin: one.twin, earlier });
    if (changed === undefined) continue;
    const found = await seen(changed);
    const { kind, path } = one;
    rows.push({ kind, mutilation: one.mutilation.name, path, effect: effectOf(control, found), said: found.told[0] });
  }
  const held = new Set([...vault.keys()].map(kindOf));
  return { control, rows, missingKinds: objectKinds.filter((kind) => !held.has(kind)) };
}

interface Pair {
  readonly kind: string;
  readonly path: string;
  readonly twin: string | undefined;
  readonly mutilation: ObjectChange;
}

/** The newest object of each kind, as the damage that matters most; its twin is the one before. */
function pairs(vault: Objects): Pair[] {
  return objectKinds.flatMap((kind) => {
    const [twin, path] = [...vault.keys()]
      .filter((each) => kindOf(each) === kind)
      .toSorted()
      .slice(-2);
    const target = path ?? twin;
    if (target === undefined) return [];
    const other = path === undefined ? undefined : twin;
    return objectChanges.map((mutilation) => ({ kind, path: target, twin: other, mutilation }));
  });
}
