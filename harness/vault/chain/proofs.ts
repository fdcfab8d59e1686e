// What proofs of a chain have found, recorded next to the manifest of the last segment that each of them covered, or of
// the base itself. A chain that differed from its source is not restored beyond the point where it was last proven,
// unless the user allows that; nor is a backup that was found faulty.
import { DrillError } from "../../base/errors.ts";
import { folderOf } from "../store/garbage.ts";
import type { Keyring } from "../keys/keyring.ts";
import type { ChainHead } from "./segments.ts";
import { segmentPath } from "./segments.ts";
import type { Store } from "../store/store.ts";
import { discardRecord, readValidation, type Validation } from "../store/validation.ts";
import { backupFolder } from "../store/vault.ts";

export interface StoredProof extends Pick<Validation, "at" | "ok" | "problems" | "untrusted"> {
  /** The chain was compared up to this point. */
  readonly offset: number;
}

/** The folder of the restore point at the end of a chain. */
export function proofFolder({ base, number }: Pick<ChainHead, "base" | "number">): string {
  return number === 0 ? backupFolder(base) : folderOf(segmentPath(base, number, "manifest.json"));
}

/**
 * Run after all increments of a base were read and found intact: moves untrusted records of proofs aside, so that they
 * do not count as faults forever. Returns notes about that.
 */
export async function discardUntrusted(store: Store, base: string, keyring: Keyring): Promise<readonly string[]> {
  const notes: string[] = [];
  for (const { path } of await store.list(`segments/${base}/`)) {
    if (!path.endsWith("/validation.json")) continue;
    const folder = folderOf(path);
    if ((await readValidation(store, folder, keyring))?.untrusted !== true) continue;
    const copy = await discardRecord(store, folder);
    notes.push(
      `the record of a proof at ${folder} could not be trusted and counts no more; it is kept as ${copy}. The increments ` +
        "can be read; that they give what the source held is for the next proof (vault archive --prove-every)",
    );
  }
  return notes;
}

/** Sorted by offset. A record that the key ring does not trust counts as one that found the whole chain wrong. */
export async function readProofs(store: Store, base: string, keyring: Keyring): Promise<readonly StoredProof[]> {
  const lists = await Promise.all([store.list(`${backupFolder(base)}/`), store.list(`segments/${base}/`)]);
  const folders = lists.flat().flatMap(({ path }) => (path.endsWith("/validation.json") ? [folderOf(path)] : []));
  const proofs: StoredProof[] = [];
  for (const folder of folders) {
    const found = await readValidation(store, folder, keyring);
    if (found?.offset === undefined) continue;
    const { at, ok, problems, offset, untrusted } = found;
    proofs.push({ at, ok, problems, offset, ...(untrusted === undefined ? {} : { untrusted }) });
  }
  return proofs.toSorted((a, b) => a.offset - b.offset);
}

/** The first proof that found the chain wrong, and up to where it is trusted all the same; undefined where none did. */
export function firstFault(
  proofs: readonly StoredProof[],
): { readonly fault: StoredProof; readonly provenTo: number | undefined } | undefined {
  const fault = proofs.find(({ ok }) => !ok);
  if (fault === undefined) return undefined;
  return { fault, provenTo: proofs.findLast(({ ok, offset }) => ok && offset < fault.offset)?.offset };
}

/** Why this chain cannot give a moment, according to a proof; undefined where no proof objects. */
export async function faultOf(
  store: Store,
  base: string,
  keyring: Keyring,
  offset: number,
): Promise<DrillError | undefined> {
  const found = firstFault(await readProofs(store, base, keyring));
  if (found === undefined) return undefined;
  const { fault, provenTo } = found;
  if (provenTo !== undefined && offset <= provenTo) return undefined;
  const last = provenTo === undefined ? "" : `The last moment that was proven is \`--at ${provenTo}\`. `;
  const unread = fault.untrusted === true;
  const anew = unread ? `\`falkordrill vault verify ${base}\` looks at it anew and replaces that record. ` : "";
  return new DrillError(
    unread
      ? `the chain of ${base} may not give what the source held: ${fault.problems[0] ?? "a proof cannot be read"}`
      : `the chain of ${base} does not give what the source held: a proof at ${fault.at} found that at offset ` +
          `${fault.offset} ${fault.problems[0] ?? "it differs"}`,
    {
      exit: "dataWrong",
      code: "chain-faulty",
      hint: `${anew}${last}Later moments are on the next full backup; \`--allow-faulty\` restores this one as it is.`,
    },
  );
}

/** What a backup, a verify or a proof found wrong with a backup itself; undefined where none did. */
export async function whyMarked(store: Store, id: string, keyring: Keyring): Promise<DrillError | undefined> {
  const found = await readValidation(store, backupFolder(id), keyring);
  if (found === undefined || found.ok) return undefined;
  const [problem = "it cannot be restored"] = found.problems;
  const unread = found.untrusted === true;
  const anew = unread ? `\`falkordrill vault verify ${id}\` looks at it anew and replaces that record. ` : "";
  return new DrillError(
    unread ? `${id} may have been found faulty: ${problem}` : `${id} was found faulty at ${found.at}: ${problem}`,
    {
      exit: "dataWrong",
      code: "backup-faulty",
      hint:
        `Nothing was touched. ${anew}Restore another backup (falkordrill vault list); ` +
        "`--allow-faulty` restores this one all the same.",
    },
  );
}
