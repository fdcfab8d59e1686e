// The commands of a swarm drill: how each is run, what may be listed afterwards, and the same command once the fault is over.
import { silentProgress } from "../../../base/progress.ts";
import { connect } from "../../../falkordb/client/connection.ts";
import type { Problem } from "../crash-points/enumerate.ts";
import { targetState } from "../crash-points/restore.ts";
import { judgeAdded, judgeSettings, type ListedState } from "../crash-points/vault-state.ts";
import { provePoint } from "./prove-point.ts";
import type { SwarmStep } from "./swarm-plan.ts";
import { emptyEngine, type KnownPoint, requestTo, runIdOf, type SwarmSetup, targetOf } from "./swarm-setup.ts";

/** Newest backups that a prune keeps. */
const kept = 2;

export interface SwarmAction {
  words(): Promise<{
    readonly words: readonly string[];
    readonly server?: SwarmSetup["source"];
    readonly interruptAt?: string;
  }>;
  /** Judges what is listed. */
  judge(before: ReadonlySet<string>, state: ListedState, isDone: boolean): readonly Problem[];
  /** Judges whatever else it may have left. */
  after(isDone: boolean): Promise<readonly Problem[]>;
  again(): Promise<readonly Problem[]>;
}

const nothing = (): Promise<readonly Problem[]> => Promise.resolve([]);
/** Nothing listed goes, and nothing comes. */
const unchanged: SwarmAction["judge"] = (before, state) => judgeAdded(before, state, 0);

function grown(addedMax: number): SwarmAction["judge"] {
  return (before, state, isDone) => {
    const isMore = [...state.points].some((id) => !before.has(id));
    const missing: Problem = { code: "backup-lost", message: "it reported success, and no restore point was added" };
    return [...judgeAdded(before, state, addedMax), ...(isDone && !isMore ? [missing] : [])];
  };
}

export const swarmSteps: Readonly<Record<SwarmStep["command"], (setup: SwarmSetup) => SwarmAction>> = {
  backup: (setup) => ({
    words: () => vaultWords(setup, "backup"),
    judge: grown(1),
    after: nothing,
    again: async () => {
      await setup.system.backup(requestTo(setup));
      return [];
    },
  }),
  archive: (setup) => ({
    words: async () => ({
      ...(await vaultWords(setup, "archive", "--segment-age", "1s", "--give-up", "3s", "--json")),
      interruptAt: '"following"',
    }),
    // A chain that cannot be continued begins with a new full backup.
    judge: (before, state) => judgeAdded(before, state, addedByArchive),
    after: nothing,
    again: async () => {
      // What a killed archiver changed on the server, the next archiver puts back.
      const options = { segmentBytes: 2 ** 23, segmentAgeMs: 10_000 };
      const archiver = await setup.system.startArchiver?.({ ...requestTo(setup), ...options });
      await using _archiver = archiver;
      await archiver?.flush();
      await archiver?.stop();
      return [];
    },
  }),
  restore: restoreStep,
  verify: (setup) => ({
    words: () => vaultWords(setup, "verify", newestOf(setup)),
    judge: unchanged,
    after: nothing,
    again: async () => {
      const { problems } = await setup.system.verify(newestOf(setup), setup.drill.engines, setup.drill.signal);
      return problems.map((message): Problem => ({ code: "crash-not-resumed", message: `verify said: ${message}` }));
    },
  }),
  prune: (setup) => ({
    words: () => vaultWords(setup, "prune", "--keep-last", String(kept)),
    judge: judgePruned,
    after: nothing,
    again: async () => {
      await pruneWith(setup, { last: kept });
      return [];
    },
  }),
};

/** Segments of a second each, and a full backup in their place. */
const addedByArchive = 20;

function restoreStep(setup: SwarmSetup): SwarmAction {
  const { drill, system } = setup;
  const point = newestOf(setup);
  let runId = "";
  const prove = async (): Promise<readonly Problem[]> =>
    await whileHeld(setup, async () => provePoint(setup, (await targetOf(setup)).engine, knownOf(setup, point)));
  return {
    words: async () => {
      const { engine } = await targetOf(setup);
      await emptyEngine(engine);
      runId = await runIdOf(engine);
      return { ...(await vaultWords(setup, "restore", point)), server: engine };
    },
    judge: unchanged,
    after: async (isDone) => {
      const { engine } = await targetOf(setup);
      await using connection = await connect(engine.endpoint);
      const { isPrimary, graphs, isGated, isMarked } = await targetState(engine, connection);
      const isFilled = isPrimary && graphs > 0 && !isGated && !isMarked;
      if (!isFilled)
        return isDone ? [{ code: "target-left", message: "it reported success, and the target is not in use" }] : [];
      // A server that was killed comes back without the settings by which a restore marks it.
      const problems = (await runIdOf(engine)) === runId ? await prove() : [];
      // A server in use is never restored into again.
      await emptyEngine(engine);
      return problems;
    },
    again: async () => {
      const { engine: target, settings } = await targetOf(setup);
      const { engines, signal } = drill;
      await system.restore({ point, way: "wire", target, engines, progress: silentProgress, signal });
      return [...(await prove()), ...(await judgeSettings(target.endpoint, settings))];
    },
  };
}

const vaultWords = (
  { vault }: SwarmSetup,
  verb: string,
  ...more: readonly string[]
): Promise<{ readonly words: readonly string[] }> =>
  Promise.resolve({ words: ["vault", verb, ...more, "--vault", vault.folder] });

function newestOf({ points }: SwarmSetup): string {
  return [...points.keys()].findLast((id) => !id.includes("/")) ?? "";
}

export function knownOf({ points }: SwarmSetup, id: string): KnownPoint {
  const known = points.get(id);
  if (known === undefined) throw new Error(`${id} is not listed any more`);
  return known;
}

/** A rule counts increments as well; with the newest point stays the backup that it depends on. */
const judgePruned: SwarmAction["judge"] = (before, { points, problems }) => {
  const fewest = Math.min(kept, before.size);
  const isMore = [...points].some((id) => !before.has(id));
  return [
    ...problems,
    ...(points.size < fewest
      ? [{ code: "backup-lost", message: `${points.size} points are left, and ${fewest} were to be kept` } as const]
      : []),
    ...(isMore ? [{ code: "half-backup-listed", message: "a prune added a restore point" } as const] : []),
  ];
};

export async function pruneWith(
  { system, drill }: SwarmSetup,
  rules: { readonly last?: number; readonly all?: boolean },
): Promise<void> {
  const { signal } = drill;
  await system.prune?.({ rules, zone: "UTC", dryRun: false, progress: silentProgress, signal });
}

/** Holds the writers, so that the history tells everything that is in a backup. */
async function whileHeld<T>({ epoch }: SwarmSetup, work: () => Promise<T>): Promise<T> {
  await epoch.writers.hold();
  try {
    return await work();
  } finally {
    epoch.writers.release();
  }
}
