// Writes that go straight to the engine, one query each, and leave a graph whose every consistent moment has a property
// that is easy to check. What a write does is a pure function of (seed, writer, sequence), so that a judge can make it
// again. Every query also leaves a trace of itself, the node (:Write {writer, sequence}), so that the graph says exactly
// which writes it holds.

export const writeKindNames = ["ledger", "ring", "counter", "churn", "hot-entity"] as const;
export type WriteKindName = (typeof writeKindNames)[number];

export interface Statement {
  readonly cypher: string;
  readonly parameters: Readonly<Record<string, string | number>>;
  /** Rows that it returns when it did its work; with fewer it changed nothing. */
  readonly rows: number;
}

export interface WriteId {
  readonly seed: number;
  readonly writer: string;
  readonly sequence: number;
}

export interface WriteKind {
  readonly name: WriteKindName;
  /** Sent once, into an empty graph, before any write. */
  setUp(): readonly Statement[];
  write(id: WriteId): Statement;
}

export const trace = "CREATE (:Write {writer: $writer, sequence: $sequence})";

/**
 * Names the properties of a trace before two writers do so at once: FalkorDB may then log these names in another order than
 * it numbered them (`track-record/exchanged-properties`).
 */
export const traceNames: Statement = setUpStatement("CREATE (w:Write {writer: '', sequence: 0}) DELETE w");

/** A query of a write; it returns one row. */
export function writeStatement(
  { writer, sequence }: WriteId,
  cypher: string,
  parameters: Statement["parameters"],
): Statement {
  return { cypher, parameters: { writer, sequence, ...parameters }, rows: 1 };
}

export function setUpStatement(cypher: string, parameters: Statement["parameters"] = {}): Statement {
  return { cypher, parameters, rows: 0 };
}
