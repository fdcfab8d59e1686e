// `vault replicate`, killed at every point: the second vault lists whole restore points only, and the next run brings all.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { silentProgress } from "../../../base/progress.ts";
import { keyringFolder } from "../../../system/reference/reference.ts";
import { noLimit, RateLimit } from "../../../vault/parts/rate-limit.ts";
import { Replicator } from "../../../vault/replicate/replicator.ts";
import { prune } from "../../../vault/retention/prune.ts";
import { initVault } from "../../../vault/store/vault.ts";
import type { Drill } from "../../drill.ts";
import { type CrashAttempt, breakAtEveryPoint, type Problem } from "./enumerate.ts";
import { backUpNow, incrementNow, prepareCrashes } from "./setup.ts";
import { judgeAdded, judgeLeft, readListedState } from "./vault-state.ts";

export async function killsReplications(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const setup = await prepareCrashes(drill, resources);
  const { vault, system } = setup;
  const { signal } = drill;
  await backUpNow(setup);
  await incrementNow(setup);
  await incrementNow(setup);
  await backUpNow(setup);
  const all = (await readListedState(vault, new Set(), signal)).points;
  const keys = keyringFolder(vault.folder);
  let attempts = 0;
  let folder = "";
  const prepare = async (): Promise<CrashAttempt> => {
    if (attempts > 0) await rm(folder, { recursive: true });
    // A key ring remembers each vault by its folder, and would take a new one there for an exchanged one.
    folder = join(setup.folder, `second-${++attempts}`);
    const second = { folder, store: await initVault(folder), keyring: vault.keyring };
    return {
      words: ["vault", "replicate", "--from", vault.folder, "--to", folder, "--keys", keys],
      afterKill: async () => judgeAdded(new Set(), await readListedState(second, new Set(), signal), all.size),
      again: async () => {
        const vaults = { from: vault.store, to: second.store, keyring: vault.keyring };
        const options = { limit: new RateLimit(noLimit), progress: silentProgress, signal };
        const replicator = await Replicator.create(vaults, options);
        const { problems } = await replicator.round();
        await replicator.end();
        // A half-written object stays until the next backup or prune.
        await prune(second, { rules: { all: true }, zone: "UTC", dryRun: false, progress: silentProgress, signal });
        const state = await readListedState(second, new Set(), signal);
        const missing = [...all].filter((point) => !state.points.has(point));
        return [
          ...[...problems, ...missing.map((point) => `${point} is missing`)].map(notResumed),
          ...state.problems,
          ...(await judgeLeft(second, state.points)),
        ];
      },
    };
  };
  const groups = ["file", "store", "lease", "replicate"] as const;
  await breakAtEveryPoint(drill, { name: "replicate", groups, prepare, nodeFlags: system.nodeFlags });
}

function notResumed(message: string): Problem {
  return { code: "crash-not-resumed", message: `after the next replication: ${message}` };
}
