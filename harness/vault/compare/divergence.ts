// A difference between two vaults that no rule of either explains.
import type { VaultRecord } from "./vault-record.ts";
import { baseOf, numberOf } from "../store/vault.ts";

export const divergenceKinds = {
  behind: "the second vault lacks what came to the first one later",
  ahead: "the second vault has what the first one never had",
  fork: "a chain went on in both",
  half: "a restore point was begun in one and is whole in the other",
  foreign: "a restore point came into the second vault from another vault than the first",
  missing: "an object that should be there is not",
  extra: "an object is there of which nothing is recorded",
  altered: "an object is another one than was recorded",
  record: "what a vault records of itself cannot be trusted",
} as const;
type DivergenceKind = keyof typeof divergenceKinds;

export interface VaultDivergence {
  readonly kind: DivergenceKind;
  /** Backup `<id>`, or increment `<id>/<number>`; empty for the vault as a whole. */
  readonly point: string;
  /** Path of the first object that differs. */
  readonly object: string;
  /** The vault in which it is not what it should be. */
  readonly where: string;
  /** One sentence. */
  readonly message: string;
}

export interface Sides {
  readonly from: VaultRecord;
  readonly to: VaultRecord;
}

/** By backup and then by increment, as they were made; what concerns a vault as a whole comes first. */
export function inOrder(found: readonly VaultDivergence[]): readonly VaultDivergence[] {
  const key = ({ point, object }: VaultDivergence): string =>
    `${baseOf(point)} ${String(numberOf(point)).padStart(8, "0")} ${object}`;
  const first = new Map<string, VaultDivergence>();
  for (const each of found) if (!first.has(`${each.where} ${key(each)}`)) first.set(`${each.where} ${key(each)}`, each);
  return [...first.values()].toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}
