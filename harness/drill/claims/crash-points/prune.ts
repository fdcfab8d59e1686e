// `vault prune`, killed or failed at every point: what is listed then is whole, what had to stay is there, and the next prune
// completes the work.
import { silentProgress } from "../../../base/progress.ts";
import { prune } from "../../../vault/retention/prune.ts";
import { markUnfinished } from "../../../vault/store/unfinished.ts";
import type { Drill } from "../../drill.ts";
import { breakAtEveryPoint, type Problem, type StepFault } from "./enumerate.ts";
import { backUpNow, copyOf, incrementNow, prepareCrashes } from "./setup.ts";
import { judgeLeft, readListedState } from "./vault-state.ts";

const garbage = "backups/20000101T000000Z-00000000";

export async function breaksPrunes(drill: Drill, fault: StepFault): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const setup = await prepareCrashes(drill, resources);
  const { system, vault } = setup;
  const { signal } = drill;
  await backUpNow(setup);
  await incrementNow(setup);
  await backUpNow(setup);
  const newest = await backUpNow(setup);
  await markUnfinished(vault.store, garbage, "backup");
  await vault.store.put(`${garbage}/part-00000.zst.pgp`, Buffer.alloc(9));
  const before = (await readListedState(vault, new Set(), signal)).points;
  const prepare = async () => {
    const copy = await copyOf(setup);
    return {
      words: ["vault", "prune", "--vault", copy.folder, "--keep-last", "1"],
      afterKill: async (): Promise<readonly Problem[]> => {
        const { points, problems } = await readListedState(copy, new Set(), signal);
        const strange = [...points].filter((id) => !before.has(id));
        return [
          ...problems,
          ...(points.has(newest) ? [] : [{ code: "backup-lost", message: "the newest backup is gone" } as const]),
          ...strange.map((id): Problem => ({ code: "half-backup-listed", message: `${id} was never there` })),
        ];
      },
      again: async (): Promise<readonly Problem[]> => {
        const request = { rules: { last: 1 }, zone: "UTC", dryRun: false, progress: silentProgress, signal };
        await prune(copy, request);
        const { points, problems } = await readListedState(copy, new Set(), signal);
        const kept = [...points].filter((id) => id !== newest);
        return [
          ...problems,
          ...(points.has(newest) ? [] : [{ code: "backup-lost", message: "the newest backup is gone" } as const]),
          ...kept.map((id): Problem => ({ code: "crash-not-resumed", message: `the next prune kept ${id}` })),
          ...(await judgeLeft(copy, points)),
        ];
      },
    };
  };
  const groups = ["file", "store", "lock", "prune"] as const;
  await breakAtEveryPoint(drill, { name: "prune", groups, prepare, nodeFlags: system.nodeFlags, fault });
}
