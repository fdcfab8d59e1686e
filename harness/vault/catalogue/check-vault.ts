// Compares a vault with its catalogue, and its catalogue with what the key ring remembers of it: what was removed, put
// back to an older state, or brought in from elsewhere is named. Damage that the vault shows by itself, such as a
// backup without its manifest, is found by the inventory.
import { hash } from "node:crypto";
import { systemClock } from "../../base/clock.ts";
import { DrillError } from "../../base/errors.ts";
import type { Keyring } from "../keys/keyring.ts";
import { mustKnowASigner } from "../keys/right-keys.ts";
import { isCatalogued } from "../store/layout.ts";
import { isInFuture } from "../store/shrinkage.ts";
import { readSignature, readSigned } from "../store/signed.ts";
import { readRecordSignature, signerOf } from "../store/signed-record.ts";
import { folderOf } from "../store/garbage.ts";
import type { Store } from "../store/store.ts";
import { readValidation } from "../store/validation.ts";
import { idTimeMs } from "../store/vault.ts";
import { applyEntry, type CataloguedPoint, changesNothing, entryPath } from "./entry.ts";
import { type Holdings, holdingsOf, manifestPath } from "./holdings.ts";
import { grownTo, readMemory, type VaultMemory, writeMemory } from "./memory.ts";
import { type Catalogue, readCatalogue } from "./read-catalogue.ts";

interface VaultProblem {
  /** The backup concerned; absent for the vault as a whole. */
  readonly point?: string;
  /** One sentence. */
  readonly message: string;
}

export interface VaultCheck {
  /** Number and hash of the newest entry; absent where there is no catalogue that can be trusted. */
  readonly head?: { readonly number: number; readonly sha256: string };
  readonly problems: readonly VaultProblem[];
  readonly notes: readonly string[];
}

interface CheckContext {
  readonly store: Store;
  readonly keyring: Keyring;
  /** With false the key ring is only read. */
  readonly remembers?: boolean;
}

const attemptsMax = 5;

/** What is found in order is remembered for the next time, unless the context forbids it. */
export async function checkVault(context: CheckContext, from?: number): Promise<VaultCheck> {
  for (let attempt = 1; ; attempt++) {
    const found = await checkOnce(context, from);
    if (found.problems.length === 0 || attempt === attemptsMax) return found;
    // A prune or a backup may have come between reading the catalogue and looking at the vault.
    const now = await readCatalogue(context.store, context.keyring).catch(() => undefined);
    if (now === undefined || now.number === found.head?.number) return found;
  }
}

async function checkOnce({ store, keyring, remembers = true }: CheckContext, from?: number): Promise<VaultCheck> {
  const memory = await readMemory(keyring, store.where);
  const known = memory === "unreadable" ? undefined : memory;
  const notes =
    memory === "unreadable" ? ["what this key ring remembered of the vault cannot be read; it is written anew"] : [];
  let catalogue: Catalogue | undefined;
  try {
    const read = await readCatalogue(store, keyring, Math.min(from ?? Infinity, known?.number ?? Infinity));
    catalogue = read === undefined ? undefined : withUnrecorded(read, known);
  } catch (error) {
    if (!(error instanceof DrillError) || error.findingCode !== "catalogue-broken") throw error;
    const held = await holdingsOf(store);
    if (memory === undefined) await mustKnowAnEnd(store, keyring, held);
    return { problems: [{ message: error.message }, ...(known === undefined ? [] : lostSince(known, held))], notes };
  }
  const held = await holdingsOf(store);
  if (catalogue === undefined) return await withoutCatalogue(store, known, held, notes);
  const head = { number: catalogue.number, sha256: catalogue.sha256 };
  const problems = [
    ...againstMemory(store, catalogue, known, held),
    ...(await againstVault({ store, keyring }, catalogue, held)),
    ...(await signedOutOfUse({ store, keyring }, catalogue, known)),
  ];
  notes.push(...datedInFuture(held));
  if (known === undefined) notes.push(firstSight(store, catalogue));
  if (problems.length === 0 && remembers) notes.push(...remember(keyring, store, catalogue, known, held));
  return { head, problems: distinct(problems), notes };
}

/** A key ring that never saw this vault in order, and made neither its first entry nor its last backup, is a wrong one. */
export async function mustKnowAnEnd(store: Store, keyring: Keyring, { manifests }: Holdings): Promise<void> {
  const newest = [...manifests].sort().at(-1);
  const signatures = await Promise.all([
    readRecordSignature(store, entryPath(1)),
    ...(newest === undefined ? [] : [readSignature(store, manifestPath(newest, 0))]),
  ]).catch(() => undefined);
  if (signatures !== undefined) await mustKnowASigner(store, keyring, signatures);
}

