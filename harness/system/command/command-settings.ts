// A backup system made of a team's own programs, as a configuration names them.
import { z } from "zod";
import { parseDuration } from "../../base/units.ts";

export const timeoutDefault = "10m";

export interface CommandSettings {
  /** Shell command line that makes a backup. */
  readonly backup: string;
  /** Shell command line that restores one. */
  readonly restore: string;
  /** Prints the ids of all restore points, one per line, newest last. */
  readonly list?: string | undefined;
  /** Exit status 0 if a restore point is good. */
  readonly verify?: string | undefined;
  /** Removes restore points by the team's own rules. */
  readonly prune?: string | undefined;
  /** Deadline of each call, e.g. "10m", which is the default. */
  readonly timeout?: string | undefined;
  /** Additional environment of the programs. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Their working folder, relative to the configuration, whose folder is the default. */
  readonly cwd?: string | undefined;
  /** Glob of the files that a backup must leave, relative to `cwd`; it may begin with `$FALKORDRILL_BACKUP_DIR`. */
  readonly artifacts?: string | undefined;
  /** `fresh`, the default: into a new empty server. `in-place`: into the source, started again empty after its loss. */
  readonly target?: "fresh" | "in-place" | undefined;
  /** Whether what a backup leaves in `$FALKORDRILL_BACKUP_DIR` is encrypted; then its bytes are searched for content. */
  readonly encrypted?: boolean | undefined;
  /** Server settings of its drills, in addition to the configuration's own. */
  readonly server?: Readonly<Record<string, string | number>> | undefined;
}

const text = z.string().refine((value) => !value.includes("\0"), "expected text without a NUL character");
const line = text.trim().min(1);
const variable = z.string().regex(/^[^=\0]+$/);
/** What a timer holds: a longer one would end at once. */
const timeoutMaxMs = 2 ** 31 - 1;

function isTimeout(value: string): boolean {
  const ms = parseDuration(value);
  return ms > 0 && ms <= timeoutMaxMs;
}

/** `duration`: schema of a duration such as 10m. */
export function commandSchema(duration: z.ZodType<string>): z.ZodType<CommandSettings> {
  return z.strictObject({
    backup: line,
    restore: line,
    list: line.optional(),
    verify: line.optional(),
    prune: line.optional(),
    timeout: duration.refine(isTimeout, "expected more than 0s and at most 24d").optional(),
    env: z.record(variable, text).optional(),
    cwd: line.optional(),
    artifacts: line.optional(),
    target: z.enum(["fresh", "in-place"]).optional(),
    encrypted: z.boolean().optional(),
    server: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  });
}
