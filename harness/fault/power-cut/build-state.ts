// Builds states of a disk as folders. Each content is written once, and linked into every state that holds it: the vault
// never changes a file in place.
import { linkSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { hashOf } from "./disk-model.ts";
import type { CrashState } from "./crash-states.ts";
import { KeyringAtRest } from "./vault-state.ts";

/** What is unfinished was left before the machine started again, and not a moment ago. */
export const unfinishedAgeMs = 3_600_000;

export class StateBuilder {
  readonly #folder: string;
  readonly #nowMs: number;
  readonly #contents = new Set<string>();
  #states = 0;

  /** `folder` should be on a file system in memory, as thousands of states are built there. */
  constructor(folder: string, nowMs: number) {
    this.#folder = folder;
    this.#nowMs = nowMs;
    mkdirSync(join(folder, "contents"), { recursive: true, mode: 0o700 });
  }

  /** The folder that holds the state, until it is disposed of. */
  build({ entries }: CrashState): Disposable & { readonly path: string } {
    const path = join(this.#folder, `state-${this.#states++}`);
    mkdirSync(path, { mode: 0o700 });
    for (const [name, bytes] of entries) {
      if (bytes === undefined) mkdirSync(join(path, name), { mode: 0o700 });
      else linkSync(this.#content(isLock(name) ? afterRestart(bytes) : bytes), join(path, name));
    }
    return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
  }

  /** The objects of the state in a folder of it, for a store in memory. */
  objectsOf({ entries }: CrashState, folder: string): Map<string, Buffer> {
    const objects = new Map<string, Buffer>();
    for (const [path, bytes] of entries)
      if (bytes !== undefined && path.startsWith(`${folder}/`))
        objects.set(path.slice(folder.length + 1), isLock(path) ? afterRestart(bytes) : bytes);
    return objects;
  }

  /** A key ring with these files, which stays as long as the builder's folder. */
  keyring(files: readonly (readonly [path: string, bytes: Buffer | undefined])[]): KeyringAtRest {
    const path = join(this.#folder, `keyring-${this.#states++}`);
    mkdirSync(path, { mode: 0o700 });
    for (const [name, bytes] of files)
      if (bytes !== undefined) linkSync(this.#content(bytes), join(path, basename(name)));
    return new KeyringAtRest(path);
  }

  /** Equal for folders with the same files, as equal contents are one file. */
  idOf(folder: string): string {
    const found = readdirSync(folder, { recursive: true, withFileTypes: true });
    const lines = found.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return `${relative(folder, path)} ${entry.isDirectory() ? "" : statSync(path).ino}`;
    });
    return lines.sort().join("\n");
  }

  #content(bytes: Buffer): string {
    const name = hashOf(bytes);
    const path = join(this.#folder, "contents", name);
    if (this.#contents.has(name)) return path;
    writeFileSync(path, bytes, { mode: 0o600, flag: "wx" });
    const at = (this.#nowMs - unfinishedAgeMs) / 1000;
    utimesSync(path, at, at);
    this.#contents.add(name);
    return path;
  }
}

function isLock(path: string): boolean {
  return /(?:^|\/)locks\/[^/]+\.json$/.test(path);
}

/**
 * After a power cut the owner of a lock is of an earlier start of the machine; here it is this very process. What is
 * opened is the vault some time later, when such a lock has ended by itself.
 */
function afterRestart(bytes: Buffer): Buffer {
  try {
    const lock = JSON.parse(bytes.toString("utf8")) as { owner: object };
    const owner = { ...lock.owner, place: "the machine before its restart" };
    return Buffer.from(JSON.stringify({ ...lock, owner, expiresAt: new Date(0).toISOString() }));
  } catch {
    return bytes;
  }
}
