// Codes about a second region: a vault that replicates another one, a failover to it, and the way back. Part of the table
// in finding-codes.ts, in the same form.

export const regionMeanings = {
  "replica-incomplete": [
    "data",
    "A replication reported success, and the second vault does not give all that the first one held.",
    "Do not count on the second vault; falkordrill vault verify and vault replicate --to it say what is missing.",
  ],
  "replica-diverged": [
    "data",
    "Two vaults hold something else under one name, or both have gone on after a failover.",
    "Keep both; compare what each gives with a restore of its own before one of them is given up.",
  ],
  "fork-not-refused": [
    "data",
    "Two vaults that had both gone on since they were equal were mixed, or nobody was told.",
    "Restore from each into a server of its own, and compare what they give before anything is removed.",
  ],
  "failback-lost-writes": [
    "data",
    "What the second region wrote after a failover did not come back to the first one.",
    "Leave the second region in charge, and see what its vault has that the first one lacks: falkordrill vault replicate.",
  ],
  "second-replica-unused": [
    "recovery",
    "A restore ended with its first replica, though another one was whole.",
    "Restore from the other replica by its name.",
  ],
  // Object locks of a store.
  "object-lock-missing": [
    "data",
    "An object that a restore needs is not locked in the store, and the system says that it locks what it writes.",
    "Lock it with falkordrill vault extend-locks; see whether the store locks at all: vault replicate --probe-lock.",
  ],
  "object-lock-ends-early": [
    "data",
    "A renewal of object locks reported success, and something that a kept restore point needs was not renewed.",
    "Renew it before its lock ends; falkordrill vault list --locks shows what is locked until when.",
  ],
  "locked-point-removed": [
    "data",
    "A prune removed, or reported as removed, a restore point that the store has locked.",
    "Bring the hidden versions back by removing their delete markers; they are there until their locks end.",
  ],
} as const;

export type RegionCode = keyof typeof regionMeanings;