function withUnrecorded(catalogue: Catalogue, known: VaultMemory | undefined): Catalogue {
  const state = new Map(catalogue.state);
  applyEntry(state, { ...catalogue, events: known?.unrecorded ?? [] });
  return { ...catalogue, state };
}

async function withoutCatalogue(
  store: Store,
  known: VaultMemory | undefined,
  held: Holdings,
  notes: readonly string[],
): Promise<VaultCheck> {
  if (known !== undefined) {
    const message = `the catalogue of ${store.where} is gone: this key ring saw its entry ${known.number} of ${known.at}`;
    return { problems: [{ message }, ...lostSince(known, held)], notes };
  }
  if (held.folders.size === 0) return { problems: [], notes };
  if (await isCatalogued(store))
    return { problems: [{ message: `the catalogue of ${store.where} is gone, and backups are there` }], notes };
  const note = `${store.where} was made by an earlier version and has no catalogue, so removed backups go unnoticed`;
  return { problems: [], notes: [...notes, `${note}; falkordrill vault audit --adopt begins one`] };
}

function firstSight({ where }: Store, { number, at }: Catalogue): string {
  return (
    `this key ring sees ${where} for the first time, so there is nothing to compare its catalogue with, which ends ` +
    `with entry ${number} of ${at}`
  );
}

function againstMemory(
  { where }: Store,
  catalogue: Catalogue,
  known: VaultMemory | undefined,
  held: Holdings,
): readonly VaultProblem[] {
  if (known === undefined) return [];
  const seen = `this key ring saw entry ${known.number} of ${known.at}`;
  if (known.vault !== catalogue.vault)
    return [{ message: `${where} is not the vault that was there before: ${seen}` }, ...lostSince(known, held)];
  if (catalogue.number < known.number) {
    const ends = `its catalogue ends with entry ${catalogue.number} of ${catalogue.at}`;
    return [{ message: `${where} was put back to an older state: ${ends}, and ${seen}` }, ...lostSince(known, held)];
  }
  const then = catalogue.entries.find(({ entry }) => entry.number === known.number);
  if (then?.sha256 !== known.sha256) {
    const message = `${where} was put back to an older state and changed since: ${seen}, and there is another one now`;
    return [{ message }, ...lostSince(known, held)];
  }
  const since = catalogue.entries.filter(({ entry }) => entry.number > known.number);
  // An increment that was seen and is not in the catalogue yet; a prune records that it cuts the chain.
  const isCut = (id: string): boolean =>
    since.some(({ entry }) => entry.events.some(({ does, point }) => point === id && !changesNothing.has(does)));
  return known.points.flatMap((point) => (isCut(point.id) ? [] : chainProblems(point, held)));
}

/** The backups and increments that the key ring saw and that are not there. */
function lostSince({ points }: VaultMemory, held: Holdings): readonly VaultProblem[] {
  return points.flatMap((point) => {
    if (point.is !== "there") return [];
    if (!held.folders.has(point.id)) return [missing(point)];
    return chainProblems(point, held);
  });
}

async function againstVault(
  context: CheckContext,
  { state }: Catalogue,
  held: Holdings,
): Promise<readonly VaultProblem[]> {
  const problems: VaultProblem[] = [];
  for (const point of state.values()) {
    if (point.is !== "there") continue;
    const { id, sha256, chain } = point;
    if (!held.folders.has(id)) problems.push(missing(point));
    else if (held.manifests.has(id)) problems.push(...(await replaced(context, id, 0, sha256)));
    problems.push(...chainProblems(point, held), ...(await hiddenFault(context, point, held)));
    if (chain !== undefined) problems.push(...(await replaced(context, id, chain.number, chain.sha256)));
  }
  for (const id of held.manifests)
    if (!state.has(id))
      problems.push({
        point: id,
        message: `${id} is not in the catalogue: it was brought here from elsewhere, or put back after its removal`,
      });
  return problems;
}

/** Who left with a copy of a signer's key could go on recording with it. What was seen before it was retired is fine. */
async function signedOutOfUse(
  { store, keyring }: CheckContext,
  { entries }: Catalogue,
  known: VaultMemory | undefined,
): Promise<readonly VaultProblem[]> {
  const since = known === undefined ? [] : entries.filter(({ entry }) => entry.number > known.number);
  const retired = (await keyring.list()).filter((key) => key.role === "signer" && key.retired === true);
  if (retired.length === 0) return [];
  const problems: VaultProblem[] = [];
  for (const { entry } of since) {
    const path = entryPath(entry.number);
    const signer = await signerOf(store, path, retired);
    if (signer !== undefined)
      problems.push({ message: `${path} is new and signed by a key that is out of use, the signer ${signer.name}` });
  }
  return problems;
}

