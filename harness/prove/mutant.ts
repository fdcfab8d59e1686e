// A mutant: a backup system that works, with one fault put in. A drill has to find it, by name. They are in fixtures/mutants/.
import type { ExitReason } from "../base/errors.ts";
import type { FindingCode } from "../base/findings/finding-codes.ts";
import type { FaultName } from "../fault/fault-names.ts";
import type { SmallDrill } from "./small-drills.ts";
import type { BackupSystem } from "../system/system.ts";

export const mutantClasses = [
  "total-loss",
  "cut",
  "completeness",
  "values",
  "structure",
  "time",
  "incremental",
  "crypto",
  "restore",
  "server",
  "source",
  "retention",
  "region",
  "security",
  "storage",
  "verify",
  "conformance",
  "reporting",
  "operate",
  "stale",
] as const;
export type MutantClass = (typeof mutantClasses)[number];

export interface Mutant {
  /** `<class>/<name>`; `falkordrill prove --mutant <id>` and `falkordrill run --system mutant/<id>` take it. */
  readonly id: `${MutantClass}/${string}`;
  /** What is wrong with it, as a sentence without a subject. */
  readonly fault: string;
  /** The field case that it follows: an issue, a pull request or a documentation page, as a URL. */
  readonly after?: string;
  /** The drill that has to find it: a small one, or a scenario by its id. `restored` if absent. */
  readonly drill?: SmallDrill | `${string}/${string}`;
  /** The only fault of a drill that draws its faults. */
  readonly injects?: FaultName;
  /** The findings that have to be there, which name its effect; others may follow from the same fault. */
  readonly finds: readonly FindingCode[];
  /** Exit reason of a drill that finds nothing else. */
  readonly exit: ExitReason;
  readonly mutate: (system: BackupSystem, place: MutationPlace) => BackupSystem;
}

export function classOfMutant({ id }: Pick<Mutant, "id">): MutantClass {
  return id.slice(0, id.indexOf("/")) as MutantClass;
}

interface MutationPlace {
  /** The folder where the system stores its backups. */
  readonly vault: string;
  /** To be called each time that the fault was really done; a mutant whose fault never was counts as a survivor. */
  readonly applied: () => void;
}
