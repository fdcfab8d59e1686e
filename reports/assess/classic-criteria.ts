// What every recovery is asked, whatever the plan.
import type { Criterion } from "./criterion.ts";
import { restores, untried } from "./experiments.ts";
import { lately } from "./measures.ts";

export const classicCriteria: readonly Criterion[] = [
  {
    id: "restore-tried",
    group: "classic",
    title: "A backup was restored, and what came back was read and is right",
    experiments: [{ tries: "a restore", scenarios: restores, witnesses: ["graphsCompared", "nodesCompared"] }],
    risk: "What was never restored is not a backup.",
    remedy: "Restore the newest backup into an empty server, and read it.",
  },
  {
    id: "proof-age",
    group: "classic",
    title: "The last proof of a restore is recent",
    experiments: [
      {
        tries: "the newest restore that passed",
        scenarios: restores,
        witnesses: ["nodesCompared"],
        refutedBy: [],
        newestOnly: true,
        measure: lately,
      },
    ],
    risk: "A proof of an older engine, graph or script says nothing about the present ones.",
    remedy: "Run the drill again, and on a schedule.",
  },
  {
    id: "failure-reported",
    group: "classic",
    title: "A backup that cannot be right ends as failed, and the one before it stays",
    experiments: [
      {
        tries: "a backup whose source, service or pause fails",
        scenarios: [
          "conformance/failed-backup",
          "concurrent/engine-killed-in-backup",
          "concurrent/killed-service",
          "concurrent/long-write",
        ],
        witnesses: [],
        anyWitness: ["backupsWithoutSource", "backupsRefused"],
        refutedBy: ["failure"],
      },
    ],
    risk: "A failed backup counts as the newest good one.",
    remedy:
      "End the backup with a failure wherever a step of it fails (`set -euo pipefail` in a shell), and keep the last good one.",
  },
  {
    id: "key-loss",
    group: "classic",
    title: "The loss of a key is survived",
    experiments: [
      {
        tries: "a restore with each key alone",
        scenarios: ["security/key-rotation"],
        witnesses: ["keysProven", "statesProven"],
        needs: "vault",
      },
    ],
    risk: "Encrypted backups without a key are lost backups.",
    remedy: "Encrypt for two recipients whose keys are kept apart, and restore with each of them alone.",
  },
  {
    id: "region-loss",
    group: "classic",
    title: "The loss of a whole site is survived",
    experiments: [
      {
        tries: "a recovery with nothing but what another site holds",
        scenarios: ["region/failover-and-back", "region/failover"],
        witnesses: ["forksRefused"],
        anyWitness: ["statesProven", "entitiesCompared"],
        needs: "vault",
      },
    ],
    risk: "Database, backups and keys share a site, and go together.",
    remedy: "Keep a copy of backups and keys elsewhere, and recover from that copy alone.",
  },
  {
    id: "retention",
    group: "classic",
    title: "Retention removes only what no rule keeps, and what it keeps restores",
    experiments: [
      {
        tries: "a prune, and restores of what it kept",
        scenarios: ["conformance/prune-keeps", "retention/*"],
        witnesses: ["pointsPruned", "statesProven"],
        needs: "prune",
      },
    ],
    risk: "The prune takes the last good backup, or the base that later ones need.",
    remedy: "Prune by rules that never take the last proven backup, and restore what is left.",
  },
  {
    id: "alerting",
    group: "classic",
    title: "An alert is raised when backups stop or fail",
    experiments: [untried("an alert after a backup that did not happen")],
    risk: "Backups have failed for weeks when one is needed.",
    remedy: "Alert on the age of the last good backup, and let one fail to see the alert arrive.",
  },
];
