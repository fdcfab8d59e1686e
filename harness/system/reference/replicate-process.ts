// `vault replicate --follow` as users run it, in its own process, which can be killed. It reports as lines of JSON.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { environmentWith } from "../../base/environment.ts";
import { packageRoot } from "../../base/package.ts";
import { reaper } from "../../base/process/reaper.ts";

const complaintsMax = 4000;

/** What it said last about how far it is. */
interface ReplicateStatus {
  readonly increments: number;
  /** ISO 8601; undefined until something came. */
  readonly newestAt: string | undefined;
  /** The longest that an increment took, from its last change until it could be restored from the second vault. */
  readonly lagMaxMs: number;
}

export interface ReplicateProcess extends AsyncDisposable {
  readonly status: ReplicateStatus | undefined;
  /** One sentence for each problem. */
  readonly problems: readonly string[];
  /** The end of its stderr. */
  readonly complaints: string;
  readonly hasEnded: boolean;
  /** Sends SIGKILL. */
  kill(): Promise<void>;
}

interface Line {
  readonly type: string;
  readonly problem?: string;
  readonly copied?: { readonly increments: number };
  readonly newest?: { readonly at: string } | null;
  readonly lagMaxMs?: number;
}

export function startReplicateProcess(
  flags: readonly string[],
  env: Readonly<Record<string, string>>,
): ReplicateProcess {
  const script = join(packageRoot(), "bin", "falkordrill.js");
  const child = spawn(process.execPath, [script, "vault", "replicate", "--follow", "--json", ...flags], {
    stdio: ["ignore", "pipe", "pipe"],
    env: environmentWith(env),
  });
  const registration = child.pid === undefined ? undefined : reaper.process(child.pid);
  const closed = once(child, "close").finally(() => registration?.release());
  closed.catch(() => {});
  const problems: string[] = [];
  let status: ReplicateStatus | undefined;
  let complaints = "";
  createInterface(child.stdout).on("line", (text) => {
    const { type, problem, copied, newest, lagMaxMs = 0 } = JSON.parse(text) as Line;
    if (problem !== undefined) problems.push(problem);
    if (type === "status" && copied !== undefined)
      status = { increments: copied.increments, newestAt: newest?.at, lagMaxMs };
  });
  child.stderr.on("data", (chunk: Buffer) => {
    complaints = (complaints + chunk.toString()).slice(-complaintsMax);
  });
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await closed.catch(() => {});
  };
  return {
    get status() {
      return status;
    },
    problems,
    get complaints() {
      return complaints.trim();
    },
    get hasEnded() {
      return child.exitCode !== null || child.signalCode !== null;
    },
    kill,
    [Symbol.asyncDispose]: kill,
  };
}
