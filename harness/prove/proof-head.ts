// What every document of `falkordrill prove` begins with: when, where and from which commit it ran, and how it ended.
import { type ExitReason, exitCodes } from "../base/errors.ts";
import type { RunRecord } from "../record/run-directory.ts";

export type AboutProof = Pick<RunRecord, "startedAt" | "version" | "commit" | "engine" | "machine">;

export interface ProofHead extends AboutProof {
  readonly schemaVersion: number;
  readonly seed: number;
  readonly durationMs: number;
  readonly exitCode: number;
  /** Drills that were to run; an interrupted proof has results of fewer. */
  readonly planned: number;
}

/** Both documents have had one version so far. */
const proofSchemaVersion = 1;

export function proofHead(
  { startedAt, version, commit, engine, machine }: AboutProof,
  {
    seed,
    planned,
    durationMs,
    exit,
  }: Pick<ProofHead, "seed" | "planned" | "durationMs"> & { readonly exit: ExitReason },
): ProofHead {
  return {
    schemaVersion: proofSchemaVersion,
    startedAt,
    version,
    commit,
    engine,
    machine,
    seed,
    durationMs: Math.round(durationMs),
    exitCode: exitCodes[exit],
    planned,
  };
}
