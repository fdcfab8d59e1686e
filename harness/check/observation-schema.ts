// The JSON schemas of Expectation and Observation, which validate files of a run directory before they are judged.
import { z } from "zod";
import type * as shape from "./observation.ts";
import type { ServerState } from "./server-state.ts";

const count = z.int().min(0);
const sum = z.string().regex(/^[0-9a-f]{32}$/);
const entity = z.enum(["NODE", "RELATIONSHIP"]);
const names = z.array(z.string());

const tally: z.ZodType<shape.Tally> = z.object({ count, sum });
const tallies = z.record(z.string(), tally);
const stored = z.record(z.string(), z.record(z.string(), count));
const side: z.ZodType<shape.Side> = z.object({
  count,
  kinds: z.record(z.string(), z.object({ count, sum, stored })),
  buckets: z.array(sum),
});
const fingerprint: z.ZodType<shape.Fingerprint> = z.object({ nodes: side, edges: side });
const index: z.ZodType<shape.Index> = z.object({
  entity,
  label: z.string(),
  fields: z.record(z.string(), names),
  stopwords: names,
  language: z.string(),
  options: z.record(z.string(), z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))).optional(),
});
const constraintFields = { kind: z.string(), entity, label: z.string(), properties: names };
const lookup: z.ZodType<shape.Lookup> = z.object({
  entity,
  label: z.string(),
  property: z.string(),
  operator: z.enum(["=", "<", ">="]),
  literal: z.string(),
});
const match: z.ZodType<shape.Match> = z.object({ count, ids: z.string() });
const word: z.ZodType<shape.WordProbe> = z.object({
  entity,
  label: z.string(),
  properties: names,
  word: z.string(),
  stopword: z.boolean(),
});
const search: z.ZodType<shape.Search> = z.object({
  name: z.string(),
  query: z.string(),
  parameters: z.record(z.string(), z.string()),
  ranked: z.boolean(),
});
const vectors: z.ZodType<shape.VectorSums> = z.object({
  entity,
  property: z.string(),
  dims: count,
  count,
  sampleEvery: count,
  distances: z.array(z.number()),
  exact: tally,
  probed: tally.exactOptional(),
  error: z.string().exactOptional(),
});

export const expectationSchema: z.ZodType<shape.Expectation> = z.object({
  schemaVersion: z.literal(1),
  seed: z.int(),
  datasetVersion: z.int(),
  invariants: names,
  indexSets: z.array(z.array(index)),
  graphs: z.array(
    z.object({
      name: z.string(),
      groupId: z.string(),
      fingerprint,
      indexSet: count,
      constraints: z.array(z.object(constraintFields)),
      doubles: tallies,
      vectors: z.array(vectors),
      lookups: z.array(lookup),
      words: z.array(word),
      searches: z.array(search),
      invariants: names.optional(),
      brokenInvariants: z.record(z.string(), count).optional(),
    }),
  ),
});

const typedText = z.object({ type: z.string(), text: z.string() });
const located: z.ZodType<shape.EntityPair> = z.object({
  differences: z.array(
    z.object({
      kind: z.enum(["missing", "extra", "changed"]),
      entity: z.enum(["node", "edge"]),
      label: z.string(),
      key: z.string(),
      properties: z.array(z.object({ name: z.string(), expected: typedText.nullable(), actual: typedText.nullable() })),
      alike: count.exactOptional(),
    }),
  ),
  found: count,
  buckets: count,
  bucketsRead: count,
  entitiesRead: count,
});

const graphObservation: z.ZodType<shape.GraphObservation> = z.object({
  name: z.string(),
  fingerprint,
  counted: z.object({ nodes: count, edges: count }),
  indexSet: count,
  notOperational: names,
  constraints: z.array(z.object({ ...constraintFields, status: z.string(), enforced: z.boolean().exactOptional() })),
  doubles: tallies,
  vectors: z.array(vectors),
  indexAnswers: z.array(z.object({ lookup, index: match, scan: match, usedIndex: z.boolean() })),
  wordAnswers: z.array(z.object({ probe: word, index: count, scan: count, missed: count })),
  firstNodeAnswers: z
    .array(
      z.object({
        label: z.string(),
        end: z.enum(["start", "end"]),
        property: z.string(),
        literal: z.string(),
        found: z.boolean(),
      }),
    )
    .exactOptional(),
  invariants: z.record(z.string(), z.object({ checked: count, violated: count, samples: names })),
  searches: z.array(
    z.object({
      name: z.string(),
      rows: z.array(z.tuple([z.string(), z.string()])),
      error: z.string().exactOptional(),
    }),
  ),
  vectorSearches: z
    .array(
      z.object({
        entity,
        label: z.string(),
        property: z.string(),
        nearest: count,
        wanted: z.array(count),
        found: z.array(count),
        error: z.string().exactOptional(),
      }),
    )
    .exactOptional(),
  located: located.exactOptional(),
});

const texts = z.record(z.string(), z.string());
const server: z.ZodType<ServerState> = z.object({
  role: z.string(),
  settings: texts.exactOptional(),
  moduleSettings: texts.exactOptional(),
  keys: z.object({
    count,
    items: z.array(
      z.object({
        database: count,
        key: z.string(),
        type: z.string(),
        digest: z.string(),
        expires: z.boolean(),
        expiresAtMs: z.number().exactOptional(),
      }),
    ),
  }),
  functions: texts,
  graphFunctions: texts,
  users: texts.exactOptional(),
  graphExpiries: texts.exactOptional(),
  isStandIn: z.literal(true).exactOptional(),
  write: z.object({ taken: z.boolean(), error: z.string().exactOptional() }).exactOptional(),
});

export const observationSchema: z.ZodType<shape.Observation> = z.object({
  schemaVersion: z.literal(1),
  role: z.enum(["source", "target"]),
  versions: z.object({ redis: z.string(), module: z.int() }),
  graphNames: names,
  indexSets: z.array(z.array(index)),
  graphs: z.array(graphObservation),
  server: server.optional(),
  rowsRead: count,
  phases: z.record(z.string(), z.number()),
});
