// What a failover gives, and the promises that it is held to.
import { formatDuration } from "../../../base/units.ts";
import type { Engine } from "../../../engine/engine.ts";
import type { ServerDigest } from "../../../observe/digest/server-digest.ts";
import type { RestoreRequest } from "../../../system/system.ts";
import type { Drill } from "../../drill.ts";

/** What came back in the second region. */
export interface Failover {
  readonly target: Engine;
  readonly point: string;
  /** Where the stream of the first region ends there. */
  readonly offset: number;
  readonly digest: ServerDigest;
}

export function latestOf({ engines, progress, signal }: Drill, point: string): RestoreRequest {
  return { point, at: "latest", way: "file", engines, progress, signal };
}

export function mustBeAtMost({ record, id }: Drill, metric: string, name: string, ms: number, mostMs: number): void {
  if (ms <= mostMs) return;
  record.finding({
    code: "objective-missed",
    severity: "error",
    subject: `${id}/${metric}`,
    message: `the ${name} was ${formatDuration(ms)}, and at most ${formatDuration(mostMs)} is promised`,
    evidence: { metric, value: ms, objective: mostMs },
  });
}
