import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "retention/shrunk",
  title:
    "A source that fell to 1 % since the last backup is refused by name, and no prune removes the last whole backup",
  profiles: ["nightly", "release"],
  needs: ["vault", "prune"],
  nodes: 1_000,
  run: async (drill) => {
    const { keepsWholeBackup } = await import("../../harness/drill/claims/retention/shrunk.ts");
    await keepsWholeBackup(drill);
  },
});
