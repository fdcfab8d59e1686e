// What the scenarios of odd increments begin from: an engine with a small Graphiti graph and the system under test. No
// writer writes beside them, so that the source itself says what each increment has to bring back.
import { dataset } from "../../../generators/dataset.ts";
import { DrillError } from "../../base/errors.ts";
import type { Engine } from "../../engine/engine.ts";
import { compareDigests } from "../../falkordb/compare-digests.ts";
import { loadDataset } from "../../falkordb/load.ts";
import { digestServer, entitiesOf, type ServerDigest } from "../../falkordb/server-digest.ts";
import type { BackupSystem, IncrementOutcome } from "../../system/system.ts";
import { fullCyclePlan } from "../cycle-plan.ts";
import type { Drill } from "../run-scenario.ts";
import { systemUnderTest } from "../system-under-test.ts";
import { judgeMoment } from "./judge-moment.ts";

/** An increment, and what the source held when it was taken. */
export interface Link {
  readonly name: string;
  readonly increment: IncrementOutcome;
  readonly state: ServerDigest;
}

export async function smallSource(
  drill: Drill,
  things: AsyncDisposableStack,
  moduleArgs: Readonly<Record<string, string>> = {},
): Promise<Engine> {
  const { engines, progress, signal, seed, nodes, options } = drill;
  progress.step("prepare: a source with a graph");
  // Nobody follows the server between two increments, so it has to log what queries did, and not their text, by itself.
  const source = things.use(
    await engines.start({
      name: "source",
      signal,
      moduleArgs: { EFFECTS_THRESHOLD: "0", ...moduleArgs },
      // Of the stream the server keeps what the largest increment of these scenarios needs.
      redisConfig: { "repl-backlog-size": "64mb" },
    }),
  );
  const { shape, schema } = options;
  await loadDataset(source.endpoint, dataset({ seed, nodes, shape, variant: "clean", dims: 0, schema }), {
    signal,
    progress,
  });
  return source;
}

/** `folder` where the scenario lays hands on the vault itself. */
export async function incrementalSystem(
  drill: Drill,
  things: AsyncDisposableStack,
  folder?: string,
): Promise<BackupSystem> {
  const system = things.use(await systemUnderTest(drill, fullCyclePlan, things, folder));
  if (system.backupIncrement === undefined)
    throw new DrillError(`${system.name} makes no increments`, { exit: "inconclusive" });
  return system;
}

export async function takeIncrement(drill: Drill, system: BackupSystem, source: Engine, name: string): Promise<Link> {
  const { progress, signal, record } = drill;
  progress.step(`increment: ${name}`);
  if (system.backupIncrement === undefined)
    throw new DrillError(`${system.name} makes no increments`, { exit: "inconclusive" });
  const increment = await system.backupIncrement({ source, coordinator: undefined, progress, signal });
  record.witness(increment.continued ? "incrementsLinked" : "fullsInPlaceOfIncrements", 1);
  return { name, increment, state: await digestServer(source.endpoint, signal) };
}

/** Restores to the link and holds it against what the source held then. */
export async function proveLink(drill: Drill, system: BackupSystem, { name, increment, state }: Link): Promise<void> {
  const { progress, signal, engines, record } = drill;
  progress.step(`restore: ${name}`);
  const { base: point, offset } = increment;
  const { target, reached } = await system.restore({ point, at: { offset }, way: "file", engines, progress, signal });
  await using _target = target;
  const found = await digestServer(target.endpoint, signal);
  for (const finding of judgeMoment(name, compareDigests(state, found))) record.finding(finding);
  if (reached?.offset !== offset) {
    const message = `the restore says that it reached offset ${reached?.offset ?? "none"}, the increment ended at ${offset}`;
    record.finding({
      code: "moment-misnamed",
      severity: "error",
      subject: name,
      message,
      evidence: { reached, offset },
    });
  }
  record.witness("linksRestored", 1);
  record.witness("entitiesCompared", entitiesOf(found));
}
