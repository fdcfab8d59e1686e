// Compares one chain of two vaults at its end. Each manifest names the hash of the one before it, so where the last
// common increment is the same, all before it are; else the first that differs is found by narrowing, in three turns of a few
// at once where it would be seven of one. What is read for that are the detached signatures, which are copied byte for byte
// and are a fraction of their manifests.
import { firstWithout } from "../chain/halving.ts";
import { manifestPath } from "../catalogue/holdings.ts";
import type { SummaryPoint } from "../catalogue/summary-lines.ts";
import type { Keyring } from "../keys/keyring.ts";
import { rangeWords } from "../replicate/lacking.ts";
import { signatureBytesMax, whyNotSigned } from "../store/signed.ts";
import type { Store } from "../store/store.ts";
import type { VaultDivergence, Sides } from "./divergence.ts";

/** Enough for three turns up to 342 increments; each is about 2 KB on the wire. */
const signaturesAtOnceMax = 6;
const stepGrowth = 4;

export interface ChainDifference {
  readonly divergence?: VaultDivergence;
  /** Increments that a rule removed from the end in one of both. */
  readonly removedIn?: "from" | "to";
}

export interface ChainEnds {
  readonly from: SummaryPoint;
  readonly to: SummaryPoint;
}

/** An archiver records its increments now and then: with `mayGrow` those after what is recorded are looked for. */
export async function compareChain(
  { from, to }: Sides,
  keyring: Keyring,
  ends: ChainEnds,
  mayGrow: boolean,
): Promise<ChainDifference> {
  const { id } = ends.from;
  const isEqualSoFar =
    ends.from.number === ends.to.number && ends.from.end === ends.to.end && ends.from.end !== undefined;
  const isBare = ends.from.number === 0 && ends.to.number === 0;
  if ((isEqualSoFar || isBare) && !mayGrow) return {};
  const stores = { from: askedOnce(from.store), to: askedOnce(to.store) };
  const known = isEqualSoFar ? ends.from.number : 0;
  const recorded = Math.min(ends.from.number, ends.to.number);
  const isRecordedOther =
    ends.from.number === ends.to.number && ends.from.end !== undefined && ends.to.end !== undefined && !isEqualSoFar;
  // What does not depend on another answer is asked at once: each turn is the network there and back.
  const [here, there, isEqual, other] = await Promise.all([
    lastOf(stores.from, id, ends.from.number),
    lastOf(stores.to, id, ends.to.number),
    recorded === known || isSame(stores, id, recorded),
    isRecordedOther ? firstOther(stores, id, known, recorded) : undefined,
  ]);
  const common = Math.min(here, there);
  if (!isEqual)
    return { divergence: await explain(stores, keyring, id, other ?? (await firstOther(stores, id, known, recorded))) };
  if (common > recorded && !(await isSame(stores, id, common)))
    return { divergence: await explain(stores, keyring, id, await firstOther(stores, id, recorded, common)) };
  if (here === there) return {};
  const point = `${id}/${common + 1}`;
  const object = manifestPath(id, common + 1);
  const [shorter, last] = here > there ? [ends.to, there] : [ends.from, here];
  if (shorter.isCut && last === shorter.number) return { removedIn: here > there ? "to" : "from" };
  const range = rangeWords(common + 1, Math.max(here, there));
  const words =
    here > there
      ? `${range} of ${id} did not come into ${to.store.where} yet`
      : `${range} of ${id} are in ${to.store.where} only: its chain went on there`;
  return {
    divergence: {
      kind: here > there ? "behind" : "ahead",
      point,
      object,
      where: to.store.where,
      message: words,
    },
  };
}

type Stores = Readonly<Record<"from" | "to", Store>>;

/** What was read for one question is at hand for the next one. */
function askedOnce(store: Store): Store {
  const answers = new Map<string, Promise<Buffer | undefined>>();
  return {
    ...store,
    get: (path, bytesMax) => {
      const answer = answers.get(path) ?? store.get(path, bytesMax);
      answers.set(path, answer);
      return answer;
    },
  };
}

function signatureAt(store: Store, id: string, number: number): Promise<Buffer | undefined> {
  return store.get(`${manifestPath(id, number)}.asc`, signatureBytesMax);
}

/** The last increment, of which the one with this number is recorded: by growing steps and then by narrowing. */
async function lastOf(store: Store, id: string, recorded: number): Promise<number> {
  const has = async (number: number): Promise<boolean> => (await signatureAt(store, id, number)) !== undefined;
  let [low, high] = [recorded, recorded + 1];
  while (await has(high)) [low, high] = [high, high + stepGrowth * (high - recorded)];
  const last = (await firstWithout(has, low, high, signaturesAtOnceMax)) - 1;
  // A signature is written before its manifest, which makes it an increment.
  const isWritten = last === recorded || (await store.get(manifestPath(id, last))) !== undefined;
  return isWritten ? last : last - 1;
}

async function isSameSignature({ from, to }: Stores, id: string, number: number): Promise<boolean | undefined> {
  const [one, other] = await Promise.all([signatureAt(from, id, number), signatureAt(to, id, number)]);
  return one === undefined || other === undefined ? undefined : one.equals(other);
}

async function isSame(stores: Stores, id: string, number: number): Promise<boolean> {
  const isEqual = await isSameSignature(stores, id, number);
  return isEqual === false ? await isSameManifest(stores, id, number) : isEqual === true;
}

async function isSameManifest({ from, to }: Stores, id: string, number: number): Promise<boolean> {
  const path = manifestPath(id, number);
  const [one, other] = await Promise.all([from.get(path), to.get(path)]);
  return one !== undefined && other !== undefined && one.equals(other);
}

async function firstOther(stores: Stores, id: string, equal: number, other: number): Promise<number> {
  const atOnce = Math.max(1, Math.min(signaturesAtOnceMax, Math.ceil(Math.cbrt(other - equal)) - 1));
  const isSignedSame = async (number: number): Promise<boolean> => (await isSameSignature(stores, id, number)) === true;
  const found = await firstWithout(isSignedSame, equal, other, atOnce);
  // A manifest that was signed once more has another signature.
  if (!(await isSameManifest(stores, id, found))) return found;
  return await firstWithout((number) => isSameManifest(stores, id, number), equal, other, atOnce);
}

/** What is another one there, or damaged in the one or the other. */
async function explain(stores: Stores, keyring: Keyring, id: string, number: number): Promise<VaultDivergence> {
  const point = `${id}/${number}`;
  const path = manifestPath(id, number);
  for (const store of [stores.from, stores.to]) {
    const why = await whyNotSigned(store, path, keyring);
    if (why === undefined) continue;
    const kind = why.findingCode === "object-missing" ? "missing" : "altered";
    const object = (await store.get(path)) === undefined ? path : kind === "missing" ? `${path}.asc` : path;
    return { kind, point, object, where: store.where, message: why.message };
  }
  const message =
    `the chain of ${id} went on in both: from increment ${number} on it is another one in ${stores.to.where} than in ` +
    `${stores.from.where}; both are kept`;
  return { kind: "fork", point, object: path, where: stores.to.where, message };
}
