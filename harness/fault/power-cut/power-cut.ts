// One command of a vault under every power cut: it is run once with its file operations recorded; every state of the disk
// that a power cut during or after it may leave is built, opened with the vault's own code, and judged. Each thing that
// the vault holds must be as before the command or as after it; once the command returned, as after it.
import { join } from "node:path";
import { DiskModel } from "./disk-model.ts";
import { type CrashState, crashStates } from "./crash-states.ts";
import type { StateOpener } from "./open-state.ts";
import { type FileOperation, type OperationLog, recordOperations } from "./operation-log.ts";
import { readVaultState, vaultName, type VaultState } from "./vault-state.ts";
import type { FileOperations } from "../../vault/store/file-operations.ts";

export interface VaultCommand {
  /** The family of operations, such as `prune of several`. */
  readonly name: string;
  /** Runs it, in a folder that holds `vault` and `keys`. Called more than once, each call is a command by itself. */
  readonly run: (place: CommandPlace) => Promise<void>;
  /**
   * It follows a killed one, whose removal of a note for the next run may not have been durable: the note comes back, and
   * the next run finds done what it says.
   */
  readonly mayLeaveNotes?: true;
}

export interface CommandPlace {
  readonly folder: string;
  readonly vault: string;
  readonly files: FileOperations;
  /** Ends a command within the run: its effect must survive from here on. */
  readonly returned: () => Promise<void>;
}

export interface Hole {
  readonly command: string;
  readonly where: string;
  readonly problem: string;
}

export interface CutOutcome {
  readonly command: string;
  readonly operations: readonly FileOperation[];
  /** Distinct states, and of those the ones that were not met before. */
  readonly states: number;
  readonly fresh: number;
  readonly holes: readonly Hole[];
}

export interface PowerCutOptions {
  readonly folder: string;
  readonly opener: StateOpener;
  /** Puts a fault between the vault and the disk. */
  readonly layer?: (disk: FileOperations) => FileOperations;
  readonly signal: AbortSignal;
  /** Opens one state of this number; all by default. */
  readonly every?: number;
  /** Ends when this number of holes is found. */
  readonly holesMax?: number;
}

const batchSize = 8;

export function vaultOf(folder: string): string {
  return join(folder, vaultName);
}

export async function cutPower(command: VaultCommand, options: PowerCutOptions): Promise<CutOutcome> {
  const { folder, layer = (disk) => disk, signal, every = 1, holesMax = Number.POSITIVE_INFINITY } = options;
  const disk = new DiskModel(folder);
  const log: OperationLog = recordOperations(folder);
  const expected: VaultState[] = [await readVaultState(folder)];
  const returned = async (): Promise<void> => {
    log.returned();
    expected.push(await readVaultState(folder));
  };
  await command.run({ folder, vault: vaultOf(folder), files: layer(log.files), returned });
  await returned();
  const holes: Hole[] = [];
  const met = new Set<string>();
  const before = options.opener.states;
  const judge = async (state: CrashState): Promise<void> => {
    const { state: found, problems } = await options.opener.open(state);
    for (const problem of [...differences(found, expected, state.returned, command.mayLeaveNotes), ...problems])
      holes.push({ command: command.name, where: state.where, problem });
  };
  for (const batch of batchesOf(everyNth(crashStates(disk, log.operations), every))) {
    signal.throwIfAborted();
    for (const { id } of batch) met.add(id);
    await Promise.all(batch.map(judge));
    if (holes.length >= holesMax) break;
  }
  return {
    command: command.name,
    operations: log.operations,
    states: met.size,
    fresh: options.opener.states - before,
    holes,
  };
}

function* everyNth<T>(all: Iterable<T>, every: number): Generator<T> {
  let index = 0;
  for (const each of all) if (index++ % every === 0) yield each;
}

/** Several states at a time, as opening one is mostly waiting for files. */
function* batchesOf<T>(all: Iterable<T>): Generator<readonly T[]> {
  let batch: T[] = [];
  for (const each of all) {
    batch.push(each);
    if (batch.length < batchSize) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}

/** What is neither as before the command that was running nor as after it, and what is broken. */
export function differences(
  found: VaultState,
  expected: readonly VaultState[],
  returned: number,
  mayLeaveNotes: boolean = false,
): readonly string[] {
  const allowed = expected.slice(returned, returned + 2);
  const isNoted = allowed.length === 2 || mayLeaveNotes;
  const keys = new Set([found, ...allowed].flatMap((state) => Object.keys(state)));
  const isGood = (key: string): boolean => {
    const value = found[key];
    if (value?.startsWith("broken") === true) return false;
    // A note for the next run is there only while a command runs.
    return (isNoted && isNote(key)) || allowed.some((state) => state[key] === value);
  };
  return [...keys]
    .filter((key) => !isGood(key))
    .map((key) => {
      const old = new Set(allowed.map((state) => state[key] ?? "nothing"));
      return `${key} is ${JSON.stringify(found[key] ?? "nothing")}, and was ${[...old].join(", then ")}`;
    });
}

function isNote(key: string): boolean {
  return key.startsWith("settings ") || key.startsWith("restore ");
}
