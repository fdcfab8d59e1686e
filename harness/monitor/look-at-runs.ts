// The newest run directories of a folder, reduced to what is shown of them.
import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { DrillError, environmentError, errorMessage } from "../base/errors.ts";
import { evidenceResultId, readCheckedRun } from "../record/checked-run.ts";
import type { ScenarioResult, Verdict } from "../record/result.ts";
import { sealFile } from "../record/seal.ts";

const runsMaxDefault = 100;

export interface DrilledScenario {
  readonly id: string;
  /** Name of the folder of its run. */
  readonly run: string;
  readonly verdict: Verdict;
  readonly startedMs: number;
  readonly durationMs: number;
  readonly rtoMs: number | undefined;
  readonly rpoMs: number | undefined;
}

export interface RunsFacts {
  readonly finished: number;
  readonly unfinished: number;
  readonly unreadable: number;
  /** Scenarios of all these runs, the newest first. */
  readonly scenarios: readonly DrilledScenario[];
  /** Folders of the runs that have no result, which go on or were killed; the newest first. */
  readonly open: readonly string[];
}

type Outcome = readonly DrilledScenario[] | "unfinished" | "unreadable";

export class RunsWatcher {
  readonly #folder: string;
  readonly #runsMax: number;
  /** By folder, as long as none of its files is replaced. */
  #known = new Map<string, { readonly tag: string; readonly outcome: Outcome }>();

  constructor(folder: string, runsMax: number = runsMaxDefault) {
    this.#folder = folder;
    this.#runsMax = runsMax;
  }

  async look(signal: AbortSignal): Promise<RunsFacts> {
    const known = new Map<string, { readonly tag: string; readonly outcome: Outcome }>();
    for (const name of await this.#newest()) {
      signal.throwIfAborted();
      const path = join(this.#folder, name);
      const tag = await tagOf(path);
      const before = this.#known.get(name);
      known.set(name, before?.tag === tag ? before : { tag, outcome: await outcomeOf(path) });
    }
    this.#known = known;
    const outcomes = Array.from(known.values(), ({ outcome }) => outcome);
    const finished = outcomes.filter((outcome) => typeof outcome !== "string");
    return {
      finished: finished.length,
      unfinished: outcomes.filter((outcome) => outcome === "unfinished").length,
      unreadable: outcomes.filter((outcome) => outcome === "unreadable").length,
      scenarios: finished.flat().toSorted((a, b) => b.startedMs - a.startedMs),
      open: [...known].flatMap(([name, { outcome }]) => (outcome === "unfinished" ? [name] : [])),
    };
  }

  async #newest(): Promise<readonly string[]> {
    const entries = await readdir(this.#folder, { withFileTypes: true }).catch((error: unknown) => {
      throw environmentError(`${this.#folder} cannot be read: ${errorMessage(error)}`, "Name a folder of runs.", error);
    });
    const runs: { readonly name: string; readonly atMs: number }[] = [];
    for (const entry of entries) {
      const run = await stat(join(this.#folder, entry.name, "run.json")).catch(() => undefined);
      if (run !== undefined) runs.push({ name: entry.name, atMs: run.mtimeMs });
    }
    return runs
      .toSorted((a, b) => b.atMs - a.atMs)
      .slice(0, this.#runsMax)
      .map(({ name }) => name);
  }
}

async function tagOf(path: string): Promise<string> {
  const files = ["run.json", "result.json", sealFile].map((name) => stat(join(path, name)).catch(() => undefined));
  return (await Promise.all(files)).map((file) => `${file?.ino}-${file?.ctimeMs}`).join();
}

/** A run without a result goes on or was killed: it says nothing yet. */
async function outcomeOf(path: string): Promise<Outcome> {
  const isFinished = await stat(join(path, "result.json")).then(
    () => true,
    () => false,
  );
  if (!isFinished) return "unfinished";
  try {
    const { record, result } = await readCheckedRun(path);
    // Where files were changed that belong to no single scenario, none of its passes can be trusted.
    const isChanged = result.scenarios.some(({ id }) => id === evidenceResultId);
    return result.scenarios.map((scenario) =>
      drilled(isChanged && scenario.verdict === "pass" ? withoutVerdict(scenario) : scenario, {
        run: basename(path),
        startedAt: record.startedAt,
      }),
    );
  } catch (error) {
    if (!(error instanceof DrillError)) throw error;
    return "unreadable";
  }
}

function withoutVerdict(scenario: ScenarioResult): ScenarioResult {
  return { ...scenario, verdict: "inconclusive", metrics: {} };
}

function drilled(
  { id, verdict, startedAt, durationMs, metrics }: ScenarioResult,
  of: { readonly run: string; readonly startedAt: string },
): DrilledScenario {
  return {
    id,
    run: of.run,
    verdict,
    startedMs: Date.parse(startedAt ?? of.startedAt),
    durationMs,
    rtoMs: metrics["rtoMs"],
    rpoMs: metrics["rpoMs"],
  };
}
