// A restore: signature and hashes first, before anything is touched; then a target by file or over the wire; then the
// wait until it may be used. Until then the target refuses writes and is not handed out.
import type * as openpgp from "openpgp";
import { type Clock, systemClock } from "../../base/clock.ts";
import { passPoint } from "../../base/process/crash-point.ts";
import { DrillError, errorMessage, usageError } from "../../base/errors.ts";
import { type AttachedReplica, attachReplica } from "../../falkordb/replication/attach-replica.ts";
import { connect, type Connection } from "../../falkordb/client/connection.ts";
import { unlessHung } from "../../falkordb/client/hang-watch.ts";
import { replay, type Replayed } from "../../falkordb/replay/replay.ts";
import type { ReplicationServer } from "../../falkordb/replication/replication-server.ts";
import type { Engine } from "../../engine/engine.ts";
import { findMoment, type ReplayPlan, segmentStream } from "../chain/find-moment.ts";
import type { Keyring } from "../keys/keyring.ts";
import type { RestoreJob, RestoreResult, RestoreOptions } from "./load-job.ts";
import type { Manifest, ManifestGraph } from "../store/manifest.ts";
import { PhaseTimer } from "../../base/phases.ts";
import { faultOf, whyMarked } from "../chain/proofs.ts";
import { checkParts, partsOf, readParts } from "../parts/read-parts.ts";
import { readAhead } from "../parts/read-ahead.ts";
import { repairFirstNode } from "./repair-first-node.ts";
import { restoreByFile } from "./restore-file.ts";
import { restoreByWire } from "./restore-wire.ts";
import type { Store } from "../store/store.ts";
import { backupFolder, readManifest } from "../store/vault.ts";
import { useBackups } from "../locks/vault-lock.ts";

export interface RestoreContext {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly clock?: Clock;
  /** How long an external target may not answer; a minute by default. */
  readonly silenceMs?: number;
}

/** What a restore leaves in addition to the target. */
export interface RestoredMoment {
  readonly plan: ReplayPlan;
  readonly replayed: Replayed;
}

const replicaSilenceMs = 600_000;
const silenceMsDefault = 60_000;

export async function restoreBackup(context: RestoreContext, request: RestoreOptions): Promise<RestoreResult> {
  const { moment, ...outcome } = await restoreMoment(context, request);
  if (moment === undefined) return outcome;
  const { to: offset, at, completeAt } = moment.plan;
  return { ...outcome, reached: { offset, at, ...(completeAt === undefined ? {} : { completeAt }) } };
}

export async function restoreMoment(
  given: RestoreContext,
  request: RestoreOptions,
): Promise<Omit<RestoreResult, "reached"> & { readonly moment: RestoredMoment | undefined }> {
  const { signal, progress } = request;
  const folders = [
    `${backupFolder(request.point)}/`,
    ...(request.at === undefined ? [] : [`segments/${request.point}/`]),
  ];
  const context = { ...given, store: readAhead(given.store, folders) };
  const timer = new PhaseTimer(context.clock ?? systemClock);
  await using lease = await useBackups(context.store, "restore", [request.point]);
  for (const note of lease.notes) progress.note(note);
  const { manifest, keys } = await openBackup(context, request.point, request, timer);
  passPoint("restore/checked");
  const { at } = request;
  // A compacted backup depends on no other, but its increments may still be those of the backup that it was made from.
  await using _lease =
    at === undefined || manifest.parent === null
      ? undefined
      : await useBackups(context.store, "restore", [manifest.parent.base]);
  const plan =
    at === undefined
      ? undefined
      : await timer.during("check chain", () => findMoment({ ...context, signal }, manifest, at));
  await assertNotMarkedFaulty(context, request, manifest, plan);
  let moment: RestoredMoment | undefined;
  const job: RestoreJob = {
    name: "target",
    rawBytes: manifest.rawBytes,
    snapshot: () => readParts(context.store, partsOf(manifest), keys, signal),
    engines: request.engines,
    timer,
    progress,
    signal,
    keyring: context.keyring,
    content: manifest.content,
    memory: manifest.source.memory,
    silenceMs: context.silenceMs ?? silenceMsDefault,
    ...(request.replace === undefined ? {} : { replace: request.replace }),
    answered: async (target, wire) => {
      const within = { ...request, signal: wire?.signal ?? signal };
      await checkAnswers(target, manifest, within.signal);
      if (plan !== undefined) {
        const replayed = await replayPlan({ ...context, request: within, timer }, plan, target, wire?.server);
        moment = { plan, replayed };
        passPoint("replay/replayed");
      }
      timer.add("first correct answer", 0);
      await request.onFirstAnswer?.(target);
      await timer.during("edge index repair", () => repairFirstNode(target, within, wire?.server));
    },
  };
  const target = request.way === "file" ? await restoreByFile(job) : await restoreByWire(job, targetOf(request));
  timer.add("fully operational", 0);
  return { target, phases: timer.all(), moment };
}

