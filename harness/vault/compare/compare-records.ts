// Compares what two vaults record of themselves. Restore points never change and have random names, so the records differ
// only in which of them they hold, and in how far a chain goes. No object is listed, and no part is read.
import { manifestPath } from "../catalogue/holdings.ts";
import type { SummaryPoint } from "../catalogue/summary-lines.ts";
import type { Keyring } from "../keys/keyring.ts";
import { eachInParallel, inParallel } from "../parts/in-parallel.ts";
import { readRecordContent } from "../store/signed-record.ts";
import { decodeEntry, entryPath } from "../catalogue/entry.ts";
import { type ChainEnds, compareChain } from "./compare-chain.ts";
import type { VaultDivergence, Sides } from "./divergence.ts";
import type { VaultRecord } from "./vault-record.ts";

/** Restore points, and then chains, that are looked at at once. */
const atOnce = 8;

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
  const common: ChainEnds[] = [];
  const outcomes = await eachInParallel(atOnce, ids, async (id) => await comparePoint(sides, id));
  for (const [index, id] of ids.entries()) {
    const outcome = outcomes[index];
    if (typeof outcome === "string") found[outcome].push(id);
    else if (outcome !== undefined && "kind" in outcome) found.divergences.push(outcome);
    else if (outcome !== undefined) common.push(outcome);
  }
  const newest = common.at(-1);
  await inParallel(atOnce, common, async (ends) => {
    const { divergence, removedIn } = await compareChain(sides, keyring, ends, ends === newest);
    if (divergence !== undefined) found.divergences.push(divergence);
    if (removedIn !== undefined)
      found[removedIn === "from" ? "removedHere" : "removedThere"].push(`the last increments of ${ends.from.id}`);
  });
  return found;
}

/** Undefined where neither of both holds it. */
async function comparePoint(
  sides: Sides,
  id: string,
): Promise<ChainEnds | VaultDivergence | "removedHere" | "removedThere" | "rotated" | undefined> {
  const [from, to] = [sides.from.points.get(id), sides.to.points.get(id)];
  if (from?.is === "there" && to?.is === "there") return (await compareManifests(sides, from, to)) ?? { from, to };
  if (from?.is === "there") return await lackedThere(sides, id);
  return to?.is === "there" ? await onlyThere(sides, id) : undefined;
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
async function lackedThere({ from, to }: Sides, id: string): Promise<VaultDivergence | "removedThere"> {
  const there = to.points.get(id);
  const at = { point: id, object: manifestPath(id, 0), where: to.store.where };
  if (there?.is === "began")
    return { kind: "half", ...at, message: `${id} was begun in ${to.store.where} and is not whole there` };
  const reason = there?.reason ?? (await to.removal(id))?.reason;
  if (reason !== undefined && reason !== "discarded") return "removedThere";
  if (reason === "discarded")
    return { kind: "missing", ...at, message: `${id} was discarded as damaged in ${to.store.where}` };
  const newest = [...to.points.keys()].findLast((other) => from.points.has(other)) ?? "";
  if (id > newest) return { kind: "behind", ...at, message: `${id} did not come into ${to.store.where} yet` };
  return { kind: "missing", ...at, message: `${id} is missing in ${to.store.where}, and nothing there removed it` };
}

/** Why the first vault does not hold a backup that the second one does. */
async function onlyThere({ from, to }: Sides, id: string): Promise<VaultDivergence | "removedHere" | "rotated"> {
  const here = from.points.get(id);
  const object = manifestPath(id, 0);
  if (here?.is === "began") {
    const message = `${id} was begun in ${from.store.where} and is not whole there`;
    return { kind: "half", point: id, object, where: from.store.where, message };
  }
  const reason = here?.reason ?? (await from.removal(id))?.reason;
  if (reason !== undefined) return reason === "rotated" ? "rotated" : "removedHere";
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
