// A write that takes longer than a backup is willing to wait for it: many episodes in one request. The pause is
// abandoned with an error, writes go on, the backup fails; and the next backup holds the whole write.
import { type EpisodeMessage, randomMessage } from "../../../../generators/writes/episode-message.ts";
import { systemClock } from "../../../base/clock.ts";
import { waitFor } from "../../../base/wait.ts";
import { connect } from "../../../falkordb/client/connection.ts";
import { episodeMessageBody } from "../../../service/messages.ts";
import type { WriteCoordinator } from "../../../service/coordinator.ts";
import { attemptWrite } from "../../../workload/write-attempt.ts";
import { openDrillHistory } from "../../../record/drill-history.ts";
import type { Drill } from "../../drill.ts";
import { backUp } from "../../steps/back-up.ts";
import { judgeGivenUp } from "./judge.ts";
import {
  restoreAndProve,
  expectBackupRefused,
  openCoordinationSetup,
  type CoordinationSetup,
} from "./coordination-setup.ts";

const writer = "long";
const episodes = 150;
const drainTimeoutMs = 20;
const writeTimeoutMs = 60_000;
const beginTimeoutMs = 10_000;

export async function longWrite(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const scene = await openCoordinationSetup(drill, resources);
  const { admin, stage, writers } = scene;
  await writers.moreAcknowledged("before the long write");
  drill.progress.step(`back up, waiting ${drainTimeoutMs} ms for a write that takes longer`);
  let written: Promise<boolean> | undefined;
  const impatient: WriteCoordinator = {
    pause: async (options) => {
      written ??= writeLong(drill, scene);
      await begun(drill, scene);
      return await stage.coordinator.pause({ ...options, drainTimeoutMs });
    },
    resume: (leaseId) => stage.coordinator.resume(leaseId),
  };
  const error = await expectBackupRefused(drill, scene, "a write was not stored when its pause was due", {
    coordinator: impatient,
  });
  const { state } = (await admin.status()).writes;
  for (const finding of judgeGivenUp(error, state)) drill.record.finding(finding);
  await writers.moreAcknowledged("after the pause was given up");
  if ((await written) !== true) drill.record.assumption("long-write", "the long write was not acknowledged");
  const backup = await backUp(drill, stage, writers);
  drill.record.witness("longWriteEpisodes", episodes);
  drill.record.requireWitnesses("backupsRefused");
  await restoreAndProve(drill, scene, backup);
}

/**
 * Resolves when the first of its episodes is in the graph and the others are not, so that a pause has to wait for it.
 */
async function begun(drill: Drill, { stage, groups }: CoordinationSetup): Promise<void> {
  await using connection = await connect(stage.source.endpoint);
  const { uuid } = message(drill, groups[0], 0);
  const isBegun = async (): Promise<true | undefined> => {
    const { rows } = await connection.roQuery(groups[0], "MATCH (e:Episodic {uuid: $uuid}) RETURN e.uuid", { uuid });
    return rows.length > 0 ? true : undefined;
  };
  await waitFor(isBegun, {
    what: "the long write to begin",
    timeoutMs: beginTimeoutMs,
    intervalMs: 1,
    signal: drill.signal,
    exit: "inconclusive",
  });
}

/** Sends one request and records one history line per episode in it. True if all of it was acknowledged. */
async function writeLong(drill: Drill, { stage, groups }: CoordinationSetup): Promise<boolean> {
  using history = openDrillHistory(drill.directory, drill.id);
  const [graph] = groups;
  const first = message(drill, graph, 0);
  const rest = Array.from({ length: episodes - 1 }, (_, index) => message(drill, graph, index + 1));
  const invokedMs = systemClock.monotonicMs();
  const url = new URL("/messages", stage.service.url);
  const { outcome } = await attemptWrite(url, episodeMessageBody(first, ...rest), writeTimeoutMs);
  const completedMs = systemClock.monotonicMs();
  drill.record.metric("longWriteMs", completedMs - invokedMs);
  for (const [sequence, { uuid }] of [first, ...rest].entries())
    history.record({ writer, sequence, attempt: 0, kind: "episode", invokedMs, completedMs, outcome, graph, uuid });
  return outcome === "ok";
}

function message(drill: Drill, groupId: string, sequence: number): EpisodeMessage {
  const { seed, dims, options } = drill;
  return randomMessage({ seed, dims, schema: options.schema, writer, sequence, groupId });
}
