import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "security/key-rotation",
  title:
    "A rotation of keys locks the old key out of every backup and no other, and what it copied restores to the last property",
  profiles: ["nightly", "release"],
  needs: ["vault"],
  nodes: 300,
  run: async (drill) => {
    const { provesKeyRotation } = await import("../../harness/drill/claims/security/key-rotation.ts");
    await provesKeyRotation(drill);
  },
});
