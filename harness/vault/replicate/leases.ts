// What a replication holds in both vaults: a lease on what it copies, so that no prune of either removes it meanwhile.
import { type Clock, systemClock } from "../../base/clock.ts";
import { environmentError, usageError } from "../../base/errors.ts";
import type { HeldLock } from "../locks/held-lock.ts";
import { readLocks } from "../locks/lock-entries.ts";
import { isLive, useBackups } from "../locks/vault-lock.ts";
import { keepingStore } from "./keeping-store.ts";
import type { Vaults } from "./lacking.ts";

export interface Leases extends AsyncDisposable {
  readonly here: HeldLock;
  readonly there: HeldLock;
}

export class ReplicaLeases {
  readonly #vaults: Pick<Vaults, "from" | "to">;
  readonly #clock: Clock;
  /** Kept from increment to increment: credentials that cannot delete leave each lease behind. */
  #held: { readonly base: string; readonly leases: Leases } | undefined;

  constructor(vaults: Pick<Vaults, "from" | "to">, clock: Clock) {
    this.#vaults = vaults;
    this.#clock = clock;
  }

  /** Stays until another chain, or `letGo`. */
  async on(base: string): Promise<Leases> {
    const held = this.#held;
    if (held?.base === base && !held.leases.here.signal.aborted && !held.leases.there.signal.aborted)
      return held.leases;
    await this.letGo();
    const leases = await this.take(base);
    this.#held = { base, leases };
    return leases;
  }

  async letGo(): Promise<void> {
    const held = this.#held;
    this.#held = undefined;
    await held?.leases[Symbol.asyncDispose]();
  }

  /** No prune of either vault removes it meanwhile. */
  async take(id: string): Promise<Leases> {
    const { from, to } = this.#vaults;
    await using taken = new AsyncDisposableStack();
    // What a full vault holds is worth copying, and its prune takes what it takes.
    const here = taken.use(await useBackups(from, "replicate", [id], { clock: this.#clock, evenIfFull: true }));
    const there = taken.use(await useBackups(to, "replicate", [id], { clock: this.#clock }));
    const held = taken.move();
    return { here, there, [Symbol.asyncDispose]: () => held.disposeAsync() };
  }

  /** After a failover the second vault is the first one, and an archiver goes on with its chains. */
  async mustBeOnly({ there }: Leases, base: string): Promise<void> {
    const writes = ({ does, uses }: { readonly does: string; readonly uses: readonly string[] }): boolean =>
      uses.includes(base) && does.startsWith("archive");
    const other = (await there.others()).find(
      ({ ownerState, entry }) => isLive(ownerState) && entry !== undefined && writes(entry),
    );
    if (other?.entry === undefined) return;
    throw environmentError(
      `${this.#vaults.to.where} gets increments of ${base} from another process: ${other.entry.does}`,
      "A chain has one writer. End that process, or replicate in the other direction.",
    );
  }
}

/** One vault under two names lacks nothing of itself. What is written into the one must not show up in the other. */
export async function mustBeTwo({ from, to }: Pick<Vaults, "from" | "to">): Promise<void> {
  await using lease = await useBackups(
    keepingStore(to, () => {}),
    "replicate",
    [],
  );
  const seen = await readLocks(from, systemClock);
  if (seen.some(({ entry }) => entry?.token === lease.token))
    throw usageError(`${from.where} and ${to.where} are the same vault`, "Give a second vault, in another place.");
}
