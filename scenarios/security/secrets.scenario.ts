import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "security/secrets",
  title:
    "No password, token, passphrase or text of a graph is left in clear by commands that succeed, fail, stop or are killed",
  profiles: ["pr", "nightly", "release"],
  needs: ["vault"],
  nodes: 50,
  timeoutMs: 1_200_000,
  run: async (drill) => {
    const { findsNoSecrets } = await import("../../harness/drill/claims/security/secrets.ts");
    const { missingStore, startObjectStore } = await import("../../fixtures/object-stores/object-stores.ts");
    await findsNoSecrets(drill, async (resources) => {
      // It asks for no right, so that planted credentials open it.
      if (missingStore("moto") !== undefined) return undefined;
      const store = resources.use(await startObjectStore("moto", drill.signal));
      return { endpoint: store.endpoint, bucket: await store.newBucket() };
    });
  },
});
