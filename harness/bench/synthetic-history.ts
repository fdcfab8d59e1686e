// A history of any length, made from a seed, and what an engine would hold of it after a cut in its middle: writers of
// every kind, a graph each, one write open at a time, and a few that failed or whose outcome is unknown. Pure.
import { messageParts, randomMessage } from "../../generators/writes/episode-message.ts";
import { Draw } from "../../generators/random.ts";
import { type ChurnItem, churned, churnStep } from "../../generators/writes/churn.ts";
import { counterOf, counters } from "../../generators/writes/counter.ts";
import { amountOf } from "../../generators/writes/hot-entity.ts";
import { ledgerAccounts, openingBalance, transferOf } from "../../generators/writes/ledger.ts";
import { ringNodes } from "../../generators/writes/ring.ts";
import { writeKindNames, type WriteKindName } from "../../generators/writes/write-kind.ts";
import { type KindObservation, type KindState, RangeBuilder } from "../check/history/moment.ts";
import type { MomentEvidence } from "../check/history/moments.ts";
import type { WriteRecord } from "../workload/history/history.ts";
import type { WritesEvidence } from "../workload/history/judge-writes.ts";

const writersOfKind = 4;
/** Milliseconds between the starts of two writes, of any writer. */
const stepMs = 0.5;
/** One line in so many is an episode. */
const episodeEvery = 100;
const writers = writeKindNames.length * writersOfKind;
const source = { dims: 0, schema: "post1856" } as const;

export interface MadeHistory {
  records(): Generator<WriteRecord>;
  /** What was found after the cut, for the writes of one query and for the episodes. */
  readonly moment: MomentEvidence;
  readonly episodes: WritesEvidence;
  /** Acknowledged writes that are not there. */
  readonly lost: number;
}

export function madeHistory(seed: number, lines: number): MadeHistory {
  const cutMs = lines * stepMs * 0.6;
  const records = (): Generator<WriteRecord> => recordsOf(seed, lines);
  const graphs = new Map(writeKindNames.map((kind) => [kind, new MadeGraph(kind, seed)]));
  const present: string[] = [];
  let lost = 0;
  for (const write of records()) {
    const isStored = isThere(write, cutMs, seed);
    if (!isStored && write.outcome === "ok") lost += 1;
    if (!isStored) continue;
    const { writer, sequence, graph: groupId } = write;
    if (write.kind === "episode")
      for (const [, uuid] of messageParts({ ...source, seed, writer, sequence, groupId })) present.push(uuid);
    else graphs.get(write.kind as WriteKindName)?.store(write);
  }
  const cut = { fromMs: cutMs - 5, toMs: cutMs + 5 };
  const spans = { cut, backup: { fromMs: cutMs - 10, toMs: cutMs + 1000 }, disasterMs: null };
  const observations = [...graphs.values()].map((graph) => graph.observation());
  return {
    records,
    moment: { ...spans, seed, graphs: observations },
    episodes: { ...spans, present, source: { ...source, seed } },
    lost,
  };
}

function* recordsOf(seed: number, lines: number): Generator<WriteRecord> {
  const ends = new Draw(seed, "history/ends");
  const sequences = new Map<string, number>();
  for (let line = 0; line < lines; line += 1) {
    const isEpisode = line % episodeEvery === episodeEvery - 1;
    const place = line % writers;
    const kind = isEpisode ? "episode" : (writeKindNames[place % writeKindNames.length] ?? "counter");
    const writer = `${kind}-${isEpisode ? "w" : Math.floor(place / writeKindNames.length)}`;
    const sequence = sequences.get(writer) ?? 0;
    sequences.set(writer, sequence + 1);
    const drawn = ends.at(line).below(1000);
    const outcome = drawn === 0 ? "failed" : drawn === 1 ? "unknown" : "ok";
    const invokedMs = line * stepMs;
    const completedMs = invokedMs + stepMs * (1 + (drawn % (writers - 2)));
    const graph = `drill-${kind}`;
    const groupId = graph;
    const uuid = isEpisode
      ? randomMessage({ ...source, seed, writer, sequence, groupId }).uuid
      : `${writer}/${sequence}`;
    yield { writer, sequence, attempt: 0, kind, invokedMs, completedMs, outcome, graph, uuid };
  }
}

/** Each write was stored in the middle of its time; of those whose end is unknown, every other one. */
function isThere({ invokedMs, completedMs, outcome, sequence }: WriteRecord, cutMs: number, seed: number): boolean {
  if (outcome === "failed" || (outcome === "unknown" && (sequence + seed) % 2 === 0)) return false;
  return (invokedMs + completedMs) / 2 <= cutMs;
}

class MadeGraph {
  readonly #kind: WriteKindName;
  readonly #seed: number;
  readonly #traces = new Map<string, RangeBuilder>();
  readonly #balances = new Map<number, number>();
  readonly #items = new Map<string, ChurnItem>();
  readonly #indexes: string[] = [];
  readonly #counts: number[] = Array.from({ length: counters }, () => 0);
  #touches = 0;
  #total = 0;

  constructor(kind: WriteKindName, seed: number) {
    this.#kind = kind;
    this.#seed = seed;
    for (let account = 0; account < ledgerAccounts; account += 1) this.#balances.set(account, openingBalance);
  }

  store({ writer, sequence }: WriteRecord): void {
    const step = this.#kind === "churn" ? churnStep({ writer, sequence }) : undefined;
    if (step?.op === "index") {
      this.#indexes.push(step.grown);
      return;
    }
    const ranges = this.#traces.get(writer) ?? new RangeBuilder();
    this.#traces.set(writer, ranges);
    ranges.add(sequence);
    const id = { seed: this.#seed, writer, sequence };
    if (this.#kind === "ledger") this.#transfer(transferOf(id));
    if (this.#kind === "counter") this.#counts[counterOf(id)] = (this.#counts[counterOf(id)] ?? 0) + 1;
    if (this.#kind === "hot-entity") this.#total += amountOf(id);
    this.#touches += 1;
    if (step === undefined) return;
    const item = churned(this.#items.get(step.key), step);
    if (item === undefined) this.#items.delete(step.key);
    else this.#items.set(step.key, item);
  }

  observation(): KindObservation {
    const traces = Object.fromEntries([...this.#traces].map(([writer, { ranges }]) => [writer, ranges]));
    return { graph: `drill-${this.#kind}`, traces, twice: [], state: this.#state() };
  }

  #transfer({ from, to, amount }: ReturnType<typeof transferOf>): void {
    this.#balances.set(from, (this.#balances.get(from) ?? 0) - amount);
    this.#balances.set(to, (this.#balances.get(to) ?? 0) + amount);
  }

  #state(): KindState {
    const kind = this.#kind;
    switch (kind) {
      case "ledger":
        return { kind, balances: [...this.#balances] };
      case "ring":
        // Any one cycle will do.
        return {
          kind,
          nodes: ringNodes,
          edges: Array.from({ length: ringNodes }, (_, node) => [node, (node + 1) % ringNodes] as const),
        };
      case "counter":
        return { kind, values: this.#counts.map((value, number) => [number, value] as const) };
      case "hot-entity":
        return { kind, hubs: [[this.#touches, this.#total, this.#touches]] };
      case "churn":
        return { kind, items: [...this.#items.values()], indexes: this.#indexes };
    }
  }
}
