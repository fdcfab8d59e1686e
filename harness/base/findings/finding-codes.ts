// Every code that a finding can have: its class, which decides verdict and exit code, its meaning, and the next step.
import { indexMeanings } from "./index-finding-codes.ts";
import { operateMeanings } from "./operate-finding-codes.ts";
import { pauseMeanings } from "./pause-finding-codes.ts";
import { type RegionCode, regionMeanings } from "./region-finding-codes.ts";
import { systemMeanings } from "./system-finding-codes.ts";

/**
 * What a finding means for the verdict. `oracle`: the drill's own reference is wrong, so nothing can be judged by it.
 * `data`: something came back wrong, or was changed, revealed or destroyed. `recovery`: the system under test failed,
 * refused, hung, crashed or was too slow. `objective`: a target was missed. `vigour`: too little was done or seen for a
 * clean result to mean anything. `usage`, `environment`, `internal`, `interrupted`: the drill could not be carried out,
 * because of what was asked for, the machine, a fault of this program, or Ctrl-C.
 */
export const findingClasses = [
  "oracle",
  "data",
  "recovery",
  "objective",
  "vigour",
  "usage",
  "environment",
  "internal",
  "interrupted",
] as const;
export type FindingClass = (typeof findingClasses)[number];

export interface FindingMeaning {
  readonly class: FindingClass;
  /** Meaning of the code, in one sentence. */
  readonly means: string;
  /** Next step, in one sentence. */
  readonly next: string;
}

const steps = {
  entity: "Look at the entity that is named, in the backup as well as in the restored graph.",
  restore: "Read what the restore printed and the log of its target; run the restore by hand.",
  chain: "Take a new full backup, and keep the chain for examination.",
  index: "Drop the index and create it again; then find out why the restore did not.",
  cut: "Check that writes are held, and that running ones have ended, before the snapshot is taken.",
  apart: "Copy a dump only when its save has ended; give each backup its own name; restore the one that is asked for.",
  retention: "Do not run this prune on real backups before it is repaired.",
  machine: "Run it again on a machine with less other work.",
  ours: "This is a fault of FalkorDrill: report it with the run folder.",
} as const;

