// Prices as a user gives them. No price of any provider is in this program.
import { z } from "zod";

/** Money for one class of storage. */
interface ClassPrice {
  /** Price of a GiB that is kept for a month of 30 days. */
  readonly gibMonth: number;
  /** Price of a thousand objects written, and read. */
  readonly put1000?: number | undefined;
  readonly get1000?: number | undefined;
  /** Price of a GiB that is read out of the class. */
  readonly readGib?: number | undefined;
  /** Smaller objects are billed as if they had so many bytes. */
  readonly objectBytesMin?: number | undefined;
}

export interface VaultPrice {
  /** Class in which objects are written. */
  readonly class: string;
  /** A rule of the store that moves older objects into another class. */
  readonly move?: readonly { readonly afterDays: number; readonly to: string }[] | undefined;
}

export interface Prices {
  /** Such as EUR; only printed. */
  readonly currency: string;
  readonly classes: Readonly<Record<string, ClassPrice>>;
  /** By name of the vault; `default` for all others. */
  readonly vaults: Readonly<Record<string, VaultPrice>>;
  /** Price of a GiB that a backup sends to the store, and that a proof reads from it. */
  readonly traffic?: { readonly inGib?: number | undefined; readonly outGib?: number | undefined } | undefined;
  /** Price of an hour of the machine on which proofs run. */
  readonly proofHour?: number | undefined;
}

const price = z.number().nonnegative();
const classSchema = z.strictObject({
  gibMonth: price,
  put1000: price.optional(),
  get1000: price.optional(),
  readGib: price.optional(),
  objectBytesMin: z.int().nonnegative().optional(),
});
const vaultSchema = z.strictObject({
  class: z.string().min(1),
  move: z.array(z.strictObject({ afterDays: z.int().positive(), to: z.string().min(1) })).optional(),
});

export const pricesSchema: z.ZodType<Prices> = z
  .strictObject({
    currency: z.string().min(1).max(12),
    classes: z.record(z.string().min(1), classSchema),
    vaults: z.record(z.string().min(1), vaultSchema),
    traffic: z.strictObject({ inGib: price.optional(), outGib: price.optional() }).optional(),
    proofHour: price.optional(),
  })
  .superRefine(({ classes, vaults }, context) => {
    for (const [name, vault] of Object.entries(vaults))
      for (const used of [vault.class, ...(vault.move ?? []).map(({ to }) => to)])
        if (!(used in classes))
          context.addIssue({ code: "custom", path: ["vaults", name], message: `${used} is not one of the classes` });
  });

export function vaultPriceOf({ vaults }: Prices, name: string): VaultPrice | undefined {
  return Object.hasOwn(vaults, name) ? vaults[name] : vaults["default"];
}

/** The class in which an object of that age is. */
export function classAt({ class: first, move = [] }: VaultPrice, ageDays: number): string {
  return move
    .toSorted((a, b) => a.afterDays - b.afterDays)
    .reduce((now, { afterDays, to }) => (ageDays >= afterDays ? to : now), first);
}
