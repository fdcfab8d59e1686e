// Signals to a process of ours, and proof that they arrived.
import { isRunning, startTimeOf, stateOf } from "../../base/proc-stat.ts";
import { waitFor } from "../../base/wait.ts";
import type { FaultProof } from "../fault.ts";
import { isSame } from "./engine-process.ts";

const signalTimeoutMs = 5000;
const notThere: FaultProof = () => ({ fired: false, detail: { pid: 0 } });

export async function killProcess(pid: number | undefined): Promise<FaultProof> {
  if (pid === undefined || !isRunning(pid)) return notThere;
  process.kill(pid, "SIGKILL");
  await waitFor(() => !isRunning(pid) || undefined, { what: `process ${pid} to end`, timeoutMs: signalTimeoutMs });
  return () => ({ fired: true, detail: { pid } });
}

export async function stopProcess(pid: number | undefined, undo: AsyncDisposableStack): Promise<FaultProof> {
  if (pid === undefined || !isRunning(pid)) return notThere;
  const startTime = startTimeOf(pid);
  undo.defer(() => {
    if (isSame(pid, startTime)) process.kill(pid, "SIGCONT");
  });
  process.kill(pid, "SIGSTOP");
  const isStopped = (): true | undefined => !isRunning(pid) || stateOf(pid) === "T" || undefined;
  await waitFor(isStopped, { what: `process ${pid} to stop`, timeoutMs: signalTimeoutMs });
  const fired = isRunning(pid);
  return () => ({ fired, detail: { pid } });
}
