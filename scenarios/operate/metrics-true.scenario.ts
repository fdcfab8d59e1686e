import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "operate/metrics-true",
  title:
    "Metrics, a look into a backup and an analysis say what is in the vault, whether its proofs failed, its newest backup is damaged, its replica lags, or nobody can read it",
  profiles: ["nightly", "release"],
  needs: ["vault"],
  nodes: 300,
  run: async (drill) => {
    const { provesOperations } = await import("../../harness/drill/claims/operate/operate.ts");
    await provesOperations(drill);
  },
});
