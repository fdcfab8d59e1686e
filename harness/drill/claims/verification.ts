// A backup is unproven until a server has loaded it. The system's own `verify` restores it into an isolated engine, and
// the drill inspects that engine itself: the report of `verify` is compared with what was found there.
import type { Endpoint } from "../../base/endpoint.ts";
import type { Engine, EngineProvider } from "../../engine/engine.ts";
import { observe } from "../../observe/observe.ts";
import type { VerifyOutcome } from "../../system/system.ts";
import { fromRestored } from "../guard/blame.ts";
import { Callbacks } from "../guard/callbacks.ts";
import type { CyclePlan } from "../cycle-plan.ts";
import type { Drill } from "../drill.ts";
import { judgeAndStore } from "../../record/judgement.ts";
import { plantCanaries } from "../proof/plant-canaries.ts";
import { asStandIn, ownEngines } from "../guard/own-engines.ts";
import type { RecordedFinding } from "../../record/record.ts";
import { backUp } from "../steps/back-up.ts";
import { type Content, generate } from "../steps/generate.ts";
import { prepare } from "../steps/prepare.ts";

export async function provesVerification(drill: Drill, plan: CyclePlan): Promise<void> {
  await using resources = new AsyncDisposableStack();
  // The system's proof hook is set before there is anything to prove.
  const generated = Promise.withResolvers<Content>();
  const started = new Set<Engine>();
  let own: readonly string[] | undefined;
  const callbacks = new Callbacks();
  const prove = callbacks.wrap(async (target: Engine): Promise<{ problems: readonly string[] }> => {
    const content = await generated.promise;
    const problems = await fromRestored(drill, problemsOf(drill, target, content));
    // Only the engine started by this verify proves anything about the backup.
    if ([...started].some(({ endpoint }) => isSame(endpoint, target.endpoint))) own = [...(own ?? []), ...problems];
    return { problems };
  });
  const stage = await prepare(drill, { ...plan, prove }, resources);
  generated.resolve(await generate(drill, plan, stage));
  const backup = await backUp(drill, stage, undefined);
  drill.progress.step("verify the backup in an isolated engine");
  const engines = noting(ownEngines(drill.engines), started);
  const outcome = await callbacks.during(() => stage.system.verify(backup.point.id, engines, drill.signal));
  for (const phase of outcome.phases) drill.record.phases([{ ...phase, name: `restore/${phase.name}` }]);
  // The reference system is held to the proof; a team's own may have another one.
  if (outcome.ok && own === undefined && drill.options.backupSystem !== undefined) {
    drill.record.notCovered("verify: the system does not call the drill's proof, so what it looked at is not known");
    return;
  }
  for (const finding of judgeVerify(outcome, own)) drill.record.finding({ ...finding, subject: backup.point.id });
  drill.record.requireWitnesses("nodesCompared", "edgesCompared");
}

/** `own`: what the drill found in the restored engine; undefined if no engine was shown to it. */
export function judgeVerify(
  { ok, problems }: Pick<VerifyOutcome, "ok" | "problems">,
  own: readonly string[] | undefined,
): Omit<RecordedFinding, "subject">[] {
  const error = (code: RecordedFinding["code"], message: string, evidence: RecordedFinding["evidence"]) =>
    ({ code, severity: "error", message, evidence }) as const;
  if (!ok) {
    const said = `the system's verify found fault with a fresh backup: ${problems[0] ?? "it does not say which"}`;
    return [error("verify-failed", said, { problems: problems.slice(0, 10) })];
  }
  if (own === undefined)
    return [error("verify-without-restore", "the system's verify says good, and nothing was restored for it", {})];
  if (own.length === 0) return [];
  const said = `the system's verify says good, and what it restored has ${own.length} faults: ${own[0] ?? ""}`;
  return [error("verify-blind", said, { problems: own.slice(0, 10) })];
}

async function problemsOf(drill: Drill, target: Engine, content: Content): Promise<readonly string[]> {
  const { dataset, expectation, before } = content;
  const observed = await observe(target, expectation, { role: "target", dataset, signal: drill.signal });
  const observation = asStandIn(observed, drill.engines, target);
  const baseline = { name: "source-before", observation: before };
  const { findings } = judgeAndStore(drill, { subject: "target", expectation, observation, baseline });
  await plantCanaries(drill, target);
  return findings.filter(({ severity }) => severity === "error").map(({ message }) => message);
}

/** Compares addresses instead of objects, since a wrapper may be around the engine. */
function isSame(one: Endpoint, other: Endpoint): boolean {
  return one.host === other.host && one.port === other.port;
}

/** Wraps the provider and records each engine that it starts. */
function noting(engines: EngineProvider, started: Set<Engine>): EngineProvider {
  return {
    kind: engines.kind,
    unavailable: () => engines.unavailable(),
    start: async (options) => {
      const engine = await engines.start(options);
      started.add(engine);
      return engine;
    },
  };
}
