// The start of the unusual-increments scenarios: an engine with a small Graphiti graph and the system under test. There
// are no other writers, so the source itself shows what each increment has to restore.
import { dataset } from "../../../../generators/dataset.ts";
import { DrillError } from "../../../base/errors.ts";
import type { Finding } from "../../../check/check.ts";
import type { Engine } from "../../../engine/engine.ts";
import { compareDigests } from "../../../observe/digest/compare-digests.ts";
import { connect } from "../../../falkordb/client/connection.ts";
import { digestServer, digestedEntities, type ServerDigest } from "../../../observe/digest/server-digest.ts";
import type { BackupSystem, IncrementOutcome, RestoreOutcome } from "../../../system/system.ts";
import { loadContent } from "../../setup/content.ts";
import { fullCyclePlan } from "../../cycle-plan.ts";
import type { Drill } from "../../drill.ts";
import { systemUnderTest } from "../../guard/system-under-test.ts";
import { type BrokenClaim, judgeBrokenClaim } from "./claim.ts";
import { judgeDigests } from "./judge-moment.ts";

/** An increment, and what the source held when it was taken. */
export interface Link {
  readonly name: string;
  readonly increment: IncrementOutcome;
  readonly state: ServerDigest;
  /** Claim that the source did not hold after the preceding change, if any. */
  readonly broken?: BrokenClaim | undefined;
}

export async function smallSource(
  drill: Drill,
  resources: AsyncDisposableStack,
  moduleArgs: Readonly<Record<string, string>> = {},
): Promise<Engine> {
  const { engines, progress, signal, seed, nodes, options } = drill;
  progress.step("prepare: a source with a graph");
  // No replica follows the server between two increments, so it has to log effects instead of query text by itself.
  const source = resources.use(
    await engines.start({
      name: "source",
      signal,
      moduleArgs: { EFFECTS_THRESHOLD: "0", ...moduleArgs },
      // The replication backlog must hold the largest increment of these scenarios.
      redisConfig: { "repl-backlog-size": "64mb" },
    }),
  );
  const { shape, schema } = options;
  await loadContent(drill, source, dataset({ seed, nodes, shape, variant: "clean", dims: 0, schema }));
  return source;
}

/** `folder`: where the scenario modifies the vault itself. */
export async function incrementalSystem(
  drill: Drill,
  resources: AsyncDisposableStack,
  folder?: string,
): Promise<BackupSystem> {
  const system = resources.use(await systemUnderTest(drill, fullCyclePlan, resources, folder));
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

/** What the chain restores at the end of the link. */
export interface RestoredLink extends AsyncDisposable {
  readonly target: Engine;
  readonly found: ServerDigest;
  readonly reached: RestoreOutcome["reached"];
}

export async function restoreLink(
  drill: Drill,
  system: BackupSystem,
  { name, increment }: Link,
): Promise<RestoredLink> {
  const { progress, signal, engines } = drill;
  progress.step(`restore: ${name}`);
  const { base: point, offset } = increment;
  const { target, reached } = await system.restore({ point, at: { offset }, way: "file", engines, progress, signal });
  try {
    const found = await digestServer(target.endpoint, signal);
    return { target, found, reached, [Symbol.asyncDispose]: () => target[Symbol.asyncDispose]() };
  } catch (error) {
    await target[Symbol.asyncDispose]();
    throw error;
  }
}

/** Restores to the link and compares the result with what the source held then. */
export async function proveLink(drill: Drill, system: BackupSystem, link: Link): Promise<void> {
  const { record } = drill;
  const { name, increment } = link;
  await using restored = await restoreLink(drill, system, link);
  const { target, found, reached } = restored;
  for (const finding of await judgeLink(link, target, found)) record.finding(finding);
  if (reached?.offset !== increment.offset) {
    const told = reached?.offset ?? "none";
    record.finding({
      code: "moment-misnamed",
      severity: "error",
      subject: name,
      message: `the restore reports that it reached offset ${told}, the increment ended at ${increment.offset}`,
      evidence: { reached, offset: increment.offset },
    });
  }
  record.witness("linksRestored", 1);
  record.witness("entitiesCompared", digestedEntities(found));
}

/** Judges a link; data that the engine lost in the source itself is named, and not blamed on the chain. */
async function judgeLink({ name, state, broken }: Link, target: Engine, found: ServerDigest): Promise<Finding[]> {
  if (broken === undefined) return judgeDigests(name, compareDigests(state, found));
  await using connection = await connect(target.endpoint);
  const digests = { source: state, chain: found };
  const { findings, differences } = await judgeBrokenClaim(name, broken, connection, digests);
  return [...findings, ...judgeDigests(name, differences)];
}
