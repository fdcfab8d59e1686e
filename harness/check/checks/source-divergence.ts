// Decides who is wrong when a chain and its source differ. The change itself determines the correct result. Where the
// chain holds it and the source does not, the engine changed its own data without replicating it, and the chain is
// right.
import type { Finding } from "../check.ts";

/** Values by entity, as text. */
export type ByEntity = ReadonlyMap<string, string>;

export interface DivergenceInput {
  readonly subject: string;
  /** Correct values after the change, by entity; then those of the source and those of the chain. */
  readonly wanted: ByEntity;
  readonly source: ByEntity;
  readonly chain: ByEntity;
  /** Entities, and whatever else, that differ between source and chain. */
  readonly differing: ReadonlySet<string>;
}

export interface Divergence {
  readonly findings: readonly Finding[];
  /** Whether the findings explain everything that differs between source and chain. */
  readonly explainsAll: boolean;
}

const samplesMax = 10;

/** Returns no findings where the source holds what it should. */
export function judgeDivergence({ subject, wanted, source, chain, differing }: DivergenceInput): Divergence {
  const wrong = [...new Set([...wanted.keys(), ...source.keys()])].filter((key) => source.get(key) !== wanted.get(key));
  const untold = wrong.filter((key) => chain.get(key) === wanted.get(key));
  const told = wrong.filter((key) => chain.get(key) !== wanted.get(key));
  const explained = new Set(untold);
  const explainsAll = [...differing].every((key) => explained.has(key));
  // Where the chain differs in anything else, that decides: what the engine did excuses only what it explains.
  const isBeyond = [...differing].some((key) => !wrong.includes(key));
  const severity = isBeyond ? "warning" : "error";
  const evidenceOf = (keys: readonly string[]): Finding["evidence"] => ({
    count: keys.length,
    // Lengths show what was lost, without revealing content of a graph.
    samples: keys.slice(0, samplesMax).map((entity) => ({
      entity,
      wantedBytes: bytesOf(wanted.get(entity)),
      sourceBytes: bytesOf(source.get(entity)),
      chainBytes: bytesOf(chain.get(entity)),
    })),
  });
  const findings: Finding[] = [];
  if (untold.length > 0)
    findings.push({
      code: "engine-source-diverged",
      severity,
      subject,
      message:
        `the engine changed ${untold.length} entities without writing them to its replication stream, ` +
        "and the chain holds what was written",
      evidence: evidenceOf(untold),
    });
  if (told.length > 0)
    findings.push({
      code: "engine-wrote-otherwise",
      severity,
      subject,
      message: `the engine wrote other values than requested in ${told.length} entities`,
      evidence: evidenceOf(told),
    });
  return { findings, explainsAll };
}

function bytesOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Buffer.byteLength(text);
}
