// What the second vault held once and removed by its own rules, according to its catalogue: it has its own retention, and
// what that removes is not copied again. What was lost there, or discarded as damaged, is.
import { DrillError } from "../../base/errors.ts";
import type { CatalogueEvent } from "../catalogue/entry.ts";
import { readCatalogue } from "../catalogue/read-catalogue.ts";
import { RemovalHistory } from "../catalogue/removal-history.ts";
import type { Keyring } from "../keys/keyring.ts";
import type { Store } from "../store/store.ts";

export interface PastRemovals {
  readonly backups: ReadonlySet<string>;
  /** Bases of the chains whose last increments were removed. */
  readonly chains: ReadonlySet<string>;
  /** Every backup that the vault ever held. */
  readonly known: ReadonlySet<string>;
  /** Why the catalogue cannot be trusted: nothing counts as removed then. */
  readonly untrusted?: string;
}

/** Reads each entry once: a vault of years has tens of thousands. */
export class OwnRemovals {
  readonly #store: Store;
  readonly #keyring: Keyring;
  #read: { readonly number: number; readonly sha256: string } | undefined;
  #history = new RemovalHistory();
  readonly #known = new Set<string>();

  constructor(store: Store, keyring: Keyring) {
    this.#store = store;
    this.#keyring = keyring;
  }

  async read(): Promise<PastRemovals> {
    try {
      const known = this.#read;
      const catalogue = await readCatalogue(this.#store, this.#keyring, known?.number ?? 1);
      const goesOn = catalogue?.entries.some(
        ({ entry, sha256 }) => entry.number === known?.number && sha256 === known.sha256,
      );
      if (known !== undefined && goesOn !== true) {
        this.#read = undefined;
        this.#history = new RemovalHistory();
        this.#known.clear();
        return await this.read();
      }
      for (const { entry } of catalogue?.entries ?? [])
        if (entry.number > (known?.number ?? 0)) for (const event of entry.events) this.#add(event, entry.number);
      if (catalogue !== undefined) this.#read = { number: catalogue.number, sha256: catalogue.sha256 };
      const { removed, cut } = this.#history;
      const byRule = [...removed].filter(([, { reason }]) => reason !== "discarded");
      return { backups: new Set(byRule.map(([id]) => id)), chains: cut, known: this.#known };
    } catch (error) {
      if (!(error instanceof DrillError) || error.findingCode !== "catalogue-broken") throw error;
      return { backups: new Set(), chains: new Set(), known: new Set(), untrusted: error.message };
    }
  }

  #add(event: CatalogueEvent, entry: number): void {
    if (event.point !== undefined) this.#known.add(event.point);
    this.#history.add(event, entry);
  }
}
