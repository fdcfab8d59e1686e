// Shrinks a failing scenario: the smallest case that shows the same finding, how surely it does, and whether the engine
// alone shows it too.
import { systemClock } from "../base/clock.ts";
import { DrillError } from "../base/errors.ts";
import type { Progress } from "../base/progress.ts";
import type { EngineProvider } from "../engine/engine.ts";
import type { StoredFinding } from "../record/result.ts";
import { storedCase } from "./case-file.ts";
import { type CheckQuery, checkQueryOf } from "./check-query.ts";
import { firstOf } from "./ddmin.ts";
import { identityOf } from "./finding-identity.ts";
import { guessesFor } from "./first-guess.ts";
import { rateOf, type ShowRate } from "../../reports/statistics/wilson.ts";
import { triesUntilLost } from "./rate.ts";
import { reduceCase } from "./reduce.ts";
import { type CaseSize, type ShrinkCase, caseSize } from "./shrink-case.ts";
import { engineSystem, type ShrunkSystem } from "./shrunk-system.ts";
import { tryCase, type TryContext, type TryOutcome } from "./try-case.ts";

export interface ShrinkRequest {
  readonly finding: StoredFinding;
  /** The case of the scenario itself. */
  readonly whole: ShrinkCase;
  readonly system: ShrunkSystem;
  readonly engines: EngineProvider;
  readonly seed: number;
  readonly timeoutMs: number;
  readonly progress: Progress;
  /** Aborted by Ctrl-C: what was found so far is the result. */
  readonly signal: AbortSignal;
}

export interface ShrunkFinding {
  /** The finding as the smallest case shows it. */
  readonly finding: StoredFinding;
  readonly identity: string;
  readonly shrunk: ShrinkCase;
  readonly before: CaseSize;
  readonly after: CaseSize;
  readonly rate: ShowRate;
  /** Whether SAVE and a start from the dump show the same, without any backup system. */
  readonly isEngine: boolean;
  readonly check: { readonly query: CheckQuery; readonly expected: string; readonly actual: string } | undefined;
  readonly tries: number;
  readonly ms: number;
  /** Why it may not be the smallest. */
  readonly stopped: "deadline" | "interrupted" | undefined;
}

/** The part of the time that is left for telling how surely the smallest case shows the finding. */
const confirmShare = 0.25;
/** Tries of the scenario's own case, before it is said not to show the finding. */
const triesFirst = 10;
/** Tries without a miss after which the first case is held to show the finding every time. */
const triesToTrust = 2;
const confirmations = 5;
/** Confirmations of a finding that does not show every time. */
const confirmationsFlaky = 20;

export async function shrinkFinding(request: ShrinkRequest): Promise<ShrunkFinding> {
  const startedMs = systemClock.monotonicMs();
  const session = new Session(request);
  const first = await session.firstThatShows();
  const shrunk = await reduceCase(first, (candidate) => session.shows(candidate));
  const last = await session.confirm(shrunk);
  const isEngine = await session.showsByEngine(shrunk);
  return {
    finding: last.finding,
    identity: identityOf(request.finding),
    shrunk,
    before: caseSize(request.whole),
    after: caseSize(shrunk),
    rate: last.rate,
    isEngine,
    check: last.check,
    tries: session.tries,
    ms: systemClock.monotonicMs() - startedMs,
    stopped: session.stopped,
  };
}

class Session {
  readonly #request: ShrinkRequest;
  readonly #identity: string;
  readonly #known = new Map<string, boolean>();
  /** Tries of cases that have shown the finding at least once. */
  #seen = { shown: 0, tries: 0 };
  readonly #reduceUntilMs: number;
  readonly #endMs: number;
  readonly #deadline: AbortSignal;
  #last: StoredFinding;
  tries = 0;
  stopped: ShrunkFinding["stopped"];

  constructor(request: ShrinkRequest) {
    this.#request = request;
    this.#identity = identityOf(request.finding);
    this.#last = request.finding;
    const nowMs = systemClock.monotonicMs();
    this.#endMs = nowMs + request.timeoutMs;
    this.#reduceUntilMs = nowMs + request.timeoutMs * (1 - confirmShare);
    this.#deadline = AbortSignal.timeout(Math.ceil(request.timeoutMs * (1 - confirmShare)));
  }

