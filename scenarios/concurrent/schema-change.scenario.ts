import { concurrentPlan, ruler } from "../../harness/drill/claims/concurrent-plan.ts";
import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "concurrent/schema-change",
  title: "Labels, properties and indexes created while the snapshot is read are not in it, and do not damage it",
  profiles: ["nightly", "release"],
  needs: ["coordinated"],
  nodes: 5_000,
  run: async (drill) => {
    const { provesSchemaChange } = await import("../../harness/drill/claims/schema-change.ts");
    const kinds = [{ kind: "churn", writers: 6, profile: { kind: "flat-out" } }, ruler] as const;
    await provesSchemaChange(drill, { ...concurrentPlan(drill), kinds });
  },
});
