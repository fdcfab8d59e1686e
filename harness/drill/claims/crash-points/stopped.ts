// Processes that are stopped (SIGSTOP) and go on later (SIGCONT), when another has taken over what they were at: they
// notice it, say so, and harm nothing. Whoever waits for a stopped one is told, or gives up at its deadline.
import { Draw } from "../../../../generators/random.ts";
import { explanationOf } from "../../../base/errors.ts";
import type { CrashPoint } from "../../../base/process/crash-point.ts";
import { privateFolder } from "../../../base/process/reaper.ts";
import { silentProgress } from "../../../base/progress.ts";
import { pace } from "../../../base/timer.ts";
import { embeddedEngines } from "../../../engine/embedded.ts";
import { compareDigests } from "../../../observe/digest/compare-digests.ts";
import { digestServer } from "../../../observe/digest/server-digest.ts";
import { ReferenceArchiver } from "../../../vault/archive/archiver.ts";
import { createBackup, type BackupContext } from "../../../vault/backup/backup.ts";
import { breakLocks } from "../../../vault/locks/unlock.ts";
import { partBytesDefault } from "../../../vault/parts/write-parts.ts";
import { restoreBackup } from "../../../vault/restore/restore.ts";
import type { Drill } from "../../drill.ts";
import { ownEngines } from "../../guard/own-engines.ts";
import { type Crash, startCrashing } from "./crash-process.ts";
import type { Problem } from "./enumerate.ts";
import { backUpNow, copyOf, type CrashSetup, prepareCrashes, serverFlags, writeNode } from "./setup.ts";
import {
  judgeAdded,
  judgeLeft,
  judgeSettings,
  type OpenVault,
  readListedState,
  settingsAndRights,
} from "./vault-state.ts";

const silenceMs = 1500;
const segments = { segmentBytes: 2 ** 23, segmentAgeMs: 10_000 };

interface Case {
  readonly name: string;
  readonly words: (copy: OpenVault) => readonly string[];
  readonly at: CrashPoint;
  /** What another process does meanwhile; returns the sentence with which the stopped one has to end, or undefined. */
  readonly meanwhile: (context: BackupContext) => Promise<string | undefined>;
  /** Restore points that the other process adds. */
  readonly adds: number;
}

export async function stopsProcesses(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const setup = await prepareCrashes(drill, resources);
  const { source, request } = setup;
  const first = await backUpNow(setup);
  await backUpNow(setup);
  const url = await serverFlags(setup, "--url", source);
  const vaultFlag = (verb: string, copy: OpenVault): readonly string[] => ["vault", verb, "--vault", copy.folder];
  const takeOver = async (context: BackupContext): Promise<void> => {
    await breakLocks(context.store, { force: true });
    await createBackup(context, request);
  };
  const cases: readonly Case[] = [
    {
      name: "backup",
      words: (copy) => [...vaultFlag("backup", copy), ...url],
      at: "backup/lock-checked",
      meanwhile: async (context) => {
        const refusal = await createBackup(context, request).then(() => "nothing", explanationOf);
        if (!refusal.includes("is locked for backup by process")) drill.record.finding(unnoticed("backup", refusal));
        await takeOver(context);
        return "was lost";
      },
      adds: 1,
    },
    {
      name: "prune",
      words: (copy) => [...vaultFlag("prune", copy), "--keep-last", "1"],
      at: "prune/decided",
      meanwhile: async (context) => {
        await takeOver(context);
        return "was lost";
      },
      adds: 1,
    },
    {
      name: "archive",
      words: (copy) => [...vaultFlag("archive", copy), ...url, "--segment-age", "1s"],
      at: "chain/lease-checked",
      meanwhile: async (context) => {
        await breakLocks(context.store, { force: true });
        await using archiver = await ReferenceArchiver.start(context, { ...request, ...segments });
        await writeNode(setup);
        await archiver.stop();
        return "was lost";
      },
      adds: 1,
    },
  ];
  for (const stopped of cases) await judgeCase(setup, stopped);
  await stoppedRestore(setup, first, resources);
  await stoppedEngine(setup);
  drill.record.requireWitnesses("processesStopped", "stopsSurvived");
}

async function judgeCase(setup: CrashSetup, { name, at, ...stopped }: Case): Promise<void> {
  const { drill, source } = setup;
  const { signal } = drill;
  const copy = await copyOf(setup);
  const before = (await readListedState(copy, new Set(), signal)).points;
  const settings = await settingsAndRights(source.endpoint);
  const context: BackupContext = { ...copy, profile: "interop", partBytes: partBytesDefault };
  await writeNode(setup);
  let sentence: string | undefined;
  const { status, stderr } = await whileStopped(drill, name, at, stopped.words(copy), async () => {
    sentence = await stopped.meanwhile(context);
  });
  const state = await readListedState(copy, new Set(), signal);
  const made = [...state.points].filter((id) => !before.has(id)).length;
  report(drill, name, [
    ...(status !== 0 && stderr.includes(sentence ?? "")
      ? []
      : [unnoticed(name, `exit ${status}: ${stderr.slice(-500)}`)]),
    ...judgeAdded(before, state, stopped.adds),
    ...(made === stopped.adds ? [] : [{ code: "backup-lost", message: "what was made meanwhile is gone" } as const]),
    ...(await judgeLeft(copy, state.points)),
    ...(await judgeSettings(source.endpoint, settings)),
  ]);
}

