// Codes about how a backup system pauses the writers of an application. Part of the table in finding-codes.ts, in the same
// form.

export const pauseMeanings = {
  "pause-missing": [
    "data",
    "A system that says that it coordinates never paused writes.",
    "Have the backup call pause-writes before its snapshot, and check that the service obeys.",
  ],
  "pause-not-ended": [
    "recovery",
    "A backup ended and left writes paused.",
    "Resume writes by hand; have the backup call resume-writes, also when it fails.",
  ],
  "pause-ran-out": [
    "recovery",
    "A pause was ended by its lease and not by the backup.",
    "Have the backup call resume-writes, or ask for a longer lease.",
  ],
  "write-let-through-pause": [
    "data",
    "A write was acknowledged that began and ended inside a pause.",
    "The pause holds no writers: look at the service, or at the address that the backup pauses.",
  ],
  "writes-not-let-in": [
    "recovery",
    "After the backup no write gets in.",
    "Look at the log of the graph service and of its database.",
  ],
} as const;
