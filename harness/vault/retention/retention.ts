// Which restore points stay, and why. A pure function: what is there, the rules, the time, the calendar -> decisions.
//
// Whatever the rules, these stay: the newest point, the newest one that is proven restorable, what is pinned, what is
// in use, and everything that a kept point depends on. Points whose content is in doubt displace none of
// these: everything stays that would stay without them.
import { usageError } from "../../base/errors.ts";
import type { Calendar, Period } from "./calendar.ts";

/** An age in calendar days, plus milliseconds. */
export interface CalendarAge {
  readonly days: number;
  readonly ms: number;
  /** The age as given by the user, such as "7d". */
  readonly text: string;
}

/** The retention rules. Adding a rule never keeps less. */
export interface RetentionPolicy {
  /** Number of newest requested backups to keep. */
  readonly last?: number;
  /** Keeps one point of each of the last so many days (weeks, ...) that have any; empty ones do not count. */
  readonly daily?: number;
  readonly weekly?: number;
  readonly monthly?: number;
  readonly yearly?: number;
  /** Keeps every point up to this age, so that any moment of this span can be restored. */
  readonly within?: CalendarAge;
  readonly all?: boolean;
}

export interface RetentionPoint {
  readonly id: string;
  readonly atMs: number;
  /** The point that this one cannot be restored without. */
  readonly parent?: string;
  /** A full backup, or an increment on demand; not a segment of a continuous archive. */
  readonly asked: boolean;
  readonly verified: "good" | "bad" | "unknown";
  /** Why it is pinned. */
  readonly pinned?: string;
  /** Until when the store lets nobody remove it, in words. It does not make the point count more. */
  readonly locked?: string;
  /** What uses the point, if anything. Everything built upon it stays as well. */
  readonly inUse?: string;
  /**
   * Why it, or what it depends on, may not hold what it should: its source was empty or had shrunk (shrinkage.ts), or its
   * text looks like noise (noise.ts). It displaces no other backup.
   */
  readonly doubt?: string;
}

export interface Decision {
  readonly point: RetentionPoint;
  readonly keep: boolean;
  /** Why it stays; empty where nothing keeps it. */
  readonly reasons: readonly string[];
}

const aside = "doubtful ones aside";

const byPeriod: readonly (readonly [keyof RetentionPolicy & `${string}ly`, Period])[] = [
  ["daily", "day"],
  ["weekly", "week"],
  ["monthly", "month"],
  ["yearly", "year"],
];

/** Newest first. Points whose parent is not among them are decided on their own. */
export function decideRetention(
  points: readonly RetentionPoint[],
  rules: RetentionPolicy,
  nowMs: number,
  calendar: Calendar,
): readonly Decision[] {
  const newestFirst = points.toSorted((a, b) => b.atMs - a.atMs || (a.id < b.id ? 1 : -1));
  const reasons = new Map<string, string[]>(newestFirst.map(({ id }) => [id, []]));
  const keep = (point: RetentionPoint | undefined, why: string): void => {
    if (point !== undefined) reasons.get(point.id)?.push(why);
  };
  keepAlways(newestFirst, keep);
  keepByRules(newestFirst, rules, nowMs, calendar, keep);
  // Decided a second time without the doubtful ones, and the union stays: so these get what the rules give
  // them, at no other backup's expense.
  const sound = newestFirst.filter(({ doubt }) => doubt === undefined);
  const keepBeside: Keep = (point, why) => {
    if (point !== undefined && reasons.get(point.id)?.includes(why) === false) keep(point, `${why} (${aside})`);
  };
  if (sound.length < newestFirst.length) {
    keepAlways(sound, keepBeside);
    keepByRules(sound, rules, nowMs, calendar, keepBeside);
  }
  keepWhatIsNeeded(newestFirst, reasons);
  return newestFirst.map((point) => {
    const why = reasons.get(point.id) ?? [];
    const isKept = why.length > 0;
    const doubt = isKept && point.doubt !== undefined ? [`displaces no other backup: ${point.doubt}`] : [];
    return { point, keep: isKept, reasons: [...why, ...doubt] };
  });
}

type Keep = (point: RetentionPoint | undefined, why: string) => void;

function keepAlways(newestFirst: readonly RetentionPoint[], keep: Keep): void {
  const [newest] = newestFirst;
  keep(newest, "newest");
  if (newest?.verified === "bad")
    keep(
      newestFirst.find(({ verified }) => verified !== "bad"),
      "newest without a fault that verify found",
    );
  keep(
    newestFirst.find(({ verified }) => verified === "good"),
    "last verified",
  );
  keep(endOfNewestChain(newestFirst), "end of the newest chain");
  const roots = rootsOf(newestFirst);
  for (const point of newestFirst) {
    if (point.pinned !== undefined) keep(point, `pinned: ${point.pinned}`);
    if (point.locked !== undefined) keep(point, point.locked);
    const user = point.inUse ?? roots.get(point.id)?.inUse;
    if (user !== undefined) keep(point, `in use: ${user}`);
  }
}