/** Refuses what a proof found wrong, or reports it where the user allows it. */
export async function assertNotMarkedFaulty(
  { store, keyring }: RestoreContext,
  { progress, allowFaulty = false, way }: Pick<RestoreOptions, "progress" | "allowFaulty" | "way">,
  { id, parent, cut }: Manifest,
  plan: ReplayPlan | undefined,
): Promise<void> {
  const chains: (readonly [base: string, offset: number])[] = [];
  if (parent !== null) chains.push([parent.base, cut.offset]);
  if (plan !== undefined) chains.push([plan.head.base, plan.to]);
  const faults = chains.map(([base, offset]) => faultOf(store, base, keyring, offset));
  // An engine of our own may crash on it; it is not sent to any other server.
  if (way === "wire") faults.push(whyMarked(store, id, keyring));
  for (const faulty of await Promise.all(faults)) {
    if (faulty === undefined) continue;
    if (!allowFaulty) throw faulty;
    progress.note(faulty.message);
  }
}

interface ReplayContext extends RestoreContext {
  readonly request: Pick<RestoreOptions, "progress" | "signal" | "keepIndexes">;
  readonly timer: PhaseTimer;
}

/** Applies the increments to a target that holds the full backup. */
export async function replayPlan(
  { store, keyring, request, timer }: ReplayContext,
  { from, to, database, segments, dataOnly }: ReplayPlan,
  target: Engine,
  server: ReplicationServer | undefined,
): Promise<Replayed> {
  const { progress, signal, keepIndexes = false } = request;
  progress.step("replay");
  const work = async (): Promise<Replayed> => {
    await using connection = await connect(target.endpoint, { signal });
    await using replica = server === undefined ? await attachReplica(connection, { signal }) : undefined;
    const replayed = await replay(connection, server ?? (replica as AttachedReplica).server, {
      from,
      to,
      database,
      stream: segmentStream({ store, keyring, signal }, segments),
      dataOnly: keepIndexes ? [] : dataOnly,
      silenceMs: replicaSilenceMs,
      signal,
      advance: (offset) => progress.advance(offset - from, to - from, "bytes"),
    });
    await replica?.detach();
    if (replayed.suspensions > 0) progress.note("indexes were dropped for the changes of their graph, and rebuilt");
    return replayed;
  };
  const watched = (): Promise<Replayed> => unlessHung(target, "a replay", work, { silenceMs: replicaSilenceMs });
  return timer.during("replay", watched, () => to - from);
}

/** Checks of a backup that need no server: signature, keys, every hash. */
export async function openBackup(
  { store, keyring }: RestoreContext,
  point: string,
  { progress, signal }: Pick<RestoreOptions, "progress" | "signal">,
  timer: PhaseTimer,
): Promise<{ readonly manifest: Manifest; readonly keys: readonly openpgp.PrivateKey[] }> {
  progress.step("check");
  return timer.during(
    "check",
    async () => {
      const manifest = await readManifest(store, point, keyring);
      const keys = await keyring.openers(manifest.encryption.recipients.map(({ fingerprint }) => fingerprint));
      await checkParts(store, partsOf(manifest), signal);
      return { manifest, keys };
    },
    ({ manifest }) => manifest.storedBytes,
  );
}

/**
 * A correct answer is known beforehand from the signed manifest: the size of every graph at the cut. It is counted without
 * an index, as those of relation types are still to be repaired.
 */
async function checkAnswers(target: Engine, manifest: Manifest, signal: AbortSignal): Promise<void> {
  if (manifest.content === null) return;
  await using connection = await connect(target.endpoint, { signal });
  let selected = 0;
  for (const graph of manifest.content.graphs) {
    const { database = 0 } = graph;
    const [nodes, edges] = await countsOf(connection, graph, database === selected ? undefined : database);
    selected = database;
    if (nodes !== graph.nodes || edges !== graph.edges)
      throw new DrillError(
        `the restored graph ${JSON.stringify(graph.name)} has ${JSON.stringify(nodes)} nodes and ` +
          `${JSON.stringify(edges)} edges, the backup says ${graph.nodes} and ${graph.edges}`,
        { exit: "dataWrong" },
      );
  }
}

async function countsOf(
  connection: Connection,
  { name }: ManifestGraph,
  database: number | undefined,
): Promise<readonly unknown[]> {
  const count = async (cypher: string): Promise<unknown> => (await connection.roQuery(name, cypher)).rows[0]?.[0];
  try {
    if (database !== undefined) await connection.command("SELECT", database);
    return [await count("MATCH (n) RETURN count(n)"), await count("MATCH ()-[r]->() RETURN count(r)")];
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "ReplyError") throw error;
    // A name may hold any characters, and this is read in a terminal.
    const what = `the backup names the graph ${JSON.stringify(name)}, and the restored server has none: ${errorMessage(error)}`;
    throw new DrillError(what, { exit: "dataWrong", cause: error });
  }
}

function targetOf(request: RestoreOptions): Engine {
  if (request.target !== undefined) return request.target;
  throw usageError("a restore over the wire needs a running, empty target");
}
