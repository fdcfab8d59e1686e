import { fullCyclePlan } from "../../harness/drill/cycle-plan.ts";
import { scenario } from "../../harness/drill/scenario.ts";

const plans = [
  {
    kind: "churn",
    profile: { kind: "constant", perSecond: 200 },
    title: "What was deleted, relabelled or stripped before the cut stays so, though the engine uses its ids again",
  },
  {
    kind: "hot-entity",
    profile: { kind: "burst", perSecond: 200, size: 16 },
    title: "No update of one hub is lost or comes twice, though many writers meet on it in bursts",
  },
  {
    kind: "counter",
    profile: { kind: "ramp", fromPerSecond: 50, toPerSecond: 400, overMs: 2000 },
    title: "Counters, written faster and faster, come back exactly as far as the cut",
  },
] as const;

for (const { kind, profile, title } of plans) {
  scenario({
    id: `concurrent/writes-${kind}`,
    title,
    profiles: ["drill", "nightly", "release"],
    nodes: 1_000,
    run: async (drill) => {
      const { cycle } = await import("../../harness/drill/cycle.ts");
      await cycle(drill, { ...fullCyclePlan, rawLimits: false, kinds: [{ kind, writers: 4, profile }] });
    },
  });
}
