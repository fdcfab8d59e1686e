import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpuMsOf } from "../../base/proc-stat.ts";
import { reaper } from "../../base/process/reaper.ts";
import { waitFor } from "../../base/wait.ts";
import { defineFault, type FaultKind } from "../fault.ts";

const processesMax = 3;
/** The kernel ends each after so much processor time, whatever becomes of the drill. */
const busy = "ulimit -t 10; while :; do :; done";

export const cpuStarvation: FaultKind = defineFault({
  name: "cpu-starvation",
  about: "keeps the processors busy with other processes",
  needs: [],
  injected: "while-running",
  strengthOf: (draw) => ({ processes: 2 + draw.below(processesMax) }),
  inject: async ({ signal }, { processes }, undo) => {
    const children = Array.from({ length: processes }, () => spawn("/bin/sh", ["-c", busy], { stdio: "ignore" }));
    const used = new Map<ChildProcess, number>();
    const measure = (): number => {
      for (const child of children) used.set(child, cpuMsOf(child.pid ?? 0) ?? used.get(child) ?? 0);
      return [...used.values()].reduce((sum, ms) => sum + ms, 0);
    };
    for (const child of children) {
      const registration = reaper.process(child.pid ?? 0);
      undo.defer(async () => {
        measure();
        if (child.exitCode === null && child.signalCode === null && child.kill("SIGKILL")) await once(child, "exit");
        registration.release();
      });
    }
    await waitFor(() => measure() > 0 || undefined, { what: "busy processes", timeoutMs: 5000, signal });
    return () => ({ fired: true, detail: { cpuMs: measure() } });
  },
});
