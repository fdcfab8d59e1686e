// A command of a vault on a disk that fails at its first operation, in another run at its second, and so on to the last, or
// at a sample of them. Each time the command ends with its own sentence or completes; each thing that the vault holds is as
// before or as after; and once the disk works again, the same command succeeds and leaves nothing behind.
import { cpSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { systemClock } from "../../base/clock.ts";
import { DrillError, errorMessage, errorsOf } from "../../base/errors.ts";
import { type FileOperations, nodeFiles } from "../../vault/store/file-operations.ts";
import { isTemporary } from "../../vault/store/write-durably.ts";
import { nextRunIn, problemsOfNextRun } from "../power-cut/next-run.ts";
import { differences, type VaultCommand, vaultOf } from "../power-cut/power-cut.ts";
import { readVaultState, type VaultState } from "../power-cut/vault-state.ts";
import { failingFiles, type FailingFiles, type StorageFault, type StorageKind, storageKinds } from "./failing-files.ts";

export interface StorageRun {
  readonly command: string;
  readonly fault: StorageFault;
  /** `rename /vault/...`: what failed; undefined where the command ended before. */
  readonly failed: string | undefined;
  /** How the command ended; undefined where it completed in spite of the fault. */
  readonly said: string | undefined;
  readonly problems: readonly string[];
}

export interface StorageRunOptions {
  /** Folder with a vault and keys, which is copied. */
  readonly from: string;
  /** Folder for the copy; it is removed. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Tries one operation of this number; all by default. */
  readonly every?: number;
  /** The first that is tried, of these many; 1 by default. */
  readonly firstOf?: (count: number) => number;
  readonly kinds?: readonly StorageKind[];
}

/** Every kind of fault at every operation that it can meet, once for that operation alone and once from there on. */
export async function failEverywhere(
  command: VaultCommand,
  options: StorageRunOptions,
): Promise<readonly StorageRun[]> {
  const { every = 1, firstOf = () => 1, kinds = Object.keys(storageKinds) as StorageKind[], signal } = options;
  const faults = kinds.flatMap((kind) => [false, true].map((lasts) => ({ kind, lasts })));
  // None of these fails: they count what it could meet.
  const counting: FailingFiles[] = [];
  for (const fault of faults)
    counting.push(failingFiles(counting.at(-1)?.files ?? nodeFiles, { ...fault, at: Number.POSITIVE_INFINITY }));
  const expected = await statesWithout(command, options, counting.at(-1)?.files);
  const runs: StorageRun[] = [];
  for (const [index, fault] of faults.entries()) {
    const last = counting[index]?.met() ?? 0;
    for (let at = firstOf(Math.min(every, last)); at <= last; at += every) {
      signal.throwIfAborted();
      const run = await runWithFault(command, { ...fault, at }, expected, options);
      // No run has exactly as many operations as another.
      if (run.failed !== undefined) runs.push(run);
    }
  }
  return runs;
}

/** The states of a run without a fault, one after each command of it. */
export async function statesWithout(
  command: VaultCommand,
  { from, folder }: Pick<StorageRunOptions, "from" | "folder">,
  files: FileOperations = nodeFiles,
): Promise<VaultState[]> {
  using _copy = copied(from, folder);
  const states = [await readVaultState(folder)];
  const returned = async (): Promise<void> => void states.push(await readVaultState(folder));
  await command.run({ folder, vault: vaultOf(folder), files, returned });
  await returned();
  return states;
}

async function runWithFault(
  command: VaultCommand,
  fault: StorageFault,
  expected: readonly VaultState[],
  { from, folder }: StorageRunOptions,
): Promise<StorageRun> {
  using _copy = copied(from, folder);
  const { files, fired } = failingFiles(nodeFiles, fault);
  const outcome = await judgeCommand(command, folder, expected, { files });
  const failed = fired();
  const where = failed === undefined ? undefined : `${failed.operation} ${failed.path.slice(folder.length + 1)}`;
  return { command: command.name, fault, failed: where, ...outcome };
}

/** A command whose file operations fail; `repair` undoes what is wrong with the disk before anything is looked at. */
export async function judgeCommand(
  command: VaultCommand,
  folder: string,
  expected: readonly VaultState[],
  { files, repair }: { readonly files: FileOperations; readonly repair?: () => Promise<void> },
): Promise<Pick<StorageRun, "said" | "problems">> {
  let returns = 0;
  const returned = (): Promise<void> => Promise.resolve(void (returns += 1));
  const place = { folder, vault: vaultOf(folder), files, returned };
  const error: unknown = await command.run(place).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error === undefined) returns += 1;
  await repair?.();
  const known = expected[0] ?? {};
  const found = await readVaultState(folder);
  const [first, ...after] = expected.map((state) => comparable(state, known));
  const reached = comparable(found, known);
  const problems = [...problemsOfError(error, folder), ...differences(reached, [first ?? {}, ...after], returns)];
  letAnHourPass(folder);
  // What took effect before it failed is not asked for again.
  const isRepeated = error !== undefined && returns === 0 && !isDeepStrictEqual(reached, after[0]);
  problems.push(...(await problemsAfterwards(command, folder, isRepeated)));
  const said = error === undefined ? undefined : errorMessage(error);
  return { said, problems };
}

