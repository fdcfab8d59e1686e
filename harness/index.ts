// What programs may import from `falkordrill`: running a drill, writing a scenario, and the interfaces of what a drill
// can be given. Everything else may change at any time.
export { DrillError, type ExitReason, exitCodes } from "./base/errors.ts";
export type { Progress } from "./base/progress.ts";
export type { Check, Finding, Judgement } from "./check/check.ts";
export { type CyclePlan, fullCyclePlan } from "./drill/cycle-plan.ts";
export { cycle } from "./drill/cycle.ts";
export { type DrillFlags, resolveOptions } from "./drill/run/options.ts";
export { type DrillOptions } from "./drill/run/drill-options.ts";
export type { DrillResult, ScenarioResult } from "./record/result.ts";
export { RunDirectory } from "./record/run-directory.ts";
export { runDrill } from "./drill/run/run-drill.ts";
export type { Drill } from "./drill/drill.ts";
export { registeredScenarios, scenario } from "./drill/run/scenario.ts";
export { type ScenarioDefinition } from "./drill/run/scenario-definition.ts";
export type { Engine, EngineProvider, StartOptions } from "./engine/engine.ts";
export { engineProvider } from "./engine/engines.ts";
export type { Fault, FaultRecord } from "./fault/fault.ts";
export type {
  Age,
  ArchiveRequest,
  Archiver,
  BackupOutcome,
  BackupRequest,
  BackupSystem,
  Capability,
  CompactOutcome,
  CompactRequest,
  IncrementOutcome,
  Moment,
  PruneDecision,
  PruneOutcome,
  PruneRequest,
  RestoreOutcome,
  RestorePoint,
  RestoreRequest,
  RetentionRules,
  VerifyOutcome,
} from "./system/system.ts";
export { definePolicy, type Policy } from "../reports/gate/policy.ts";
