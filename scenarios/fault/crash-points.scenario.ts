import { scenario } from "../../harness/drill/run/scenario.ts";

/** What the drills below have in common. */
const crashPoints = {
  profiles: ["nightly", "release"],
  needs: ["vault"],
  nodes: 50,
  timeoutMs: 900_000,
} as const;

scenario({
  ...crashPoints,
  id: "fault/crash-points-backup",
  title: "A backup that is killed at any step leaves the old vault or the new one, and the next backup succeeds",
  run: async (drill) => {
    const { breaksBackups } = await import("../../harness/drill/claims/crash-points/growing.ts");
    await breaksBackups(drill, "kill");
  },
});

scenario({
  ...crashPoints,
  id: "fault/crash-points-backup-service",
  title: "A backup that is killed at any step lets the service that it paused go on, and the next backup succeeds",
  run: async (drill) => {
    const { killsBackupsWithService } = await import("../../harness/drill/claims/crash-points/growing.ts");
    await killsBackupsWithService(drill);
  },
});

scenario({
  ...crashPoints,
  id: "fault/crash-points-increment",
  title: "An increment that is killed at any step leaves an intact chain, and the next increment continues it",
  run: async (drill) => {
    const { killsIncrements } = await import("../../harness/drill/claims/crash-points/growing.ts");
    await killsIncrements(drill);
  },
});

scenario({
  ...crashPoints,
  id: "fault/crash-points-replicate",
  title: "A replication that is killed at any step leaves whole restore points, and the next one brings the rest",
  run: async (drill) => {
    const { killsReplications } = await import("../../harness/drill/claims/crash-points/replicate.ts");
    await killsReplications(drill);
  },
});

scenario({
  ...crashPoints,
  id: "fault/crash-points-archive",
  title: "An archive that is killed at any step leaves an intact chain, and the next archive continues it",
  run: async (drill) => {
    const { killsArchives } = await import("../../harness/drill/claims/crash-points/growing.ts");
    await killsArchives(drill);
  },
});

scenario({
  ...crashPoints,
  id: "fault/crash-points-restore",
  title:
    "A restore that is killed at any step leaves its target as it was, complete, or marked, and the next restore succeeds",
  run: async (drill) => {
    const { killsRestores } = await import("../../harness/drill/claims/crash-points/restore.ts");
    await killsRestores(drill);
  },
});

scenario({
  ...crashPoints,
  id: "fault/crash-points-restore-in-place",
  title:
    "A restore in place that is killed at any step is taken over or rolled back by the next command, and the application goes on",
  timeoutMs: 3_600_000,
  run: async (drill) => {
    const { breaksRestoresInPlace } = await import("../../harness/drill/claims/crash-points/restore-in-place.ts");
    await breaksRestoresInPlace(drill, "kill");
  },
});

scenario({
  ...crashPoints,
  id: "fault/crash-points-roll-back",
  title:
    "A rollback of a restore in place that is killed at any step is ended by the next command, which drops no later write",
  timeoutMs: 3_600_000,
  run: async (drill) => {
    const { killsRollbacks } = await import("../../harness/drill/claims/crash-points/roll-back.ts");
    await killsRollbacks(drill);
  },
});

scenario({
  ...crashPoints,
  id: "fault/crash-points-compact",
  title:
    "A compaction that is killed at any step leaves the chain and at most a whole new backup, and the next compaction succeeds",
  run: async (drill) => {
    const { killsCompactions } = await import("../../harness/drill/claims/crash-points/growing.ts");
    await killsCompactions(drill);
  },
});

scenario({
  ...crashPoints,
  id: "fault/crash-points-verify",
  title: "A verify that is killed at any step leaves the old record or the new one, and the next verify replaces it",
  run: async (drill) => {
    const { killsVerifies } = await import("../../harness/drill/claims/crash-points/verify.ts");
    await killsVerifies(drill);
  },
});

scenario({
  ...crashPoints,
  id: "fault/crash-points-keys",
  title: "A command on keys that is killed at any step leaves a whole key or none, and no copy of a secret key",
  run: async (drill) => {
    const { killsKeyCommands } = await import("../../harness/drill/claims/crash-points/keys.ts");
    await killsKeyCommands(drill);
  },
});

scenario({
  ...crashPoints,
  id: "fault/failed-steps-backup",
  title: "A backup any step of which fails puts settings back and leaves the old vault or the new one",
  run: async (drill) => {
    const { breaksBackups } = await import("../../harness/drill/claims/crash-points/growing.ts");
    await breaksBackups(drill, "fail");
  },
});

scenario({
  ...crashPoints,
  id: "fault/failed-steps-prune",
  title: "A prune any step of which fails leaves only whole restore points, and the next prune completes its work",
  needs: ["prune", "vault"],
  run: async (drill) => {
    const { breaksPrunes } = await import("../../harness/drill/claims/crash-points/prune.ts");
    await breaksPrunes(drill, "fail");
  },
});

scenario({
  ...crashPoints,
  id: "fault/failed-steps-restore-in-place",
  title:
    "A restore in place any step of which fails leaves what the server held, or the backup, and the application goes on at once",
  timeoutMs: 3_600_000,
  run: async (drill) => {
    const { breaksRestoresInPlace } = await import("../../harness/drill/claims/crash-points/restore-in-place.ts");
    await breaksRestoresInPlace(drill, "fail");
  },
});

scenario({
  ...crashPoints,
  id: "fault/stopped-processes",
  title: "A process that is stopped, and goes on when another has taken over, notices it and harms nothing",
  run: async (drill) => {
    const { stopsProcesses } = await import("../../harness/drill/claims/crash-points/stopped.ts");
    await stopsProcesses(drill);
  },
});
