// replay.json: a shrunk case with everything that is needed to show its finding again, on any machine with the system.
import { z } from "zod";
import { findingSchema, type StoredFinding } from "../record/result.ts";
import { caseSchema, type StoredCase } from "./case-file.ts";

export interface ShrunkReplay {
  readonly schemaVersion: 1;
  /** What happens, in one sentence. */
  readonly sentence: string;
  readonly system: string;
  /** Path of the configuration that names the system. */
  readonly config?: string | undefined;
  readonly seed: number;
  /** Scenario of the run in which the finding was made. */
  readonly scenario: string;
  readonly finding: StoredFinding;
  /** The code and normalised subject by which it is recognised. */
  readonly identity: string;
  readonly case: StoredCase;
  /** How often the finding showed, of so many tries. */
  readonly shown: number;
  readonly tries: number;
  /** Whether a SAVE and a start from that dump show it without any backup system. */
  readonly isEngine: boolean;
}

export const replaySchema: z.ZodType<ShrunkReplay> = z.object({
  schemaVersion: z.literal(1),
  sentence: z.string(),
  system: z.string(),
  config: z.string().optional(),
  seed: z.number(),
  scenario: z.string(),
  finding: findingSchema,
  identity: z.string(),
  case: caseSchema,
  shown: z.number(),
  tries: z.number(),
  isEngine: z.boolean(),
});
