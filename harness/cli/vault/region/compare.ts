// `vault replicate --compare`: whether the second vault is the first one's copy, and which object differs first.
import { exitCodes } from "../../../base/errors.ts";
import { oneOf } from "../../../base/one-of.ts";
import { formatBytes, formatCount, formatDuration } from "../../../base/units.ts";
import { systemClock } from "../../../base/clock.ts";
import { compareVaults, comparisonDepths, type Comparison } from "../../../vault/compare/compare-vaults.ts";
import { countedStore, type StoreTraffic } from "../../../vault/compare/counted-store.ts";
import { divergenceKinds } from "../../../vault/compare/divergence.ts";
import type { Keyring } from "../../../vault/keys/keyring.ts";
import type { Store } from "../../../vault/store/store.ts";
import { print } from "../options.ts";
import { stoppable } from "../progress.ts";

export const compareHelp: string = `--compare reads only, and ends with 10 where both differ, with the first object that does:
  records  what both vaults record of themselves; some kilobytes, however many objects
  listing  also the names and sizes of all objects, and the manifests at both ends of each chain
  bytes    also every byte
What a vault removed by its own rules is no difference. Kinds:
${Object.entries(divergenceKinds)
  .map(([kind, words]) => `  ${kind.padEnd(8)} ${words}`)
  .join("\n")}`;

interface Stores {
  readonly from: Store;
  readonly to: Store;
}

export async function compareOf(
  flags: { readonly compare: string | true; readonly json?: boolean },
  keyring: Keyring,
  { from, to }: Stores,
): Promise<void> {
  const depth = oneOf("--compare", flags.compare === true ? "records" : flags.compare, comparisonDepths);
  const traffic: StoreTraffic = { requests: 0, bytes: 0 };
  const vaults = { from: countedStore(from, traffic), to: countedStore(to, traffic), keyring };
  await stoppable(async (signal) => {
    const startMs = systemClock.monotonicMs();
    const found = await compareVaults(vaults, { depth, signal });
    const ms = systemClock.monotonicMs() - startMs;
    const [first] = found.divergences;
    const document = { from: from.where, to: to.where, equal: first === undefined, first: first ?? null, ...found };
    print(flags, { ...document, ...traffic, ms: Math.round(ms) }, [
      ...linesOf(found, { from, to }),
      `${formatCount(traffic.requests)} requests, ${formatBytes(traffic.bytes)}, ${formatDuration(ms)}`,
    ]);
    if (first !== undefined) process.exitCode = exitCodes.dataWrong;
  });
}

const unseen = {
  records: "as both record it; whether the objects are there shows --compare listing, and their bytes --compare bytes",
  listing: "by names and sizes; a byte that changed within a part shows --compare bytes",
  bytes: "to the last byte",
};

function linesOf(found: Comparison, { from, to }: Stores): readonly string[] {
  const { depth, divergences, removedHere, removedThere, rotated, notes, backups, increments, roots } = found;
  const [first] = divergences;
  const list = (ids: readonly string[]): string => ids.join(", ");
  return [
    ...divergences.map(({ kind, message }) => `PROBLEM: ${kind}: ${message}`),
    ...(removedHere.length === 0 ? [] : [`removed from ${from.where} by its own rules: ${list(removedHere)}`]),
    ...(removedThere.length === 0 ? [] : [`removed from ${to.where} by its own rules: ${list(removedThere)}`]),
    ...(rotated.length === 0
      ? []
      : [
          `${to.where} still holds ${list(rotated)} for the keys of before, of which ${from.where} has copies for those ` +
            "of today: replicate, and then run falkordrill vault keys rotate --re-encrypt there with the same key ring",
        ]),
    ...notes,
    first === undefined
      ? `no difference ${unseen[depth]}; ${formatCount(backups)} backups and ${formatCount(increments)} increments, root ${roots.to.slice(0, 16)}`
      : `${divergences.length === 1 ? "1 difference" : `${formatCount(divergences.length)} differences`}; ` +
        `the first is ${first.object === "" ? "that of the record" : first.object} in ${first.where}; both are kept`,
  ];
}
