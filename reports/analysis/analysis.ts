// An analysis as data: what --json prints, and what the text and the page are made of.
import { z } from "zod";

export const objectives = ["rto", "window", "space", "cost", "lock", "key"] as const;
export type Objective = (typeof objectives)[number];

const forecastStates = ["broken", "soon", "later", "holds", "too short"] as const;
export type ForecastState = (typeof forecastStates)[number];

export interface Rate {
  readonly subject: string;
  readonly of: "backups" | "proofs" | "drills";
  readonly succeeded: number;
  readonly tries: number;
  /** 95 % interval of Wilson. */
  readonly low: number;
  readonly high: number;
}

/** A time and a value; the unit is that of the trend. */
export interface TrendPoint {
  readonly at: string;
  readonly value: number;
}

export interface Trend {
  readonly subject: string;
  /** Such as "backup duration". */
  readonly measure: string;
  readonly unit: "s" | "bytes";
  readonly points: readonly TrendPoint[];
  /** Growth in 30 days as a share of the present level; absent where there are too few points. */
  readonly growth?: number | undefined;
  /** Where its level changed, beyond its growth. */
  readonly changes: readonly { readonly at: string; readonly ratio: number; readonly p: number }[];
}

export interface ObjectiveForecast {
  readonly objective: Objective;
  readonly subject: string;
  readonly unit: "s" | "bytes" | "money" | "time";
  readonly limit: number;
  readonly now: number;
  readonly state: ForecastState;
  /** When it is expected to be broken, and when at the earliest and the latest of the 90 % interval. */
  readonly breaksAt?: string | undefined;
  readonly earliest?: string | undefined;
  readonly latest?: string | undefined;
  /** 90 % intervals of later measurements. */
  readonly checks: readonly { readonly at: string; readonly low: number; readonly high: number }[];
  /** What was measured, for the chart; one a day. */
  readonly points: readonly TrendPoint[];
  readonly why: string;
}

export interface CostLine {
  readonly vault: string;
  readonly storage: number;
  readonly requests: number;
  readonly traffic: number;
  readonly proofs: number;
  readonly total: number;
  readonly classes: Readonly<Record<string, { readonly bytes: number; readonly cost: number }>>;
  readonly graphs: Readonly<Record<string, number>>;
  readonly provenRestores: number;
  readonly perProvenRestore?: number | undefined;
}

export interface Score {
  readonly forecasts: number;
  readonly intervals: number;
  readonly covered: number;
  readonly hits: number;
  readonly missed: number;
  readonly falseWarnings: number;
  readonly open: number;
  readonly noticeDays: readonly number[];
}

export interface Insight {
  readonly tone: "bad" | "warn" | "good";
  readonly says: string;
  /** To be typed as it is; written with `falkordrill`. */
  readonly command: string;
}

export interface Analysis {
  readonly schemaVersion: 1;
  readonly analyzedAt: string;
  readonly insights: readonly Insight[];
  readonly rates: readonly Rate[];
  readonly forecasts: readonly ObjectiveForecast[];
  readonly score: Score;
  readonly trends: readonly Trend[];
  readonly cost?:
    | {
        readonly currency: string;
        readonly vaults: readonly CostLine[];
        readonly whatIf: readonly {
          readonly vault: string;
          readonly change: string;
          readonly says: string;
          readonly nowPerMonth: number;
          readonly thenPerMonth: number;
        }[];
      }
    | undefined;
  /** What nothing can be said of, and why; one sentence each. */
  readonly tooShort: readonly string[];
}

const count = z.int().nonnegative();
const share = z.number().min(0).max(1);
const points = z.array(z.object({ at: z.iso.datetime(), value: z.number() }));
const moment = z.iso.datetime().optional();

export const analysisSchema: z.ZodType<Analysis> = z.object({
  schemaVersion: z.literal(1),
  analyzedAt: z.iso.datetime(),
  insights: z.array(z.object({ tone: z.enum(["bad", "warn", "good"]), says: z.string(), command: z.string() })),
  rates: z.array(
    z.object({
      subject: z.string(),
      of: z.enum(["backups", "proofs", "drills"]),
      succeeded: count,
      tries: count,
      low: share,
      high: share,
    }),
  ),
  forecasts: z.array(
    z.object({
      objective: z.enum(objectives),
      subject: z.string(),
      unit: z.enum(["s", "bytes", "money", "time"]),
      limit: z.number(),
      now: z.number(),
      state: z.enum(forecastStates),
      breaksAt: moment,
      earliest: moment,
      latest: moment,
      checks: z.array(z.object({ at: z.iso.datetime(), low: z.number(), high: z.number() })),
      points,
      why: z.string(),
    }),
  ),
  score: z.object({
    forecasts: count,
    intervals: count,
    covered: count,
    hits: count,
    missed: count,
    falseWarnings: count,
    open: count,
    noticeDays: z.array(z.number()),
  }),
  trends: z.array(
    z.object({
      subject: z.string(),
      measure: z.string(),
      unit: z.enum(["s", "bytes"]),
      points,
      growth: z.number().optional(),
      changes: z.array(z.object({ at: z.iso.datetime(), ratio: z.number(), p: z.number() })),
    }),
  ),
  cost: z
    .object({
      currency: z.string(),
      vaults: z.array(
        z.object({
          vault: z.string(),
          storage: z.number(),
          requests: z.number(),
          traffic: z.number(),
          proofs: z.number(),
          total: z.number(),
          classes: z.record(z.string(), z.object({ bytes: z.number(), cost: z.number() })),
          graphs: z.record(z.string(), z.number()),
          provenRestores: count,
          perProvenRestore: z.number().optional(),
        }),
      ),
      whatIf: z.array(
        z.object({
          vault: z.string(),
          change: z.string(),
          says: z.string(),
          nowPerMonth: z.number(),
          thenPerMonth: z.number(),
        }),
      ),
    })
    .optional(),
  tooShort: z.array(z.string()),
});
