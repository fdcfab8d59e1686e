// The audit log of write coordination: append-only JSON lines, each with the hash of the line before it, so that a line
// that was changed, removed or inserted is found and named. Truncation by whole lines cannot be detected from the file
// alone; store the last hash elsewhere where that matters.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import type { Clock } from "../../../base/clock.ts";
import { environmentError } from "../../../base/errors.ts";
import { LineFile, readLines } from "../../../base/files/line-file.ts";

export interface AuditEntry {
  readonly sequence: number;
  readonly at: string;
  readonly event: string;
  readonly detail: Readonly<Record<string, string | number>>;
  readonly previous: string;
}
type SealedEntry = AuditEntry & { readonly hash: string };

export interface AuditVerdict {
  readonly entries: number;
  readonly lastHash: string;
  /** The first line that breaks the chain, and why. */
  readonly problem: { readonly line: number; readonly why: string } | undefined;
  /** Offset of a torn last line, which a crash of the machine leaves. */
  readonly tornAt: number | undefined;
}

const firstHash = "0".repeat(64);

export async function verifyAuditLog(path: string): Promise<AuditVerdict> {
  let lastHash = firstHash;
  let entries = 0;
  for await (const line of readLines(path)) {
    if (!line.complete) return { entries, lastHash, problem: undefined, tornAt: line.offset };
    const entry = parse(line.text);
    const why = entry === undefined ? "it is not an entry" : brokenBy(entry, entries, lastHash);
    if (entry === undefined || why !== undefined) {
      return { entries, lastHash, problem: { line: line.number, why: why ?? "" }, tornAt: undefined };
    }
    lastHash = entry.hash;
    entries += 1;
  }
  return { entries, lastHash, problem: undefined, tornAt: undefined };
}

/** The events of a log, in their order. */
export async function auditEvents(path: string): Promise<string[]> {
  const events: string[] = [];
  for await (const line of readLines(path)) if (line.complete) events.push(parse(line.text)?.event ?? "");
  return events;
}

export class AuditLog implements Disposable {
  readonly #file: LineFile;
  readonly #clock: Clock;
  #sequence: number;
  #previous: string;

  constructor(file: LineFile, clock: Clock, continues: AuditVerdict) {
    this.#file = file;
    this.#clock = clock;
    this.#sequence = continues.entries;
    this.#previous = continues.lastHash;
  }

  append(event: string, detail: AuditEntry["detail"]): void {
    const at = new Date(this.#clock.nowMs()).toISOString();
    const entry: AuditEntry = { sequence: this.#sequence, at, event, detail, previous: this.#previous };
    const hash = hashOf(entry);
    this.#file.append({ ...entry, hash });
    this.#sequence += 1;
    this.#previous = hash;
  }

  /** Resolves when all entries are on the disk. */
  async sync(): Promise<void> {
    await this.#file.sync();
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }
}

/** Continues at the end of the log; a log that was tampered with is refused. */
export async function openAuditLog(path: string, clock: Clock): Promise<AuditLog> {
  const found = existsSync(path) ? await verifyAuditLog(path) : undefined;
  if (found?.problem !== undefined) {
    throw environmentError(
      `the audit log ${path} is broken at line ${found.problem.line}: ${found.problem.why}`,
      "find out who changed it, move the file away, and start again",
    );
  }
  const file = new LineFile(path);
  const log = new AuditLog(
    file,
    clock,
    found ?? { entries: 0, lastHash: firstHash, problem: undefined, tornAt: undefined },
  );
  if (found?.tornAt !== undefined) {
    file.truncate(found.tornAt);
    log.append("torn-line-removed", { offset: found.tornAt });
  }
  return log;
}

function brokenBy(entry: SealedEntry, sequence: number, previous: string): string | undefined {
  const { hash, ...rest } = entry;
  if (hashOf(rest) !== hash) return "its hash does not fit its content";
  if (rest.sequence !== sequence) return `expected entry ${sequence}, found ${rest.sequence}`;
  if (rest.previous !== previous) return "it does not follow the line before it";
  return undefined;
}

function hashOf(entry: AuditEntry): string {
  return createHash("sha256").update(JSON.stringify(entry)).digest("hex");
}

function parse(text: string): SealedEntry | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && "hash" in value ? (value as SealedEntry) : undefined;
  } catch {
    return undefined;
  }
}
