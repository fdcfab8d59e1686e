// Finds the chain of a vault that an archiver continues: the one that reaches furthest of those that the server can
// still continue.
import type { Connection } from "../../falkordb/client/connection.ts";
import { whyNotResumable } from "../../falkordb/replication/stream-client.ts";
import type { Keyring } from "../keys/keyring.ts";
import type { Hazard, SegmentManifest } from "./segment-manifest.ts";
import { firstFault, readProofs } from "./proofs.ts";
import { type ChainHead, listSegments, readBase, readSegment } from "./segments.ts";
import type { Store } from "../store/store.ts";
import { StreamSchemas } from "./schemas/stream-schemas.ts";
import { listBackupIds, readManifest } from "../store/vault.ts";

/** Older chains have long left the backlog of any server. */
const basesMax = 20;

const faulty = "a proof found that the chain does not give what the server held";

interface Continuable {
  readonly head: ChainHead;
  /** Hazards of the chain so far; with any it needs a new base soon. */
  readonly hazards: readonly Hazard[];
  /** Manifest of the last segment; undefined where the chain is only its base. */
  readonly last: SegmentManifest | undefined;
}

export interface ChainSearch {
  readonly found: Continuable | undefined;
  /** End of the newest chain that cannot be continued, and why, as a sentence. */
  readonly ended: { readonly head: ChainHead; readonly why: string } | undefined;
}

export async function findChain(
  connection: Pick<Connection, "info">,
  store: Store,
  keyring: Keyring,
): Promise<ChainSearch> {
  const info = await connection.info("replication");
  const bases = (await listBackupIds(store)).slice(-basesMax);
  const chains: Continuable[] = [];
  for (const base of bases) chains.push(await endOf(store, base, keyring));
  const unsound = await unsoundBases(store, bases, keyring);
  const isSound = ({ head }: Continuable): boolean => !unsound.has(head.base);
  const newestFirst = chains.toSorted((a, b) => Date.parse(b.head.at) - Date.parse(a.head.at));
  const found = newestFirst.filter(isSound).find(({ head }) => whyNotResumable(info, head) === undefined);
  const [newest] = newestFirst;
  if (newest === undefined || newest === found) return { found, ended: undefined };
  // A full backup after a chain that was found wrong has already replaced it.
  if (!isSound(newest)) return { found, ended: found === undefined ? { head: newest.head, why: faulty } : undefined };
  const why = whyNotResumable(info, newest.head);
  return { found, ended: why === undefined ? undefined : { head: newest.head, why } };
}

/** Chains that a proof found wrong, and earlier ones: continuing from there leads to the same fault. */
async function unsoundBases(store: Store, bases: readonly string[], keyring: Keyring): Promise<ReadonlySet<string>> {
  const faults: { readonly base: string; readonly offset: number }[] = [];
  for (const base of bases) {
    const found = firstFault(await readProofs(store, base, keyring));
    if (found !== undefined) faults.push({ base, offset: found.fault.offset });
  }
  const unsound = new Set(faults.map(({ base }) => base));
  for (const fault of faults) {
    const { replid } = await readBase(store, fault.base, keyring);
    for (const base of bases) {
      const start = await readBase(store, base, keyring);
      if (start.replid === replid && start.offset < fault.offset) unsound.add(base);
    }
  }
  return unsound;
}

async function endOf(store: Store, base: string, keyring: Keyring): Promise<Continuable> {
  const last = (await listSegments(store, base)).at(-1);
  if (last === undefined) return { head: await readBase(store, base, keyring), hazards: [], last: undefined };
  const { head, manifest } = await readSegment(store, base, last, keyring);
  return { head, hazards: manifest.hazards, last: manifest };
}

/** The schemas that a replica has where the chain ends. */
export async function schemasAt({ head, last }: Continuable, store: Store, keyring: Keyring): Promise<StreamSchemas> {
  const { content, parent } = await readManifest(store, head.base, keyring);
  const { schemas: at } = last ?? {};
  const schemas = new StreamSchemas(head.offset, at?.database ?? parent?.database);
  if (last === undefined) schemas.begin(content);
  else if (at === undefined || at.listedIn === 0 || at.listedIn === last.number)
    schemas.begin(content, at ?? "unknown");
  else {
    const { graphs, names } = (await readSegment(store, head.base, at.listedIn, keyring)).manifest.schemas ?? {};
    const isListed = graphs !== undefined && names !== undefined;
    schemas.begin(content, isListed ? { ...at, graphs, names } : "unknown");
  }
  return schemas;
}
