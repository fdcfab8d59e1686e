// Every state that a power cut may leave on the disk, within bounds: for each prefix of the log, what is pending is lost
// in every way of up to three changes, or from some change on, or all of it, or all of one folder; and what is not synced
// of a file is there, absent, cut short, or zeros.
import { hash } from "node:crypto";
import { applyChange, type DiskFile, type DiskFolder, type DiskModel, type EntryChange, hashOf } from "./disk-model.ts";
import type { FileOperation } from "./operation-log.ts";

export interface CrashState {
  /** SHA-256 of all paths and contents: equal states have the same. */
  readonly id: string;
  /** Contents of files by path; undefined for a folder. In order of path, so that a folder is before what is in it. */
  readonly entries: ReadonlyMap<string, Buffer | undefined>;
  /** How many commands had returned before the power cut. */
  readonly returned: number;
  /** What was lost, for a report. */
  readonly where: string;
}

/** The bound of ACE: maximum number of changes that are lost while a later one is kept. */
const lostMax = 3;
/** Number of the last pending changes of which each combination is lost. */
const windowMax = 10;
/** Maximum number of unsynced files whose contents are combined in all ways. */
const tornTogetherMax = 2;

/** Each state once for every number of returned commands. `disk` is as it was before the log began. */
export function* crashStates(disk: DiskModel, log: readonly FileOperation[]): Generator<CrashState> {
  let seen = new Set<string>();
  let returned = 0;
  yield* fresh(disk, seen, returned, "before the first operation");
  for (const [index, operation] of log.entries()) {
    disk.apply(operation);
    if (operation.kind === "returned") {
      returned += 1;
      seen = new Set();
    }
    // A sync only makes fewer states possible.
    if (operation.kind === "sync-file" || operation.kind === "sync-folder") continue;
    yield* fresh(
      disk,
      seen,
      returned,
      `after operation ${index + 1} of ${log.length}, ${describeOperation(operation)}`,
    );
  }
}

function* fresh(disk: DiskModel, seen: Set<string>, returned: number, where: string): Generator<CrashState> {
  const pending = disk.pending();
  for (const lost of lossesOf(disk, pending)) {
    for (const entries of contentsOf(viewOf(disk.root, lost))) {
      const id = idOf(entries);
      if (seen.has(id)) continue;
      seen.add(id);
      yield { id, entries, returned, where: `${where}, ${lost.size} of ${pending.length} pending changes lost` };
    }
  }
}

/** The sets of pending changes that are lost together. */
function* lossesOf(disk: DiskModel, pending: readonly EntryChange[]): Generator<ReadonlySet<EntryChange>> {
  yield new Set();
  yield* subsets(pending.slice(-windowMax), lostMax);
  for (let kept = pending.length - lostMax - 1; kept >= 0; kept--) yield new Set(pending.slice(kept));
  for (const folder of foldersOf(disk.root)) if (folder.pending.length > lostMax) yield new Set(folder.pending);
}

function* subsets<T>(
  of: readonly T[],
  sizeMax: number,
  from: number = 0,
  chosen: readonly T[] = [],
): Generator<Set<T>> {
  if (chosen.length > 0) yield new Set(chosen);
  if (chosen.length === sizeMax) return;
  for (let index = from; index < of.length; index++)
    yield* subsets(of, sizeMax, index + 1, [...chosen, of[index] as T]);
}

function* foldersOf(folder: DiskFolder): Generator<DiskFolder> {
  yield folder;
  for (const node of folder.seen.values()) if (node.kind === "folder") yield* foldersOf(node);
}

/** What is there by path, without what is lost. */
function viewOf(root: DiskFolder, lost: ReadonlySet<EntryChange>): ReadonlyMap<string, DiskFile | undefined> {
  const view = new Map<string, DiskFile | undefined>();
  const visit = (folder: DiskFolder, prefix: string): void => {
    const entries = new Map(folder.durable);
    for (const change of folder.pending) if (!lost.has(change)) applyChange(entries, change);
    for (const name of [...entries.keys()].sort()) {
      const node = entries.get(name);
      view.set(`${prefix}${name}`, node?.kind === "file" ? node : undefined);
      if (node?.kind === "folder") visit(node, `${prefix}${name}/`);
    }
  };
  visit(root, "");
  return view;
}

/** The ways in which unsynced data may have reached the disk. */
function* contentsOf(
  view: ReadonlyMap<string, DiskFile | undefined>,
): Generator<ReadonlyMap<string, Buffer | undefined>> {
  const plain = new Map([...view].map(([path, file]) => [path, file?.bytes] as const));
  const unsynced = [...new Set(view.values())].filter((file) => file?.synced === false && file.bytes.length > 0);
  const paths = (file: DiskFile | undefined): string[] =>
    [...view].flatMap(([path, held]) => (held === file ? [path] : []));
  const together = unsynced.length <= tornTogetherMax;
  for (const choice of together ? allChoices(unsynced.length) : singleChoices(unsynced.length)) {
    const contents = new Map(plain);
    for (const [index, file] of unsynced.entries())
      for (const path of paths(file)) contents.set(path, tornOf(file as DiskFile)[choice[index] ?? 0]);
    yield contents;
  }
}

const waysToTear = 4;

function* allChoices(count: number): Generator<readonly number[]> {
  for (let number = 0; number < waysToTear ** count; number++)
    yield Array.from({ length: count }, (_, index) => Math.floor(number / waysToTear ** index) % waysToTear);
}

/** All files in the same way, and each of them alone. */
function* singleChoices(count: number): Generator<readonly number[]> {
  for (let way = 0; way < waysToTear; way++) yield Array.from({ length: count }, () => way);
  for (let file = 0; file < count; file++)
    for (let way = 1; way < waysToTear; way++)
      yield Array.from({ length: count }, (_, index) => (index === file ? way : 0));
}

const torn = new WeakMap<Buffer, readonly Buffer[]>();

/** All of it; nothing; the first half; the length without the data. */
function tornOf({ bytes }: DiskFile): readonly Buffer[] {
  let found = torn.get(bytes);
  if (found === undefined) {
    found = [bytes, Buffer.alloc(0), bytes.subarray(0, bytes.length >> 1), Buffer.alloc(bytes.length)];
    torn.set(bytes, found);
  }
  return found;
}

function idOf(entries: ReadonlyMap<string, Buffer | undefined>): string {
  const lines = [...entries].map(([path, bytes]) => `${path}\0${bytes === undefined ? "" : hashOf(bytes)}\n`);
  return hash("sha256", lines.join(""));
}

function describeOperation(operation: FileOperation): string {
  switch (operation.kind) {
    case "rename":
    case "link":
      return `${operation.kind} to ${operation.to}`;
    case "write":
    case "sync-file":
      return `${operation.kind} of file ${operation.file}`;
    case "returned":
      return "which returned";
    default:
      return `${operation.kind} ${operation.path}`;
  }
}
