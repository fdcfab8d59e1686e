// A strict reader of the Trace Event Format, as its description and the importer of Perfetto want it: each kind of event
// with its own fields and no others, names for all processes and tracks, and slices of one track inside each other or apart.
import { z } from "zod";

const place = { name: z.string().min(1), pid: z.int().positive(), tid: z.int().positive() };
const at = { ...place, ts: z.number().nonnegative() };
const json = z.record(z.string(), z.json());

const eventSchema = z.discriminatedUnion("ph", [
  z.strictObject({ ...at, ph: z.literal("X"), dur: z.number().nonnegative(), args: json.optional() }),
  z.strictObject({ ...at, ph: z.literal("i"), s: z.enum(["g", "p", "t"]), args: json.optional() }),
  z.strictObject({
    ...at,
    ph: z.literal("C"),
    args: z.record(z.string(), z.number()).refine((series) => Object.keys(series).length > 0, "a counter of nothing"),
  }),
  z.strictObject({
    ...place,
    ph: z.literal("M"),
    name: z.enum(["process_name", "thread_name"]),
    args: z.strictObject({ name: z.string().min(1) }),
  }),
]);
const traceSchema = z.strictObject({
  displayTimeUnit: z.enum(["ms", "ns"]),
  traceEvents: z.array(eventSchema),
});

type TraceEvent = z.infer<typeof eventSchema>;
type Slice = Extract<TraceEvent, { ph: "X" }>;

/** Times are numbers of microseconds with a fraction; what is less is rounding. */
const roundingUs = 0.01;

/** Everything that is wrong with a trace, one sentence each. */
export function traceProblems(text: string): readonly string[] {
  const { data, error } = traceSchema.safeParse(JSON.parse(text));
  if (data === undefined) return error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) ?? [];
  const { traceEvents } = data;
  return [...named(traceEvents), ...overlapping(traceEvents)];
}

/** The viewers show a process or track without a name as a number, and of two names only one. */
function named(events: readonly TraceEvent[]): string[] {
  const names = (kind: string, key: (event: TraceEvent) => string): string[] =>
    events.filter(({ ph, name }) => ph === "M" && name === kind).map(key);
  const wrong = (what: string, given: readonly string[], used: readonly string[]): string[] => [
    ...[...new Set(used)].filter((id) => !given.includes(id)).map((id) => `${what} ${id} has no name`),
    ...given.filter((id, index) => given.indexOf(id) !== index).map((id) => `${what} ${id} has two names`),
  ];
  const process = ({ pid }: TraceEvent): string => String(pid);
  const track = ({ pid, tid }: TraceEvent): string => `${pid}/${tid}`;
  const slices = events.filter(({ ph }) => ph === "X");
  return [
    ...wrong("process", names("process_name", process), events.map(process)),
    ...wrong("track", names("thread_name", track), slices.map(track)),
  ];
}

/** Two slices of one track that overlap, and of which none holds the other, cannot be drawn; Perfetto drops one. */
function overlapping(events: readonly TraceEvent[]): string[] {
  const slices = events.filter((event): event is Slice => event.ph === "X");
  const tracks = Map.groupBy(slices, ({ pid, tid }) => `${pid}/${tid}`);
  return [...tracks].flatMap(([track, on]) => {
    const open: number[] = [];
    return on
      .toSorted((a, b) => a.ts - b.ts || b.dur - a.dur)
      .flatMap(({ name, ts, dur }) => {
        while (open.length > 0 && (open.at(-1) ?? 0) <= ts + roundingUs) open.pop();
        const end = open.at(-1);
        open.push(ts + dur);
        if (end === undefined || ts + dur <= end + roundingUs) return [];
        return [`track ${track}: "${name}" at ${ts} overlaps the slice before it`];
      });
  });
}
