// Whether a system that claims to coordinate really paused writes, kept them out, and let them in again: from the
// requests to the coordinator, the reports of the graph service, and the history of the writes. Pure.
import { z } from "zod";
import type { FindingCode } from "../../base/findings/finding-codes.ts";
import { spanSchema } from "../../check/history/evidence-schema.ts";
import type { Finding, Judgement } from "../../check/check.ts";
import type { Span } from "../../check/history/moment.ts";
import type { WriteRecord } from "./history.ts";

/** One requested pause, in milliseconds of the history clock; null for what did not happen. */
export interface AskedPause {
  readonly askedMs: number;
  readonly leaseMs: number;
  /** When the coordinator answered that writes are paused. */
  readonly givenMs: number | null;
  readonly resumeSentMs: number | null;
  readonly resumedMs: number | null;
}

/** One line of the service's own audit log. */
export interface LoggedPause {
  readonly atMs: number;
  readonly event: string;
  readonly lease: string;
}

/** Plain JSON, stored with a run. */
export interface PauseEvidence {
  /** Start and end of the backup. */
  readonly backup: Span;
  /** Null if the backup ran in another process: then only the log of the service shows its pauses. */
  readonly asked: readonly AskedPause[] | null;
  /** Null if the log of the service cannot be read. */
  readonly logged: readonly LoggedPause[] | null;
  /** State of the service right after the backup: open, draining, paused. Null if it did not answer. */
  readonly stateAfter: string | null;
  /** Graphs written to through the service. */
  readonly groups: readonly string[];
}

/** Tolerance: the log has whole milliseconds, on a clock that is adjusted now and then. */
const logToleranceMs = 5;
const fewWrites = 5;

export function judgePause(history: readonly WriteRecord[], evidence: PauseEvidence): Judgement {
  const { backup, logged, stateAfter } = evidence;
  const asked = evidence.asked ?? fromLog(logged ?? [], backup);
  const groups = new Set(evidence.groups);
  const writes = history.filter(({ kind, graph }) => kind === "episode" && groups.has(graph));
  const given = asked.flatMap((pause) => (pause.givenMs === null ? [] : [{ ...pause, givenMs: pause.givenMs }]));
  const findings: Finding[] = [];
  const push = (code: FindingCode, message: string, found: Finding["evidence"]): void =>
    void findings.push({ code, severity: "error", subject: "pause of writes", message, evidence: found });

  const leases = new Set(
    logged?.filter(({ event, atMs }) => event === "paused" && isWithin(atMs, backup)).map(({ lease }) => lease),
  );
  if (given.length === 0)
    push("pause-missing", "the system says that it coordinates, and its backup never paused writes", { asked });
  else if (logged !== null && leases.size === 0)
    push("pause-missing", "a pause was answered, and the service logged none while the backup ran", { asked, logged });

  const open = given.filter(({ resumedMs }) => resumedMs === null);
  const isHeld = stateAfter !== null && stateAfter !== "open";
  if (open.length > 0 || isHeld)
    push(
      "pause-not-ended",
      `the backup ended without letting writes in again${isHeld ? `: the service has them ${stateAfter}` : ""}`,
      { pauses: open, stateAfter },
    );
  const expired = logged?.filter(({ event, lease }) => event === "lease-expired" && leases.has(lease)) ?? [];
  if (expired.length > 0)
    push("pause-ran-out", "a pause of this backup was ended by its lease, not by the system", { expired });

  for (const pause of given) {
    const toMs = pause.resumeSentMs ?? pause.askedMs + pause.leaseMs;
    const through = writes.filter(
      ({ outcome, invokedMs, completedMs }) => outcome === "ok" && invokedMs > pause.givenMs && completedMs < toMs,
    );
    if (through.length > 0)
      push(
        "write-let-through-pause",
        `${through.length} writes began and were acknowledged while writes were said to stand still`,
        { count: through.length, pause, writes: through.slice(0, fewWrites) },
      );
  }

  const lastMs = Math.max(
    Number.NEGATIVE_INFINITY,
    ...given.map(({ resumedMs }) => resumedMs ?? Number.POSITIVE_INFINITY),
  );
  const after = writes.filter(({ invokedMs }) => invokedMs > lastMs);
  const letIn = after.filter(({ outcome }) => outcome === "ok").length;
  const refused = after.filter(({ outcome }) => outcome === "refused").length;
  if (letIn === 0 && refused > 0)
    push("writes-not-let-in", `after the resume was answered, ${refused} writes were refused and none acknowledged`, {
      refused,
    });
  return {
    findings,
    witnesses: { pausesHeldToWrites: asked.length, writesHeldToPause: writes.length, writesLetInAgain: letIn },
  };
}

/** The log rounds, so a pause counts as slightly shorter than logged. */
function fromLog(logged: readonly LoggedPause[], backup: Span): AskedPause[] {
  return logged
    .filter(({ event, atMs }) => event === "paused" && isWithin(atMs, backup))
    .map(({ lease, atMs }) => {
      const endMs = logged.find((entry) => entry.event === "resumed" && entry.lease === lease)?.atMs;
      return {
        askedMs: atMs,
        leaseMs: 0,
        givenMs: atMs + logToleranceMs,
        resumeSentMs: endMs === undefined ? null : endMs - logToleranceMs,
        resumedMs: endMs ?? null,
      };
    });
}

function isWithin(atMs: number, { fromMs, toMs }: Span): boolean {
  return atMs >= fromMs - logToleranceMs && atMs <= toMs + logToleranceMs;
}

const time = z.number().nullable();
/** Evidence from a run directory is validated before it is judged. */
export const pauseEvidenceSchema: z.ZodType<PauseEvidence> = z.looseObject({
  backup: spanSchema,
  asked: z
    .array(
      z.looseObject({ askedMs: z.number(), leaseMs: z.number(), givenMs: time, resumeSentMs: time, resumedMs: time }),
    )
    .nullable(),
  logged: z.array(z.looseObject({ atMs: z.number(), event: z.string(), lease: z.string() })).nullable(),
  stateAfter: z.string().nullable(),
  groups: z.array(z.string()),
});