/** A clock that was set back must not remove the end that an archiver extends. */
function endOfNewestChain(newestFirst: readonly RetentionPoint[]): RetentionPoint | undefined {
  const newestRoot = newestFirst.find(({ parent }) => parent === undefined);
  const roots = rootsOf(newestFirst);
  const chain = newestFirst.filter(({ id }) => roots.get(id) === newestRoot);
  const parents = new Set(chain.map(({ parent }) => parent));
  return chain.length < 2 ? undefined : chain.find(({ id }) => !parents.has(id));
}

function keepByRules(
  newestFirst: readonly RetentionPoint[],
  rules: RetentionPolicy,
  nowMs: number,
  calendar: Calendar,
  keep: Keep,
): void {
  // A backup that is known not to be restorable must not displace one that is.
  const usable = newestFirst.filter(({ verified }) => verified !== "bad");
  const { last = 0, within } = rules;
  if (rules.all === true) for (const point of newestFirst) keep(point, "everything is kept");
  for (const point of usable.filter(({ asked }) => asked).slice(0, last)) keep(point, `one of the last ${last}`);
  if (within !== undefined) {
    const sinceMs = calendar.daysBefore(nowMs, within.days) - within.ms;
    for (const point of usable) if (point.atMs >= sinceMs) keep(point, `within ${within.text}`);
  }
  for (const [rule, period] of byPeriod) {
    for (const [name, point] of newestOfEach(usable, period, rules[rule] ?? 0, calendar))
      keep(point, `${period} ${name}`);
  }
}

/** The newest requested backup of each period, else the newest segment of the archive. */
function newestOfEach(
  newestFirst: readonly RetentionPoint[],
  period: Period,
  count: number,
  calendar: Calendar,
): ReadonlyMap<string, RetentionPoint> {
  const chosen = new Map<string, RetentionPoint>();
  if (count === 0) return chosen;
  for (const point of newestFirst) {
    const name = calendar.periodOf(point.atMs, period);
    const other = chosen.get(name);
    if (other === undefined && chosen.size === count) break;
    if (other === undefined || (!other.asked && point.asked)) chosen.set(name, point);
  }
  return chosen;
}

/** A kept point keeps its parent, and so on to the base. The reason names the newest point that needs it. */
function keepWhatIsNeeded(newestFirst: readonly RetentionPoint[], reasons: ReadonlyMap<string, string[]>): void {
  const byId = new Map(newestFirst.map((point) => [point.id, point]));
  const walked = new Set<string>();
  for (const point of newestFirst) {
    if ((reasons.get(point.id) ?? []).length === 0 || walked.has(point.id)) continue;
    for (let next = parentOf(point, byId); next !== undefined && !walked.has(next.id); next = parentOf(next, byId)) {
      walked.add(next.id);
      reasons.get(next.id)?.push(`needed by ${point.id}`);
    }
  }
}

function rootsOf(points: readonly RetentionPoint[]): ReadonlyMap<string, RetentionPoint> {
  const byId = new Map(points.map((point) => [point.id, point]));
  const roots = new Map<string, RetentionPoint>();
  for (const point of points) {
    const path: RetentionPoint[] = [];
    let at: RetentionPoint | undefined = point;
    let root: RetentionPoint = point;
    while (at !== undefined && !roots.has(at.id)) {
      path.push(at);
      root = at;
      at = parentOf(at, byId);
    }
    root = (at === undefined ? undefined : roots.get(at.id)) ?? root;
    for (const { id } of path) roots.set(id, root);
  }
  return roots;
}

function parentOf({ parent }: RetentionPoint, byId: ReadonlyMap<string, RetentionPoint>): RetentionPoint | undefined {
  return parent === undefined ? undefined : byId.get(parent);
}

/** "7d" is seven calendar days; "12h" and "30m" are exactly that long. */
export function parseAge(text: string): CalendarAge {
  const match = /^(\d{1,6})([mhdw])$/.exec(text.trim());
  const count = Number(match?.[1]);
  switch (match?.[2]) {
    case "m":
      return { days: 0, ms: count * 60_000, text };
    case "h":
      return { days: 0, ms: count * 3_600_000, text };
    case "d":
      return { days: count, ms: 0, text };
    case "w":
      return { days: count * 7, ms: 0, text };
    default:
      throw usageError(`"${text}" is not an age such as 90m, 12h, 7d or 4w`);
  }
}
