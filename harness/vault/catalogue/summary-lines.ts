// How a summary of the catalogue names restore points and removals, one line each, and the hashes over them.
import { hash } from "node:crypto";
import type { CataloguedPoint } from "./entry.ts";
import { type PastRemoval, type RemovalReason, removalReasons } from "./removal-history.ts";

export interface SummaryPoint {
  readonly id: string;
  readonly is: CataloguedPoint["is"];
  /** Number of the entry that recorded it. */
  readonly entry: number;
  /** Why it is about to go. */
  readonly reason?: RemovalReason;
  /** Short hash of its manifest, where the catalogue knows it. */
  readonly manifest?: string;
  /** The last increment of its chain, as far as it is recorded; 0 for none. */
  readonly number: number;
  /** Short hash of the manifest of that increment. It covers all increments before, as each names the one before it. */
  readonly end?: string;
  /** A rule removed the increments after it. */
  readonly isCut: boolean;
}

/** 132 bits of a SHA-256, in 22 characters. */
export function shortHash(sha256: string): string {
  return Buffer.from(sha256, "hex").toString("base64url").slice(0, 22);
}

/** The same for all vaults that hold these restore points: each names them by the entries of its own catalogue. */
export function hashOfPoints(points: readonly SummaryPoint[]): string {
  const lines = points.map(({ id, manifest, number, end }) => `${id} ${manifest} ${number} ${end}\n`);
  return shortHash(hash("sha256", lines.join("")));
}

export function hashOfLines(lines: readonly string[]): string {
  return shortHash(hash("sha256", lines.join("\n")));
}

const id = String.raw`(\d{8}T\d{6}Z-[0-9a-f]{8})`;
const reasons = removalReasons.join("|");
export const pointPattern: RegExp = new RegExp(
  String.raw`^${id} (began|there|going)(?:-(${reasons}))? (\d+) ([\w-]{22}|\?) (\d+) ([\w-]{22}|\?)( cut)?$`,
);
export const removedPattern: RegExp = new RegExp(String.raw`^${id} (${reasons}) (\d+)$`);

export function lineOfPoint(point: SummaryPoint): string {
  const is = point.reason === undefined ? point.is : `${point.is}-${point.reason}`;
  const cut = point.isCut ? " cut" : "";
  return `${point.id} ${is} ${point.entry} ${point.manifest ?? "?"} ${point.number} ${point.end ?? "?"}${cut}`;
}

export function pointOfLine(line: string): SummaryPoint {
  const [, id = "", is, reason, entry, manifest = "?", number, end = "?", cut] = pointPattern.exec(line) ?? [];
  return {
    id,
    is: is as SummaryPoint["is"],
    entry: Number(entry),
    ...(reason === undefined ? {} : { reason: reason as RemovalReason }),
    ...(manifest === "?" ? {} : { manifest }),
    number: Number(number),
    ...(end === "?" ? {} : { end }),
    isCut: cut !== undefined,
  };
}

export function linesOfRemovals(removed: ReadonlyMap<string, PastRemoval>): readonly string[] {
  return Array.from(removed, ([id, { reason, entry }]) => `${id} ${reason} ${entry}`);
}

export function removalsOfLines(lines: readonly string[]): ReadonlyMap<string, PastRemoval> {
  return new Map(
    lines.map((line) => {
      const [id = "", reason, entry] = line.split(" ");
      return [id, { reason: reason as RemovalReason, entry: Number(entry) }];
    }),
  );
}
