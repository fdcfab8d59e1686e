import { concurrentPlan } from "../../harness/drill/claims/concurrent-plan.ts";
import { scenario } from "../../harness/drill/run/scenario.ts";

/**
 * Writes per second of each kind; 2,000 in total. An episode is fifteen queries or more, the others are one each. In
 * runs on every change a quarter of them, without a required rate. Every 24th churn creates an index, so their rate is
 * low.
 */
const perSecond = { counter: 1070, ledger: 530, ring: 250, "hot-entity": 120, churn: 10 } as const;
const episodesPerSecond = 20;
/** Writers alone keep two cores busy: a backup at full speed would take half of their rate. */
const backupBytesPerSecond = 48 * 2 ** 20;
/**
 * The engine cleans its indexes up every half minute, slowing writes to a third; the "before" window must include that.
 */
const windowMs = 45_000;
/** Two cores reach 75 to 100 % of these rates; with less than half, the claim would not be worth its title. */
const profileShareMin = 0.5;

scenario({
  id: "concurrent/full-size",
  title:
    "A graph of full size under up to 2,000 writes a second loses no write before the cut, and writers hardly wait",
  profiles: ["nightly", "release"],
  needs: ["coordinated"],
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
      ...(isSmall ? {} : { profileShareMin, backupBytesPerSecond, windowMs }),
    };
    await cycle(drill, { ...plan, writers: 4, writerGraphs: 4, writerProfile, kinds });
    drill.record.requireWitnesses("pausesObserved");
  },
});
