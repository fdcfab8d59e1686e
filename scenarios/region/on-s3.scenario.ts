import { fullCyclePlan } from "../../harness/drill/cycle-plan.ts";
import type { Drill } from "../../harness/drill/drill.ts";
import { scenario } from "../../harness/drill/run/scenario.ts";

interface ClaimOnS3 {
  readonly id: string;
  readonly title: string;
  readonly claim: (drill: Drill) => Promise<unknown>;
}

const claims: readonly ClaimOnS3[] = [
  {
    id: "region/cycle-on-s3",
    title: "A backup under writes into a bucket restores to the last property after a total loss",
    claim: async (drill) => {
      const { cycle } = await import("../../harness/drill/cycle.ts");
      await cycle(drill, fullCyclePlan);
    },
  },
  {
    id: "region/increments-on-s3",
    title: "Increments in a bucket restore to the last entity, also those of only updates, deletes or schema changes",
    claim: async (drill) => {
      const { restoresOddIncrements } = await import("../../harness/drill/claims/incremental/unusual-increments.ts");
      await restoresOddIncrements(drill);
    },
  },
  {
    id: "region/retention-on-s3",
    title: "A prune in a bucket removes what no rule keeps, and what it keeps restores to the last property",
    claim: async (drill) => {
      const { provesKeptChains } = await import("../../harness/drill/claims/retention/kept-restores.ts");
      await provesKeptChains(drill);
    },
  },
  {
    id: "region/records-on-s3",
    title: "What is recorded at once in a bucket stays on record, and none of it takes the place of another",
    claim: async (drill) => {
      const { provesRecordsAtOnce } = await import("../../harness/drill/claims/region/records-at-once.ts");
      await provesRecordsAtOnce(drill);
    },
  },
];

for (const { id, title, claim } of claims)
  scenario({
    id,
    title,
    profiles: ["nightly", "release"],
    needs: ["vault"],
    nodes: 500,
    run: async (drill) => {
      const { onObjectStore } = await import("../../fixtures/object-stores/on-object-store.ts");
      await onObjectStore(drill, claim);
    },
  });
