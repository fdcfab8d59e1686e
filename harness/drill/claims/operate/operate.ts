// What people and alerts are told of a vault must be what is in it. The vault has all that is easily told wrong: a proof
// that failed, a newest backup that is damaged, an increment, a graph that no proof has seen, and a replica that is behind.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { connect } from "../../../falkordb/client/connection.ts";
import { ownEngines } from "../../guard/own-engines.ts";
import type { Drill } from "../../drill.ts";
import { flipByte } from "../region/divergence.ts";
import { replicateTo } from "../region/second-vault.ts";
import { addIncrement, backUpState, prepareRetention, type RetentionSetup } from "../retention/retention-setup.ts";
import { analyzesHistory } from "./analysis.ts";
import { looksInto } from "./browse.ts";
import { monitorSays } from "./metrics.ts";
import { laterGraph, type OperatedBackup, sizesOf } from "./operated-vault.ts";

export async function provesOperations(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const setup = await prepareRetention(drill, resources);
  const { system, vault } = setup;
  if (system.replicate === undefined || system.backupIncrement === undefined)
    return drill.record.notCovered(`metrics: the ${system.name} system has no second vault, or no increments`);
  const far = `${vault}-far`;
  resources.defer(() => rm(far, { recursive: true, force: true }));
  const old = await backUp(setup, 1);
  await judge(setup, old.id);
  await addNode(setup, "later-2");
  const base = await backUp(setup, 2);
  await using second = (await replicateTo(drill, system, far)).second;
  await addIncrement(setup, 3, base.id);
  await addNode(setup, "later-4");
  const damaged = await backUp(setup, 4);
  await flipByte(join(vault, "backups", damaged.id, "part-00000.zst.pgp"));
  await judge(setup, damaged.id);
  const operated = { far, old, base, damaged };
  await looksInto(setup, operated);
  await analyzesHistory(setup);
  await monitorSays(setup, operated);
  drill.record.witness("replicasCompared", Number(second.name !== ""));
  drill.record.requireWitnesses("metricsCompared", "backupsBrowsed", "analysesCompared");
}

async function backUp(setup: RetentionSetup, state: number): Promise<OperatedBackup> {
  const { id } = await backUpState(setup, state);
  // Nobody writes, so the source holds what it held at the cut.
  return { id, graphs: await sizesOf(setup.source) };
}

async function addNode({ source }: RetentionSetup, uuid: string): Promise<void> {
  await using connection = await connect(source.endpoint);
  await connection.query(laterGraph, "CREATE (:Later {uuid: $uuid})", { uuid });
}

/** A verify, whose result is on record in the vault; whether it is right is for other drills. */
async function judge({ drill, system }: RetentionSetup, point: string): Promise<void> {
  drill.progress.step(`verify ${point}`);
  await system.verify(point, ownEngines(drill.engines), drill.signal);
}