/** By the clock of this machine: such a backup would be the newest for as long. */
function datedInFuture({ manifests }: Holdings): readonly string[] {
  const ahead = [...manifests].filter((id) => isInFuture(idTimeMs(id), systemClock.nowMs()));
  return ahead.map((id) => `${id} lies in the future: look at who made it, and at the clocks`);
}

/** A record of a fault that is gone, or was replaced by an earlier one, makes a faulty backup look good. */
async function hiddenFault(
  { store, keyring }: CheckContext,
  { id, faultyAt }: CataloguedPoint,
  held: Holdings,
): Promise<readonly VaultProblem[]> {
  if (faultyAt === undefined || !held.manifests.has(id) || faultyAt > (held.lastFolder.get(id) ?? 0)) return [];
  const folder = folderOf(manifestPath(id, faultyAt));
  if ((await readValidation(store, folder, keyring))?.ok === false) return [];
  return [{ point: id, message: `${id} was found faulty, and the record of that in ${folder} is not there any more` }];
}

function missing({ id, entry, at }: CataloguedPoint): VaultProblem {
  return { point: id, message: `${id} is missing: entry ${entry} of the catalogue recorded it at ${at}` };
}

function chainProblems({ id, is, chain }: CataloguedPoint, held: Holdings): readonly VaultProblem[] {
  const last = held.lastFolder.get(id) ?? 0;
  if (is !== "there" || chain === undefined || last >= chain.number) return [];
  const which = chain.number === last + 1 ? `increment ${chain.number}` : `increments ${last + 1} to ${chain.number}`;
  return [{ point: id, message: `${which} of ${id} ${chain.number === last + 1 ? "is" : "are"} missing` }];
}

/** A manifest that is signed, and is not the one that was recorded: an older one of the same name. */
async function replaced(
  { store, keyring }: CheckContext,
  id: string,
  number: number,
  sha256: string | undefined,
): Promise<readonly VaultProblem[]> {
  const path = manifestPath(id, number);
  // What cannot be read is damage, which the inventory names; it must not hide all else.
  const bytes = sha256 === undefined ? undefined : await store.get(path).catch(unlessDamaged);
  if (bytes === undefined || hash("sha256", bytes) === sha256) return [];
  // One that is not signed is damage.
  const isSigned = await readSigned(store, path, keyring).then(
    () => true,
    () => false,
  );
  if (!isSigned) return [];
  return [{ point: id, message: `${path} is not the one that the catalogue records` }];
}

function unlessDamaged(error: unknown): undefined {
  if (!(error instanceof DrillError && error.findingCode === "object-damaged")) throw error;
}

function distinct(problems: readonly VaultProblem[]): readonly VaultProblem[] {
  return [...new Map(problems.map((problem) => [problem.message, problem])).values()];
}

/** The chains as they are now, as they grow between two entries. */
function remember(
  keyring: Keyring,
  { where }: Store,
  { vault, number, sha256, at, state }: Catalogue,
  known: VaultMemory | undefined,
  held: Holdings,
): readonly string[] {
  const points = Array.from(state.values(), (point) => grownTo(point, held.lastIncrement.get(point.id) ?? 0));
  const unrecorded = known?.unrecorded === undefined ? {} : { unrecorded: known.unrecorded };
  const memory = { where, vault, number, sha256, at, points, ...unrecorded };
  if (JSON.stringify(memory) === JSON.stringify(known)) return [];
  const note = writeMemory(keyring, memory);
  return note === undefined ? [] : [note];
}

/** Lines that a backup prints. It is made all the same: what a vault has lost is a reason for one more, not for one less. */
export async function problemsOf(context: CheckContext): Promise<readonly string[]> {
  const { problems } = await checkVault(context);
  return problems.map(({ message }) => `PROBLEM: ${message} (more: falkordrill vault audit)`);
}

/** Refuses work that relies on a vault being complete. */
export async function mustBeComplete(context: CheckContext, next: string): Promise<readonly string[]> {
  const { problems, notes } = await checkVault(context);
  const [first, ...others] = problems.map(({ message }) => message);
  if (first === undefined) return notes;
  throw new DrillError(others.length === 0 ? first : `${first}; ${others.join("; ")}`, {
    exit: "dataWrong",
    code: "catalogue-differs",
    hint: `Nothing was touched. ${next}`,
  });
}
