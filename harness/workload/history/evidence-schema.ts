// The JSON schema of WritesEvidence: input from a run directory is validated before it is judged. Extra fields are
// allowed, so that evidence of a version that stores more can still be judged.
import { z } from "zod";
import { spanSchema } from "../../check/history/evidence-schema.ts";
import { type WriteRecord, writeOutcomes } from "./history.ts";
import type { WritesEvidence } from "./judge-writes.ts";

/** The fields of one write of a history. */
export const writeRecordFields: { readonly [Name in keyof WriteRecord]-?: z.ZodType<WriteRecord[Name]> } = {
  writer: z.string(),
  sequence: z.int().nonnegative(),
  attempt: z.int().nonnegative(),
  kind: z.string(),
  invokedMs: z.number(),
  completedMs: z.number(),
  outcome: z.enum(writeOutcomes),
  graph: z.string(),
  uuid: z.string(),
};

const texts = z.array(z.string());

export const writesEvidenceSchema: z.ZodType<WritesEvidence> = z.looseObject({
  cut: spanSchema.nullable(),
  backup: spanSchema.nullable().exactOptional(),
  fork: spanSchema.nullable().exactOptional(),
  transfer: spanSchema.nullable().exactOptional(),
  disasterMs: z.number().nullable(),
  groups: texts.exactOptional(),
  mayTear: z.boolean().exactOptional(),
  present: texts,
  halfLabelled: texts.exactOptional(),
  source: z.looseObject({ seed: z.number(), dims: z.number(), schema: z.enum(["pre1856", "post1856"]) }),
  sagaEnds: z.record(z.string(), z.string()).optional(),
});
