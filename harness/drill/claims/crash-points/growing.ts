// `vault backup`, `vault archive` and `vault compact`, killed at every point: each adds restore points to a vault, and
// takes none away.
import { embeddedEngines } from "../../../engine/embedded.ts";
import { connect } from "../../../falkordb/client/connection.ts";
import { streamOffset } from "../../../falkordb/client/stream-offset.ts";
import { compareDigests } from "../../../observe/digest/compare-digests.ts";
import { digestedEntities, digestServer } from "../../../observe/digest/server-digest.ts";
import { ReferenceArchiver } from "../../../vault/archive/archiver.ts";
import { backUpIncrement } from "../../../vault/archive/increment.ts";
import { createBackup, type BackupContext } from "../../../vault/backup/backup.ts";
import { compact } from "../../../vault/restore/compact.ts";
import { restoreBackup } from "../../../vault/restore/restore.ts";
import { partBytesDefault } from "../../../vault/parts/write-parts.ts";
import type { Drill } from "../../drill.ts";
import { judgeDigests } from "../incremental/judge-moment.ts";
import { judgeOpen, startServiceBefore } from "./application.ts";
import { type CrashingCommand, breakAtEveryPoint, type Problem, type StepFault } from "./enumerate.ts";
import { backUpNow, copyOf, type CrashSetup, incrementNow, prepareCrashes, serverFlags, writeNode } from "./setup.ts";
import {
  judgeAdded,
  judgeLeft,
  judgeSettings,
  type OpenVault,
  readListedState,
  settingsAndRights,
} from "./vault-state.ts";

interface Growing extends Omit<CrashingCommand, "prepare" | "nodeFlags"> {
  readonly words: readonly string[];
  readonly interruptAt?: string;
  readonly again: (context: BackupContext) => Promise<readonly Problem[]>;
}

/** Returns the vault as the last attempt left it. */
async function killGrowing(setup: CrashSetup, { again, words, interruptAt, ...command }: Growing): Promise<OpenVault> {
  const { drill, source, system, vault } = setup;
  const { signal } = drill;
  const settings = await settingsAndRights(source.endpoint);
  const before = (await readListedState(vault, new Set(), signal)).points;
  let copy = vault;
  const prepare: CrashingCommand["prepare"] = async () => {
    copy = await copyOf(setup);
    await writeNode(setup);
    let killed = before;
    return {
      words: ["vault", ...command.name.split(" ", 1), "--vault", copy.folder, ...words],
      ...(interruptAt === undefined ? {} : { interruptAt }),
      afterKill: async () => {
        const state = await readListedState(copy, before, signal);
        killed = state.points;
        return judgeAdded(before, state, 1);
      },
      afterFailure: () => judgeSettings(source.endpoint, settings),
      again: async () => {
        const problems = await again({ ...copy, profile: "interop", partBytes: partBytesDefault });
        const state = await readListedState(copy, before, signal);
        return [
          ...problems,
          ...judgeAdded(killed, state, 1),
          ...(state.points.size > killed.size ? [] : [nothingAdded]),
          ...(await judgeLeft(copy, state.points)),
          ...(await judgeSettings(source.endpoint, settings)),
        ];
      },
    };
  };
  await breakAtEveryPoint(drill, { ...command, prepare, nodeFlags: system.nodeFlags });
  return copy;
}

const nothingAdded: Problem = { code: "crash-not-resumed", message: "the next run added no restore point" };

export async function breaksBackups(drill: Drill, fault: StepFault): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const setup = await prepareCrashes(drill, resources);
  await backUpNow(setup);
  const left = await killGrowing(setup, {
    name: "backup",
    fault,
    groups: ["file", "store", "lock", "settings", "backup"],
    words: [...(await serverFlags(setup, "--url", setup.source)), "--pin", "a drill"],
    again: async (context) => {
      await createBackup(context, setup.request);
      return [];
    },
  });
  await proveLast(setup, left);
}

export async function killsBackupsWithService(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const setup = await prepareCrashes(drill, resources);
  await backUpNow(setup);
  const { application, flags } = await startServiceBefore(setup, setup.source, resources);
  await killGrowing(setup, {
    name: "backup with a service",
    groups: ["file", "store", "lock", "settings", "backup"],
    words: [...(await serverFlags(setup, "--url", setup.source)), ...flags],
    again: async (context) => {
      const problems = await judgeOpen(application);
      await createBackup(context, { ...setup.request, coordinator: application });
      return [...problems, ...(await judgeOpen(application))];
    },
  });
}

export async function killsIncrements(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const setup = await prepareCrashes(drill, resources);
  const base = await backUpNow(setup);
  const left = await killGrowing(setup, {
    name: "backup --incremental",
    groups: ["file", "store", "lease", "chain"],
    words: [...(await serverFlags(setup, "--url", setup.source)), "--incremental"],
    again: async (context) => {
      await writeNode(setup);
      const made = await backUpIncrement(context, setup.request);
      if (made.base === base) return [];
      return [{ code: "chain-not-continued", message: `the next increment is one of ${made.base} and not of ${base}` }];
    },
  });
  await proveLast(setup, left, base);
}

export async function killsArchives(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const setup = await prepareCrashes(drill, resources);
  const base = await backUpNow(setup);
  const left = await killGrowing(setup, {
    name: "archive",
    groups: ["file", "store", "lease", "settings", "chain", "archive"],
    words: [...(await serverFlags(setup, "--url", setup.source)), "--json"],
    interruptAt: '"following"',
    again: async (context) => {
      await writeNode(setup);
      await using connection = await connect(setup.source.endpoint);
      const offset = await streamOffset(connection);
      const options = { ...setup.request, segmentBytes: 2 ** 23, segmentAgeMs: 10_000 };
      await using archiver = await ReferenceArchiver.start(context, options);
      await archiver.stop();
      const reached = archiver.sealed?.offset ?? 0;
      if (archiver.base === base && reached >= offset) return [];
      const message = `the next archive reached offset ${reached} of ${archiver.base}, and ${base} goes on to ${offset}`;
      return [{ code: "chain-not-continued", message }];
    },
  });
  await proveLast(setup, left, base);
}

export async function killsCompactions(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const setup = await prepareCrashes(drill, resources);
  const base = await backUpNow(setup);
  await incrementNow(setup);
  await killGrowing(setup, {
    name: "compact",
    groups: ["file", "store", "lock", "lease", "settings", "backup", "restore", "replay", "load", "compact"],
    words: [base],
    again: async (context) => {
      const { increments } = await compact(context, { ...setup.request, point: base, engines: embeddedEngines() });
      return increments === 1 ? [] : [{ code: "crash-not-resumed", message: `it merged ${increments} increments` }];
    },
  });
}

/** Restores the newest moment, which holds what the source holds. */
async function proveLast({ drill, source }: CrashSetup, vault: OpenVault, chain?: string): Promise<void> {
  const { engines, progress, signal, record } = drill;
  progress.step("restore the last moment, and prove it");
  const point = chain ?? [...(await readListedState(vault, new Set(), signal)).points].toSorted().at(-1) ?? "";
  const at = chain === undefined ? {} : ({ at: "latest" } as const);
  const { target } = await restoreBackup(vault, { point, ...at, way: "file", engines, progress, signal });
  await using _target = target;
  const found = await digestServer(target.endpoint, signal);
  const differences = compareDigests(await digestServer(source.endpoint, signal), found);
  for (const finding of judgeDigests(drill.id, differences)) record.finding(finding);
  record.witness("entitiesCompared", digestedEntities(found));
  record.requireWitnesses("entitiesCompared");
}
