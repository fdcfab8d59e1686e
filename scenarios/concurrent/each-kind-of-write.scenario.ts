import type { WriteProfile } from "../../harness/workload/write-profile.ts";
import { concurrentPlan, ruler } from "../../harness/drill/claims/concurrent-plan.ts";
import type { CyclePlan } from "../../harness/drill/cycle-plan.ts";
import { scenario } from "../../harness/drill/run/scenario.ts";

const burst: WriteProfile = { kind: "burst", perSecond: 200, size: 16 };
const ramp: WriteProfile = { kind: "ramp", fromPerSecond: 50, toPerSecond: 400, overMs: 2000 };
const steady: WriteProfile = { kind: "constant", perSecond: 200 };
const flatOut: WriteProfile = { kind: "flat-out" };

/** Counter writers at full speed accompany each kind, so that there are writes inside the fork window. */
const claims: readonly { readonly kind: string; readonly title: string; readonly plan: Partial<CyclePlan> }[] = [
  {
    kind: "episodes",
    title:
      "No episode is lost or torn, though the writers never stop: the pause drains them, and they resume afterwards",
    plan: { writers: 4, writerProfile: flatOut, kinds: [ruler] },
  },
  {
    kind: "ledger",
    title: "The total of all accounts is unchanged, whatever transfers run at the cut",
    plan: { kinds: [{ kind: "ledger", writers: 4, profile: steady }, ruler] },
  },
  {
    kind: "ring",
    title: "A ring that every write turns comes back as one ring",
    plan: { kinds: [{ kind: "ring", writers: 4, profile: burst }, ruler] },
  },
  {
    kind: "counter",
    title: "Counters, written faster and faster, come back exactly as far as the cut",
    plan: {
      kinds: [
        { kind: "counter", writers: 4, profile: ramp },
        { ...ruler, kind: "ledger" },
      ],
    },
  },
  {
    kind: "churn",
    title: "What was deleted, relabelled or stripped before the cut stays so, although the engine reuses its ids",
    plan: { kinds: [{ kind: "churn", writers: 4, profile: steady }, ruler] },
  },
  {
    kind: "hot-entity",
    title: "No update of one hub entity is lost or applied twice, though many writers update it in bursts",
    plan: { kinds: [{ kind: "hot-entity", writers: 4, profile: burst }, ruler] },
  },
];

for (const { kind, title, plan } of claims) {
  scenario({
    id: `concurrent/writes-${kind}`,
    title,
    profiles: ["nightly", "release"],
    needs: ["coordinated"],
    nodes: 1_000,
    run: async (drill) => {
      const { cycle } = await import("../../harness/drill/cycle.ts");
      await cycle(drill, { ...concurrentPlan(drill), ...plan });
    },
  });
}
