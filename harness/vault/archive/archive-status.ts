// How far an archiver is behind its source, and whether that becomes dangerous. A server closes the connection of a
// replica that reads too slowly without any notice, so the warning is given here, before.
import type { Clock } from "../../base/clock.ts";
import { formatBytes, formatDuration } from "../../base/units.ts";
import type { Connection } from "../../falkordb/client/connection.ts";
import type { ProofStatus } from "./background-proof.ts";

/** The server's configured limits, in bytes; 0 means no limit. */
export interface ServerLimits {
  readonly outputBufferBytes: number;
  readonly backlogBytes: number;
}

export interface ArchiveStatus {
  readonly base: string;
  /** Number of the last segment in the vault. */
  readonly segment: number;
  readonly sourceOffset: number;
  readonly receivedOffset: number;
  readonly sealedOffset: number;
  /** Bytes of the stream that have not been received yet. */
  readonly lagBytes: number;
  readonly lagMs: number;
  /** Bytes that an archiver crash would have to fetch again, and that a loss of the source would lose. */
  readonly unsealedBytes: number;
  readonly unsealedMs: number;
  readonly limits: ServerLimits;
  /** Status of the background proofs; absent where none were requested. */
  readonly proof?: ProofStatus;
}

export async function readReplicaLimits(connection: Connection): Promise<ServerLimits> {
  const [, limits = ""] = (await connection.command("CONFIG", "GET", "client-output-buffer-limit")) as string[];
  const [, backlog = "0"] = (await connection.command("CONFIG", "GET", "repl-backlog-size")) as string[];
  const hard = /\b(?:slave|replica) (\d+)/.exec(limits)?.[1] ?? "0";
  return { outputBufferBytes: Number(hard), backlogBytes: Number(backlog) };
}

/** Fraction of a limit at which the warning is given. */
const warnAt = 0.5;

/** Undefined while all is well. */
export function warningOf({ lagBytes, limits }: ArchiveStatus): string | undefined {
  const { outputBufferBytes, backlogBytes } = limits;
  // The server keeps for a replica that is connected at least its backlog, and at most its output buffer.
  const limitBytes = outputBufferBytes === 0 ? Number.POSITIVE_INFINITY : Math.max(outputBufferBytes, backlogBytes);
  if (lagBytes < limitBytes * warnAt) return undefined;
  return (
    `the archive is ${formatBytes(lagBytes)} behind; at ${formatBytes(limitBytes)} the server ends the connection ` +
    "(client-output-buffer-limit replica). The vault or this machine is too slow for these writes."
  );
}

export function statusLine(status: ArchiveStatus): string {
  const { base, segment, lagBytes, lagMs, unsealedBytes, unsealedMs, proof } = status;
  return (
    `${base} segment ${segment}: behind ${formatBytes(lagBytes)}, ${formatDuration(lagMs)}; ` +
    `not in the vault yet ${formatBytes(unsealedBytes)}, ${formatDuration(unsealedMs)}` +
    (proof === undefined ? "" : `; ${proofWords(proof)}`)
  );
}

export function proofWords({ last, isRunning, notCarriedOut }: ProofStatus): string {
  const running = isRunning ? ", a proof is running" : "";
  const failed = notCarriedOut === undefined ? running : `${running} (the last attempt could not be carried out)`;
  if (last === undefined) return `not proven yet${failed}`;
  const { ok, base, offset, at } = last;
  return `${ok ? "proven" : `${base} FOUND WRONG`} at offset ${offset} of ${at}${failed}`;
}

/** Measures how long ago the source was at the offset that the archive has reached now. */
export class LagMeter {
  readonly #clock: Clock;
  #seen: { readonly offset: number; readonly atMs: number }[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The source is at `sourceOffset` now, and we are at `offset`. Returns how long we are behind, in milliseconds. */
  measure(sourceOffset: number, offset: number): number {
    const nowMs = this.#clock.monotonicMs();
    const last = this.#seen.at(-1);
    if (last === undefined || sourceOffset > last.offset) this.#seen.push({ offset: sourceOffset, atMs: nowMs });
    this.#seen = this.#seen.filter((seen) => seen.offset > offset).slice(-seenMax);
    return nowMs - (this.#seen[0]?.atMs ?? nowMs);
  }
}

/** One sample a second, at most a day old. */
const seenMax = 86_400;
