// What an archiver costs the writers: as fast as they go with an archiver that follows into a vault on disk, and without,
// in turns of pairs whose order changes. Without is really without: the server has given up its backlog by then, so it
// makes no replication stream at all.
import { join } from "node:path";
import { systemClock } from "../../base/clock.ts";
import { DrillError } from "../../base/errors.ts";
import { waitFor } from "../../base/wait.ts";
import { privateFolder } from "../../engine/reaper.ts";
import { connect, type Connection } from "../../falkordb/connection.ts";
import { streamOffset } from "../../falkordb/stream-offset.ts";
import { type ArchiveProcess, startArchiveProcess } from "../../system/reference/archive-process.ts";
import { referenceSystem } from "../../system/reference/reference.ts";
import type { BenchContext } from "../benchmark.ts";
import { type BenchRow, ratios, row } from "../rows.ts";
import { nobody, writersRate } from "../writers-rate.ts";

const pairsPerRun = 4;
const windowMsDefault = 3000;
/** A tenth of the default, so that each window holds whole segments with all their work. */
const flags = ["--segment-age", "1s"];
const aloneTimeoutMs = 60_000;

export async function archiverOverhead(
  context: BenchContext,
  {
    pairs = context.runs * pairsPerRun,
    windowMs = windowMsDefault,
  }: { readonly pairs?: number; readonly windowMs?: number } = {},
): Promise<BenchRow[]> {
  const { engines, progress, signal } = context;
  await using things = new AsyncDisposableStack();
  const engine = things.use(await engines.start({ name: "bench-archived", signal }));
  const folder = things.use(await privateFolder("bench-archive"));
  const vault = join(folder.path, "vault");
  things.use(await referenceSystem({ vault, profile: "interop" }));
  const nodeFlags = process.execArgv;
  const options = { endpoint: engine.endpoint, vault, folder, flags, nodeFlags, exit: "inconclusive" } as const;
  const connection = things.use(await connect(engine.endpoint));
  // The archiver raises it and puts it back; then the backlog is gone as soon as nobody follows.
  await connection.command("CONFIG", "SET", "repl-backlog-ttl", 1);
  const rates: { readonly followed: number[]; readonly alone: number[] } = { followed: [], alone: [] };
  const processor: number[] = [];
  await writersRate(engine, context, { graph: "warm-up", history: nobody, windowMs });
  for (let pair = 0; pair < pairs; pair += 1) {
    progress.step(`writers with an archiver and without, pair ${pair + 1} of ${pairs}`);
    const followed = async (): Promise<void> => {
      await using archive = await startArchiveProcess(options);
      await archive.untilFollowing(signal);
      const [startedMs, usedMs] = [systemClock.monotonicMs(), await archive.processorMs()];
      rates.followed.push(await writersRate(engine, context, { graph: `followed-${pair}`, history: nobody, windowMs }));
      const tookMs = systemClock.monotonicMs() - startedMs;
      processor.push(((await archive.processorMs()) - usedMs) / tookMs);
      const written = await streamOffset(connection);
      mustReach(written, await endOf(archive, signal));
    };
    const alone = async (): Promise<void> => {
      await untilAlone(connection, signal);
      rates.alone.push(await writersRate(engine, context, { graph: `alone-${pair}`, history: nobody, windowMs }));
    };
    for (const measure of pair % 2 === 0 ? [followed, alone] : [alone, followed]) await measure();
  }
  return [
    row("processors that the archiver kept busy", "x", processor, { of: "one processor" }),
    row("writes without an archiver", "per s", rates.alone),
    row("writes with an archiver", "per s", rates.followed),
    row("rate of writers with an archiver", "x", ratios(rates.followed, rates.alone), {
      of: "their rate without",
      better: "more",
      target: { bound: "at least", value: 0.95 },
    }),
  ];
}

/** Ends it in good order, and gives the offset that its chain reaches. */
async function endOf(archive: ArchiveProcess, signal: AbortSignal): Promise<number> {
  await archive.interrupt(signal);
  if (archive.reached !== undefined) return archive.reached;
  throw new DrillError(`the archiver ended without saying how far it reaches: ${archive.complaints}`, {
    exit: "inconclusive",
    hint: "Run `falkordrill vault archive` by hand and see what it says.",
  });
}

/** An archiver that was not there costs nothing. */
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
