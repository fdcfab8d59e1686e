// What programs may import from `falkordrill`: running drills, and writing scenarios, checks, faults and backup systems of
// one's own. Everything else may change at any time.
export type { Endpoint } from "./base/endpoint.ts";
export { DrillError, type ExitReason, exitCodes } from "./base/errors.ts";
export { type Progress, silentProgress } from "./base/progress.ts";
export type { Check, Finding, Judgement, OwnCode } from "./check/check.ts";
export type { Evidence } from "./check/evidence.ts";
export type { Expectation, GraphExpectation, GraphObservation, Observation } from "./check/observation.ts";
export { defineConfig, type DrillConfig, loadConfig, type LoadedConfig } from "./drill/run/config.ts";
export { type CyclePlan, fullCyclePlan } from "./drill/cycle-plan.ts";
export { cycle } from "./drill/cycle.ts";
export { recordFault } from "./drill/proof/disaster.ts";
export type { Drill } from "./drill/drill.ts";
export type { DrillObjectives, DrillOptions } from "./drill/run/drill-options.ts";
export { type GivenOptions, resolveOptions } from "./drill/run/options.ts";
export { type DrillPlan, planDrill, type Planned } from "./drill/run/plan.ts";
export type { ProfileName } from "./drill/run/profiles.ts";
export type { RecordedFinding, ScenarioRecord } from "./record/record.ts";
export type { DrillResult, ScenarioResult, StoredFinding, Verdict } from "./record/result.ts";
export { RunDirectory } from "./record/run-directory.ts";
export { type DrillRun, runDrill } from "./drill/run/run-drill.ts";
export type { ScenarioDefinition } from "./drill/run/scenario-definition.ts";
export { importScenarios } from "./drill/run/scenario-files.ts";
export { registeredScenarios, scenario } from "./drill/run/scenario.ts";
export { verifyRun } from "./record/verify-run.ts";
export type { Engine, EngineKind, EngineProvider, StartOptions } from "./engine/engine.ts";
export { engineProvider } from "./engine/engines.ts";
export {
  defineFault,
  type Fault,
  type FaultContext,
  type FaultDefinition,
  type FaultKind,
  type FaultProcess,
  type FaultProof,
  type FaultService,
  type FaultStrength,
  type FaultTargets,
} from "./fault/fault.ts";
export type { FaultRecord } from "./fault/fault-record.ts";
export { faultKinds } from "./fault/faults.ts";
export { type FaultyProxy, faultyProxy } from "./fault/network/faulty-proxy.ts";
export type { NetworkFault, NetworkKind, Traffic } from "./fault/network/network-fault.ts";
export type { PauseLease, PauseOptions, WriteCoordinator } from "./service/coordinator.ts";
export type { Phase } from "./base/phases.ts";
export type { CommandSettings } from "./system/command/command-settings.ts";
export { commandSystem } from "./system/command/command-system.ts";
export { type ReferenceOptions, referenceSystem } from "./system/reference/reference.ts";
export type {
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
  RestoreOutcome,
  RestorePoint,
  RestoreRequest,
  SystemContext,
  SystemFactory,
  VerifyOutcome,
} from "./system/system.ts";
export type { Age, PruneDecision, PruneOutcome, PruneRequest, RetentionRules } from "./system/retention-request.ts";
export { Draw } from "../generators/random.ts";
export { definePolicy, type Policy } from "../reports/gate/policy.ts";
