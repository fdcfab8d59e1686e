// Hand-made states of each kind of graph: the result of its own writes passes, and each error is named.
import { expect, test } from "vitest";
import { type ChurnItem, churned, churnStep } from "../../../generators/writes/churn.ts";
import { counterOf } from "../../../generators/writes/counter.ts";
import { amountOf } from "../../../generators/writes/hot-entity.ts";
import { ledgerAccounts, openingBalance, transferOf } from "../../../generators/writes/ledger.ts";
import { ringNodes } from "../../../generators/writes/ring.ts";
import { includes, type KindObservation, type KindState, rangesOf, type SeenWrite } from "./moment.ts";
import { judgeMoment } from "./moments.ts";

const seed = 3;
const sequences = Array.from({ length: 40 }, (_, sequence) => sequence);
const after = { fromMs: 1000, toMs: 1000 };
const id = (sequence: number): { seed: number; writer: string; sequence: number } => ({ seed, writer: "w", sequence });

function history(): SeenWrite[] {
  return sequences.map((sequence) => {
    return { writer: "w", sequence, graph: "g", outcome: "ok", invokedMs: sequence, completedMs: sequence + 0.5 };
  });
}

function codes(state: KindState, observed: Partial<KindObservation> = {}, writes: SeenWrite[] = history()): string[] {
  const observation: KindObservation = { graph: "g", traces: { w: [[0, 39]] }, twice: [], state, ...observed };
  const evidence = { seed, cut: after, backup: after, disasterMs: null, graphs: [observation] };
  return judgeMoment(writes, evidence).findings.map(({ code }) => code);
}

function balances(): [number, number][] {
  const all = Array.from({ length: ledgerAccounts }, (_, account): [number, number] => [account, openingBalance]);
  for (const sequence of sequences) {
    const { from, to, amount } = transferOf(id(sequence));
    for (const entry of all) entry[1] += entry[0] === to ? amount : entry[0] === from ? -amount : 0;
  }
  return all;
}

test("ledger: the total holds, and each balance follows from the transfers", () => {
  const good = balances();
  expect(codes({ kind: "ledger", balances: good })).toEqual([]);
  const shifted = good.map(([account, balance]) => [account, balance + (account === 0 ? 5 : 0)] as const);
  expect(codes({ kind: "ledger", balances: shifted })).toEqual(["ledger-unbalanced", "ledger-balance-differs"]);
  const moved = shifted.map(([account, balance]) => [account, balance - (account === 1 ? 5 : 0)] as const);
  expect(codes({ kind: "ledger", balances: moved })).toEqual(["ledger-balance-differs"]);
  expect(codes({ kind: "ledger", balances: good.slice(1) })).toContain("ledger-unbalanced");
});

test("ring: one cycle in any order; two cycles, a gap, a fork and an extra node are all broken", () => {
  const order = Array.from({ length: ringNodes }, (_, n) => (n * 7) % ringNodes);
  const cycleOf = (nodes: readonly number[]): (readonly [number, number])[] =>
    nodes.map((node, n) => [node, nodes[(n + 1) % nodes.length] ?? 0] as const);
  const whole = cycleOf(order);
  expect(codes({ kind: "ring", nodes: ringNodes, edges: whole })).toEqual([]);
  const two = [...cycleOf(order.slice(0, 20)), ...cycleOf(order.slice(20))];
  expect(codes({ kind: "ring", nodes: ringNodes, edges: two })).toEqual(["ring-broken"]);
  expect(codes({ kind: "ring", nodes: ringNodes, edges: whole.slice(1) })).toEqual(["ring-broken"]);
  expect(codes({ kind: "ring", nodes: ringNodes, edges: [...whole, [0, 30]] })).toEqual(["ring-broken"]);
  expect(codes({ kind: "ring", nodes: ringNodes + 1, edges: whole })).toEqual(["ring-broken"]);
  expect(codes({ kind: "ring", nodes: 0, edges: [] })).toEqual(["ring-broken"]);
});

test("counters: each counts its writes", () => {
  const counts = [0, 0, 0, 0];
  for (const sequence of sequences) counts[counterOf(id(sequence))] = (counts[counterOf(id(sequence))] ?? 0) + 1;
  const values = counts.map((count, at) => [at, count] as const);
  expect(codes({ kind: "counter", values })).toEqual([]);
  const behind = values.map(([at, count]) => [at, at === 2 ? count - 1 : count] as const);
  expect(codes({ kind: "counter", values: behind })).toEqual(["counter-differs"]);
  expect(codes({ kind: "counter", values: [] })).toHaveLength(4);
});

