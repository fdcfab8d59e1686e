// The shrink drill: a case is loaded into an empty server, backed up, lost, restored, and judged by the same checks as any
// drill. It has no graph service and no writers but the operations of the case, so that a try takes about a second.
import { join } from "node:path";
import { DrillError, errorMessage, errorsOf } from "../base/errors.ts";
import { privateFolder } from "../base/process/reaper.ts";
import { silentProgress } from "../base/progress.ts";
import { expectedContent } from "../check/expect/expected.ts";
import { judgeAll } from "../check/judge.ts";
import type { Expectation, Observation } from "../check/observation.ts";
import { fromRestored } from "../drill/guard/blame.ts";
import { guardSystem } from "../drill/guard/guard-system.ts";
import { TrackedEngines } from "../drill/guard/tracked-engines.ts";
import { restoreTarget } from "../drill/setup/restore-way.ts";
import type { Engine, EngineProvider } from "../engine/engine.ts";
import { withSettings } from "../engine/server-settings.ts";
import { connect } from "../falkordb/client/connection.ts";
import { observe } from "../observe/observe.ts";
import { assertProbe, probeQueryFor } from "../observe/probe-query.ts";
import { type RecordedFinding, ScenarioRecord } from "../record/record.ts";
import type { StoredFinding } from "../record/result.ts";
import { RunDirectory } from "../record/run-directory.ts";
import type { BackupSystem } from "../system/system.ts";
import { caseDataset } from "./case-dataset.ts";
import { judgeWritten, loadCase, writeDuring, writtenOtherwise } from "./case-operations.ts";
import { type CheckQuery, shownAnswer } from "./check-query.ts";
import type { ShrinkCase } from "./shrink-case.ts";
import type { ShrunkSystem } from "./shrunk-system.ts";

export interface TryContext {
  readonly system: ShrunkSystem;
  readonly engines: EngineProvider;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** The role of the server in which the finding was: the restored one, or the source after the restore. */
  readonly role: "target" | "source";
}

export interface TryOutcome {
  readonly findings: readonly StoredFinding[];
  /** Why nothing was judged: the case cannot be loaded, or the engine does not hold what was loaded. */
  readonly invalid?: string;
  /** Answers to the check query: of the source before the backup, and of the server that was judged. */
  readonly expected?: string;
  readonly actual?: string;
}

/** A try that takes longer has lost the finding: none of ours is that a system hangs. */
const tryTimeoutMs = 30_000;
const graceMs = 1_000;

export async function tryCase(shrunk: ShrinkCase, context: TryContext, check?: CheckQuery): Promise<TryOutcome> {
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(tryTimeoutMs)]);
  await using engines = new TrackedEngines(withSettings(context.engines, shrunk.server));
  try {
    return await new Try({ ...context, engines, signal }, shrunk, check).run();
  } catch (thrown) {
    context.signal.throwIfAborted();
    return { findings: [], invalid: errorMessage(thrown) };
  }
}

class Try {
  readonly #context: TryContext;
  readonly #case: ShrinkCase;
  readonly #check: CheckQuery | undefined;

  constructor(context: TryContext, shrunk: ShrinkCase, check: CheckQuery | undefined) {
    this.#context = context;
    this.#case = shrunk;
    this.#check = check;
  }

