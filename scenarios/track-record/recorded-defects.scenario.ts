import { recordedDefects } from "../../harness/drill/claims/track-record/recorded-defects.ts";
import { scenario } from "../../harness/drill/run/scenario.ts";

for (const defect of recordedDefects) {
  scenario({
    id: `track-record/${defect.id}`,
    title: `A defect on record: FalkorDB ${defect.what}`,
    profiles: ["nightly", "release"],
    about: "engine",
    nodes: 1,
    run: async (drill) => {
      const { playDefect } = await import("../../harness/drill/claims/track-record/play-defect.ts");
      await playDefect(drill, defect);
    },
  });
}
