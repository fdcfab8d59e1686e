// What cannot succeed must not end with success: a backup without a source, a restore without a backup.
import { DrillError } from "../../../base/errors.ts";
import { expectedRefusal } from "../../guard/expected-refusal.ts";
import { ownEngines } from "../../guard/own-engines.ts";
import { restoreTarget } from "../../setup/restore-way.ts";
import type { Drill } from "../../drill.ts";
import { backUpState, mustList, prepareRetention, proveState } from "../retention/retention-setup.ts";

export async function provesFailedBackup(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const setup = await prepareRetention(drill, resources);
  const { source, system } = setup;
  if (source.kind === "external") return drill.record.notCovered("a backup without its source: it cannot be stopped");
  const { id } = await backUpState(setup, 1);
  const { progress, signal } = drill;
  progress.step("back up while the source is down");
  await source.kill();
  const outcome = await system.backup({ source, coordinator: undefined, progress, signal }).catch(expectedRefusal);
  drill.record.witness("backupsWithoutSource", 1);
  if (!(outcome instanceof DrillError))
    drill.record.finding({
      code: "failure-hidden",
      severity: "error",
      subject: outcome.point.id,
      message: `the backup of the ${system.name} system ended with success although its source was down`,
      evidence: { point: outcome.point },
    });
  await mustList(setup, new Set([id]), "what it listed before the backup that failed");
  await source.restart({ signal });
  await proveState(setup, id, 1);
  drill.record.requireWitnesses("backupsWithoutSource", "statesProven");
}

export async function provesUnknownPoint(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const setup = await prepareRetention(drill, resources);
  const { source, system } = setup;
  const { id } = await backUpState(setup, 1);
  const { progress, signal } = drill;
  progress.step("restore a backup that does not exist");
  const point = `${id}-that-does-not-exist`;
  const into = await restoreTarget(system, { source, engines: ownEngines(drill.engines), signal });
  const outcome = await system.restore({ point, ...into, progress, signal }).catch(expectedRefusal);
  drill.record.witness("unknownPointsTried", 1);
  if (!(outcome instanceof DrillError)) {
    drill.record.finding({
      code: "unknown-point-restored",
      severity: "error",
      subject: point,
      message: `the restore of ${point} ended with success; there is no such backup of the ${system.name} system`,
      evidence: { point },
    });
    if (outcome.target !== source) await outcome.target[Symbol.asyncDispose]();
  }
  await proveState(setup, id, 1);
  drill.record.requireWitnesses("unknownPointsTried", "statesProven");
}
