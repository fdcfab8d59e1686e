// The raw limits of a run: how long the engine itself, with its default settings, takes to save this very graph and to
// load that dump again. Every time of a drill is shown as a ratio to these, so that a slow machine does not look like a
// slow system.
import { link, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, systemClock } from "../base/clock.ts";
import { errorMessage } from "../base/errors.ts";
import { machineError, spaceAt } from "../base/system-error.ts";
import type { Engine, EngineProvider } from "../engine/engine.ts";
import { loadDespiteStall } from "../engine/stall-watch.ts";
import { connect } from "../falkordb/client/connection.ts";
import { waitForIdleFork } from "../falkordb/client/fork-wait.ts";

export interface RawLimits {
  /** Duration of the engine's own SAVE. */
  readonly rawSaveMs: number;
  /** Size of its dump. */
  readonly rawBytes: number;
  /** Time to start a fresh engine from that dump, until it is ready with every index. */
  readonly rawLoadMs: number;
}

export interface RawLimitsOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly clock?: Clock;
}

const quietTimeoutMs = 120_000;

/** Returns undefined if the engine's data folder cannot be accessed. Blocks the source for the length of the SAVE. */
export async function measureRawLimits(
  source: Engine,
  engines: EngineProvider,
  options: RawLimitsOptions,
): Promise<RawLimits | undefined> {
  const { signal, timeoutMs, clock = systemClock } = options;
  if (source.dataDir === undefined) return undefined;
  const dump = join(source.dataDir, await settingOf(source, "dbfilename"));
  const aside = join(source.dataDir, "raw-limit.rdb");
  const keepsDump = await savesByItself(source);
  try {
    const savedMs = await save(source, clock, signal);
    // The source may write a newer dump meanwhile, by renaming it into place.
    await link(dump, aside);
    const { size } = await stat(aside);
    const load = async (): Promise<number> => {
      const loadStartMs = clock.monotonicMs();
      await using _fresh = await engines.start({ name: "raw-load", rdb: aside, timeoutMs, signal });
      return clock.monotonicMs() - loadStartMs;
    };
    return { rawSaveMs: savedMs, rawBytes: size, rawLoadMs: await loadDespiteStall(load) };
  } finally {
    await rm(aside, { force: true });
    if (!keepsDump) await rm(dump, { force: true });
  }
}

/**
 * A server with save points always has an older dump, as in production, where a backup may find it. One without them has
 * none, and a restart must not load one.
 */
async function savesByItself(source: Engine): Promise<boolean> {
  return (await settingOf(source, "save")) !== "";
}

async function settingOf(source: Engine, name: string): Promise<string> {
  await using connection = await connect(source.endpoint);
  const [, value = ""] = (await connection.command("CONFIG", "GET", name)) as string[];
  return value;
}

/** Default settings: what an operator gets without changing any. */
async function save(source: Engine, clock: Clock, signal: AbortSignal): Promise<number> {
  await using connection = await connect(source.endpoint);
  await waitForIdleFork(connection, { timeoutMs: quietTimeoutMs, signal, exit: "inconclusive" });
  const startedMs = clock.monotonicMs();
  await connection.command("SAVE").catch(async (error: unknown) => {
    signal.throwIfAborted();
    // The server itself answers only "ERR".
    const why = (await source.logs()).split("\n").findLast((line) => /error|fail/i.test(line)) ?? errorMessage(error);
    const where = `${source.dataDir ?? "its data folder"}${spaceAt(source.dataDir)}`;
    const hint = "Make room there, or choose another place with TMPDIR.";
    throw machineError(`the engine could not save its graphs into ${where}: ${why.trim()}`, hint, error);
  });
  return clock.monotonicMs() - startedMs;
}
