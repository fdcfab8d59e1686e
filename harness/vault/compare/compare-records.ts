// Compares what two vaults record of themselves. Restore points never change and have random names, so the records differ
// only in which of them they hold, and in how far a chain goes. No object is listed, and no part is read.
import { manifestPath } from "../catalogue/holdings.ts";
import type { SummaryPoint } from "../catalogue/summary-lines.ts";
import type { Keyring } from "../keys/keyring.ts";
import { inParallel } from "../parts/in-parallel.ts";
import { readRecordContent } from "../store/signed-record.ts";
import { decodeEntry, entryPath } from "../catalogue/entry.ts";
import { compareChain } from "./compare-chain.ts";
import type { VaultDivergence, Sides } from "./divergence.ts";
import type { VaultRecord } from "./vault-record.ts";

/** Chains that are looked at at once. */
const chainsAtOnce = 8;

export interface RecordsCompared {
  readonly divergences: readonly VaultDivergence[];
  /** What only the second vault holds, as a rule removed it from the first. */
  readonly removedHere: readonly string[];
  /** What only the first vault holds, as a rule removed it from the second. */
  readonly removedThere: readonly string[];
  /** Backups in the second vault of which the first has a copy for the keys of today in their place. */
  readonly rotated: readonly string[];
}

export async function compareRecords(sides: Sides, keyring: Keyring): Promise<RecordsCompared> {
  const { from, to } = sides;
  const found = {
    divergences: [...recordProblems(from), ...recordProblems(to)],
    removedHere: [] as string[],
    removedThere: [] as string[],
    rotated: [] as string[],
  };
  const ids = [...new Set([...from.points.keys(), ...to.points.keys()])].toSorted();
  const common: { readonly from: SummaryPoint; readonly to: SummaryPoint }[] = [];
  for (const id of ids) {
    const [here, there] = [from.points.get(id), to.points.get(id)];
    if (here?.is === "there" && there?.is === "there") {
      const differs = await compareManifests(sides, here, there);
      if (differs === undefined) common.push({ from: here, to: there });
      else found.divergences.push(differs);
    } else if (here?.is === "there") {
      const outcome = await lackedThere(sides, id);
      if (outcome === "removed") found.removedThere.push(id);
      else found.divergences.push(outcome);
    } else if (there?.is === "there") {
      const outcome = await onlyThere(sides, id);
      if (outcome === "removed") found.removedHere.push(id);
      else if (outcome === "rotated") found.rotated.push(id);
      else found.divergences.push(outcome);
    }
  }
  const newest = common.at(-1);
  await inParallel(chainsAtOnce, common, async (ends) => {
    const { divergence, removedIn } = await compareChain(sides, keyring, ends, ends === newest);
    if (divergence !== undefined) found.divergences.push(divergence);
    if (removedIn !== undefined)
      found[removedIn === "from" ? "removedHere" : "removedThere"].push(`the last increments of ${ends.from.id}`);
  });
  return found;
}

function recordProblems({ store, problems }: VaultRecord): readonly VaultDivergence[] {
  return problems.map((message) => ({ kind: "record", point: "", object: "", where: store.where, message }));
}

async function compareManifests(
  { from, to }: Sides,
  here: SummaryPoint,
  there: SummaryPoint,
): Promise<VaultDivergence | undefined> {
  const { id } = here;
  const object = manifestPath(id, 0);
  if (here.manifest !== undefined && here.manifest === there.manifest) return undefined;
  if (here.manifest === undefined || there.manifest === undefined) {
    // An earlier version did not record it.
    const [one, other] = await Promise.all([from.store.get(object), to.store.get(object)]);
    if (one === undefined || other === undefined || one.equals(other)) return undefined;
  }
  const message = `${id} is another backup in ${to.store.where} than in ${from.store.where}; both are kept`;
  return { kind: "altered", point: id, object, where: to.store.where, message };
}

/** Why the second vault does not hold a backup that the first one does. */
async function lackedThere({ from, to }: Sides, id: string): Promise<VaultDivergence | "removed"> {
  const there = to.points.get(id);
  const at = { point: id, object: manifestPath(id, 0), where: to.store.where };
  if (there?.is === "began")
    return { kind: "half", ...at, message: `${id} was begun in ${to.store.where} and is not whole there` };
  const reason = there?.reason ?? (await to.removal(id))?.reason;
  if (reason !== undefined && reason !== "discarded") return "removed";
  if (reason === "discarded")
    return { kind: "missing", ...at, message: `${id} was discarded as damaged in ${to.store.where}` };
  const newest = [...to.points.keys()].findLast((other) => from.points.has(other)) ?? "";
  if (id > newest) return { kind: "behind", ...at, message: `${id} did not come into ${to.store.where} yet` };
  return { kind: "missing", ...at, message: `${id} is missing in ${to.store.where}, and nothing there removed it` };
}

/** Why the first vault does not hold a backup that the second one does. */
async function onlyThere({ from, to }: Sides, id: string): Promise<VaultDivergence | "removed" | "rotated"> {
  const here = from.points.get(id);
  const object = manifestPath(id, 0);
  if (here?.is === "began") {
    const message = `${id} was begun in ${from.store.where} and is not whole there`;
    return { kind: "half", point: id, object, where: from.store.where, message };
  }
  const reason = here?.reason ?? (await from.removal(id))?.reason;
  if (reason !== undefined) return reason === "rotated" ? "rotated" : "removed";
  const at = { point: id, object, where: to.store.where };
  const why = await originOf(to, id);
  if (why === undefined || !why.startsWith("replicated from "))
    return {
      kind: "ahead",
      ...at,
      message: `${id} was made in ${to.store.where}, and ${from.store.where} never had it`,
    };
  const message = `${id} was ${why}, and ${from.store.where} has never held it or lost its record of it`;
  return { kind: "foreign", ...at, message };
}

/** What the catalogue says of how a backup came there. */
async function originOf({ store, points }: VaultRecord, id: string): Promise<string | undefined> {
  const number = points.get(id)?.entry;
  if (number === undefined) return undefined;
  const path = entryPath(number);
  const content = await readRecordContent(store, path).catch(() => undefined);
  if (content === undefined) return undefined;
  return decodeEntry(content, path).events.find(({ does, point }) => does === "added" && point === id)?.why;
}
