// A disk with a page cache, as a power cut sees it: what is durable, and what is only pending. The rules are those of
// POSIX at their worst (docs/internals/power-cut.md): the data of a file is durable after a sync of the file, a name after
// a sync of its folder, and nothing else orders anything.
import { hash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { FileOperation } from "./operation-log.ts";

export interface DiskFile {
  readonly kind: "file";
  bytes: Buffer;
  /** Its content survives a power cut. */
  synced: boolean;
}

export interface DiskFolder {
  readonly kind: "folder";
  /** Entries as they are after a power cut that loses everything pending. */
  readonly durable: Map<string, DiskNode>;
  /** Entries as processes see them. */
  readonly seen: Map<string, DiskNode>;
  pending: EntryChange[];
}

export type DiskNode = DiskFile | DiskFolder;

/** One change of the entries of a folder that no sync has made durable yet. */
export interface EntryChange {
  /** Index of its operation in the log. */
  readonly at: number;
  readonly removes?: string;
  readonly sets?: readonly [name: string, node: DiskNode];
}

export class DiskModel {
  readonly root: DiskFolder;
  readonly #files = new Map<number, DiskFile>();
  #at = 0;

  /** Begins with what is in this folder, all of it durable. */
  constructor(folder: string) {
    this.root = folderFrom(folder);
  }

  /** Every pending change of a folder that processes can see, in the order of the log. */
  pending(): readonly EntryChange[] {
    const found: EntryChange[] = [];
    const visit = (folder: DiskFolder): void => {
      found.push(...folder.pending);
      // A folder that was moved or removed is still there where that change is lost.
      for (const node of reachable(folder)) if (node.kind === "folder") visit(node);
    };
    visit(this.root);
    return found.toSorted((a, b) => a.at - b.at);
  }

  apply(operation: FileOperation): void {
    const at = this.#at++;
    switch (operation.kind) {
      case "mkdir":
        return this.#change(operation.path, at, newFolder());
      case "create": {
        const file: DiskFile = { kind: "file", bytes: Buffer.alloc(0), synced: false };
        this.#files.set(operation.file, file);
        return this.#change(operation.path, at, file);
      }
      case "write": {
        const file = this.#file(operation.file);
        file.bytes = operation.bytes;
        file.synced = false;
        return;
      }
      case "sync-file":
        this.#file(operation.file).synced = true;
        return;
      case "rename":
      case "link":
        return this.#change(
          operation.to,
          at,
          this.#node(operation.from),
          operation.kind === "rename" ? operation.from : undefined,
        );
      case "unlink":
      case "rmdir":
        return this.#change(operation.path, at, undefined, operation.path);
      case "sync-folder":
        return this.#syncFolder(operation.path, operation.covers);
      case "returned":
    }
  }

  #change(path: string, at: number, node: DiskNode | undefined, removes?: string): void {
    const folder = this.#folder(dirname(path));
    if (folder === undefined) return;
    if (removes !== undefined && dirname(removes) !== dirname(path))
      throw new Error(`${removes} is moved to another folder, ${path}, which this model does not know`);
    const change: EntryChange = {
      at,
      ...(removes === undefined ? {} : { removes: basename(removes) }),
      ...(node === undefined ? {} : { sets: [basename(path), node] as const }),
    };
    folder.pending.push(change);
    applyChange(folder.seen, change);
  }

  #syncFolder(path: string, covers: number): void {
    const folder = this.#folder(path);
    if (folder === undefined) return;
    for (const change of folder.pending) if (change.at < covers) applyChange(folder.durable, change);
    folder.pending = folder.pending.filter(({ at }) => at >= covers);
  }

  #file(number: number): DiskFile {
    const file = this.#files.get(number);
    if (file === undefined) throw new Error(`the log has no file ${number}`);
    return file;
  }

  #folder(path: string): DiskFolder | undefined {
    const node = this.#node(path);
    return node?.kind === "folder" ? node : undefined;
  }

  #node(path: string): DiskNode | undefined {
    const names = path.split("/").filter((name) => name !== "" && name !== ".");
    let node: DiskNode | undefined = this.root;
    for (const name of names) node = node?.kind === "folder" ? node.seen.get(name) : undefined;
    return node;
  }
}

export function applyChange(entries: Map<string, DiskNode>, { removes, sets }: EntryChange): void {
  if (removes !== undefined) entries.delete(removes);
  if (sets !== undefined) entries.set(...sets);
}

function reachable({ durable, pending }: DiskFolder): Set<DiskNode> {
  return new Set([...durable.values(), ...pending.flatMap(({ sets }) => (sets === undefined ? [] : [sets[1]]))]);
}

function newFolder(): DiskFolder {
  return { kind: "folder", durable: new Map(), seen: new Map(), pending: [] };
}

function folderFrom(path: string): DiskFolder {
  const folder = newFolder();
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const inside = join(path, entry.name);
    const node: DiskNode = entry.isDirectory()
      ? folderFrom(inside)
      : { kind: "file", bytes: readFileSync(inside), synced: true };
    folder.durable.set(entry.name, node);
    folder.seen.set(entry.name, node);
  }
  return folder;
}

const hashes = new WeakMap<Buffer, string>();

export function hashOf(bytes: Buffer): string {
  let found = hashes.get(bytes);
  if (found === undefined) hashes.set(bytes, (found = hash("sha256", bytes)));
  return found;
}