  async run(): Promise<TryOutcome> {
    const { engines, signal, seed } = this.#context;
    await using folder = await privateFolder("shrink");
    const record = new ScenarioRecord("shrink", RunDirectory.create(join(folder.path, "run")));
    await using source = await engines.start({ name: "source", signal });
    await loadCase(source.endpoint, this.#case, signal);
    const wrong = await writtenOtherwise(source.endpoint, this.#case);
    if (wrong !== undefined) return { ...wrong, actual: (await this.#ask(source)) ?? "" };
    const dataset = caseDataset(this.#judged(), seed);
    const expectation = await expectedContent(dataset, signal);
    const before = await observe(source, expectation, { role: "source", dataset, signal });
    const odd = judgeAll(expectation, before).findings.find(({ severity }) => severity === "error");
    if (odd !== undefined) return { findings: [], invalid: `the source differs before the backup: ${odd.message}` };
    const expected = await this.#ask(source);
    const made = await this.#context.system.make({
      folder: join(folder.path, "vault"),
      progress: silentProgress,
      signal,
      note: (finding) => record.finding(finding),
    });
    await using system = guardSystem(made, { signal, record, engines, graceMs });
    let actual: string | undefined;
    try {
      const target = await this.#backUpAndRestore(system, source);
      const judged = this.#context.role === "source" ? source : target;
      actual = await this.#ask(judged);
      if (this.#context.role === "target") await this.#probe(record, target, dataset);
      await fromRestored({ engines, signal }, this.#judge(record, judged, { expectation, before, dataset }));
    } catch (thrown) {
      signal.throwIfAborted();
      record.finding(findingOf(thrown));
    }
    return {
      findings: record.result().findings,
      ...(expected === undefined ? {} : { expected }),
      ...(actual === undefined ? {} : { actual }),
    };
  }

  async #backUpAndRestore(system: BackupSystem, source: Engine): Promise<Engine> {
    const { engines, signal, role } = this.#context;
    const progress = silentProgress;
    const backingUp = system.backup({ source, coordinator: undefined, progress, signal });
    const [{ point }] = await Promise.all([backingUp, writeDuring(source.endpoint, this.#case, signal)]);
    const into = await this.#into(system, source);
    if (role === "target" && into.target !== source) await source.kill();
    return (await system.restore({ point: point.id, ...into, engines, progress, signal })).target;
  }

  async #into(system: BackupSystem, source: Engine): Promise<Awaited<ReturnType<typeof restoreTarget>>> {
    const { engines, signal } = this.#context;
    if (system.capabilities.has("restore-file") || !system.capabilities.has("restore-wire"))
      return await restoreTarget(system, { source, engines, signal });
    return { way: "wire", engines, target: await engines.start({ name: "target", signal }) };
  }

  async #probe(record: ScenarioRecord, target: Engine, dataset: ReturnType<typeof caseDataset>): Promise<void> {
    const { engines, signal } = this.#context;
    try {
      await fromRestored({ engines, signal }, assertProbe(target, probeQueryFor(dataset)));
    } catch (thrown) {
      if (!(thrown instanceof DrillError) || thrown.findingCode !== "wrong-first-answer") throw thrown;
      record.finding(findingOf(thrown));
    }
  }

  async #judge(
    record: ScenarioRecord,
    server: Engine,
    {
      expectation,
      before,
      dataset,
    }: {
      readonly expectation: Expectation;
      readonly before: Observation;
      readonly dataset: ReturnType<typeof caseDataset>;
    },
  ): Promise<void> {
    const { role, signal } = this.#context;
    const observed = await observe(server, expectation, { role, dataset, signal });
    const judged = new Set(this.#judged().graphs.map(({ name }) => name));
    const apart = new Set(this.#case.graphs.map(({ name }) => name).filter((name) => !judged.has(name)));
    const graphNames = observed.graphNames.filter((name) => !apart.has(name));
    for (const finding of judgeAll(expectation, { ...observed, graphNames }, before).findings) record.finding(finding);
    for (const finding of await judgeWritten(server.endpoint, this.#case)) record.finding(finding);
  }

  /** Graphs that are written to are judged by their writes. */
  #judged(): Pick<ShrinkCase, "graphs"> {
    const written = new Set(this.#case.operations.flatMap((each) => (each.kind === "write" ? [each.graph] : [])));
    return { graphs: this.#case.graphs.filter(({ name }) => !written.has(name)) };
  }

  async #ask({ endpoint }: Engine): Promise<string | undefined> {
    if (this.#check === undefined) return undefined;
    await using connection = await connect(endpoint);
    return await shownAnswer(connection, this.#check);
  }
}

function findingOf(thrown: unknown): RecordedFinding {
  const [error] = errorsOf(thrown);
  const code = (error instanceof DrillError ? error.findingCode : undefined) ?? "not-recovered";
  const base = { severity: "error", subject: "shrink", message: errorMessage(error), evidence: {} } as const;
  return { ...base, code, class: classOfError(error) };
}

/** The class follows, as in a drill, from how the error ends it, because a code may have several. */
function classOfError(error: unknown): "data" | "recovery" {
  return error instanceof DrillError && error.exit === "dataWrong" ? "data" : "recovery";
}
