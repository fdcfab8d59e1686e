// No update of the hub was lost or applied twice: its count, its sum and its edges are those of the present writes.
import { amountOf } from "../../../generators/writes/hot-entity.ts";
import type { Judgement } from "../check.ts";
import { type KindObservation, type KindState, momentFinding, tracedWrites } from "./moment.ts";

type State = Extract<KindState, { kind: "hot-entity" }>;

export function judgeHotEntity(observation: KindObservation, { hubs }: State, seed: number): Judgement {
  let writes = 0;
  let total = 0;
  for (const { writer, sequence } of tracedWrites(observation)) {
    writes += 1;
    total += amountOf({ seed, writer, sequence });
  }
  const [hub] = hubs;
  const witnesses = { hubUpdatesCompared: writes };
  const expected = { touches: writes, total, edges: writes };
  const [touches, sum, edges] = hub ?? [0, 0, 0];
  if (hubs.length === 1 && touches === writes && sum === total && edges === writes) return { findings: [], witnesses };
  const message =
    hubs.length === 1
      ? `the hub counts ${touches} updates with a sum of ${sum} and ${edges} edges; the ${writes} writes that are there make ${total}`
      : `there are ${hubs.length} hubs; one was expected`;
  const evidence = { expected, found: { touches, total: sum, edges }, hubs: hubs.length };
  const hint = "Two writers read the same value before both wrote (a lost update), or a write was applied twice.";
  return {
    findings: [momentFinding("hub-update-lost", `${observation.graph}/Hub`, message, evidence, hint)],
    witnesses,
  };
}
