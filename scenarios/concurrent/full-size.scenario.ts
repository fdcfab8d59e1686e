import { concurrentPlan } from "../../harness/drill/claims/concurrent-plan.ts";
import { scenario } from "../../harness/drill/run/scenario.ts";

/**
 * Writes a second of each kind; 2,000 together. An episode is fifteen queries and more, the others are one each. On every
 * change a quarter of them, which nobody is held to. Every 24th churn makes an index, so there are few of those.
 */
const perSecond = { counter: 1070, ledger: 530, ring: 250, "hot-entity": 120, churn: 10 } as const;
const episodesPerSecond = 20;
/** Two cores are busy with the writers alone: a backup at full speed would take half of their writes. */
const backupBytesPerSecond = 48 * 2 ** 20;
/** The engine cleans its indexes up every half minute, and writes slow down to a third: what is "before" must hold that. */
const windowMs = 45_000;

scenario({
  id: "concurrent/full-size",
  title: "A graph of full size under 2,000 writes a second: no write before the cut is lost, and writers hardly wait",
  profiles: ["nightly", "release"],
  alone: true,
  run: async (drill) => {
    const { cycle } = await import("../../harness/drill/cycle.ts");
    const isSmall = drill.options.profile === "pr";
    const share = isSmall ? 0.25 : 1;
    const constant = (rate: number) => ({ kind: "constant", perSecond: rate * share }) as const;
    const kinds = Object.entries(perSecond).map(([kind, rate]) => ({
      kind: kind as keyof typeof perSecond,
      writers: rate > 400 ? 4 : 2,
      profile: constant(rate),
    }));
    const writerProfile = constant(episodesPerSecond);
    const plan = {
      ...concurrentPlan(drill),
      ...(isSmall ? {} : { heldToProfiles: true, backupBytesPerSecond, windowMs }),
    };
    await cycle(drill, { ...plan, writers: 4, writerGraphs: 4, writerProfile, kinds });
    drill.record.requireWitnesses("pausesObserved");
  },
});
