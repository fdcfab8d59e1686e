// The life of a vault on a disk that fails: each command at its first operation, at its second, and so on, with each kind
// of error, once and lasting. At night one of 37 operations is tried, of commands that need a server one of 75, and the
// seed says which.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Draw } from "../../../../generators/random.ts";
import { privateFolder } from "../../../base/process/reaper.ts";
import { nodeFiles } from "../../../vault/store/file-operations.ts";
import { type VaultCommand, vaultOf } from "../../../fault/power-cut/power-cut.ts";
import {
  makeKeys,
  makeVault,
  pinAndUnpin,
  pruneTo,
  recordVerify,
  takeLocks,
} from "../../../fault/power-cut/vault-commands.ts";
import { failEverywhere, type StorageRun } from "../../../fault/storage/fail-everywhere.ts";
import type { Drill } from "../../drill.ts";
import { incrementalSystem, smallSource } from "../incremental/small-source.ts";
import { serverCommands } from "../power-cut/server-commands.ts";

const every = 37;
const everyWithServer = 75;

export async function failsDisks(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const { record, signal } = drill;
  const source = await smallSource(drill, resources);
  const system = await incrementalSystem(drill, resources);
  if (system.name !== "reference") {
    record.notCovered("a disk that fails: only the files of the reference system can be made to fail");
    return;
  }
  const root = resources.use(await privateFolder("storage-faults")).path;
  const folder = join(root, "vault-and-keys");
  mkdirSync(folder, { mode: 0o700 });
  const commands = serverCommands(source, drill.engines, signal);
  const draw = new Draw(drill.seed, "storage-faults");
  const runs: StorageRun[] = [];
  const firstOf = (count: number): number => 1 + draw.below(count);
  try {
    for (const [command, oneOf] of [
      [makeKeys, every],
      [makeVault, every],
      [commands.backup, everyWithServer],
      [commands.increments, everyWithServer],
      [recordVerify, every],
      [pinAndUnpin, every],
      [takeLocks, every],
      [commands.compact, everyWithServer],
      [pruneTo(1), every],
    ] as const) {
      drill.progress.step(`a disk that fails: ${command.name}`);
      const copy = join(root, "copy");
      runs.push(...(await failEverywhere(command, { from: folder, folder: copy, signal, every: oneOf, firstOf })));
      await runIn(folder, command);
    }
  } finally {
    // Of a run that is interrupted, what was found by then.
    report(drill, runs);
  }
  record.requireWitnesses("faultsFired");
}

async function runIn(folder: string, command: VaultCommand): Promise<void> {
  const returned = (): Promise<void> => Promise.resolve();
  await command.run({ folder, vault: vaultOf(folder), files: nodeFiles, returned });
}

function report({ record, directory, id }: Drill, runs: readonly StorageRun[]): void {
  const table = [...Map.groupBy(runs, ({ command, fault }) => `${command}, ${fault.kind}`)].map(([row, of]) => ({
    row,
    faults: of.length,
    completed: of.filter(({ said }) => said === undefined).length,
    survived: of.filter(({ problems }) => problems.length === 0).length,
  }));
  record.observation("storage-faults", table);
  record.witness("faultsFired", runs.length);
  for (const { command, fault, failed = "", said = "completed", problems } of runs) {
    const detail = { command, ...fault, failed, said };
    directory.append("faults.jsonl", { scenario: id, fault: `storage-${fault.kind}`, fired: true, detail });
    const [problem] = problems;
    if (problem === undefined) continue;
    record.finding({
      code: "fault-not-survived",
      severity: "error",
      subject: `${command}, ${fault.kind} at ${failed}`,
      message: `${command} with ${fault.kind} at ${failed}: ${problem}`,
      evidence: { ...detail, problems },
    });
  }
}