/** Nobody else gets the target of a stopped restore, and that goes on when it may. */
async function stoppedRestore(setup: CrashSetup, point: string, resources: AsyncDisposableStack): Promise<void> {
  const { drill, vault } = setup;
  const { signal, engines } = drill;
  const name = "restore --to";
  const target = resources.use(await ownEngines(engines).start({ name: "target", signal }));
  const request = { point, way: "wire", engines: embeddedEngines(), target, progress: silentProgress, signal } as const;
  const words = ["vault", "restore", point, "--vault", vault.folder, ...(await serverFlags(setup, "--to", target))];
  let refusal = "";
  const { status, stderr } = await whileStopped(drill, name, "target/loaded", words, async () => {
    refusal = await restoreBackup(vault, request).then(() => "nothing", explanationOf);
  });
  await using other = (await restoreBackup(vault, { ...request, way: "file" })).target;
  const differences = compareDigests(
    await digestServer(other.endpoint, signal),
    await digestServer(target.endpoint, signal),
  );
  report(drill, name, [
    ...(refusal.includes("another restore") ? [] : [unnoticed(name, refusal)]),
    ...(status === 0 ? [] : [{ code: "crash-not-resumed", message: `it ended with ${stderr.slice(-500)}` } as const]),
    ...differences.map((message): Problem => ({ code: "target-left", message })),
  ]);
}

/** A backup of a server that is stopped gives up at its deadline; the next one puts the settings back. */
async function stoppedEngine(setup: CrashSetup): Promise<void> {
  const { drill, source, request } = setup;
  const copy = await copyOf(setup);
  const context: BackupContext = { ...copy, profile: "interop", partBytes: partBytesDefault, silenceMs };
  const settings = await settingsAndRights(source.endpoint);
  const before = (await readListedState(copy, new Set(), drill.signal)).points;
  const delayMs = new Draw(drill.seed, "stopped-engine").below(40);
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await pace(delayMs, drill.signal);
    await source.pause();
  };
  const progress = { ...silentProgress, step: (step: string) => void (step === "cut" && (stopping = stop())) };
  const said = await createBackup(context, { ...request, progress }).then(() => "", explanationOf);
  await stopping;
  drill.record.witness("processesStopped", 1);
  await source.resume();
  await createBackup(context, request);
  const state = await readListedState(copy, new Set(), drill.signal);
  report(drill, "engine", [
    // It may have been too fast for the stop; then it is whole.
    ...judgeAdded(before, state, said === "" ? 2 : 1),
    ...(said === "" || /answer|silen|unreachable|fork/i.test(said) ? [] : [unnoticed("engine", said)]),
    ...(await judgeLeft(copy, state.points)),
    ...(await judgeSettings(source.endpoint, settings)),
  ]);
}

/** Runs `meanwhile` while the process is stopped at the point, and returns how it ended. */
async function whileStopped(
  drill: Drill,
  name: string,
  at: CrashPoint,
  words: readonly string[],
  meanwhile: () => Promise<void>,
): Promise<Crash> {
  drill.progress.step(`${name}, stopped at ${at}`);
  await using temporary = await privateFolder("t");
  const child = startCrashing({ words, crash: `stop ${at}`, temporary: temporary.path });
  const isStopped = await Promise.race([child.untilPassed(at).then(() => true), child.ended.then(() => false)]);
  drill.directory.append("faults.jsonl", {
    scenario: drill.id,
    fault: "stop-process",
    fired: isStopped,
    detail: { name, at },
  });
  if (isStopped) drill.record.witness("processesStopped", 1);
  try {
    await meanwhile();
  } finally {
    if (isStopped) process.kill(child.pid, "SIGCONT");
  }
  return await child.ended;
}

function unnoticed(name: string, said: string) {
  return {
    code: "stop-not-noticed",
    severity: "error",
    subject: name,
    message: `${name} was stopped while another took over, and there came: ${said}`,
    evidence: {},
  } as const;
}

function report(drill: Drill, name: string, problems: readonly Problem[]): void {
  for (const { code, message, evidence = {} } of problems)
    drill.record.finding({ code, severity: "error", subject: name, message, evidence });
  if (problems.length === 0) drill.record.witness("stopsSurvived", 1);
}
