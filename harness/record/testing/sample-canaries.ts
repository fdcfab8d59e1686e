// Planted canaries as a drill stores them, made by hand from the sample observation of the checks.
import { ledgerAccounts, openingBalance, transferOf } from "../../../generators/writes/ledger.ts";
import { messageParts } from "../../../generators/writes/episode-message.ts";
import type { MomentEvidence } from "../../check/history/moments.ts";
import type { Difference, Expectation } from "../../check/observation.ts";
import { madeObservation, sampleExpectation } from "../../check/testing/sample-observation.ts";
import type { WriteRecord } from "../../workload/history/history.ts";
import type { CanaryEvidence } from "../canaries.ts";

const source = { seed: 1, dims: 0, schema: "post1856" } as const;
const cut = { fromMs: 100, toMs: 100 };
const record = (kind: string, sequence: number): WriteRecord => ({
  writer: kind,
  sequence,
  attempt: 0,
  kind,
  invokedMs: sequence,
  completedMs: sequence + 1,
  outcome: "ok",
  graph: `g-${kind}`,
  uuid: `${kind}/${sequence}`,
});

function moment(flipped: number): MomentEvidence {
  const balances = Array.from(
    { length: ledgerAccounts },
    (_, account) => [account, openingBalance] as [number, number],
  );
  const { from, to, amount } = transferOf({ seed: 1, writer: "ledger", sequence: 0 });
  for (const [account, more] of [
    [from, -amount],
    [to, amount],
    [0, flipped],
  ] as const) {
    const balance = balances[account];
    if (balance !== undefined) balance[1] += more;
  }
  const state = { kind: "ledger", balances } as const;
  const graphs = [{ graph: "g-ledger", traces: { ledger: [[0, 0]] as const }, twice: [], state }];
  return { seed: 1, cut, backup: cut, disasterMs: null, graphs };
}

const side = { type: "String", text: "a" };
const changed: Difference = {
  entity: "node",
  kind: "changed",
  label: "Entity",
  key: "a",
  properties: [{ name: "name", expected: side, actual: { ...side, text: "b" } }],
  alike: 1,
};
const missing: Difference = {
  entity: "edge",
  kind: "missing",
  label: "RELATES_TO",
  key: "e",
  properties: [],
  alike: 1,
};

function withOneNodeMore(): Expectation {
  const later = structuredClone(sampleExpectation);
  for (const { fingerprint } of later.graphs)
    for (const kind of Object.values(fingerprint.nodes.kinds)) kind.count += 1;
  return later;
}

const parts = messageParts({ seed: 1, schema: "post1856", writer: "episode", sequence: 0, groupId: "g-episode" });

export const sampleCanaries: CanaryEvidence = {
  planted: {
    "flipped-property": { code: "node-changed", subject: "main/Entity/a/name" },
    "missing-edge": { code: "edge-missing", subject: "main/RELATES_TO/e" },
    "missing-index": { code: "index-missing", subject: "main/Entity" },
    "stale-source": { code: "node-count-differs", subject: "main/Entity" },
    "lost-write": { code: "write-lost", subject: "g-episode/episode/1" },
    "flipped-balance": { code: "ledger-balance-differs", subject: "g-ledger/Account/0" },
    "lost-transfer": { code: "write-lost", subject: "g-ledger/ledger/1" },
  },
  expectation: sampleExpectation,
  laterExpectation: withOneNodeMore(),
  clean: madeObservation(),
  damaged: madeObservation((graph, all) => {
    graph.located = { differences: [changed, missing], found: 2, buckets: 1, bucketsRead: 1, entitiesRead: 2 };
    all.indexSets = [[]];
  }),
  history: [record("episode", 0), record("ledger", 0)],
  withheld: [record("episode", 1), record("ledger", 1)],
  writes: { cut, disasterMs: null, groups: ["g-episode"], present: parts.map(([, uuid]) => uuid), source },
  moment: moment(0),
  damagedMoment: moment(1),
};