  /** The first guess that shows the finding, or the scenario's own case after several tries. */
  async firstThatShows(): Promise<ShrinkCase> {
    const { finding, whole, progress, signal } = this.#request;
    const guesses = guessesFor(finding, whole);
    progress.step(`look for a first case that shows ${finding.code}`);
    const first = await firstOf(guesses, (guess) => this.shows(guess));
    if (first !== undefined) return await this.#watched(first);
    const last = guesses.at(-1) ?? whole;
    for (let again = 1; again < triesFirst && !this.#isOver(); again += 1) {
      progress.step(`try the case of the scenario again (${again + 1} of ${triesFirst})`);
      if ((await this.#try(last)) !== undefined) {
        this.#seen = { shown: 1, tries: again + 1 };
        return await this.#watched(last);
      }
    }
    if (signal.aborted) throw new DrillError("interrupted before the finding was shown again", { exit: "interrupted" });
    throw new DrillError(
      `${finding.code} did not show again in ${this.tries} tries without writers and faults, in any size up to that of the scenario`,
      {
        exit: "inconclusive",
        hint: "It may need the writers, the faults or the way of restore of its scenario, or more time: --timeout.",
      },
    );
  }

  /** Tries the first case that shows the finding a few times more, so that one that shows by chance is known as such. */
  async #watched(first: ShrinkCase): Promise<ShrinkCase> {
    const isSteady = (): boolean => this.#seen.shown === this.#seen.tries;
    while (this.#seen.tries < (isSteady() ? triesToTrust : triesFirst) && !this.#isOver()) {
      const shown = (await this.#try(first)) !== undefined;
      this.#seen = { shown: this.#seen.shown + (shown ? 1 : 0), tries: this.#seen.tries + 1 };
    }
    return first;
  }

  /** Whether a smaller case still shows it; false when there is no time left. */
  async shows(candidate: ShrinkCase): Promise<boolean> {
    // First: naming thousands of candidates would take longer than the time that is over.
    if (this.#isOver()) return false;
    const id = JSON.stringify(storedCase(candidate));
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    let [shown, tries] = [false, 0];
    const triesMax = triesUntilLost(this.#seen);
    for (; tries < triesMax && !shown && !this.#isOver(); tries += 1)
      shown = (await this.#try(candidate)) !== undefined;
    if (shown) this.#seen = { shown: this.#seen.shown + 1, tries: this.#seen.tries + tries };
    if (!this.#isOver()) this.#known.set(id, shown);
    const { nodes, edges, properties, operations } = caseSize(candidate);
    if (shown)
      this.#request.progress.step(`${nodes} nodes, ${edges} edges, ${properties} properties, ${operations} operations`);
    return shown;
  }

  /** Tries the smallest case several times, and asks the query that shows it. */
  async confirm(shrunk: ShrinkCase): Promise<{
    readonly finding: StoredFinding;
    readonly rate: ShowRate;
    readonly check: ShrunkFinding["check"];
  }> {
    const { progress, signal } = this.#request;
    progress.step("how surely it shows");
    let [shown, tries] = [0, 0];
    let check: ShrunkFinding["check"];
    const end = AbortSignal.timeout(Math.max(1, Math.ceil(this.#endMs - systemClock.monotonicMs())));
    const query = checkQueryOf(this.#last, shrunk);
    while (tries < (shown === tries ? confirmations : confirmationsFlaky)) {
      // At least once, because the answers are part of the result.
      if ((tries > 0 && end.aborted) || signal.aborted) break;
      const outcome = await this.#run(shrunk, AbortSignal.any([signal, ...(tries === 0 ? [] : [end])]), query);
      if (outcome === undefined) break;
      tries += 1;
      const found = this.#same(outcome.findings);
      if (found === undefined) continue;
      shown += 1;
      this.#last = found;
      if (query !== undefined) check = { query, expected: outcome.expected ?? "", actual: outcome.actual ?? "" };
    }
    return { finding: this.#last, rate: rateOf(shown, tries), check };
  }

  /** Whether the engine loses it alone, in a try or as many as its rate asks for. */
  async showsByEngine(shrunk: ShrinkCase): Promise<boolean> {
    const { signal, finding } = this.#request;
    if (finding.code === "engine-wrote-otherwise") return true;
    if (signal.aborted || shrunk.operations.some(({ kind }) => kind !== "append")) return false;
    const outcome = await this.#run(shrunk, signal, undefined, engineSystem);
    return outcome !== undefined && this.#same(outcome.findings) !== undefined;
  }

  #isOver(): boolean {
    if (this.#request.signal.aborted) this.stopped = "interrupted";
    else if (systemClock.monotonicMs() >= this.#reduceUntilMs) this.stopped ??= "deadline";
    return this.stopped !== undefined;
  }

  async #try(candidate: ShrinkCase): Promise<StoredFinding | undefined> {
    const outcome = await this.#run(candidate, AbortSignal.any([this.#request.signal, this.#deadline]));
    const found = outcome && this.#same(outcome.findings);
    if (found !== undefined) this.#last = found;
    return found;
  }

  /** Undefined where it was aborted. */
  async #run(
    candidate: ShrinkCase,
    signal: AbortSignal,
    query?: CheckQuery,
    system: ShrunkSystem = this.#request.system,
  ): Promise<TryOutcome | undefined> {
    const { engines, seed, finding } = this.#request;
    const role: TryContext["role"] = finding.judgement?.startsWith("source") === true ? "source" : "target";
    this.tries += 1;
    try {
      return await tryCase(candidate, { system, engines, seed, signal, role }, query);
    } catch (error) {
      if (!signal.aborted) throw error;
      return undefined;
    }
  }

  #same(findings: readonly StoredFinding[]): StoredFinding | undefined {
    return findings.find((found) => identityOf(found) === this.#identity);
  }
}