/** Class, meaning and next step (a name of `steps` or a sentence) of each code. */
const meanings = {
  // Content of the graphs.
  "graph-missing": ["data", "A graph did not come back.", "restore"],
  "graph-unexpected": ["data", "A graph is there that the backup does not hold.", "entity"],
  "module-missing": ["data", "The restored engine runs without the graph module.", "restore"],
  "module-differs": ["data", "The restored engine has another version of the graph module.", "restore"],
  "node-missing": ["data", "A node did not come back.", "entity"],
  "node-extra": ["data", "A node is there that the cut does not hold.", "entity"],
  "node-changed": ["data", "A node came back with other labels or properties.", "entity"],
  "edge-missing": ["data", "An edge did not come back.", "entity"],
  "edge-extra": ["data", "An edge is there that the cut does not hold.", "entity"],
  "edge-changed": ["data", "An edge came back with other properties or ends.", "entity"],
  "node-count-differs": ["data", "There are more or fewer nodes with a set of labels than expected.", "entity"],
  "edge-count-differs": ["data", "There are more or fewer edges of a type than expected.", "entity"],
  "node-content-differs": ["data", "As many nodes as expected, with other content.", "entity"],
  "edge-content-differs": ["data", "As many edges as expected, with other content.", "entity"],
  "property-count-differs": ["data", "A property is on more or fewer entities than expected.", "entity"],
  "property-type-differs": ["data", "A property came back with another stored type.", "entity"],
  "count-contradicts": ["data", "The engine counts other numbers than it gives when everything is read.", "entity"],
  "double-differs": ["data", "A double came back with other bits.", "entity"],
  "vectors-unreadable": ["data", "The vectors of a property are not there, or cannot be compared.", "entity"],
  "vector-count-differs": ["data", "There are more or fewer vectors than expected.", "entity"],
  "vector-bytes-differ": ["data", "The bytes of sampled vectors differ.", "entity"],
  "vector-moved": ["data", "Vectors lie at another distance from the probe than expected.", "entity"],
  "vector-differs-from-source": [
    "data",
    "Vectors lie at another distance from the probe than in the source.",
    "entity",
  ],
  "invariant-broken": ["data", "What Graphiti guarantees about its graphs no longer holds.", "entity"],
  "source-changed": [
    "data",
    "The source is not what it was before the backup.",
    "A backup must leave its source as it is; look for writes, restarts, changed indexes.",
  ],

  // Writes made during a drill.
  "write-lost": ["data", "A write acknowledged before the cut is not there.", "cut"],
  "write-beyond-cut": ["data", "A write begun after the cut is there.", "cut"],
  "write-hole": ["data", "A write is not there, though a later one of its writer is.", "cut"],
  "write-overtaken": ["data", "A write is not there, though one that began after it is.", "cut"],
  "write-refused-and-there": ["data", "A write that was refused is there.", "cut"],
  "write-phantom": ["data", "A write is there that no writer made.", "cut"],
  "write-twice": ["data", "A write is there more than once.", "cut"],
  "write-torn": ["data", "An episode came back in part.", "cut"],
  "write-torn-out-of-order": ["data", "An episode came back in part, as no moment ever was.", "cut"],
  "episode-torn": ["data", "An episode came back in part, which this way of backing up may cause.", "cut"],
  "episode-torn-as-intended": ["data", "A torn episode was found and named as it should be.", "cut"],
  "tearing-missed": ["data", "An episode torn on purpose was not found.", "ours"],
  "ledger-unbalanced": ["data", "The sum over all accounts changed.", "cut"],
  "ledger-balance-differs": ["data", "An account's balance is not what its transfers give.", "cut"],
  "counter-differs": ["data", "A counter is not the number of its increments.", "cut"],
  "hub-update-lost": ["data", "An update of a shared entity is lost.", "cut"],
  "ring-broken": ["data", "A ring of edges came back in part.", "cut"],
  "delete-resurrected": ["data", "What was deleted is there again.", "cut"],
  "item-phantom": ["data", "An item is there that no write made.", "cut"],
  "item-missing": ["data", "An item is not there that a write made.", "cut"],
  "item-differs": ["data", "An item has another value than its last write gave.", "cut"],
  "item-twice": ["data", "An item is there more than once.", "cut"],
  "index-phantom": ["data", "An index is there that a write dropped.", "cut"],
  "moment-differs": ["data", "The moment that came back is not the one that was asked for.", "chain"],
  "moment-misnamed": ["data", "The system names another moment than the one that came back.", "chain"],
  "durability-claim-broken": ["data", "A persistence mode kept less than it promises.", "Choose another mode."],
  "written-before-restored": ["data", "A write was let in before the restored graph answered rightly.", "restore"],

  // Backups, their list, and what they may change.
  "backup-not-listed": ["data", "The system reported a backup that its own list does not show.", "retention"],
  "half-backup-listed": ["data", "A killed backup left a restore point, or took one with it.", "retention"],
  "backups-at-once": ["data", "Two backups asked for at once were not one made and one refused.", "cut"],
  "garbage-left": ["recovery", "Objects of no restore point are left after the next backup.", "retention"],
  "settings-not-put-back": ["data", "A setting of the source is not what it was.", "Set it back by hand."],
  "backup-kept-in-error": ["data", "A backup that could not be right was kept.", "cut"],
  "pause-not-given-up": ["recovery", "Writes were not let in again after a backup failed.", "Resume writes by hand."],
  "pause-outlives-service": ["recovery", "A restarted service still holds writes.", "Resume writes by hand."],
  "verify-failed": ["data", "The system's verify finds fault with a fresh backup.", "restore"],
  "retention-list-differs": ["data", "The system does not list what its prune said that it kept.", "retention"],
  "retention-wrong-state": ["data", "A restore point gives another state than was backed up under it.", "apart"],
  "retention-kept-too-much": ["data", "A prune kept what no rule keeps.", "retention"],
  "retention-removed-too-much": ["data", "A prune removed what a rule keeps.", "retention"],
  "backup-lost": ["data", "A restore point that must be there is gone.", "retention"],
  "base-lost": ["data", "What was written and held long before the disaster is gone.", "restore"],
  "source-touched": ["data", "The source was asked or changed where that must not be.", "retention"],
  "tampering-missed": ["data", "A property changed on purpose was not found and named.", "ours"],
  "false-alarm": ["data", "Differences were reported that do not exist.", "ours"],

  // Increments, and moments between two backups.
  "archive-empty": ["data", "The archivers left no chain.", "chain"],
  "archive-base-unsaid": ["data", "An archiver did not name the base backup it depends on.", "chain"],
  "archiver-left-behind": ["data", "The chain ends before what the source held.", "chain"],
  "chain-not-continued": ["data", "A chain was not continued where it could have been.", "chain"],
  "full-vault-misnamed": ["data", "A full vault was not named as one.", "chain"],
  "bad-chain-restored": ["data", "A damaged chain was restored as if it were whole.", "chain"],
  "bad-chain-misnamed": ["data", "A damaged chain was refused for another reason than its damage.", "chain"],
  "bad-chain-begun": ["data", "A damaged chain was refused only after an engine had been started.", "chain"],
  "chain-missing": ["data", "An increment of a chain is missing.", "chain"],
  "chain-reordered": ["data", "Increments of a chain changed places.", "chain"],
  "chain-foreign": ["data", "An increment belongs to another chain.", "chain"],
  "chain-duplicated": ["data", "An increment is there twice.", "chain"],
  "chain-manifest-swapped": ["data", "A manifest of a chain is in the place of another.", "chain"],
  "chain-link": ["data", "An increment does not follow from the one before it.", "chain"],
  "chain-gap": ["data", "Something is missing between two increments.", "chain"],
  "chain-faulty": ["data", "A proof found the chain to give something else than its source held.", "chain"],
  "not-signed": ["data", "A manifest is not signed by a key of the key ring.", "Look who wrote it."],
  "backup-mislabelled": ["data", "A manifest describes another backup than its folder names.", "Look who moved it."],
  "part-damaged": ["data", "A part is not what its manifest says.", "Use another restore point."],
  "object-damaged": ["data", "The place of an object in the vault holds something else.", "Use another restore point."],
  "encryption-mislabelled": ["data", "A part is encrypted otherwise than its manifest says.", "Look who signed it."],
  "object-missing": ["data", "An object that a manifest names is not in the vault.", "Use another restore point."],
  "replay-error": ["data", "The target refused a command of the stream.", "chain"],
  "replay-incomplete": ["data", "The stream ends before the moment that was asked for.", "chain"],
  "replay-unrepeatable": ["data", "The stream holds what cannot be replayed exactly.", "Restore to an earlier offset."],
  "moment-before-backup": ["recovery", "The moment lies before the backup's cut.", "Choose an older backup."],
  "moment-beyond-chain": ["data", "The moment lies beyond the end of the chain.", "Choose an earlier moment."],
  "index-not-remade": ["recovery", "An index could not be built again as it was.", "Restore with --keep-indexes."],

  // How a drill or a step of it ended.
  "data-refused": ["data", "The system refused what it read as wrong.", "restore"],
  "wrong-first-answer": ["data", "The target said that it may be read, and its first answer was wrong.", "restore"],
  "not-recovered": ["recovery", "The system under test did not bring the graphs back.", "restore"],
  "target-refused": ["recovery", "The target of a restore disconnected during the restore.", "restore"],
  "target-gone": ["recovery", "The target of a restore ended or was removed during the restore.", "restore"],
  "target-unfit": ["recovery", "The target does not take writes, or lost what was restored.", "restore"],
  "target-left": ["recovery", "A restore that failed could not put its target back.", "restore"],
  "backup-faulty": [
    "data",
    "A verify, or the backup itself, found the restore point faulty.",
    "Restore another backup.",
  ],
  "dump-unloadable": [
    "recovery",
    "No engine loads the snapshot of the backup.",
    "Restore another backup, or this one with `--logical`.",
  ],
  "too-slow": ["recovery", "The system under test was too slow.", "restore"],
  "system-failed": ["recovery", "The system under test ended with an error of its own.", "restore"],
  "system-hung": ["recovery", "The system under test did not end within its deadline.", "restore"],
  "system-crashed-engine": [
    "recovery",
    "An engine crashed or was gone in the hands of the system under test.",
    "restore",
  ],
  "system-leaked-engine": ["recovery", "The system under test left an engine running.", "restore"],
  "backup-failed": ["recovery", "A backup failed that had to succeed.", "restore"],
  "objective-missed": ["objective", "A target was missed.", "Compare with earlier runs."],
  "assumption-source-differs": [
    "oracle",
    "The source is not what the seed says.",
    "The loader or the engine is at fault.",
  ],
  "engine-source-diverged": [
    "oracle",
    "The engine holds other data than it sent in its replication stream.",
    "The chain is right and the source is damaged: see docs/track-record.md, and repair the source from a restore.",
  ],
  "engine-wrote-otherwise": [
    "oracle",
    "The engine wrote something else than its client asked for.",
    "The source is damaged: see docs/track-record.md.",
  ],
  "assumption-no-result": ["oracle", "A planned scenario left no result.", "Run it again."],
  "assumption-evidence-changed": [
    "vigour",
    "Files of the run are not those that it wrote.",
    "Take the run directory as the run left it, or run it again.",
  ],
  "assumption-broken": [
    "vigour",
    "Something that the drill needs did not hold.",
    "Read the message, and run it again.",
  ],
  "assumption-deadline": ["vigour", "The scenario did not end within its deadline.", "machine"],
  "assumption-writers-too-slow": ["vigour", "Too few writes were made.", "machine"],
  "assumption-profile-not-reached": ["vigour", "Writers did not reach the rate that the claim is about.", "machine"],
  "profile-not-reached": ["vigour", "Writers did not reach the rate of their profile.", "machine"],
  "assumption-fault-did-not-fire": ["vigour", "A fault did not happen.", "Run it again with another seed."],
  "assumption-archiver-ended": ["vigour", "The archiver had ended before it was killed.", "Run it again."],
  "assumption-nothing-torn": ["vigour", "No episode was torn, so nothing could be missed.", "Run it again."],
  "assumption-moment-vague": ["vigour", "The archive lagged so much that a time says too little.", "machine"],
  "assumption-not-killed": ["vigour", "Nothing was killed, because it had ended before.", "Run it again."],
  "assumption-no-prune-beside": ["vigour", "Nothing ran beside the prune.", "Run it again."],
  "assumption-long-write": ["vigour", "The long write was not acknowledged.", "machine"],
  "assumption-engine-moved": ["vigour", "The restored engine is where no writer finds it.", "Restore in place."],
  "assumption-disk-late": ["vigour", "The disk held less than was synced.", "machine"],
  "assumption-defect-not-shown": [
    "vigour",
    "An engine of a version with a known defect did not show it.",
    "Run it again; if it stays so, correct docs/track-record.md.",
  ],
  "engine-hung": [
    "vigour",
    "The engine hung: it answered nothing and used no processor time.",
    "A deadlock in FalkorDB: kill it and start it again (docs/track-record.md).",
  ],
  "engine-defect-gone": ["vigour", "This engine version no longer has a defect of the track record.", "Note it."],
  "assumption-vault-not-full": ["vigour", "The vault had room although it was to be full.", "Run it again."],
  "no-witness": ["vigour", "Nothing of this kind was looked at.", "A larger graph or another seed has some."],
  environment: ["environment", "Not even an empty engine runs here.", "Run falkordrill doctor."],
  usage: ["usage", "What was asked for cannot be done.", "Change the options."],
  "internal-error": ["internal", "FalkorDrill itself failed.", "ours"],
  interrupted: ["interrupted", "The drill was interrupted.", "Run it again."],
} as const;

