// Checks that a chain reproduces its source: a fresh snapshot of the source at one offset, and the chain restored to
// exactly that offset, are each loaded into an isolated engine, one after the other, and read by the same reader.
//
// The source pays one fork. Nothing is written to disk in clear text where the engines are embedded, and memory holds
// one of the two engines at a time.
import { type Clock, systemClock } from "../../base/clock.ts";
import { DrillError, errorMessage } from "../../base/errors.ts";
import { silentProgress } from "../../base/progress.ts";
import type { Engine, EngineProvider } from "../../engine/engine.ts";
import { compareDigests } from "../../observe/digest/compare-digests.ts";
import { type Connection, connect } from "../../falkordb/client/connection.ts";
import type { GraphDigest } from "../../observe/digest/graph-digest.ts";
import { readSchemas } from "../../observe/observe-schema.ts";
import { SnapshotReader } from "../../falkordb/replication/replication-snapshot.ts";
import { digestServer, digestedEntities, type ServerDigest } from "../../observe/digest/server-digest.ts";
import { sourceSilenceMs, takeCut, type TakenCut } from "../backup/cut.ts";
import { findMoment, type ReplayPlan } from "../chain/find-moment.ts";
import { overrideSettings } from "../backup/override-settings.ts";
import type { Keyring } from "../keys/keyring.ts";
import { type Phase, PhaseTimer } from "../../base/phases.ts";
import { proofFolder } from "../chain/proofs.ts";
import { partsOf, readParts } from "../parts/read-parts.ts";
import { openBackup, replayPlan } from "../restore/restore.ts";
import { dumpUnloadable, proofFailure } from "../chain/proof-outcome.ts";
import { endOf, loaded, loadedOnce } from "../restore/restore-file.ts";
import type { ChainHead } from "../chain/segments.ts";
import type { Store } from "../store/store.ts";
import { tryAppend } from "../catalogue/append.ts";
import { readValidation, setAside, writeValidation } from "../store/validation.ts";
import { awaitLock, useBackups } from "../locks/vault-lock.ts";

const lockTimeoutMs = 600_000;
const blockBytes = 256 * 1024;

export interface ProofContext {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly clock?: Clock;
}

export interface ProofRequest {
  readonly source: Engine;
  readonly base: string;
  /** Provider of isolated engines, whose addresses no other client knows. */
  readonly engines: EngineProvider;
  /** Resolves with the chain's end when the chain in the vault reaches at least this offset. */
  readonly sealed: (offset: number) => Promise<ChainHead>;
  readonly signal: AbortSignal;
}

export interface ChainProof {
  readonly base: string;
  /** Stream offset of the cut that was compared. */
  readonly offset: number;
  readonly at: string;
  readonly ok: boolean;
  /** One sentence for each problem; empty where the chain gives what the source held. */
  readonly problems: readonly string[];
  /** Number of nodes and edges compared. */
  readonly entities: number;
  readonly phases: readonly Phase[];
}

/**
 * Throws where the proof could not be carried out, which says nothing about the chain. The findings are stored in the
 * vault.
 */
export async function proveChain(context: ProofContext, request: ProofRequest): Promise<ChainProof> {
  const { store, keyring, clock = systemClock } = context;
  const { base, signal } = request;
  const timer = new PhaseTimer(clock);
  await using _lease = await useBackups(store, "proof of a chain", [base]);
  const signer = await keyring.signer();
  const { cut, digest } = await timer.during("source", () => digestSource(context, request, timer));
  const end = await timer.during("seal", () => request.sealed(cut.offset));
  const problems = await timer.during("chain", () => problemsOf(context, request, { cut, digest }, timer));
  signal.throwIfAborted();
  const ok = problems.length === 0;
  // There is nothing to compare the chain with.
  if (ok && digest instanceof DrillError) throw unprovable(digest);
  const found = { offset: cut.offset, at: new Date(cut.atMs).toISOString(), ok, problems };
  const phases = timer.all();
  const folder = proofFolder(end);
  if ((await readValidation(store, folder, keyring))?.untrusted === true) await setAside(store, folder);
  const write = (): Promise<void> => writeValidation(store, folder, { ...found, phases }, signer);
  const why = `a proof at offset ${cut.offset} found ${ok ? "what the source held" : problems.join("; ")}`;
  const judged = { does: "judged", point: base, number: end.number, sha256: end.sha256, ok, why } as const;
  // In this order an end in between leaves no fault that seems to have been removed.
  if (!ok) await write();
  await tryAppend({ store, keyring, signer, clock }, () => [judged]);
  if (ok) await write();
  return { base, ...found, entities: digest instanceof DrillError ? 0 : digestedEntities(digest), phases };
}

interface SourceAtCut {
  readonly cut: TakenCut;
  /** Digest of the source's content, or why no engine loads it. */
  readonly digest: ServerDigest | DrillError;
}

function unprovable({ message, hint }: DrillError): DrillError {
  return new DrillError(
    `the chain cannot be compared with its source, because no engine loads what the source itself holds: ${message}`,
    { exit: "notRecovered", code: dumpUnloadable, ...(hint === undefined ? {} : { hint }) },
  );
}

