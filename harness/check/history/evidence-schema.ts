// The JSON schema of MomentEvidence, which validates evidence from a run directory before it is judged. It is loose, so
// that unknown fields of a newer version are kept.
import { z } from "zod";
import type { KindObservation, KindState, Span } from "./moment.ts";
import type { MomentEvidence } from "./moments.ts";

const number = z.number();
const pairs = z.array(z.tuple([number, number]));
const text = z.string();
const texts = z.array(text);

export const spanSchema: z.ZodType<Span> = z.object({ fromMs: number, toMs: number });

const state: z.ZodType<KindState> = z.discriminatedUnion("kind", [
  z.looseObject({ kind: z.literal("ledger"), balances: pairs }),
  z.looseObject({ kind: z.literal("ring"), nodes: number, edges: pairs }),
  z.looseObject({ kind: z.literal("counter"), values: pairs }),
  z.looseObject({ kind: z.literal("hot-entity"), hubs: z.array(z.tuple([number, number, number])) }),
  z.looseObject({
    kind: z.literal("churn"),
    items: z.array(z.looseObject({ key: text, labels: texts, properties: texts })),
    indexes: texts,
    withoutLabel: number.exactOptional(),
  }),
]);

const kindObservation: z.ZodType<KindObservation> = z.looseObject({
  graph: text,
  traces: z.record(text, pairs),
  twice: z.array(z.tuple([text, number])),
  state,
});

export const momentEvidenceSchema: z.ZodType<MomentEvidence> = z.looseObject({
  seed: number,
  cut: spanSchema,
  backup: spanSchema,
  fork: spanSchema.nullable().exactOptional(),
  transfer: spanSchema.nullable().exactOptional(),
  disasterMs: number.nullable(),
  elsewhere: z.object({ fromMs: number.nullable(), toMs: number.nullable() }).nullable().exactOptional(),
  graphs: z.array(kindObservation),
});
