// How long a restore takes by the length of its chain, against the restore of a full backup of the same state: two chains,
// one whose increments hold one per cent of the graph each, as those of an hour do, and one whose increments hold one per
// cent all together. Every change is a query of its own, as an agent writes: entities that get a new summary, and in
// every fourth increment new entities with two facts each.
import { join } from "node:path";
import { privateFolder } from "../../base/process/reaper.ts";
import { referenceSystem } from "../../system/reference/reference.ts";
import type { BackupSystem } from "../../system/system.ts";
import { timedBackup } from "../bench-source.ts";
import type { BenchContext } from "../benchmark.ts";
import { type BenchRow, ratios, row } from "../rows.ts";
import { Series } from "../series.ts";
import { makeChange } from "../storage/changes.ts";
import { type ChainSource, chainSource } from "./chain-source.ts";
import { type Point, stateSums, timedRestore } from "./timed-restore.ts";

const chainLengths: readonly number[] = [1, 5, 24, 100];
/** A day of hourly increments is held to the target. */
const judgedLength = 24;
const appendEvery = 4;

interface Chain {
  readonly name: string;
  /** Share of the nodes that each increment changes. */
  readonly share: number;
}

/** One state, as a chain of this length and as a full backup. */
interface State {
  readonly length: number;
  readonly chain: Point;
  readonly full: Point;
}

export async function restoreByLength(
  context: BenchContext,
  lengths: readonly number[] = chainLengths,
): Promise<BenchRow[]> {
  const most = Math.max(...lengths);
  const chains: readonly Chain[] = [
    { name: "1 % each", share: 0.01 },
    { name: "1 % in all", share: 0.01 / most },
  ];
  const rows: BenchRow[] = [];
  for (const chain of chains) {
    const series = new Series();
    await measureChain(context, chain, lengths, series);
    rows.push(...lengths.flatMap((length) => rowsOf(chain, length, series)));
  }
  return rows;
}

async function measureChain(
  context: BenchContext,
  chain: Chain,
  lengths: readonly number[],
  series: Series,
): Promise<void> {
  const { progress, runs } = context;
  await using source = await chainSource(context);
  await using folder = await privateFolder("bench-fulls");
  // They get their own vault: in the same one the next increment would follow the newest of them.
  await using fulls = await referenceSystem({ vault: join(folder.path, "vault"), profile: "interop" });
  const states = await grow(context, source, fulls, chain, lengths, series);
  // Its memory is not needed any more.
  await source.engine.kill();
  for (let run = 0; run < runs; run += 1) {
    for (const { length, chain: increments, full } of states) {
      progress.step(`restore from base + ${length} increments, ${chain.name}, run ${run + 1} of ${runs}`);
      const ways = [
        ["chain", source.system, increments],
        ["full", fulls, full],
      ] as const;
      for (const [way, system, point] of run % 2 === 0 ? ways : ways.toReversed()) {
        const { answeredMs, operationalMs } = await timedRestore(system, point, context);
        series.add(`${length} ${way}`, operationalMs);
        series.add(`${length} ${way} answered`, answeredMs);
      }
    }
  }
}

/** Makes the chain, and a full backup of its state at each of the lengths. */
async function grow(
  context: BenchContext,
  source: ChainSource,
  fulls: BackupSystem,
  { name, share }: Chain,
  lengths: readonly number[],
  series: Series,
): Promise<State[]> {
  const { connection, content, engine } = source;
  const [plan] = content.graphs();
  const graph = plan?.name ?? "";
  await timedBackup(source, context);
  const states: State[] = [];
  let storedBytes = 0;
  for (let number = 1; number <= Math.max(...lengths); number += 1) {
    context.progress.step(`increment ${number} of ${Math.max(...lengths)}, ${name}`);
    const pattern = number % appendEvery === 0 ? "appended" : "scattered";
    await makeChange(connection, content, { pattern, share }, number, { rowsPerQuery: 1 });
    const { base, offset, storedBytes: bytes } = await source.increment();
    storedBytes += bytes;
    if (!lengths.includes(number)) continue;
    const expected = await stateSums(engine.endpoint, graph);
    const { point } = await timedBackup({ ...source, system: fulls }, context);
    states.push({
      length: number,
      chain: { point: base, at: { offset }, graph, expected },
      full: { point: point.id, graph, expected },
    });
    series.add(`${number} stored`, storedBytes);
  }
  return states;
}

function rowsOf({ name }: Chain, length: number, series: Series): BenchRow[] {
  const of = "a full backup of the same state";
  const increments = `base + ${length} increments, ${name}`;
  const target = length === judgedLength ? ({ target: { bound: "at most", value: 1.5 } } as const) : {};
  const times = { chart: `Restore time by number of increments, ${name}`, x: length };
  const ofFull = { chart: `The same, of ${of}`, line: `increments of ${name}`, x: length };
  const [chain, full] = [series.get(`${length} chain`), series.get(`${length} full`)];
  const answered = ratios(series.get(`${length} chain answered`), series.get(`${length} full answered`));
  return [
    row(`restore, ${increments}`, "ms", chain, { curve: { ...times, line: "base + increments" } }),
    row(`restore, full after ${length} increments, ${name}`, "ms", full, { curve: { ...times, line: of } }),
    row(`restore, ${increments}, of full`, "x", ratios(chain, full), { of, curve: ofFull, ...target }),
    row(`first answer, ${increments}, of full`, "x", answered, { of }),
    row(`parts stored for ${length} increments, ${name}`, "bytes", series.get(`${length} stored`)),
  ];
}
