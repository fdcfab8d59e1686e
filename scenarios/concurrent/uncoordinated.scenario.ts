import { writeKindNames } from "../../generators/writes/write-kind.ts";
import { concurrentPlan } from "../../harness/drill/claims/concurrent-plan.ts";
import type { CyclePlan } from "../../harness/drill/cycle-plan.ts";
import type { ProfileName } from "../../harness/drill/run/profiles.ts";
import { scenario } from "../../harness/drill/run/scenario.ts";

const profile = { kind: "flat-out" } as const;
const everyKind = writeKindNames.map((kind) => ({ kind, writers: 2, profile }));
/** Several writers per graph, so that the service always has a half-written episode in each. */
const episodes = { writers: 4, writerProfile: profile, directEpisodes: { writers: 2, profile } };

// An uncoordinated backup claims one moment between two queries, across all graphs; an episode is many queries.
const claims: readonly {
  readonly id: string;
  readonly title: string;
  readonly profiles: readonly ProfileName[];
  readonly plan: Partial<CyclePlan>;
}[] = [
  {
    id: "concurrent/uncoordinated-cut-is-consistent-per-query",
    title:
      "Without any pause, what comes back is one moment between queries, across all graphs, for every kind of write",
    profiles: ["nightly", "release"],
    plan: { writers: 0, kinds: everyKind },
  },
  {
    id: "concurrent/uncoordinated-episodes",
    title: "Without any pause, episodes are torn only where Graphiti's order of queries allows it; each is named",
    profiles: ["nightly", "release"],
    plan: episodes,
  },
  {
    id: "concurrent/uncoordinated-all-writers",
    title: "Without any pause, every kind of write at once comes back as one moment, and torn episodes are counted",
    profiles: ["drill", "nightly", "release"],
    plan: { ...episodes, kinds: everyKind },
  },
];

for (const { id, title, profiles, plan } of claims) {
  scenario({
    id,
    title,
    profiles,
    nodes: 1_000,
    run: async (drill) => {
      const { cycle } = await import("../../harness/drill/cycle.ts");
      await cycle(drill, { ...concurrentPlan(drill), ...plan, coordination: "none" });
    },
  });
}
