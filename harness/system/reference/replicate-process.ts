// `vault replicate --follow` in its own process, which can be killed. It reports as lines of JSON.
import { OwnProcess } from "./own-process.ts";

interface ReplicateStatus {
  readonly increments: number;
  /** ISO 8601; undefined until something came. */
  readonly newestAt: string | undefined;
  /** The longest that an increment took, from its last change until it could be restored from the second vault. */
  readonly lagMaxMs: number;
}

interface Line {
  readonly type: string;
  readonly problem?: string;
  readonly copied?: { readonly increments: number };
  readonly newest?: { readonly at: string } | null;
  readonly lagMaxMs?: number;
}

export class ReplicateProcess extends OwnProcess {
  /** One sentence for each problem. */
  readonly problems: string[] = [];
  /** What it said last about how far it is. */
  status: ReplicateStatus | undefined;

  constructor(flags: readonly string[], env: Readonly<Record<string, string>>) {
    super(["vault", "replicate", "--follow", "--json", ...flags], env, (text) => {
      const { type, problem, copied, newest, lagMaxMs = 0 } = JSON.parse(text) as Line;
      if (problem !== undefined) this.problems.push(problem);
      if (type === "status" && copied !== undefined)
        this.status = { increments: copied.increments, newestAt: newest?.at, lagMaxMs };
    });
  }
}
