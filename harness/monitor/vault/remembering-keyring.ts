// A key ring that checks a signature once: the same bytes, signature and keys give the same answer.
import { hash } from "node:crypto";
import { type KeyEntry, Keyring } from "../../vault/keys/keyring.ts";

const signaturesMax = 200_000;

export class RememberingKeyring extends Keyring {
  readonly #good = new Set<string>();
  #entries: Promise<readonly KeyEntry[]> | undefined;
  #keys = "";

  /** To be called at the begin of a look: keys may have been imported, retired or revoked since the last one. */
  async reread(): Promise<void> {
    this.#entries = undefined;
    const keys = (await this.verifiers()).map((key) => key.armor()).join("");
    if (keys !== this.#keys) this.#good.clear();
    this.#keys = keys;
  }

  override list(): Promise<readonly KeyEntry[]> {
    this.#entries ??= super.list();
    return this.#entries;
  }

  override async mustHaveSigned(bytes: Uint8Array, signature: string): Promise<void> {
    const what = `${hash("sha256", bytes)} ${hash("sha256", signature)}`;
    if (this.#good.has(what)) return;
    await super.mustHaveSigned(bytes, signature);
    if (this.#good.size >= signaturesMax) this.#good.clear();
    this.#good.add(what);
  }
}
