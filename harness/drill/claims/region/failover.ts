// The first of two regions goes dark in the middle of an upload, under writers. What the second one has must come back
// from there alone, as old as was promised and as fast as from the first one; it takes over, and hands back later.
import { mean } from "simple-statistics";
import { systemClock } from "../../../base/clock.ts";
import { formatDuration } from "../../../base/units.ts";
import type { Engine } from "../../../engine/engine.ts";
import { digestServer, digestedEntities } from "../../../observe/digest/server-digest.ts";
import { compareDigests } from "../../../observe/digest/compare-digests.ts";
import { judgeMomentAndStore } from "../../../record/judgement.ts";
import { referenceSystem } from "../../../system/reference/reference.ts";
import type { BackupSystem } from "../../../system/system.ts";
import type { Drill } from "../../drill.ts";
import { plantCanaries } from "../../proof/plant-canaries.ts";
import { writtenMoment } from "../../proof/written-moment.ts";
import { judgeDigests } from "../incremental/judge-moment.ts";
import { comeBack } from "./failback.ts";
import { restoreWithDeadReplica } from "./dead-replica.ts";
import { type Failover, latestOf, mustBeAtMost } from "./promises.ts";
import { pairedRatio } from "./paired-ratio.ts";
import { type Dark, type FarPlace, goDark, openRegions, type Regions, writeAtFullRate } from "./regions.ts";

/** Tolerance between wall clock and history clock. */
const clockSlackMs = 20;
const rpoMsMax = 5000;
const rtoRatioMax = 1.1;
/** Restores of each that are compared, after one to warm up. */
const comparedRestores = 4;

export async function provesFailover(drill: Drill, far: FarPlace): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const regions = await openRegions(drill, resources, far);
  await writeAtFullRate(drill, regions);
  const dark = await goDark(drill, regions);
  const failover = await restoreFromSecond(drill, regions, dark, resources);
  await compareWithFirst(drill, regions, dark, failover);
  await restoreWithDeadReplica(drill, regions, failover);
  await comeBack(drill, regions, dark, failover, resources);
  drill.record.requireWitnesses("tracesRead", "writesAcknowledgedBeforeCut", "entitiesCompared", "uploadsCut");
  drill.record.requireWitnesses("forksRefused", "replicasCompared");
}

async function restoreFromSecond(
  drill: Drill,
  { second, writers }: Regions,
  dark: Dark,
  resources: AsyncDisposableStack,
): Promise<Failover> {
  const { progress, record, signal } = drill;
  progress.step("restore in the second region");
  const point = (await second.list()).toSorted((a, b) => a.cutAt.localeCompare(b.cutAt)).at(-1)?.id ?? "";
  let firstAnswerMs = 0;
  const onFirstAnswer = (): Promise<void> => {
    firstAnswerMs = systemClock.monotonicMs();
    return Promise.resolve();
  };
  const { target, reached } = await second.restore({ ...latestOf(drill, point), onFirstAnswer });
  resources.use(target);
  if (reached === undefined) throw new Error(`${second.name} does not say which moment it reached`);
  record.metric("rtoMs", firstAnswerMs - dark.atMs);
  const digest = await digestServer(target.endpoint, signal);
  const offsetMs = systemClock.nowMs() - systemClock.monotonicMs();
  const { offset, at, completeAt = at } = reached;
  const cut = {
    fromMs: Date.parse(completeAt) - offsetMs - clockSlackMs,
    toMs: Date.parse(at) - offsetMs + clockSlackMs,
  };
  const written = await writtenMoment(drill, target, { kinds: writers, cut, backup: cut, disasterMs: dark.atMs });
  judgeMomentAndStore(drill, "target-second-region", written);
  await plantCanaries(drill, target);
  const { spanMs, writes } = written.judgement.loss;
  record.metric("rpoMs", spanMs);
  record.metric("rpoWrites", writes);
  mustBeAtMost(drill, "rpoMs", "RPO", spanMs, rpoMsMax);
  return { target, point, offset, digest };
}

/** The same moment from the vault that was lost, which the drill can still reach: what it gives, and how fast. */
async function compareWithFirst(
  drill: Drill,
  { second, keys, vault }: Regions,
  dark: Dark,
  { point, offset, digest }: Failover,
): Promise<void> {
  const { progress, record, signal } = drill;
  progress.step("restore the same moment from both");
  await using first = await referenceSystem({ vault: dark.vault, keys, profile: "interop" });
  const at = { ...latestOf(drill, point), at: { offset } };
  const timed = async (system: BackupSystem, judge: (target: Engine) => Promise<void>): Promise<number> => {
    const startedMs = systemClock.monotonicMs();
    const { target } = await system.restore(at);
    await using _target = target;
    const ms = systemClock.monotonicMs() - startedMs;
    await judge(target);
    return ms;
  };
  const nothing = (): Promise<void> => Promise.resolve();
  await timed(first, async (target) => {
    const found = await digestServer(target.endpoint, signal);
    for (const finding of judgeDigests(drill.id, compareDigests(found, digest))) record.finding(finding);
    record.witness("entitiesCompared", digestedEntities(found));
  });
  const pairs: [second: number, first: number][] = [];
  for (let run = 1; run <= comparedRestores; run += 1)
    pairs.push([await timed(second, nothing), await timed(first, nothing)]);
  const [restoreMs, nearRestoreMs] = [mean(pairs.map(([ms]) => ms)), mean(pairs.map(([, ms]) => ms))];
  const { ratio, low, high } = pairedRatio(pairs);
  record.metric("restoreMs", restoreMs);
  record.metric("nearRestoreMs", nearRestoreMs);
  record.metric("rtoRatio", ratio);
  if (high <= rtoRatioMax) return;
  const interval = `${low.toFixed(2)} to ${high.toFixed(2)} with 95 % confidence`;
  if (low <= rtoRatioMax)
    return record.notCovered(
      `whether a restore from the second region takes at most ${rtoRatioMax}x as long: ${ratio.toFixed(2)}x was measured, ${interval}`,
    );
  const words = `${formatDuration(restoreMs)} from the second region, ${formatDuration(nearRestoreMs)} from ${vault}`;
  record.finding({
    code: "objective-missed",
    severity: "error",
    subject: `${drill.id}/rtoRatio`,
    message: `a restore took ${words}, ${interval}; it may take ${rtoRatioMax}x as long`,
    evidence: { pairs, ratio, low, high },
  });
}
