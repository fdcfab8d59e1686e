// Codes about a backup system apart from the content of graphs: the restored server, the stored files, and its own
// verify. Part of the table in finding-codes.ts, in the same form.

export const systemMeanings = {
  // What a system reports of its backups.
  "cut-misreported": [
    "data",
    "The system reports another cut than the one that it took.",
    "Do not choose restore points by the times of this system before it is repaired.",
  ],
  "figure-misreported": [
    "data",
    "A figure that the system reports is not what was measured.",
    "Do not rely on the figures of this system; measure them from outside.",
  ],

  // The checks themselves, tried on planted canaries.
  "canary-missed": ["vigour", "The checks overlooked damage that the drill itself had planted.", "ours"],
  "canary-false-alarm": ["vigour", "The checks found fault with a graph in which nothing is wrong.", "ours"],
  "canary-not-planted": [
    "vigour",
    "The checks could not be tried on planted damage.",
    "See what the restored server answered; it must take a write of a new graph.",
  ],

  // A team's own graphs.
  "source-broken-before": [
    "data",
    "The graph was like that before the backup, so no backup is blamed for it.",
    "Repair it in the source; see docs/guides/own-graph.md.",
  ],

  // The restored server.
  "server-not-observed": ["data", "The state of the restored server was not read.", "ours"],
  "target-is-replica": [
    "recovery",
    "The restored server follows another one and takes no writes of its own.",
    "Run REPLICAOF NO ONE on it, and find out why the restore did not.",
  ],
  "target-write-not-tried": ["recovery", "No write to the restored server was tried.", "ours"],
  "target-refuses-writes": [
    "recovery",
    "The restored server refuses writes.",
    "Look at min-replicas-to-write, maxmemory and the log of the restored server.",
  ],
  "target-setting-differs": [
    "recovery",
    "The restored server is set otherwise than the source was.",
    "Set it as the source was, and have the restore do so.",
  ],
  "key-missing": ["data", "A key that is not a graph did not come back.", "restore"],
  "key-differs": ["data", "A key that is not a graph came back with another value.", "restore"],
  "key-unexpected": ["data", "A key that is not a graph is there and was not on the source.", "restore"],
  "key-count-differs": ["data", "There are more or fewer keys other than graphs than on the source.", "restore"],
  "function-missing": ["data", "A library of functions did not come back.", "restore"],
  "function-differs": ["data", "A library of functions came back with other code.", "restore"],
  "function-unexpected": ["data", "A library of functions is there and was not on the source.", "restore"],
  "graph-function-missing": ["data", "A library of graph functions did not come back.", "restore"],
  "graph-function-differs": ["data", "A library of graph functions came back with other code.", "restore"],
  "graph-function-unexpected": ["data", "A library of graph functions is there and was not on the source.", "restore"],

  "user-unexpected": [
    "recovery",
    "The restored server has a user that the source has not.",
    "Remove the user that the restore made: ACL DELUSER.",
  ],

  // The application in front of the source.
  "service-contract-broken": [
    "recovery",
    "The graph service does not pause, refuse or resume as the /admin contract says.",
    "Mend the service; docs/internals/graph-service.md has the contract.",
  ],

  // The system's own verify.
  "verify-blind": [
    "data",
    "The system's verify says good of a backup whose restore is wrong.",
    "Do not rely on this verify; compare restores with what the source held.",
  ],
  "verify-without-restore": [
    "data",
    "The system's verify says good without having restored anything.",
    "A backup is unproven until a server has loaded it: have verify restore it.",
  ],

  // Commands of the vault that were killed at one of their points.
  "crash-torn-point": [
    "data",
    "A restore point that is listed after a crash is not whole.",
    "Restore another one; find the step that makes it visible too early.",
  ],
  "crash-not-resumed": [
    "recovery",
    "The run after a crash did not do its work.",
    "Read why it failed; clean up by hand what it stumbled over.",
  ],
  "stop-not-noticed": [
    "data",
    "A process that was stopped while another took over did not end as it should.",
    "Take no result of that run for good; check the restore points that were made then.",
  ],
  "fault-not-survived": [
    "data",
    "After an error of the disk a vault was neither as before nor as after, or the next run failed.",
    "Read what the error left; restore from another vault if a backup is damaged.",
  ],
  "fault-not-explained": [
    "recovery",
    "A command that met a fault of the network or of a disk hung, or ended with no sentence that says what to do.",
    "Give it a deadline, and an error that names what failed and the way out.",
  ],
  "assumption-crash-points-missed": ["vigour", "A command did not pass a point at which it was to be killed.", "ours"],

  "source-shrunk": [
    "data",
    "The source is empty, or most of what the vault holds of it is gone.",
    "Look at the source; restore the earlier backup that is named, or give --allow-shrunk.",
  ],

  // Programs of a team.
  "script-failed": [
    "recovery",
    "A program of the system under test ended with an exit status that is not 0.",
    "Read the end of its output; run it by hand with the same environment.",
  ],
  "script-timed-out": [
    "recovery",
    "A program of the system under test did not end within its deadline.",
    "Find out what it waits for; a longer deadline is `timeout` in the configuration.",
  ],
  "script-left-processes": [
    "recovery",
    "A program of the system under test ended and left processes running.",
    "Have it wait for what it starts.",
  ],
  "script-output-cut": ["recovery", "A program wrote more output than is kept.", "Have it write less, or to a file."],
  "backup-left-nothing": [
    "recovery",
    "A backup ended with success and left no file, or no new restore point.",
    "Check that the failure of each command ends the program: `set -euo pipefail`.",
  ],
  "unknown-point-restored": [
    "recovery",
    "The restore of a backup that does not exist ended with success.",
    "Check that the backup is there before anything is changed, and fail if it is not.",
  ],
  "failure-hidden": [
    "recovery",
    "A backup ended with success although its source was down.",
    "Check that the failure of each command ends the program: `set -euo pipefail`.",
  ],
  "server-left-stopped": [
    "recovery",
    "A restore ended with success and left the server stopped.",
    "Have it start the server and wait for an answer; read the server's log.",
  ],

  // Settings of the servers.
  "restored-without-room": [
    "data",
    "A restore reported success on a server in which the graphs do not fit.",
    "Have the restore compare maxmemory with what it loaded, and read back what it restored.",
  ],
  "shrunk-misnamed": [
    "data",
    "A backup of a source that had suddenly shrunk was not refused as one.",
    "Do not rely on retention: the next prune may remove the last whole backup.",
  ],
  "no-room-misnamed": ["data", "A target with too little memory was not named as one.", "restore"],

  // What the source itself did not hold, so that no backup can bring it back.
  "acknowledged-not-stored": [
    "oracle",
    "The application acknowledged a write that its graph never held.",
    "Look at the log of the application, and at TIMEOUT of its server; the backup is not to blame.",
  ],
  "assumption-source-evicted": [
    "oracle",
    "The source evicted graphs for lack of memory.",
    "Set maxmemory-policy noeviction, and a maxmemory that the graphs fit in.",
  ],
  "assumption-source-full": [
    "vigour",
    "The source has no memory left for writes.",
    "Raise its maxmemory, or drill with fewer nodes.",
  ],

  // Secrets and modes.
  "secret-in-clear": [
    "data",
    "A password, a token, a passphrase or a text of a graph can be read where nothing of it may be.",
    "Remove it there, replace what it gives access to, and find out which step wrote it.",
  ],
  "usable-by-others": [
    "data",
    "A file or folder that a command made can be read or changed by other users of the machine.",
    "Run chmod on it: 600 for a file, 700 for a folder; find out which step makes it.",
  ],

  // The stored files.
  "stored-in-clear": [
    "data",
    "Content of the graphs can be read in what the system stored.",
    "Remove these files, and find out which step writes them before it encrypts.",
  ],
  "stored-not-encrypted": ["data", "A stored file is neither encrypted nor readable text.", "Encrypt it."],
  "stored-nothing-encrypted": [
    "data",
    "A system that says that it encrypts stored no encrypted message.",
    "Look at what the backup stores, and where.",
  ],
  "stored-unprotected": [
    "data",
    "A stored file is encrypted without an integrity check, so that nobody notices when it is changed.",
    "Encrypt with a mode that has one: gpg without --disable-mdc or --rfc2440, or age.",
  ],
  "stored-foreign-recipient": [
    "data",
    "A backup is encrypted to a key that is not in the key ring.",
    "Find out whose key it is; take a new backup for the right recipients.",
  ],
  "stored-recipient-missing": [
    "data",
    "A recipient of the key ring cannot open a backup.",
    "Take a new backup; check which keys it is encrypted to.",
  ],

  // A power cut.
  "lost-after-power-cut": [
    "data",
    "A power cut may leave a vault that is neither as before a command nor as after it.",
    "See docs/internals/power-cut.md: look for what is written and not synced, or removed in the wrong order.",
  ],

  // The engine's own doing.
  "index-zeros-lost-in-engine": [
    "data",
    "FalkorDB built an index at a load so that the number 0 is not found in it, or under another property.",
    "Drop all fields of the index and create them again after each load: see docs/track-record.md.",
  ],
  "edges-of-first-node-lost-in-engine": [
    "data",
    "FalkorDB built the index of a relation type at a load so that it finds no edge of the node with id 0.",
    "Drop all fields of the index and create them again after each load: see docs/reference/engine-defects.md.",
  ],
  "deleted-nodes-found-in-engine": [
    "data",
    "FalkorDB still finds a node by a label after it was deleted, or the node that took over its id.",
    "Give the node that has the id now that label and take it away again: see docs/reference/engine-defects.md.",
  ],

  // A vault and its keys.
  "catalogue-broken": [
    "data",
    "The signed record of what came and went in a vault cannot be trusted.",
    "Find out who changed it; falkordrill vault audit looks at all of it.",
  ],
  "catalogue-differs": [
    "data",
    "A vault is not what its catalogue, or the key ring's memory of it, says.",
    "Find what is missing; falkordrill vault audit names it.",
  ],
  "ransomware-missed": [
    "data",
    "Text was turned into noise a little at a time, and no backup of it was suspected.",
    "Compare older backups with the source before a rule removes them.",
  ],
  "rotation-incomplete": [
    "data",
    "After a rotation of keys a recipient in use opens less than every backup, or the retired one still opens some.",
    "Run the rotation again; falkordrill vault keys drill shows which key opens what.",
  ],
  "divergence-missed": [
    "data",
    "A comparison of two vaults does not name the first object that differs, or names one where none does.",
    "Do not count on it: look at both with falkordrill vault verify.",
  ],
  // A restore in place.
  "rollback-incomplete": [
    "data",
    "A restore in place failed, and the server, its settings or its application is not what it was before.",
    "Bring back the safety snapshot: falkordrill vault restore --in-place --roll-back.",
  ],
  "in-place-differs": [
    "data",
    "A restore in place reported success, and the server does not hold what the backup was made of.",
    "Compare the ids; restore once more, or bring back the safety snapshot, which the result names.",
  ],
  "unhealthy-accepted": [
    "recovery",
    "A restore in place reported success although the application could not work with what was restored.",
    "Ask the application before it is let in, and roll back where it is not well.",
  ],
} as const;