/** An error for a user names the place and says what to do, and what the system said is not all of it. */
function problemsOfError(error: unknown, folder: string): readonly string[] {
  if (error === undefined) return [];
  const [first] = errorsOf(error);
  if (!(first instanceof DrillError)) return [`it ended with an error that explains nothing: ${errorMessage(error)}`];
  return [
    ...(first.message.includes(folder) ? [] : [`its error names no path: ${first.message}`]),
    ...(first.hint === undefined ? [`its error does not say what to do: ${first.message}`] : []),
    ...(first.exit === "environment" ? [] : [`its error counts as ${first.exit}: ${first.message}`]),
  ];
}

/** The same command again where it can be given again, and what any next command cleans up. */
async function problemsAfterwards(
  command: VaultCommand,
  folder: string,
  isRepeated: boolean,
): Promise<readonly string[]> {
  const place = { folder, vault: vaultOf(folder), files: nodeFiles, returned: () => Promise.resolve() };
  try {
    if (isRepeated) await command.run(place);
  } catch (error) {
    return [`the same command fails once the disk works again: ${errorMessage(error)}`];
  }
  const before = await readVaultState(folder);
  return await problemsOfNextRun(before, {
    run: () => nextRunIn(folder, before),
    read: () => readVaultState(folder),
    paths: () => readdirSync(folder, { recursive: true, encoding: "utf8" }),
  });
}

/** What a run makes has a name, a time and a key of its own, which differ from run to run. */
function comparable(state: VaultState, known: VaultState): VaultState {
  const old = JSON.stringify(known);
  const general = (text: string): string =>
    text
      .replaceAll(/\d{8}T\d{6}Z-[0-9a-f]{8}/g, (id) => (old.includes(id) ? id : "new"))
      .replaceAll(/\b[0-9a-f]{40,64}\b/g, (hash) => (old.includes(hash) ? hash : "new"));
  return Object.fromEntries(Object.entries(state).map(([key, value]) => [general(key), general(value)]));
}

export function copied(from: string, folder: string): Disposable {
  cpSync(from, folder, { recursive: true });
  return { [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The failed command was a process of its own, which ended an hour ago. */
function letAnHourPass(folder: string): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    const path = join(folder, name);
    if (/\/locks\/[^/]+\.json$/.test(path)) {
      const text = readFileSync(path, "utf8");
      // It ended where it could not be deleted.
      if (text === "") continue;
      const lock = JSON.parse(text) as { owner: object };
      writeFileSync(path, JSON.stringify({ ...lock, owner: { ...lock.owner, startedAt: "0" } }));
    } else if (isTemporary(path)) {
      const at = systemClock.nowMs() / 1000 - 3600;
      utimesSync(path, at, at);
    }
  }
}
