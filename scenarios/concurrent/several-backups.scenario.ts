import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "concurrent/several-backups",
  title: "Several backups one after the other under writers are restore points of their own, the last and earlier ones",
  profiles: ["nightly", "release"],
  nodes: 500,
  run: async (drill) => {
    const { severalBackups } = await import("../../harness/drill/claims/coordination/several-backups.ts");
    await severalBackups(drill, drill.options.profile === "pr" ? 3 : 6);
  },
});

scenario({
  id: "concurrent/backups-asked-for-at-once",
  title: "Of two backups requested at once one is made in full, and the other is refused",
  profiles: ["nightly", "release"],
  needs: ["vault"],
  nodes: 500,
  run: async (drill) => {
    const { askedAtOnce } = await import("../../harness/drill/claims/coordination/several-backups.ts");
    await askedAtOnce(drill);
  },
});
