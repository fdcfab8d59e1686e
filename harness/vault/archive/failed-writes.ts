// A write that failed after it had created several nodes leaves FalkorDB 4.16 with free ids in an order that no replica
// knows (`replay-changes-another-node` of the recorded defects): later changes of the stream reach other nodes. Nothing
// in the stream tells, but the source counts its errors by their first word, and some words come from failed writes
// only. Others, such as a division by zero, come from reads too, and are not counted here.
import type { Connection } from "../../falkordb/client/connection.ts";
import type { ChainWriter } from "../chain/chain-writer.ts";

/** A violated constraint, and a value that no property can hold. */
const ofWrites = ["unique", "mandatory", "Property"].map((word) => `errorstat_${word}`);

export class FailedWrites {
  /** Number of errors at the last look, and the end of the chain before it. */
  #last: { readonly errors: number; readonly offset: number } | undefined;

  /** A write that failed since the last look is a hazard of the chain from there on. */
  async look(connection: Pick<Connection, "info">, chain: Pick<ChainWriter, "position" | "noteHazard">): Promise<void> {
    const { offset } = chain.position;
    const counts = await connection.info("errorstats");
    const errors = ofWrites.reduce((sum, name) => sum + Number(/\d+/.exec(counts[name] ?? "")?.[0] ?? 0), 0);
    const last = this.#last;
    this.#last = { errors, offset };
    // A server that was started again, or CONFIG RESETSTAT, counts from zero.
    if (last === undefined || errors === last.errors || errors === 0) return;
    const message =
      `${errors - (errors < last.errors ? 0 : last.errors)} writes failed on the source, for a violated constraint or an ` +
      "impossible value: after such a write FalkorDB may give ids that its replicas do not give";
    chain.noteHazard({ offset: Math.min(last.offset, offset), kind: "write-failed", message });
  }
}
