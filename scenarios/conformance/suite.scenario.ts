import type { Drill } from "../../harness/drill/drill.ts";
import type { ScenarioDefinition } from "../../harness/drill/run/scenario-definition.ts";
import { scenario } from "../../harness/drill/run/scenario.ts";

type Claim = Pick<ScenarioDefinition, "title" | "needs"> & {
  readonly load: () => Promise<(drill: Drill) => Promise<void>>;
};

/** What every backup system must do, whoever wrote it. */
const claims: Readonly<Record<string, Claim>> = {
  "points-apart": {
    title: "Each of two backups brings back the state that it was made of, as often as it is restored",
    load: async () => (await import("../../harness/drill/claims/conformance/apart.ts")).provesPointsApart,
  },
  "slow-save": {
    title: "A backup of a source that needs seconds to save holds what was there when it began, and not an older dump",
    load: async () => (await import("../../harness/drill/claims/conformance/slow-save.ts")).provesSlowSave,
  },
  "source-untouched": {
    title: "A backup changes nothing on its source, and keys that are no graphs come back too",
    load: async () => (await import("../../harness/drill/claims/conformance/untouched.ts")).provesSourceUntouched,
  },
  "damaged-backup": {
    title: "A damaged backup is refused or comes back whole, never in part with success",
    load: async () => (await import("../../harness/drill/claims/conformance/damaged.ts")).provesDamageRefused,
  },
  "verify-finds-damage": {
    title: "A verify finds every damage of the stored files, and none where there is none",
    needs: ["verify"],
    load: async () => (await import("../../harness/drill/claims/conformance/damaged.ts")).provesVerify,
  },
  "failed-backup": {
    title: "A backup of a source that is down fails and leaves no restore point, and the one before still restores",
    load: async () => (await import("../../harness/drill/claims/conformance/failures.ts")).provesFailedBackup,
  },
  "unknown-point": {
    title: "The restore of a backup that does not exist fails, and a real one still restores",
    load: async () => (await import("../../harness/drill/claims/conformance/failures.ts")).provesUnknownPoint,
  },
  "service-contract": {
    title: "The graph service pauses, renews, refuses and resumes as its contract says, and ends what nobody ended",
    load: async () =>
      (await import("../../harness/drill/claims/conformance/service-contract.ts")).provesServiceContract,
  },
  "prune-keeps": {
    title: "A prune keeps the newest backup, and whatever is listed afterwards restores",
    needs: ["prune"],
    load: async () => (await import("../../harness/drill/claims/conformance/prune.ts")).provesPruneKeeps,
  },
};

for (const [name, { load, ...claim }] of Object.entries(claims)) {
  scenario({
    id: `conformance/${name}`,
    ...claim,
    profiles: ["nightly", "release"],
    nodes: 300,
    run: async (drill) => {
      const prove = await load();
      await prove(drill);
    },
  });
}
