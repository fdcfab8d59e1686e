import { concurrentPlan } from "../../harness/drill/claims/concurrent-plan.ts";
import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "concurrent/ring-and-ledger-at-the-cut",
  title: "Ring, ledger and counters, written at full speed through a coordinated backup, come back as one moment",
  profiles: ["pr", "drill", "nightly", "release"],
  needs: ["coordinated"],
  nodes: 2_000,
  run: async (drill) => {
    const { cycle } = await import("../../harness/drill/cycle.ts");
    const profile = { kind: "flat-out" } as const;
    const kinds = (["ring", "ledger", "counter"] as const).map((kind) => ({ kind, writers: 2, profile }));
    await cycle(drill, { ...concurrentPlan(drill), kinds });
  },
});
