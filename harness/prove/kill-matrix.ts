// The kill matrix as data: each mutant with what found it, and what follows from all of them. Pure.
import type { ExitReason } from "../base/errors.ts";
import { shellWord } from "../base/invocation.ts";
import { classOfMutant, type MutantClass, mutantClasses } from "./mutant.ts";
import type { PeerCheck, PeerVerdict } from "./peers/peer.ts";
import type { ReadyPeers } from "./peers/peers.ts";
import { type AboutProof, type ProofHead, proofHead } from "./proof-head.ts";
import type { MutantsProof } from "./prove-mutants.ts";
import { drillOf, type MutantResult } from "./run-mutant.ts";

export interface KillMatrix extends ProofHead {
  readonly killed: number;
  readonly classes: readonly { readonly name: MutantClass; readonly killed: number; readonly total: number }[];
  /** Checks, judges and steps, with the number of mutants in which each found something wrong. */
  readonly finders: readonly { readonly name: string; readonly mutants: number }[];
  /** Checks that teams use in place of a drill; empty where they were not asked for. */
  readonly peers: readonly PeerRow[];
  readonly originals: readonly { readonly drill: string; readonly exit: ExitReason; readonly ms: number }[];
  readonly mutants: readonly MutantRow[];
}

interface PeerRow {
  readonly name: string;
  readonly looks: string;
  /** Mutants of which it raised an alarm, of which it did not, and of which it cannot be said. */
  readonly caught: number;
  readonly missed: number;
  readonly notApplicable: number;
  /** Why it did not run on this machine. */
  readonly notRun?: string;
}

export interface MutantRow extends Pick<MutantResult, "status" | "why" | "codes" | "finders" | "peers" | "ms"> {
  readonly id: string;
  readonly fault: string;
  readonly after: string | undefined;
  readonly drill: string;
  readonly first: { readonly code: string; readonly subject: string; readonly message: string } | undefined;
  /** The command that runs this mutant again. */
  readonly repeat: string;
}

export interface MatrixInput extends MutantsProof {
  readonly about: AboutProof;
  readonly peers: ReadyPeers;
  readonly seed: number;
  readonly planned: number;
  readonly durationMs: number;
  readonly interrupted: boolean;
}

export function killMatrix({ about, results, originals, peers, ...input }: MatrixInput): KillMatrix {
  const { seed } = input;
  const finders = Map.groupBy(
    results.flatMap((result) => result.finders),
    (name) => name,
  );
  return {
    ...proofHead(about, { ...input, exit: exitOf({ results, originals, ...input }) }),
    killed: killedOf(results),
    classes: mutantClasses.flatMap((name) => {
      const its = results.filter(({ mutant }) => classOfMutant(mutant) === name);
      return its.length === 0 ? [] : [{ name, killed: killedOf(its), total: its.length }];
    }),
    finders: [...finders]
      .map(([name, found]) => ({ name, mutants: found.length }))
      .toSorted((a, b) => b.mutants - a.mutants || a.name.localeCompare(b.name, "en")),
    peers: [
      ...peers.ready.map((peer) => peerRow(peer, results)),
      ...peers.notRun.map(({ name, looks, why }) => ({ ...noVerdicts, name, looks, notRun: why })),
    ],
    originals: originals.map(({ drill, exit, ms }) => ({ drill, exit, ms: Math.round(ms) })),
    mutants: results.map((result) => rowOf(result, seed)),
  };
}

function killedOf(results: readonly MutantResult[]): number {
  return results.filter(({ status }) => status === "killed").length;
}

const noVerdicts = { caught: 0, missed: 0, notApplicable: 0 } as const;

function peerRow({ name, looks }: PeerCheck, results: readonly MutantResult[]): PeerRow {
  const count = (verdict: PeerVerdict["verdict"]): number =>
    results.filter(({ peers }) => peers[name]?.verdict === verdict).length;
  return { name, looks, caught: count("caught"), missed: count("missed"), notApplicable: count("n/a") };
}

function rowOf({ mutant, first, ms, ...result }: MutantResult, seed: number): MutantRow {
  const { status, why, codes, finders, peers } = result;
  return {
    id: mutant.id,
    fault: mutant.fault,
    after: mutant.after,
    drill: drillOf(mutant),
    status,
    ...(why === undefined ? {} : { why }),
    ms: Math.round(ms),
    first: first && { code: first.code, subject: first.subject, message: first.message },
    codes,
    finders,
    peers,
    repeat: `npx falkordrill prove --mutant ${shellWord(mutant.id)} --seed ${seed}`,
  };
}

/**
 * A survivor is a fault that went unnoticed, like wrong data. Where a drill does not pass without a fault, nothing was
 * shown about its mutants.
 */
export function exitOf({
  results,
  originals,
  interrupted,
}: Pick<MatrixInput, "results" | "originals" | "interrupted">): ExitReason {
  if (results.some(({ status }) => status === "survived")) return "dataWrong";
  if (interrupted) return "interrupted";
  const failed = originals.filter(({ exit }) => exit !== "pass");
  if (failed.length === 0) return "pass";
  return failed.every(({ exit }) => exit === "environment") ? "environment" : "inconclusive";
}