test("hub: a lost update shows in the sum", () => {
  const total = sequences.reduce((sum, sequence) => sum + amountOf(id(sequence)), 0);
  expect(codes({ kind: "hot-entity", hubs: [[40, total, 40]] })).toEqual([]);
  expect(codes({ kind: "hot-entity", hubs: [[39, total - amountOf(id(9)), 40]] })).toEqual(["hub-update-lost"]);
  expect(codes({ kind: "hot-entity", hubs: [] })).toEqual(["hub-update-lost"]);
});

function churnItems(): ChurnItem[] {
  const items = new Map<string, ChurnItem>();
  for (const sequence of sequences) {
    const step = churnStep(id(sequence));
    const item = churned(items.get(step.key), step);
    if (item === undefined) items.delete(step.key);
    else if (step.op !== "index") items.set(step.key, item);
  }
  return [...items.values()];
}

test("churn: deletes stay deleted, nothing appears, nothing is lost, nothing comes back changed", () => {
  const indexes = ["Grown_w_0", "Grown_w_1"];
  const good = churnItems();
  const young = { labels: ["Young"], properties: ["note", "text"] };
  const judged = (items: readonly ChurnItem[], made: readonly string[] = indexes, withoutLabel = 0): string[] =>
    codes(
      { kind: "churn", items, indexes: made, withoutLabel },
      {
        traces: {
          w: [
            [0, 4],
            [6, 28],
            [30, 39],
          ],
        },
      },
    );
  expect(judged(good)).toEqual([]);
  expect(good.find(({ key }) => key === "w/0")).toEqual({
    key: "w/0",
    labels: ["Grown_w_0", "Old"],
    properties: ["Grown_w_0", "note"],
  });
  expect(judged([...good, { key: "w/7", ...young }])).toEqual(["delete-resurrected"]);
  expect(judged([...good, { key: "x/0", ...young }])).toEqual(["item-phantom"]);
  expect(judged(good.slice(1))).toEqual(["item-missing"]);
  expect(judged([...good, ...good.slice(0, 1)])).toEqual(["item-twice"]);
  expect(judged(good.map((item) => (item.key === "w/0" ? { ...item, ...young } : item)))).toEqual(["item-differs"]);
  expect(judged(good, [])).toEqual(["write-lost"]);
  expect(judged(good, [...indexes, "Other"])).toEqual(["index-phantom"]);
  expect(judged(good, indexes, 1)).toEqual(["deleted-nodes-found-in-engine"]);
  expect(judged([], indexes, 1)).toEqual(["item-missing", "deleted-nodes-found-in-engine"]);
});

test("traces: a write that no writer made, and one that is there twice", () => {
  const values = [0, 1, 2, 3].map((at) => [at, sequences.filter((n) => counterOf(id(n)) === at).length] as const);
  const state: KindState = { kind: "counter", values };
  expect(codes(state, { twice: [["w", 3]] })).toEqual(["write-twice"]);
  expect(codes(state, {}, history().slice(0, 39))).toEqual(["write-phantom"]);
});

test("ranges hold what was put in", () => {
  const ranges = rangesOf([5, 1, 2, 2, 9, 0, 6]);
  expect(ranges).toEqual([
    [0, 2],
    [5, 6],
    [9, 9],
  ]);
  expect(Array.from({ length: 11 }, (_, n) => n).filter((n) => includes(ranges, n))).toEqual([0, 1, 2, 5, 6, 9]);
});

const lost: Readonly<Record<KindState["kind"], KindState>> = {
  ledger: { kind: "ledger", balances: [] },
  ring: { kind: "ring", nodes: 0, edges: [] },
  counter: { kind: "counter", values: [] },
  "hot-entity": { kind: "hot-entity", hubs: [] },
  churn: { kind: "churn", items: [], indexes: [] },
};

test.each(Object.entries(lost))("%s: everything lost is every write lost", (_, state) => {
  expect(codes(state, { traces: {} })).toContain("write-lost");
});

test.each(Object.entries(lost))("%s: only the traces of its writes are left", (_, state) => {
  expect(codes(state)).not.toEqual([]);
});
