// Runs a mutant in its drill and says whether it was found: by findings that name its effect, in the run and again from
// its stored files.
import { systemClock } from "../base/clock.ts";
import { DrillError, errorMessage, type ExitReason } from "../base/errors.ts";
import type { FindingClass } from "../base/findings/finding-codes.ts";
import { importScenarios } from "../drill/run/scenario-files.ts";
import type { ScenarioDefinition } from "../drill/run/scenario-definition.ts";
import { registeredScenarios } from "../drill/run/scenario.ts";
import { classOfFinding, judgeScenario, type StoredFinding } from "../record/result.ts";
import { type DrilledOnce, drillOnce } from "./drill-once.ts";
import type { Mutate } from "../system/system.ts";
import type { Mutant } from "./mutant.ts";
import { type PeerCheck, type PeerSaid, type PeerVerdict, peerVerdict } from "./peers/peer.ts";
import { PeersWatch } from "./peers/watch-peers.ts";
import { type SmallDrill, smallDrill } from "./small-drills.ts";

export interface MutantRun {
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Checks that teams use in place of a drill, which look at the same system. */
  readonly peers?: readonly PeerCheck[];
}

export interface MutantResult {
  readonly mutant: Mutant;
  /** `unproven`: its drill does not pass without the fault either. */
  readonly status: "killed" | "survived" | "unproven";
  /** Why it was not killed, as a sentence. */
  readonly why?: string;
  /** Finding codes of severity error. */
  readonly codes: readonly string[];
  /** The first finding that names its effect. */
  readonly first: StoredFinding | undefined;
  /** The checks, judges and steps that found something wrong. */
  readonly finders: readonly string[];
  /** What each peer would have said; empty without any. */
  readonly peers: Readonly<Record<string, PeerVerdict>>;
  readonly ms: number;
}

/** The drill of a mutant without its fault. */
export interface OriginalResult {
  readonly drill: string;
  readonly exit: ExitReason;
  /** Findings of severity error; it has to be without any. */
  readonly errors: readonly StoredFinding[];
  readonly peers: ReadonlyMap<string, PeerSaid>;
  readonly ms: number;
}

const ownNodes = 300;
const dims = 4;

export async function runMutant(mutant: Mutant, original: OriginalResult, run: MutantRun): Promise<MutantResult> {
  const startedMs = systemClock.monotonicMs();
  const tookMs = (): number => systemClock.monotonicMs() - startedMs;
  try {
    return { ...(await judgeMutant(mutant, original, run)), ms: tookMs() };
  } catch (error) {
    return crashed(mutant, error, tookMs());
  }
}

async function judgeMutant(
  mutant: Mutant,
  original: OriginalResult,
  { seed, signal, peers = [] }: MutantRun,
): Promise<Omit<MutantResult, "ms">> {
  let applied = 0;
  await using watch = new PeersWatch(peers);
  const mutate: Mutate = (system, { vault }) =>
    watch.around(mutant.mutate(system, { vault, applied: () => (applied += 1) }), { vault });
  const drilled = await drillOnce(
    await drillNamed(drillOf(mutant)),
    { nodes: ownNodes, dims, seed, mutate, fault: mutant.injects },
    signal,
  );
  const undone = `its fault was never done, and there was ${quotedFindings(drilled.errors)}`;
  const why = applied === 0 ? undone : whySurvived(mutant, drilled);
  return {
    mutant,
    status: why === undefined ? "killed" : "survived",
    ...(why === undefined ? {} : { why }),
    codes: [...new Set(drilled.errors.map(({ code }) => code))],
    first: drilled.errors.find(({ code }) => mutant.finds.some((each) => each === code)),
    finders: drilled.finders,
    peers: Object.fromEntries(peers.map(({ name }) => [name, peerVerdict(watch.said(name), original.peers.get(name))])),
  };
}

export async function runOriginal(drill: string, { seed, signal, peers = [] }: MutantRun): Promise<OriginalResult> {
  const startedMs = systemClock.monotonicMs();
  await using watch = new PeersWatch(peers);
  const mutate: Mutate = (system, place) => watch.around(system, place);
  const { result, errors } = await drillOnce(
    await drillNamed(drill),
    { nodes: ownNodes, dims, seed, ...(peers.length === 0 ? {} : { mutate }) },
    signal,
  );
  const said = peers.flatMap(({ name }): [string, PeerSaid][] => {
    const its = watch.said(name);
    return its === undefined ? [] : [[name, its]];
  });
  return { drill, exit: result.exit, errors, peers: new Map(said), ms: systemClock.monotonicMs() - startedMs };
}

/** A small drill by its name, or a scenario by its id. */
export async function drillNamed(name: string): Promise<ScenarioDefinition> {
  if (!name.includes("/")) return smallDrill(name as SmallDrill);
  await importScenarios();
  const found = registeredScenarios().find(({ id }) => id === name);
  if (found === undefined) throw new DrillError(`there is no scenario ${name}`, { exit: "internal" });
  return found;
}

/** The name of the drill that has to find a mutant. */
export function drillOf({ drill = "restored" }: Pick<Mutant, "drill">): string {
  return drill;
}

/** A crash of the harness is not a kill. */
function crashed(mutant: Mutant, error: unknown, ms: number): MutantResult {
  const why = `the harness failed: ${errorMessage(error)}`;
  return { mutant, status: "survived", why, codes: [], first: undefined, finders: [], peers: {}, ms };
}

/** Classes of findings that say how a drill ended, and nothing about the fault. */
export const withoutEffect: ReadonlySet<FindingClass> = new Set([
  "vigour",
  "usage",
  "environment",
  "internal",
  "interrupted",
]);

/** Undefined where a finding names the effect, nothing of ours failed, and the stored files say the same. */
export function whySurvived(
  { finds, exit }: Pick<Mutant, "finds" | "exit">,
  { result, again, errors }: Pick<DrilledOnce, "result" | "again" | "errors">,
): string | undefined {
  const named = errors.filter(({ code }) => finds.some((each) => each === code));
  const missing = finds.filter((code) => !named.some((finding) => finding.code === code));
  if (missing.length > 0) return `${missing.join(", ")} was not found, but ${quotedFindings(errors)}`;
  const endings = named.filter((finding) => withoutEffect.has(classOfFinding(finding)));
  if (endings.length > 0) return `${quotedFindings(endings)} does not name what the fault did`;
  const own: ExitReason = judgeScenario(named).exit;
  if (own !== exit) return `its findings end in ${own} and not in ${exit}`;
  const ours = errors.find((finding) => ["internal", "environment", "interrupted"].includes(classOfFinding(finding)));
  if (ours !== undefined) return `the drill itself failed: ${ours.message}`;
  return codesOf(again?.findings) === codesOf(result.findings) ? undefined : "the stored files say otherwise";
}

/** Findings in one line, at most a few. */
export function quotedFindings(findings: readonly StoredFinding[]): string {
  const quoted = findings.slice(0, quotedMax).map(({ code, subject, message }) => `${code} of ${subject}: ${message}`);
  const more = findings.length > quotedMax ? [`and ${findings.length - quotedMax} more`] : [];
  return [...quoted, ...more].join("; ") || "nothing";
}

const quotedMax = 3;

function codesOf(findings: readonly StoredFinding[] = []): string {
  return findings
    .map(({ code }) => code)
    .toSorted()
    .join();
}
