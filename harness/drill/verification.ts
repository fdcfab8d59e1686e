// A backup is unproven until a server has loaded it. The system's own `verify` restores it into an isolated engine, and
// here the drill's whole proof is plugged into it: the record beside the manifest then says what a drill would say.
import { judgeAll } from "../check/judge.ts";
import type { Engine } from "../engine/engine.ts";
import { observe } from "../falkordb/observe.ts";
import type { CyclePlan } from "./cycle-plan.ts";
import type { Drill } from "./run-scenario.ts";
import { backUp } from "./steps/back-up.ts";
import { type Content, generate } from "./steps/generate.ts";
import { prepare } from "./steps/prepare.ts";

export async function provesVerification(drill: Drill, plan: CyclePlan): Promise<void> {
  await using things = new AsyncDisposableStack();
  // The system is given its proof before there is anything to prove.
  const generated = Promise.withResolvers<Content>();
  const prove = async (target: Engine): Promise<{ problems: string[] }> =>
    await problemsOf(drill, target, await generated.promise);
  const stage = await prepare(drill, { ...plan, prove }, things);
  generated.resolve(await generate(drill, plan, stage));
  const backup = await backUp(drill, stage, undefined);
  drill.progress.step("verify the backup in an isolated engine");
  const { ok, problems, phases } = await stage.system.verify(backup.point.id, drill.engines, drill.signal);
  for (const phase of phases) drill.record.phases([{ ...phase, name: `restore/${phase.name}` }]);
  drill.record.requireWitnesses("nodesCompared", "edgesCompared");
  if (ok) return;
  drill.record.finding({
    code: "verify-failed",
    severity: "error",
    subject: backup.point.id,
    message: `the system's verify found fault with a fresh backup: ${problems[0] ?? "it does not say which"}`,
    evidence: { problems: problems.slice(0, 10) },
  });
}

async function problemsOf(drill: Drill, target: Engine, content: Content): Promise<{ problems: string[] }> {
  const { dataset, expectation, before } = content;
  const observation = await observe(target, expectation, { role: "target", dataset, signal: drill.signal });
  const { findings, witnesses } = judgeAll(expectation, observation, before);
  for (const [name, value] of Object.entries(witnesses)) drill.record.witness(name, value);
  return { problems: findings.filter(({ severity }) => severity === "error").map(({ message }) => message) };
}
