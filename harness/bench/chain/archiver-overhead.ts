// What an archiver costs the writers: as fast as they go with an archiver that follows into a vault on disk, and without,
// in turns whose order changes. Without is really without: the server has given up its backlog by then, so it makes no
// replication stream at all. Between the two, the server makes its stream and no client reads it: that loss occurs with
// any replica.
import { join } from "node:path";
import { systemClock } from "../../base/clock.ts";
import { DrillError } from "../../base/errors.ts";
import { waitFor } from "../../base/wait.ts";
import { privateFolder } from "../../base/process/reaper.ts";
import { connect, type Connection } from "../../falkordb/client/connection.ts";
import { streamOffset } from "../../falkordb/client/stream-offset.ts";
import { type ArchiveProcess, startArchiveProcess } from "../../system/reference/archive-process.ts";
import { referenceSystem } from "../../system/reference/reference.ts";
import type { BenchContext } from "../benchmark.ts";
import { type BenchRow, ratios, row } from "../rows.ts";
import { nobody, writersRate } from "../writers-rate.ts";

const pairsPerRun = 3;
/** Default length of a window: one segment, so that each window holds all the work of one. */
const windowMsDefault = 10_000;
const aloneTimeoutMs = 60_000;
/** Backlog TTL that means "never release it". */
const forEver = 0;

export async function archiverOverhead(
  context: BenchContext,
  {
    pairs = context.runs * pairsPerRun,
    windowMs = windowMsDefault,
  }: { readonly pairs?: number; readonly windowMs?: number } = {},
): Promise<BenchRow[]> {
  const { engines, progress, signal } = context;
  await using resources = new AsyncDisposableStack();
  const engine = resources.use(await engines.start({ name: "bench-archived", signal }));
  const folder = resources.use(await privateFolder("bench-archive"));
  const vault = join(folder.path, "vault");
  resources.use(await referenceSystem({ vault, profile: "interop" }));
  const options = { endpoint: engine.endpoint, vault, folder, flags: [], exit: "inconclusive" } as const;
  const connection = resources.use(await connect(engine.endpoint));
  const rates: Record<"followed" | "told" | "alone", number[]> = { followed: [], told: [], alone: [] };
  const measure = async (way: keyof typeof rates, pair: number): Promise<void> => {
    rates[way].push(await writersRate(engine, context, { graph: `${way}-${pair}`, history: nobody, windowMs }));
  };
  const processor: number[] = [];
  const [, threshold] = (await connection.command("GRAPH.CONFIG", "GET", "EFFECTS_THRESHOLD")) as [string, number];
  await writersRate(engine, context, { graph: "warm-up", history: nobody, windowMs });
  for (let pair = 0; pair < pairs; pair += 1) {
    progress.step(`writers with an archiver and without, pair ${pair + 1} of ${pairs}`);
    const followed = async (): Promise<void> => {
      await keepBacklogFor(connection, 1);
      await using archive = await startArchiveProcess(options);
      await archive.untilFollowing(signal);
      const [startedMs, usedMs] = [systemClock.monotonicMs(), archive.processorMs()];
      await measure("followed", pair);
      const tookMs = systemClock.monotonicMs() - startedMs;
      processor.push((archive.processorMs() - usedMs) / tookMs);
      const written = await streamOffset(connection);
      // The archiver leaves alone a setting that another client has changed, so the server keeps making its stream.
      await keepBacklogFor(connection, forEver);
      mustReach(written, await endOf(archive, signal));
      await tellEffects(connection, 0);
      await measure("told", pair);
      await mustBeTold(connection);
      await tellEffects(connection, threshold);
    };
    const alone = async (): Promise<void> => {
      // Released as soon as no replica follows.
      await keepBacklogFor(connection, 1);
      await untilAlone(connection, signal);
      await measure("alone", pair);
    };
    for (const step of pair % 2 === 0 ? [followed, alone] : [alone, followed]) await step();
  }
  return [
    row("processors that the archiver kept busy", "x", processor, { of: "one processor" }),
    row("writes without an archiver", "per s", rates.alone),
    row("writes while the server only makes its stream", "per s", rates.told),
    row("writes with an archiver", "per s", rates.followed),
    row("rate of writers while the server only makes its stream", "x", ratios(rates.told, rates.alone), {
      of: "their rate without",
      better: "more",
    }),
    row("rate of writers with an archiver", "x", ratios(rates.followed, rates.alone), {
      of: "their rate without",
      better: "more",
      target: { bound: "at least", value: 0.95 },
    }),
  ];
}

/** Ends it in good order and returns the offset that its chain reaches. */
async function endOf(archive: ArchiveProcess, signal: AbortSignal): Promise<number> {
  await archive.interrupt(signal);
  if (archive.reached !== undefined) return archive.reached;
  throw new DrillError(`the archiver ended without saying how far it reaches: ${archive.complaints}`, {
    exit: "inconclusive",
    hint: "Run `falkordrill vault archive` by hand and see what it says.",
  });
}

async function keepBacklogFor(connection: Connection, seconds: number): Promise<void> {
  await connection.command("CONFIG", "SET", "repl-backlog-ttl", seconds);
}

async function tellEffects(connection: Connection, threshold: number): Promise<void> {
  await connection.command("GRAPH.CONFIG", "SET", "EFFECTS_THRESHOLD", threshold);
}

async function mustBeTold(connection: Connection): Promise<void> {
  const { repl_backlog_active: backlog, connected_slaves: followers } = await connection.info("replication");
  if (backlog === "1" && followers === "0") return;
  throw new DrillError(`the server made no stream without a reader: backlog ${backlog}, ${followers} replicas`, {
    exit: "inconclusive",
  });
}

/** Fails if the archive lags behind the writers: an archiver that does not keep up costs them nothing. */
export function mustReach(written: number, reached: number): void {
  if (reached >= written) return;
  throw new DrillError(`the archive reaches offset ${reached}, and the writers wrote up to ${written}`, {
    exit: "inconclusive",
    hint: "It did not keep up, so its cost to the writers is not known; measure on a quieter machine.",
  });
}

async function untilAlone(connection: Connection, signal: AbortSignal): Promise<void> {
  const isAlone = async (): Promise<true | undefined> => {
    const { connected_slaves: followers, repl_backlog_active: backlog } = await connection.info("replication");
    return followers === "0" && backlog === "0" ? true : undefined;
  };
  const what = "the server to give up its backlog";
  await waitFor(isAlone, { what, timeoutMs: aloneTimeoutMs, signal, exit: "inconclusive" });
}
