// Step 8, measure: the figures of the run, under the names that scripts read.
import type { Drill } from "../drill.ts";
import { writtenFigures } from "../proof/written-figures.ts";
import type { Backup } from "./back-up.ts";
import type { Disaster } from "./break-it.ts";
import type { Content } from "./generate.ts";
import type { ContentProof } from "./prove.ts";
import type { Restored } from "./restore.ts";

export interface Measured {
  readonly content: Content;
  readonly backup: Backup;
  readonly disaster: Disaster;
  readonly restored: Restored;
  readonly proof: ContentProof;
}

export async function measure(drill: Drill, { backup, disaster, restored, proof }: Measured): Promise<void> {
  const { record } = drill;
  record.metric("backupMs", backup.ms);
  record.metric("systemPauseMs", backup.pauseMs);
  record.metric("storedBytes", backup.point.storedBytes);
  record.metric("snapshotBytes", backup.point.rawBytes);
  record.metric("firstAnswerMs", restored.firstAnswerMs);
  record.metric("operationalMs", restored.operationalMs);
  record.metric("restoreMs", restored.operationalMs);
  record.metric("rtoMs", restored.rtoMs);
  record.metric("verifyMs", proof.ms);
  record.metric("rpoWrites", proof.loss?.writes);
  record.metric("rpoMs", proof.loss?.spanMs);
  record.metric("lostBeforeCutWrites", proof.loss?.beforeCut);
  record.metric("writePauseMs", disaster.workload?.maxHeldMs);
  if (disaster.workload !== undefined)
    await writtenFigures(drill, { ...backup, backup: backup.span, endMs: disaster.atMs });
  // For writes held by a pause: time until they were let in, and until they were acknowledged.
  const { holdsMs: holds = [], pausesMs: pauses = [] } = disaster.workload ?? {};
  record.metric("writesHeld", holds.length);
  for (const [name, longestFirst] of [
    ["writePause", pauses],
    ["writeHold", holds],
  ] as const) {
    record.metric(`${name}P50Ms`, longestFirst[Math.floor(longestFirst.length * 0.5)]);
    record.metric(`${name}P99Ms`, longestFirst[Math.floor(longestFirst.length * 0.01)]);
    record.metric(`${name}MaxMs`, longestFirst[0]);
  }
  record.metric("writesAcknowledged", disaster.workload?.acked);
}
