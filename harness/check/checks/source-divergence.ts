// Whose fault is it when a chain gives something else than its source holds? The change itself says what had to come of
// it. Where the chain holds that and the source does not, the engine changed its own data without telling its replication
// stream, and the chain is right.
import type { Finding } from "../check.ts";

/** A value by entity, as text. */
export type ByEntity = ReadonlyMap<string, string>;

export interface DivergenceInput {
  readonly subject: string;
  /** What a change had to leave, by entity, and the same as the source and what the chain gives hold it. */
  readonly wanted: ByEntity;
  readonly source: ByEntity;
  readonly chain: ByEntity;
  /** Entities that differ between source and chain in anything at all; undefined where that is not known. */
  readonly differing: ReadonlySet<string> | undefined;
}

export interface Divergence {
  readonly findings: readonly Finding[];
  /** Whether it explains every entity that differs between source and chain. */
  readonly explainsAll: boolean;
}

const samplesMax = 10;

/** Without findings where the source holds what it should. */
export function judgeDivergence({ subject, wanted, source, chain, differing }: DivergenceInput): Divergence {
  const wrong = [...new Set([...wanted.keys(), ...source.keys()])].filter((key) => source.get(key) !== wanted.get(key));
  const untold = wrong.filter((key) => chain.get(key) === wanted.get(key));
  const told = wrong.filter((key) => chain.get(key) !== wanted.get(key));
  const explained = new Set(untold);
  const explainsAll = differing !== undefined && [...differing].every((key) => explained.has(key));
  const evidenceOf = (keys: readonly string[]): Finding["evidence"] => ({
    count: keys.length,
    // Lengths tell what was lost, and show nothing of a graph.
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
      severity: "error",
      subject,
      message:
        `the engine changed ${untold.length} entities of its own that its replication stream does not tell of, ` +
        "and the chain holds what was written",
      evidence: evidenceOf(untold),
    });
  if (told.length > 0)
    findings.push({
      code: "engine-wrote-otherwise",
      severity: "error",
      subject,
      message: `the engine wrote something else than it was told to in ${told.length} entities`,
      evidence: evidenceOf(told),
    });
  return { findings, explainsAll };
}

function bytesOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Buffer.byteLength(text);
}
