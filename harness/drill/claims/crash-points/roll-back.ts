// `vault restore --in-place --roll-back`, killed at every point: a server that takes writes holds what it held before the
// restore. The same rollback ends what is left and drops nothing that was written since; a new restore does too.
import { privateFolder } from "../../../base/process/reaper.ts";
import type { CrashPoint } from "../../../base/process/crash-point.ts";
import { DrillError } from "../../../base/errors.ts";
import { fingerprintOf } from "../../../vault/in-place/in-place-run.ts";
import { restoreInPlace, rollBackInPlace } from "../../../vault/in-place/restore-in-place.ts";
import type { Drill } from "../../drill.ts";
import { startCrashing } from "./crash-process.ts";
import { type CrashAttempt, breakAtEveryPoint } from "./enumerate.ts";
import { targetState } from "./restore.ts";
import {
  contextOf,
  fillTarget,
  type InPlaceTarget,
  judgeEnded,
  judgeServerHolds,
  prepareInPlace,
  restoreWords,
} from "./restore-in-place.ts";
import { copyOf } from "./setup.ts";

const groups = ["file", "store", "lock", "restore", "target", "roll-back"] as const;
/** Where the restore was killed that is rolled back: with half of the backup on the server, and with all of it. */
const interruptions: readonly CrashPoint[] = ["target/sent", "in-place/swapped"];

export async function killsRollbacks(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const target = await prepareInPlace(drill, resources);
  const { nodeFlags } = target.setup.system;
  const prepare = (kill: number): Promise<CrashAttempt> => attemptOn(target, kill + drill.seed);
  await breakAtEveryPoint(drill, { name: "restore --roll-back", groups, prepare, nodeFlags });
}

async function attemptOn(target: InPlaceTarget, number: number): Promise<CrashAttempt> {
  const { setup, request, connection, flags, wanted } = target;
  const { signal } = request;
  let old = await fillTarget(target);
  const copy = await copyOf(setup);
  const where = ["--vault", copy.folder, ...flags];
  await interrupt(target, [...restoreWords(request), ...where], interruptions[number % 2] ?? "");
  const context = contextOf(copy);
  return {
    words: ["vault", "restore", "--in-place", "--roll-back", ...where],
    afterKill: async () => {
      const { isPrimary, isGated } = await targetState(request.target, connection);
      if (!isPrimary || isGated) return [];
      const problems = await judgeServerHolds(target, { old });
      await connection.query("old", "CREATE (:Since {at: timestamp()})");
      old = await fingerprintOf(request.target, signal);
      return problems;
    },
    again: async () => {
      // No kill may make it necessary to confirm anything.
      if (number % 3 > 0) await rollBackInPlace(context, { ...request, confirmed: false });
      else await restoreInPlace(context, { ...request, confirmed: true });
      return await judgeEnded(target, context, number % 3 > 0 ? { old } : { wanted });
    },
  };
}

async function interrupt({ setup }: InPlaceTarget, words: readonly string[], point: string): Promise<void> {
  await using temporary = await privateFolder("t");
  const { nodeFlags = [] } = setup.system;
  const crashing = { words, crash: `kill ${point}`, nodeFlags, temporary: temporary.path };
  const { at, stderr } = await startCrashing(crashing).ended;
  if (at === undefined)
    throw new DrillError(`the restore in place was not killed at ${point}: ${stderr.slice(-2000)}`, {
      exit: "notRecovered",
    });
}