async function digestSource(context: ProofContext, request: ProofRequest, timer: PhaseTimer): Promise<SourceAtCut> {
  const { source, engines, signal } = request;
  await using connection = await connect(source.endpoint, {
    name: "falkordrill-proof",
    commandTimeoutMs: sourceSilenceMs,
  });
  const cut = await cutOf(context, connection, signal);
  await using client = cut.client;
  const reader = await client.snapshot();
  const job = { engines, timer, progress: silentProgress, signal, name: "proof-source", rawBytes: undefined };
  try {
    await using target = await loadedOnce({ ...job, snapshot: () => blocksOf(reader) }, "yes");
    return { cut, digest: await digestServer(target.endpoint, signal) };
  } catch (error) {
    const isUnloadable = error instanceof DrillError && error.findingCode === dumpUnloadable;
    if (signal.aborted || !isUnloadable) throw error;
    return { cut, digest: error };
  }
}

/** Writers are not paused: any moment will do. The lock keeps two runs from restoring each other's settings. */
async function cutOf(
  { store, clock = systemClock }: ProofContext,
  connection: Connection,
  signal: AbortSignal,
): Promise<TakenCut> {
  await using _lock = await awaitLock(store, "the cut of a proof", { timeoutMs: lockTimeoutMs, signal });
  await using _settings = await overrideSettings(connection, store);
  return await takeCut(connection, undefined, signal, { clock });
}

async function* blocksOf(reader: SnapshotReader): AsyncGenerator<Buffer> {
  for (;;) {
    const block = Buffer.allocUnsafeSlow(blockBytes + SnapshotReader.slackBytes);
    const bytes = await reader.read(block);
    if (bytes === 0) return;
    yield block.subarray(0, bytes);
  }
}

/** The problems of the chain at the cut. */
async function problemsOf(
  context: ProofContext,
  request: ProofRequest,
  { cut, digest }: SourceAtCut,
  timer: PhaseTimer,
): Promise<readonly string[]> {
  try {
    const found = await digestChain(context, request, cut.offset, timer);
    if (digest instanceof DrillError) return [];
    return compareDigests(digest, await withoutUnfinished(request.source, digest, found));
  } catch (error) {
    const failure = request.signal.aborted ? undefined : proofFailure(error);
    if (failure === undefined) throw error;
    // A chain that no engine loads still matches its source, if no engine loads the source's snapshot either.
    return failure === "notRecovered" && digest instanceof DrillError ? [] : [errorMessage(error)];
  }
}

async function digestChain(
  context: ProofContext,
  { base, engines, signal }: ProofRequest,
  offset: number,
  timer: PhaseTimer,
): Promise<ServerDigest> {
  const request = { engines, progress: silentProgress, signal };
  const { manifest, keys } = await openBackup(context, base, request, timer);
  const plan = await findMoment({ ...context, signal }, manifest, { offset });
  mustReach(plan, offset);
  const snapshot = (): AsyncIterable<Buffer> => readParts(context.store, partsOf(manifest), keys, signal);
  const { rawBytes } = manifest;
  await using target = await loaded({ ...request, snapshot, timer, rawBytes, name: "proof-chain" });
  try {
    await replayPlan({ ...context, request, timer }, plan, target, undefined);
    return await digestServer(target.endpoint, signal);
  } catch (error) {
    const ended = signal.aborted ? undefined : await endOf(target);
    if (ended === undefined || ended.blamed === "machine") throw ended ?? error;
    // The engine loaded the base, so the crash was caused by what came after.
    throw new DrillError(`an engine crashes while replaying the chain, or on the result: ${ended.message}`, {
      exit: "dataWrong",
      cause: error,
    });
  }
}

function mustReach({ to }: ReplayPlan, offset: number): void {
  if (to === offset) return;
  throw new DrillError(`the cut at offset ${offset} is inside of a command that begins at ${to}`, { exit: "internal" });
}

/**
 * A constraint that was still being created at the cut is not in a snapshot, while a replay completes it. It counts as
 * equal where the source has it now, or is still creating it.
 */
async function withoutUnfinished(source: Engine, expected: ServerDigest, found: ServerDigest): Promise<ServerDigest> {
  const extra = found.graphs.filter((graph) => unknownTo(expected, graph).length > 0);
  if (extra.length === 0) return found;
  await using connection = await connect(source.endpoint, {
    name: "falkordrill-proof",
    commandTimeoutMs: sourceSilenceMs,
  });
  const excused = new Map<GraphDigest, ReadonlySet<string>>();
  for (const graph of extra) excused.set(graph, await constraintsNow(connection, graph));
  const graphs = found.graphs.map((graph) => {
    const now = excused.get(graph);
    if (now === undefined) return graph;
    const unknown = new Set(unknownTo(expected, graph).filter((text) => now.has(text)));
    return { ...graph, constraints: graph.constraints.filter((each) => !unknown.has(JSON.stringify(each))) };
  });
  return { ...found, graphs };
}

function unknownTo(expected: ServerDigest, { name, database, constraints }: GraphDigest): readonly string[] {
  const same = expected.graphs.find((graph) => graph.name === name && graph.database === database);
  const known = new Set(same?.constraints.map((each) => JSON.stringify(each)));
  return constraints.map((each) => JSON.stringify(each)).filter((text) => !known.has(text));
}

async function constraintsNow(connection: Connection, { name, database }: GraphDigest): Promise<ReadonlySet<string>> {
  await connection.command("SELECT", database);
  if ((await connection.command("EXISTS", name)) !== 1) return new Set();
  const [schema] = await readSchemas(connection, [name]);
  const live = (schema?.constraints ?? []).filter(({ status }) => status !== "FAILED");
  return new Set(
    live.map(({ kind, entity, label, properties }) => JSON.stringify({ kind, entity, label, properties })),
  );
}
