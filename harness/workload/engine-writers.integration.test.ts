// Every kind of write on a real engine: several concurrent writers leave a graph that passes all checks of a moment;
// and a manual change is detected.
import { expect, test } from "vitest";
import { writeKindNames, type WriteKindName } from "../../generators/writes/write-kind.ts";
import { judgeMoment, type MomentEvidence } from "../check/history/moments.ts";
import { embeddedEngines } from "../engine/embedded.ts";
import { connect } from "../falkordb/client/connection.ts";
import { waitFor } from "../base/wait.ts";
import { startEngineWriters } from "./engine-writers.ts";
import type { WriteRecord } from "./history/history.ts";
import { observeKind } from "./observe-kind.ts";
import { notReached } from "./write-profile.ts";

const seed = 7;
const always = { fromMs: Number.MAX_VALUE, toMs: Number.MAX_VALUE };

const damages: Readonly<Record<WriteKindName, readonly [cypher: string, code: string][]>> = {
  ledger: [
    ["MATCH (a:Account {number: 3}) SET a.balance = a.balance + 1", "ledger-unbalanced"],
    ["MATCH (w:Write {writer: 'ledger-0', sequence: 5}) DELETE w", "write-lost"],
  ],
  ring: [["MATCH (:Ring {number: 5})-[e:NEXT]->() DELETE e", "ring-broken"]],
  counter: [
    ["MATCH (c:Counter {number: 1}) SET c.value = c.value - 1", "counter-differs"],
    ["CREATE (:Write {writer: 'counter-0', sequence: 4})", "write-twice"],
  ],
  churn: [
    ["CREATE (:Churn:Young {key: 'churn-0/7', text: 'again', note: 7})", "delete-resurrected"],
    ["CREATE (:Churn:Young {key: 'nobody/1', text: 'new', note: 7})", "item-phantom"],
    ["MATCH (n:Churn {key: 'churn-0/0'}) SET n:Young", "item-differs"],
    ["MATCH (n:Churn {key: 'churn-0/6'}) DELETE n", "item-missing"],
  ],
  "hot-entity": [["MATCH (h:Hub) SET h.total = h.total - 1", "hub-update-lost"]],
};

test.each(writeKindNames)("%s: concurrent writers leave one consistent moment, and damage is seen", async (kind) => {
  await using engine = await embeddedEngines().start({ name: "source" });
  const history: WriteRecord[] = [];
  const sink = { record: (write: WriteRecord) => void history.push(write) };
  const options = { endpoint: engine.endpoint, kind, graph: `drill-${kind}`, writers: 4, seed, history: sink };
  await using writers = await startEngineWriters({ ...options, profile: { kind: "flat-out" } });
  await waitFor(() => writers.acked >= 300 || undefined, { what: "writes", timeoutMs: 20_000 });
  const { acked, failed, unknown } = await writers.stop();
  expect([failed, unknown, writers.lastReason]).toEqual([0, 0, undefined]);
  await using connection = await connect(engine.endpoint);
  const judged = async (): Promise<ReturnType<typeof judgeMoment>> => {
    const observation = await observeKind(connection, options.graph, kind);
    const evidence: MomentEvidence = { seed, cut: always, backup: always, disasterMs: null, graphs: [observation] };
    return judgeMoment(history, JSON.parse(JSON.stringify(evidence)) as MomentEvidence);
  };
  const { findings, witnesses, loss } = await judged();
  expect(findings).toEqual([]);
  expect(loss.writes).toBe(0);
  expect(witnesses["writesAcknowledgedBeforeCut"]).toBe(acked);
  const codes = new Set<string>();
  for (const [cypher, code] of damages[kind]) {
    await connection.query(options.graph, cypher);
    for (const finding of (await judged()).findings) codes.add(finding.code);
    expect(codes).toContain(code);
  }
});

test("deleted nodes that the engine still finds by their label are no items, and are named as its fault", async () => {
  await using engine = await embeddedEngines().start({ name: "source" });
  await using connection = await connect(engine.endpoint);
  await connection.query("g", "CREATE (:Churn:Young {key: 'w/0'}), (:Churn:Young {key: 'w/1'})");
  await connection.query("g", "UNWIND range(1, 20000) AS i CREATE (:Other)");
  await connection.query("g", "MATCH (n) WHERE n.key STARTS WITH 'w/' DELETE n");
  // One id is taken over, and the other one is free: to ask it for a property would be an error.
  await connection.query("g", "CREATE (:Other {key: 'w/2'})");
  const { state } = await observeKind(connection, "g", "churn");
  expect(state).toEqual({ kind: "churn", items: [], indexes: [], withoutLabel: 2 });
});

test("names are numbered before two writers bring them at once, which replicas and chains would not survive", async () => {
  await using engine = await embeddedEngines().start({ name: "source" });
  await using connection = await connect(engine.endpoint);
  const profile = { kind: "flat-out" } as const;
  for (const [kind, names] of [
    ["ledger", ["number", "balance"]],
    ["churn", ["key", "text", "note"]],
  ] as const) {
    const options = { endpoint: engine.endpoint, seed, history: { record: () => {} }, writers: 4, profile };
    await using writers = await startEngineWriters({ ...options, kind, graph: kind });
    await waitFor(() => writers.acked >= 4 || undefined, { what: "writes", timeoutMs: 60_000 });
    const { rows } = await connection.roQuery(kind, "CALL db.propertyKeys()");
    expect(rows.flat().slice(0, names.length + 2)).toEqual([...names, "writer", "sequence"]);
  }
});

test("an unreachable profile is reported with numbers; a reachable one is kept", async () => {
  await using engine = await embeddedEngines().start({ name: "source" });
  const options = { endpoint: engine.endpoint, seed, history: { record: () => {} }, writers: 2 };
  const slow = { kind: "constant", perSecond: 50 } as const;
  const fast = { kind: "constant", perSecond: 500_000 } as const;
  await using kept = await startEngineWriters({ ...options, kind: "counter", graph: "slow", profile: slow });
  await waitFor(() => kept.acked >= 30 || undefined, { what: "writes", timeoutMs: 60_000 });
  expect(notReached(slow, kept.reach())).toBeUndefined();
  await kept.stop();
  await using missed = await startEngineWriters({ ...options, kind: "counter", graph: "fast", profile: fast });
  await waitFor(() => missed.acked >= 30 || undefined, { what: "writes", timeoutMs: 60_000 });
  expect(notReached(fast, missed.reach())).toMatch(/asked for \d+ writes in .* and \d+ were acknowledged/);
  const taken = startEngineWriters({ ...options, kind: "counter", graph: "fast", profile: slow });
  await expect(taken).rejects.toThrow("is there already");
});
