import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "incremental/any-moment",
  title: "Any moment since the last backup comes back as one moment of the writers' history",
  profiles: ["pr", "drill", "nightly", "release"],
  needs: ["incremental", "vault"],
  nodes: 1_000,
  run: async (drill) => {
    const { restoresAnyMoment } = await import("../../harness/drill/claims/incremental/any-moment.ts");
    const { profile } = drill.options;
    await restoresAnyMoment(drill, profile === "pr" ? 3 : profile === "drill" ? 5 : 50);
  },
});

scenario({
  id: "incremental/chain",
  title: "Every link of a chain of increments comes back as the moment at which it was taken",
  profiles: ["pr", "nightly", "release"],
  needs: ["incremental", "vault"],
  nodes: 1_000,
  timeoutMs: 1_800_000,
  run: async (drill) => {
    const { provesEveryLink } = await import("../../harness/drill/claims/incremental/chain.ts");
    const { profile } = drill.options;
    // Each link is the end of a shorter chain, so the longest holds all lengths.
    await provesEveryLink(drill, profile === "pr" ? 3 : profile === "drill" ? 5 : 100);
  },
});
