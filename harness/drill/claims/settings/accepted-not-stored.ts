// An application that acknowledges first and stores later loses writes without any disaster: here the search before each
// write is ended by the server's TIMEOUT. The drill must name the first write that the source never held, and not blame the
// backup for it.
import { randomMessage } from "../../../../generators/writes/episode-message.ts";
import { systemClock } from "../../../base/clock.ts";
import { connect, type Connection } from "../../../falkordb/client/connection.ts";
import { type Limit, liftLimits } from "../../../falkordb/client/result-limits.ts";
import { openDrillHistory } from "../../../record/drill-history.ts";
import type { HistorySink } from "../../../workload/history/history-file.ts";
import type { Drill } from "../../drill.ts";
import { proveHeld } from "../../proof/held-proof.ts";
import { type IdleSetup, prepareIdle, proveContent, restoreIdle } from "../../setup/idle-setup.ts";
import { QueueingApplication } from "./queueing-application.ts";

const graph = "application";
const writer = "application-0";
const writesEach = 8;
/** Milliseconds; the search takes many times as long. */
const timeout: readonly Limit[] = [["TIMEOUT", 10]];

export async function namesWhatWasNeverStored(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const setup = await prepareIdle(drill, resources);
  const { source, system, content } = setup;
  const { progress, signal, record } = drill;
  const history = resources.use(openDrillHistory(drill.directory, drill.id));
  const connection = resources.use(await connect(source.endpoint));
  const [searched = ""] = content.before.graphNames;
  const application = new QueueingApplication(connection, searched);
  await accept(drill, { application, connection, history, from: 0, limits: [] });
  for (const finding of (await proveHeld(drill, source)).findings) record.finding(finding);
  await accept(drill, { application, connection, history, from: writesEach, limits: timeout });
  const neverHeld = await nameNeverHeld(drill, setup, application);
  const { point } = await system.backup({ source, coordinator: undefined, progress, signal });
  await using restored = await restoreIdle(setup, point.id);
  await mustHoldTheRest(drill, restored, neverHeld);
  await proveContent(setup, restored, "target", [graph]);
  record.requireWitnesses("acknowledgedHeld", "acknowledgedNeverStored", "nodesCompared", "edgesCompared");
}

interface Acceptance {
  readonly application: QueueingApplication;
  readonly connection: Connection;
  readonly history: HistorySink;
  readonly from: number;
  /** Limits of the server meanwhile; all others are lifted. */
  readonly limits: readonly Limit[];
}

async function accept(drill: Drill, { application, connection, history, from, limits }: Acceptance): Promise<void> {
  const { seed, dims, options, progress } = drill;
  progress.step(
    `an application accepts ${writesEach} writes${limits.length === 0 ? "" : ", and its searches time out"}`,
  );
  await using _limits = await liftLimits(connection, limits);
  for (let sequence = from; sequence < from + writesEach; sequence += 1) {
    const invokedMs = systemClock.monotonicMs();
    const message = randomMessage({ seed, dims, schema: options.schema, writer, sequence, groupId: graph });
    application.accept(message);
    const completedMs = systemClock.monotonicMs();
    const { uuid } = message;
    history.record({
      writer,
      sequence,
      attempt: 0,
      kind: "episode",
      invokedMs,
      completedMs,
      outcome: "ok",
      graph,
      uuid,
    });
  }
  await application.settled();
}

/** Returns the uuids of the writes that the source never held. */
async function nameNeverHeld(
  { record, progress, ...drill }: Drill,
  { source }: IdleSetup,
  { dropped }: QueueingApplication,
): Promise<ReadonlySet<string>> {
  progress.step("compare what was acknowledged with what the source holds");
  const { findings, witnesses, missing } = await proveHeld({ record, progress, ...drill }, source);
  record.witness("acknowledgedHeld", witnesses["acknowledgedHeld"] ?? 0);
  const named = missing.map(({ uuid }) => uuid);
  if (named.join() !== dropped.join())
    throw new Error(`the application dropped ${dropped.join(", ")}, and ${named.join(", ")} were named`);
  if (dropped.length < writesEach)
    record.assumption("fault-did-not-fire", "searches ended within TIMEOUT, so their writes were stored");
  // Made on purpose, and named: so it is no error of this drill.
  for (const finding of findings) record.finding({ ...finding, severity: "info" });
  record.witness("acknowledgedNeverStored", missing.length);
  return new Set(named);
}

/** The backup is to blame for what the source held, and for nothing else. */
async function mustHoldTheRest(
  drill: Drill,
  restored: Parameters<typeof proveHeld>[1],
  neverHeld: ReadonlySet<string>,
): Promise<void> {
  const { missing } = await proveHeld(drill, restored);
  for (const write of missing.filter(({ uuid }) => !neverHeld.has(uuid)))
    drill.record.finding({
      code: "write-lost",
      severity: "error",
      subject: `${write.graph}/${write.uuid}`,
      message: `write ${write.sequence} of ${write.writer} was in the source at the backup, and did not come back`,
      evidence: { write },
    });
}
