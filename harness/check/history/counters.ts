// Each counter counts exactly the writes that are there.
import { counterOf, counters } from "../../../generators/writes/counter.ts";
import type { Judgement } from "../check.ts";
import { type KindObservation, type KindState, momentFinding, tracedWrites } from "./moment.ts";

type State = Extract<KindState, { kind: "counter" }>;

export function judgeCounters(observation: KindObservation, { values }: State, seed: number): Judgement {
  const expected = Array.from({ length: counters }, () => 0);
  for (const { writer, sequence } of tracedWrites(observation)) {
    const at = counterOf({ seed, writer, sequence });
    expected[at] = (expected[at] ?? 0) + 1;
  }
  const found = new Map(values);
  const findings = expected.flatMap((count, at) => {
    if (found.get(at) === count && values.length === counters) return [];
    const message = `counter ${at} has the value ${found.get(at) ?? "nothing"}; ${count} of its writes are there`;
    const evidence = { found: found.get(at) ?? null, expected: count, counters: values.length };
    return [momentFinding("counter-differs", `${observation.graph}/Counter/${at}`, message, evidence)];
  });
  return { findings, witnesses: { countersCompared: values.length } };
}
