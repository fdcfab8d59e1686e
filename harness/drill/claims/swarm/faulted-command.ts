// A command of the vault as its own process, and the fault that is on meanwhile.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { endedBy } from "../../../base/deadline.ts";
import { errorMessage } from "../../../base/errors.ts";
import { serverUrl } from "../../../base/endpoint.ts";
import { systemClock } from "../../../base/clock.ts";
import { privateFolder } from "../../../base/process/reaper.ts";
import { pace, startTimer } from "../../../base/timer.ts";
import type { Span } from "../../../check/history/moment.ts";
import type { Engine } from "../../../engine/engine.ts";
import type { Fault, FaultContext, FaultProcess } from "../../../fault/fault.ts";
import type { FaultRecord } from "../../../fault/fault-record.ts";
import { faultKind } from "../../../fault/faults.ts";
import { faultyProxy } from "../../../fault/network/faulty-proxy.ts";
import { type Crash, type CrashingProcess, startCrashing } from "../crash-points/crash-process.ts";
import { leftTemporaries, type Problem } from "../crash-points/enumerate.ts";
import type { ScheduledFault, SwarmStep } from "./swarm-plan.ts";
import { serviceFlags, type SwarmSetup } from "./swarm-setup.ts";

/** A command that takes longer hangs, whatever its fault: none is on for more than two seconds. */
const commandTimeoutMs = 90_000;

export interface FaultedCommand {
  readonly status: number | null;
  readonly stderr: string;
  readonly span: Span;
  /** Undefined where the step has no fault, or it is not available. */
  readonly record: FaultRecord | undefined;
  /** Why the fault is not available here. */
  readonly unavailable: string | undefined;
  readonly problems: readonly Problem[];
}

interface Words {
  readonly words: readonly string[];
  /** The server at the other end. */
  readonly server?: Engine | undefined;
  readonly interruptAt?: string;
}

export async function runFaulted(
  setup: SwarmSetup,
  step: SwarmStep,
  fault: Fault | undefined,
  { words, server = setup.source, interruptAt }: Words,
): Promise<FaultedCommand> {
  await using proxy = await faultyProxy(server.endpoint);
  await using temporary = await privateFolder("t");
  const started: { process?: CrashingProcess } = {};
  const command: FaultProcess = {
    name: step.command,
    nodeFlags: [...(setup.system.nodeFlags ?? [])],
    pid: () => started.process?.pid,
    stderr: () => started.process?.stderr() ?? "",
  };
  const { service, disk, drill } = setup;
  const context: FaultContext = { server, command, service, network: proxy, disk, signal: drill.signal };
  const unavailable = await fault?.available(context);
  const on = unavailable === undefined ? fault : undefined;
  const isBefore = on !== undefined && faultKind(step.fault?.name ?? "kill-command").injected === "before-start";
  if (isBefore) await on.inject(context);
  const fromMs = systemClock.monotonicMs();
  const flags = await serverWords(setup, step, server, proxy.port);
  const { nodeFlags } = command;
  const options = { words: [...words, ...flags], crash: "list", nodeFlags, temporary: temporary.path };
  const running = startCrashing(interruptAt === undefined ? options : { ...options, interruptAt });
  started.process = running;
  let isLate = false;
  using _deadline = startTimer(commandTimeoutMs, () => {
    isLate = true;
    process.kill(running.pid, "SIGKILL");
  });
  const { status, stderr, notInjected } = await ended(running, on, step.fault, context);
  const toMs = systemClock.monotonicMs();
  const record = withReason(on?.record(), notInjected);
  await on?.recover();
  return {
    status,
    stderr,
    span: { fromMs, toMs },
    record,
    unavailable,
    problems: [...explained({ status, stderr, isLate }, record), ...(await leftTemporaries(temporary.path))],
  };
}

/** Injects the fault when its moment has come, takes it back when it has lasted, and waits for the end of the command. */
async function ended(
  running: CrashingProcess,
  fault: Fault | undefined,
  scheduled: ScheduledFault | undefined,
  context: FaultContext,
): Promise<Crash & { readonly notInjected?: string | undefined }> {
  if (fault === undefined || scheduled === undefined) return await running.ended;
  const over = new AbortController();
  const end = running.ended.finally(() => over.abort());
  const { afterPoints, delayMs, holdMs, name } = scheduled;
  let notInjected: string | undefined;
  if (faultKind(name).injected === "while-running") {
    await Promise.race([running.untilPassed(afterPoints), end]);
    await pace(delayMs, over.signal);
    if (!over.signal.aborted) notInjected = await injected(fault, context);
  }
  // A server that comes back under a running command holds what its files held: no cut of it is judged.
  if (!isDeadly(name)) {
    await pace(holdMs, over.signal);
    if (!over.signal.aborted && !isInside(name)) await fault.recover();
  }
  return { ...(await endedBy(end, context.signal, 0)), notInjected };
}

/** Why it could not be injected: what it acts upon may end at this moment. */
async function injected(fault: Fault, context: FaultContext): Promise<string | undefined> {
  try {
    await fault.inject(context);
    return undefined;
  } catch (error) {
    context.signal.throwIfAborted();
    if (error instanceof TypeError || error instanceof ReferenceError) throw error;
    return errorMessage(error);
  }
}

function withReason(record: FaultRecord | undefined, notInjected: string | undefined): FaultRecord | undefined {
  if (record === undefined || notInjected === undefined) return record;
  return { ...record, detail: { ...record.detail, notInjected } };
}

function isDeadly(name: string): boolean {
  return name === "kill-engine" || name === "engine-address-space";
}

/** It is on in the process of the command, or counts its bytes, until the command ends. */
function isInside(name: ScheduledFault["name"]): boolean {
  return faultKind(name).injected === "before-start" && name !== "network-half-open";
}

async function serverWords(
  setup: SwarmSetup,
  { command }: SwarmStep,
  { name, endpoint }: Engine,
  port: number,
): Promise<readonly string[]> {
  if (command === "verify" || command === "prune") return [];
  const file = join(setup.folder, `password-${name}`);
  await writeFile(file, endpoint.password ?? "", { mode: 0o600 });
  const url = serverUrl({ ...endpoint, host: "127.0.0.1", port });
  const service = command === "backup" ? await serviceFlags(setup) : [];
  return [command === "restore" ? "--to" : "--url", url, "--password-file", file, ...service];
}

/** What is wrong with how it ended: only a kill, or an error of its own with a message, is in order. */
function explained(
  { status, stderr, isLate }: { readonly status: number | null; readonly stderr: string; readonly isLate: boolean },
  record: FaultRecord | undefined,
): readonly Problem[] {
  const said = stderr.replaceAll(/^crash point.*\n/gm, "").slice(-600);
  const problem = (what: string): readonly Problem[] => [
    { code: "fault-not-explained", message: `it ${what}: ${said}` },
  ];
  if (isLate) return problem(`had not ended after ${commandTimeoutMs / 1000} s`);
  if (status === 0 || (record?.fault === "kill-command" && record.fired)) return [];
  if (status === null) return problem("was ended by a signal");
  if (status === 1 || !stderr.includes("error:")) return problem(`ended with exit code ${status}`);
  return [];
}
