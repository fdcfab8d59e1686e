// Opens a state with the vault's own code and lets the next run follow. Where the key ring and the mark of the vault are
// as they should be, the vault is held in memory, which is a tenth of the work; of these, every so-many-th is opened as a
// folder as well, and must give the same.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type StateBuilder, unfinishedAgeMs } from "./build-state.ts";
import type { CrashState } from "./crash-states.ts";
import { hashOf } from "./disk-model.ts";
import { cleanUp, nextRunIn, problemsOfNextRun } from "./next-run.ts";
import { keysName, type KeyringAtRest, readState, readVaultState, vaultName, type VaultState } from "./vault-state.ts";
import { MemoryStore } from "../../vault/store/memory-store.ts";
import { isTemporary } from "../../vault/store/write-durably.ts";

export interface OpenedState {
  readonly state: VaultState;
  readonly problems: readonly string[];
}

/** One state of this number is opened in both ways. */
const bothWaysEvery = 20;

export class StateOpener {
  readonly #builder: StateBuilder;
  readonly #opened = new Map<string, Promise<OpenedState>>();
  /** What is left after the next run: most states are cleaned up to one of few. */
  readonly #cleaned = new Map<string, VaultState>();
  readonly #keyrings = new Map<string, { readonly keyring: KeyringAtRest; readonly isWhole: boolean }>();
  /** Number of states that were opened as folders. */
  onDisk = 0;
  #inMemory = 0;

  constructor(builder: StateBuilder) {
    this.#builder = builder;
  }

  /** Number of distinct states. */
  get states(): number {
    return this.#opened.size;
  }

  /** An equal state is opened once. */
  open(state: CrashState): Promise<OpenedState> {
    const opened = this.#opened.get(state.id) ?? this.#open(state);
    this.#opened.set(state.id, opened);
    return opened;
  }

  async #open(state: CrashState): Promise<OpenedState> {
    const keyring = await this.#keyringOf(state);
    if (keyring === undefined || !isMarked(state)) return await this.#openFolder(state);
    const number = this.#inMemory++;
    const opened = await this.#openInMemory(state, keyring, number);
    if (number % bothWaysEvery !== 0) return opened;
    const again = await this.#openFolder(state);
    const [one, other] = [opened, again].map((each) => withoutPlaces(JSON.stringify(each)));
    if (one !== other) throw new Error(`in memory this state is ${one}, and as a folder ${other}`);
    return opened;
  }

  async #openFolder(state: CrashState): Promise<OpenedState> {
    this.onDisk += 1;
    using built = this.#builder.build(state);
    const { path } = built;
    const found = await readVaultState(path);
    const problems = await problemsOfNextRun(found, {
      run: () => nextRunIn(path, found),
      read: () => this.#afterwards(this.#builder.idOf(path), () => readVaultState(path)),
      paths: () => readdirSync(path, { recursive: true, encoding: "utf8" }),
    });
    return { state: found, problems };
  }

  async #openInMemory(state: CrashState, keyring: KeyringAtRest, number: number): Promise<OpenedState> {
    const objects = this.#builder.objectsOf(state, vaultName);
    const store = new MemoryStore(`/state-in-memory-${number}/vault`, objects, unfinishedAgeMs);
    const found = await readState(keyring, () => Promise.resolve(store));
    const problems = await problemsOfNextRun(found, {
      run: () => cleanUp(store, keyring),
      read: () =>
        this.#afterwards(`${keyring.folder}\n${contentsOf(objects)}`, () =>
          readState(keyring, () => Promise.resolve(store)),
        ),
      paths: () => [...objects.keys()].map((path) => `${vaultName}/${path}`),
    });
    return { state: found, problems };
  }

  async #afterwards(id: string, read: () => Promise<VaultState>): Promise<VaultState> {
    const after = this.#cleaned.get(id) ?? (await read());
    this.#cleaned.set(id, after);
    return after;
  }

  /** Undefined where the next run has to write keys. */
  async #keyringOf(state: CrashState): Promise<KeyringAtRest | undefined> {
    const entries = [...state.entries].filter(([path]) => path.startsWith(`${keysName}/`));
    const id = entries.map(([path, bytes]) => `${path} ${bytes === undefined ? "" : hashOf(bytes)}`).join("\n");
    let held = this.#keyrings.get(id);
    if (held === undefined) {
      const keyring = this.#builder.keyring(entries);
      const roles = new Set((await keyring.list().catch(() => [])).map(({ role }) => role));
      held = { keyring, isWhole: roles.size === 2 && !entries.some(([path]) => isTemporary(path)) };
      this.#keyrings.set(id, held);
    }
    return held.isWhole ? held.keyring : undefined;
  }
}

/** Messages name the folder. */
function withoutPlaces(text: string): string {
  return text
    .replaceAll(/\/[^\s"\\]*state-[\w-]+\/vault/g, "the vault")
    .replaceAll(/\/[^\s"\\]*(?:state|keyring)-\d+(?:\/keys)?/g, "");
}

function isMarked({ entries }: CrashState): boolean {
  return entries.get(join(vaultName, "vault.json"))?.toString("utf8").endsWith("}\n") === true;
}

function contentsOf(objects: ReadonlyMap<string, Buffer>): string {
  return [...objects]
    .map(([path, bytes]) => `${path} ${hashOf(bytes)}`)
    .sort()
    .join("\n");
}
