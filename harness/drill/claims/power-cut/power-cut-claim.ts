// A vault from its beginning to its last prune, with the power cut during and after every command: each state that the
// disk may then have is built and opened. At night also: commands that were killed before.
import { cpSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../../base/clock.ts";
import { privateFolder } from "../../../base/process/reaper.ts";
import { StateBuilder } from "../../../fault/power-cut/build-state.ts";
import { killedThen } from "../../../fault/power-cut/killed-then-cut.ts";
import type { FileOperation } from "../../../fault/power-cut/operation-log.ts";
import {
  type CutOutcome,
  cutPower,
  type PowerCutOptions,
  type VaultCommand,
} from "../../../fault/power-cut/power-cut.ts";
import {
  cleanUpVault,
  makeKeys,
  makeVault,
  pinAndUnpin,
  pruneTo,
  recordVerify,
  takeLocks,
} from "../../../fault/power-cut/vault-commands.ts";
import { StateOpener } from "../../../fault/power-cut/open-state.ts";
import type { Drill } from "../../drill.ts";
import { incrementalSystem, smallSource } from "../incremental/small-source.ts";
import { type ServerCommands, serverCommands } from "./server-commands.ts";

/** Opens one state of this number. */
const openEvery = { pr: 20, drill: 10, nightly: 1, release: 1 } as const;
const holesMax = 50;
/** Kills after one operation of this number. */
const killEvery = 5;
const memoryFolder = "/dev/shm";

interface Recorded {
  /** Copy of the folder before the command. */
  readonly before: string;
  readonly operations: readonly FileOperation[];
}

export async function provesPowerCut(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const source = await smallSource(drill, resources);
  const system = await incrementalSystem(drill, resources);
  if (system.name !== "reference") {
    drill.record.notCovered("a power cut: only the files of the reference system are recorded");
    return;
  }
  const root = resources.use(
    await privateFolder("power-cut", existsSync(memoryFolder) ? memoryFolder : undefined),
  ).path;
  const cut = new PowerCuts(drill, root, system.fileLayer);
  try {
    await cut.whole(serverCommands(source, drill.engines, drill.signal));
  } finally {
    // Of a run that is interrupted, what was found by then.
    cut.report();
  }
  drill.record.requireWitnesses("cutStates", "cutStatesOnDisk", "cutCommands");
}

class PowerCuts {
  readonly #drill: Drill;
  readonly #root: string;
  readonly #options: Omit<PowerCutOptions, "folder">;
  readonly #outcomes: (CutOutcome & { readonly family: string; readonly ms: number })[] = [];
  #folders = 0;
  readonly #folder: string;

  constructor(drill: Drill, root: string, layer: PowerCutOptions["layer"]) {
    this.#drill = drill;
    this.#root = root;
    this.#folder = this.#newFolder();
    mkdirSync(this.#folder, { mode: 0o700 });
    this.#options = {
      opener: new StateOpener(new StateBuilder(join(root, "states"), systemClock.nowMs())),
      signal: drill.signal,
      every: openEvery[drill.options.profile],
      holesMax,
      ...(layer === undefined ? {} : { layer }),
    };
  }

  /** All commands, one after the other, and at night what follows on their kills. */
  async whole(commands: ServerCommands): Promise<void> {
    const prunes: Recorded[] = [];
    await this.during(makeKeys);
    const init = await this.during(makeVault);
    const backup = await this.during(commands.backup);
    const increments = await this.during(commands.increments);
    await this.during(recordVerify);
    await this.during(pinAndUnpin);
    await this.during(takeLocks);
    const compacted = await this.during(commands.compact);
    await this.during(commands.pinnedBackup);
    await this.during(commands.backup);
    prunes.push(await this.during(pruneTo(2)));
    await this.during(commands.increments);
    await this.during(commands.backup);
    prunes.push(await this.during(pruneTo(1)));
    if (openEvery[this.#drill.options.profile] === 1) {
      // With its marker it is a vault, and a second `init` would refuse it.
      const unmarked = init.operations.slice(
        0,
        init.operations.findIndex(({ kind }) => kind === "rename"),
      );
      await this.afterKills({ ...init, operations: unmarked }, makeVault, 1);
      for (const recorded of [backup, increments, compacted, ...prunes]) await this.afterKills(recorded, cleanUpVault);
      for (const recorded of prunes) await this.afterKills(recorded, pruneTo(1), 3 * killEvery);
    }
  }

  /** Runs the command in the folder of the vault. */
  async during(command: VaultCommand): Promise<Recorded> {
    const before = this.#newFolder();
    cpSync(this.#folder, before, { recursive: true });
    const { operations } = await this.#cut(command.name, command, this.#folder);
    return { before, operations };
  }

  /** Kills the recorded command after some of its operations, and cuts the power during the next one. */
  async afterKills({ before, operations }: Recorded, next: VaultCommand, every = killEvery): Promise<void> {
    for (const [index, operation] of operations.entries()) {
      if (index % every !== 0 || operation.kind === "returned") continue;
      const folder = this.#newFolder();
      cpSync(before, folder, { recursive: true });
      await this.#cut(`${next.name} after a kill`, killedThen(operations, index + 1, next), folder);
    }
  }

  async #cut(family: string, command: VaultCommand, folder: string): Promise<CutOutcome> {
    this.#drill.progress.step(`power cut: ${family}`);
    const startMs = systemClock.monotonicMs();
    // Where much is lost already, the commands only go on: a store that syncs nothing has a hundred times the states.
    const isLost = sum(this.#outcomes, ({ holes }) => holes.length) >= holesMax;
    const outcome = await cutPower(command, {
      ...this.#options,
      folder,
      ...(isLost && { holesMax: 0 }),
    });
    this.#outcomes.push({ ...outcome, family, ms: systemClock.monotonicMs() - startMs });
    return outcome;
  }

  report(): void {
    const { record, id } = this.#drill;
    const families = [...Map.groupBy(this.#outcomes, ({ family }) => family)].map(([family, outcomes]) => ({
      family,
      commands: outcomes.length,
      operations: sum(outcomes, ({ operations }) => operations.length),
      states: sum(outcomes, ({ states }) => states),
      distinct: sum(outcomes, ({ fresh }) => fresh),
      holes: sum(outcomes, ({ holes }) => holes.length),
      ms: Math.round(sum(outcomes, ({ ms }) => ms)),
    }));
    record.observation("power-cut", families);
    record.witness("cutStates", this.#options.opener.states);
    record.witness("cutStatesOnDisk", this.#options.opener.onDisk);
    record.witness("cutCommands", this.#outcomes.length);
    for (const [command, holes] of Map.groupBy(
      this.#outcomes.flatMap(({ holes: all }) => all),
      (hole) => hole.command,
    )) {
      const [first] = holes;
      record.finding({
        code: "lost-after-power-cut",
        severity: "error",
        subject: command,
        message: `a power cut during or after ${command} leaves ${holes.length} states that are neither old nor new: ${first?.problem ?? ""}`,
        evidence: { scenario: id, holes: holes.slice(0, 10) },
      });
    }
  }

  #newFolder(): string {
    return join(this.#root, `folder-${this.#folders++}`);
  }
}

function sum<T>(of: readonly T[], figure: (each: T) => number): number {
  return of.reduce((all, each) => all + figure(each), 0);
}
