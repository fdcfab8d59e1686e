// The state of an archive for Prometheus: a file for node_exporter's textfile collector, which never reads it in part.
import { systemClock } from "../../base/clock.ts";
import { writeWhole } from "../../base/files/write-whole.ts";
import type { ArchiveStatus } from "../../vault/archive/archive-status.ts";
import { Exposition } from "../../../reports/text/exposition.ts";

export function archiveMetrics(status: ArchiveStatus, nowMs: number): string {
  const { lagBytes, lagMs, unsealedBytes, unsealedMs, segment, base, proof } = status;
  const out = new Exposition();
  const gauge = (name: string, help: string, value: number): void =>
    out.gauge(`falkordrill_archive_${name}`, help, value);
  out.gauge("falkordrill_archive_info", "The chain that is followed; always 1.", 1, { base });
  gauge("status_timestamp_seconds", "When the archiver last knew how far it was.", nowMs / 1000);
  gauge("segment", "Number of the last segment in the vault.", segment);
  gauge("lag_bytes", "Of the stream, not received yet.", lagBytes);
  gauge("lag_seconds", "For how long.", lagMs / 1000);
  gauge("unsealed_bytes", "Received and not in the vault yet.", unsealedBytes);
  gauge("unsealed_seconds", "For how long.", unsealedMs / 1000);
  if (proof === undefined) return out.toString();
  const count = (name: string, help: string, value: number): void =>
    out.counter(`falkordrill_archive_${name}_total`, help, value);
  count("proofs_proven", "Proofs of this run that found the chain to give what its source held.", proof.proven);
  count("proofs_wrong", "Proofs of this run that found it to give something else.", proof.wrong);
  gauge(
    "proof_failed",
    "1 where the last attempt could not be carried out.",
    Number(proof.notCarriedOut !== undefined),
  );
  if (proof.last !== undefined) {
    const { at, ok } = proof.last;
    gauge("proof_timestamp_seconds", "The moment of the source that was last compared.", Date.parse(at) / 1000);
    gauge("proof_good", "1 where that proof found the chain right, else 0.", Number(ok));
  }
  return out.toString();
}

/** The program that collects metrics runs as a user of its own; as far as the umask allows. */
const readableByAll = 0o644;

export function writeMetrics(file: string, status: ArchiveStatus): void {
  writeWhole(file, archiveMetrics(status, systemClock.nowMs()), { mode: readableByAll });
}
