// The success criteria of the plan, phase by phase.
import type { Criterion } from "./criterion.ts";
import { cycles, everythingRead, restores, untried } from "./experiments.ts";
import { incrementSaving, recoveryTime, repeated, withinObjectives, worstRecovery } from "./measures.ts";

export const phaseCriteria: readonly Criterion[] = [
  {
    id: "no-data-loss",
    group: "phase-1",
    title: "No acknowledged write from before a backup's cut is lost in a cycle of backup and restore",
    experiments: [
      {
        tries: "a total loss under writers, restored and compared to the last property",
        scenarios: cycles,
        witnesses: [...everythingRead, "faultsFired", "writesAcknowledgedBeforeCut"],
      },
    ],
    risk: "Writes that users saw acknowledged are silently missing after the next recovery.",
    remedy:
      "Find the first lost entity in the backup itself: either the backup never held it, or the restore dropped it.",
  },
  {
    id: "graph-integrity",
    group: "phase-1",
    title: "The graph's integrity is validated for every type of backup",
    experiments: [
      { tries: "nodes, edges and properties", scenarios: restores, witnesses: everythingRead },
      {
        tries: "indexes, vectors and searches",
        scenarios: restores,
        witnesses: ["indexesCompared", "indexLookupsWithRows", "vectorsProbed", "searchesCompared"],
      },
      { tries: "what Graphiti guarantees, in time too", scenarios: restores, witnesses: ["invariantsChecked"] },
      {
        tries: "a change planted in a restored graph",
        scenarios: ["cycle/one-changed-property"],
        witnesses: ["tamperingsMade", "tamperingsNamed"],
        refutedBy: [],
      },
      {
        tries: "a restore over the wire",
        scenarios: ["cycle/wire"],
        witnesses: everythingRead,
        needs: "restore-wire",
        isOptional: true,
      },
      {
        tries: "a restore from increments",
        scenarios: ["incremental/chain", "incremental/any-moment"],
        witnesses: ["momentsReached", "tracesRead"],
        needs: "incremental",
        isOptional: true,
      },
    ],
    risk: "A restored graph answers, and answers wrongly: counts look right while facts, vectors or indexes differ.",
    remedy: "Compare content after a restore, not counts; start with the finding that is named here.",
  },
  {
    id: "coordination",
    group: "phase-1",
    title: "Backups are coordinated with the application, without corruption and without leaving writes stopped",
    experiments: [
      {
        tries: "writes held by the pause of a backup, and let in again",
        scenarios: cycles,
        witnesses: ["pausesHeldToWrites", "writesHeldToPause", "writesLetInAgain"],
        refutedBy: ["pause", "writes"],
        needs: "coordinated",
      },
      {
        tries: "a pause whose backup or service is killed",
        scenarios: ["concurrent/killed-service", "concurrent/killed-backup"],
        witnesses: ["pausesObserved", "writesLetInAgain"],
        refutedBy: ["pause", "recovery"],
        needs: "coordinated",
      },
    ],
    risk: "A backup cuts episodes in half, or a crashed backup leaves the application unable to write.",
    remedy:
      "Have the backup pause writes through the application for the moment of the cut, under a lease that expires.",
  },
  {
    id: "encryption",
    group: "phase-1",
    title: "Backups are encrypted, for their own recipients only, and what is stored was searched for content in clear",
    experiments: [
      {
        tries: "every stored file, read for content of the graph and for recipients",
        scenarios: cycles,
        witnesses: ["storedFilesRead", "canariesSearched"],
        refutedBy: ["secrecy"],
        needs: "encrypted",
      },
    ],
    risk: "Whoever reads the backup storage reads every conversation in the graph.",
    remedy: "Encrypt in the stream, before anything is written, and say `encrypted: true` in the configuration.",
  },
  {
    id: "security-audit",
    group: "phase-1",
    title: "A basic security audit passed",
    experiments: [
      {
        tries: "stored files in the hands of a thief",
        scenarios: cycles,
        witnesses: ["storedFilesRead", "canariesSearched"],
        refutedBy: ["secrecy"],
        needs: "encrypted",
      },
      {
        tries: "damaged backups, and chains of foreign increments",
        scenarios: ["conformance/damaged-backup", "incremental/bad-chains"],
        witnesses: [],
        anyWitness: ["damagesMade", "badChainsTried"],
      },
      {
        tries: "a key that is lost or taken out of use",
        scenarios: ["security/key-rotation"],
        witnesses: ["keysProven", "statesProven"],
        needs: "vault",
      },
      {
        tries: "storage that gives back less, or something older, than was stored",
        scenarios: ["security/vault-rolled-back"],
        witnesses: ["tamperingsMade", "tamperingsNamed"],
        needs: "vault",
      },
      untried("stolen credentials"),
    ],
    risk: "An attacker with one credential reads, replaces or deletes the last good copy.",
    remedy: "Walk through who can read, replace and delete backups and keys, and try each.",
  },
  {
    id: "hardened-restore",
    group: "phase-1",
    title: "A restore lets no writer in early, leaves its source alone, and ends with a server that takes writes",
    experiments: [
      {
        tries: "a restored server that is written to",
        scenarios: cycles,
        witnesses: ["writesTried", "settingsCompared"],
        refutedBy: ["target"],
      },
      {
        tries: "writers who keep trying during a restore",
        scenarios: ["concurrent/restore-under-writers"],
        witnesses: ["writesRefusedDuringRestore", "writesAcknowledgedDuringRestore"],
        needs: "coordinated",
      },
      {
        tries: "a source that is compared after its backup or next to a restore",
        scenarios: ["conformance/source-untouched", "cycle/source-untouched"],
        witnesses: ["sourceGraphsCompared"],
        refutedBy: ["source"],
      },
    ],
    risk: "The restore itself does damage: writes vanish during it, or it overwrites the only good copy.",
    remedy:
      "Stop writers before a restore, restore next to the old data, and let writers in after a first right answer.",
  },
  {
    id: "monitoring",
    group: "phase-2",
    title: "A dashboard shows the current state of backups, from real data",
    experiments: [untried("a backup that stops, seen on the dashboard")],
    risk: "Backups stop, and the dashboard stays green.",
    remedy: "Feed the dashboard from the backups themselves, and stop one to see it turn red.",
  },
  {
    id: "large-graph",
    group: "phase-2",
    title: "Graphs of at least a million nodes are backed up and restored",
    experiments: [
      {
        tries: "a graph of a million nodes",
        scenarios: ["cycle/full", "cycle/*", "concurrent/full-size"],
        witnesses: everythingRead,
        minNodes: 1_000_000,
      },
    ],
    risk: "A way of backing up that works on a small graph ends in a timeout, a cut export or a full disk on the real one.",
    remedy: "Drill at the size of production: falkordrill run cycle/full --nodes 1m",
  },
  {
    id: "performance",
    group: "phase-2",
    title: "Recovery keeps within its objectives",
    experiments: [
      {
        tries: "recovery against RTO and RPO",
        scenarios: cycles,
        witnesses: ["faultsFired", "nodesCompared"],
        refutedBy: ["objective"],
        measure: withinObjectives,
        overall: worstRecovery,
      },
    ],
    risk: "The service is down for longer, or loses more, than was agreed.",
    remedy: "Shorten the phase of the recovery that takes longest (the report shows it), or back up more often.",
  },
  {
    id: "recovery-tested",
    group: "phase-2",
    title: "Disaster recovery is tested, and the test is on record",
    experiments: [
      {
        tries: "a disaster, and the time until the first correct answer",
        scenarios: cycles,
        witnesses: ["faultsFired", "nodesCompared"],
        refutedBy: ["recovery", "failure"],
        measure: recoveryTime,
      },
    ],
    risk: "The first recovery is tried on the day of the disaster.",
    remedy: "Run the drill until it passes, and keep its run directory.",
  },
  {
    id: "multi-region",
    group: "phase-3",
    title: "Backups are replicated to a second region",
    experiments: [
      {
        tries: "each restore point, restored from its copy alone",
        scenarios: ["region/second-vault"],
        witnesses: ["statesProven", "replicasCompared", "nodesCompared", "edgesCompared"],
        needs: "vault",
      },
      {
        tries: "a region lost in the middle of an upload",
        scenarios: ["region/failover"],
        witnesses: ["uploadsCut", "writesAcknowledgedBeforeCut", "entitiesCompared"],
        needs: "vault",
      },
    ],
    risk: "The copy in the second region is late, incomplete or unreadable, and was never opened.",
    remedy: "Restore from the second region alone, and compare.",
  },
  {
    id: "incremental-saving",
    group: "phase-3",
    title: "Incremental backups take at least 60% less storage",
    experiments: [
      {
        tries: "a chain of increments, each restored",
        scenarios: ["incremental/chain", "incremental/any-moment", "incremental/kinds"],
        witnesses: ["incrementsLinked"],
        needs: "incremental",
        measure: incrementSaving(0.6),
      },
    ],
    risk: "Every backup is a full one: fewer of them can be kept, and more is lost between two.",
    remedy: "Store what changed since the last backup, and restore every link of the chain.",
  },
  {
    id: "regressions",
    group: "phase-3",
    title: "Drills run repeatedly, and would detect a regression",
    experiments: [
      {
        tries: "a change planted in a restored graph",
        scenarios: ["cycle/one-changed-property"],
        witnesses: ["tamperingsMade", "tamperingsNamed"],
        refutedBy: [],
      },
      {
        tries: "the same drill in several runs",
        scenarios: cycles,
        witnesses: everythingRead,
        refutedBy: [],
        measure: repeated,
      },
    ],
    risk: "A change to the backup breaks recovery, and that is found at the next disaster.",
    remedy: "Run the drill in CI on every change and every night (docs/guides/ci.md), and assess several of its runs.",
  },
  {
    id: "analytics",
    group: "phase-3",
    title: "Analytics over the history of backups give advice that can be acted on",
    experiments: [untried("a forecast, compared with what then happened")],
    risk: "Growth exceeds the recovery time objective or the disk without a warning.",
    remedy: "Keep the figures of every backup and drill, and look at their trend.",
  },
];