const table: Readonly<Record<string, readonly [findingClass: FindingClass, means: string, next: string]>> = {
  ...meanings,
  ...indexMeanings,
  ...systemMeanings,
  ...pauseMeanings,
  ...regionMeanings,
  ...operateMeanings,
};
type KnownCode =
  | keyof typeof meanings
  | keyof typeof indexMeanings
  | keyof typeof systemMeanings
  | keyof typeof pauseMeanings
  | keyof typeof operateMeanings
  | RegionCode;
/** One code per invariant of Graphiti, such as `invariant-H7`; they share one meaning. */
type InvariantCode = `invariant-${string}`;
export type FindingCode = KnownCode | InvariantCode;
/** Name of a broken assumption of the drill, as passed to `record.assumption`. */
export type AssumptionName =
  Extract<KnownCode, `assumption-${string}`> extends `assumption-${infer Name}` ? Name : never;

/** Every code of this version; `invariant-broken` is the meaning of all `invariant-...`. */
export const findingCodes: readonly string[] = Object.keys(table);

/** The meaning of a code; undefined for a code that this version does not know. */
export function meaningOf(code: string): FindingMeaning | undefined {
  const known = code.startsWith("invariant-") ? "invariant-broken" : code;
  const meaning = Object.hasOwn(table, known) ? table[known] : undefined;
  if (meaning === undefined) return undefined;
  const [findingClass, means, next] = meaning;
  return { class: findingClass, means, next: Object.hasOwn(steps, next) ? steps[next as keyof typeof steps] : next };
}

/** The class of a code. An unknown one, as in a run of another version, counts as data: it must not go unnoticed. */
export function classOf(code: string): FindingClass {
  return meaningOf(code)?.class ?? "data";
}
