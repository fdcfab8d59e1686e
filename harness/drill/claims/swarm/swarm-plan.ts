// What one swarm drill does, drawn from its seed alone: the data, the writers, the commands in their order, and which fault is on
// during which command, when and how strong.
import { Draw } from "../../../../generators/random.ts";
import type { DatasetOptions } from "../../../../generators/model.ts";
import { type WriteKindName, writeKindNames } from "../../../../generators/writes/write-kind.ts";
import type { Fault, FaultKind, FaultTargets } from "../../../fault/fault.ts";
import { type FaultName, faultNames } from "../../../fault/fault-names.ts";
import { faultKind } from "../../../fault/faults.ts";

export type SwarmCommand = "backup" | "archive" | "restore" | "verify" | "prune";

/** Points (crash-point.ts) that each passes at least, and what a fault of it may act upon. */
const commands: Readonly<
  Record<SwarmCommand, { readonly points: number; readonly has: readonly (keyof FaultTargets)[] }>
> = {
  backup: { points: 10, has: ["command", "disk", "network", "server", "service"] },
  archive: { points: 10, has: ["command", "disk", "network", "server"] },
  restore: { points: 9, has: ["command", "disk", "network", "server"] },
  verify: { points: 5, has: ["command", "disk"] },
  prune: { points: 4, has: ["command", "disk"] },
};
export const swarmCommands = Object.keys(commands) as readonly SwarmCommand[];

export interface ScheduledFault {
  readonly name: FaultName;
  /** Points that the command passes before; a fault that is injected before its start has none. */
  readonly afterPoints: number;
  /** Milliseconds from that point, and until it is taken back if the command has not ended before. */
  readonly delayMs: number;
  readonly holdMs: number;
}

export interface SwarmStep {
  readonly command: SwarmCommand;
  readonly fault?: ScheduledFault;
}

export interface SwarmPlan {
  readonly seed: number;
  readonly nodes: number;
  readonly dims: number;
  readonly shape: DatasetOptions["shape"];
  readonly kind: WriteKindName;
  readonly writers: number;
  readonly perSecond: number;
  /** The faults that this drill may have. */
  readonly enabled: readonly FaultName[];
  readonly steps: readonly SwarmStep[];
}

export interface SwarmOptions {
  readonly seed: number;
  readonly steps: number;
  /** The only fault, for `--fault`. */
  readonly only?: FaultName | undefined;
}

const delayMsMax = 60;
const holdMsMax = 1500;

export function drawSwarm({ seed, steps, only }: SwarmOptions): SwarmPlan {
  const draw = new Draw(seed, "swarm");
  // Half of all faults: where all are on, those that end a command early hide the others.
  const half = faultNames.filter(() => draw.chance(0.5));
  const enabled = only === undefined ? half : [only];
  const words: SwarmCommand[] = ["backup"];
  while (words.length < steps) words.push(draw.pick(swarmCommands));
  const plan: SwarmPlan = {
    seed,
    nodes: 50 + draw.below(400),
    dims: draw.pick([0, 4, 16]),
    shape: draw.pick(["personal", "team", "tenants"]),
    kind: draw.pick(writeKindNames),
    writers: 1 + draw.below(3),
    perSecond: 20 + draw.below(100),
    enabled,
    steps: words.map((command) => {
      const able = enabled.filter((name) => actsOn(command, faultKind(name)));
      if (able.length === 0 || (only === undefined && draw.chance(0.15))) return { command };
      return { command, fault: drawScheduled(draw, command, draw.pick(able)) };
    }),
  };
  return plan.steps.some(isCertain) ? plan : withCertain(plan, only);
}

/** Faults that need nothing but the command, and fire whatever it does. */
const certain: readonly FaultName[] = ["kill-command", "stop-command", "cpu-starvation", "disk-slow"];

/** Whether its fault fires in any case: a command has all of its work before it at its first point, and always uses the vault. */
export function isCertain({ fault }: SwarmStep): boolean {
  if (fault === undefined || !certain.includes(fault.name)) return false;
  return faultKind(fault.name).injected === "before-start" || (fault.afterPoints === 0 && fault.delayMs === 0);
}

/** The same plan with a certain fault in one step, so that no drill of it ends without any. Other seeds keep what they draw. */
function withCertain(plan: SwarmPlan, only: FaultName | undefined): SwarmPlan {
  const draw = new Draw(plan.seed, "swarm-certain");
  const enabled = certain.filter((name) => plan.enabled.includes(name));
  const able = enabled.length > 0 || only !== undefined ? enabled : certain;
  if (able.length === 0) return plan;
  const [at, name] = [draw.below(plan.steps.length), draw.pick(able)];
  const steps = plan.steps.map((step, number) =>
    number === at
      ? { ...step, fault: { ...drawScheduled(draw, step.command, name), afterPoints: 0, delayMs: 0 } }
      : step,
  );
  return { ...plan, enabled: [...new Set([...plan.enabled, name])], steps };
}

function actsOn(command: SwarmCommand, { needs }: FaultKind): boolean {
  return needs.every((need) => commands[command].has.includes(need));
}

function drawScheduled(draw: Draw, command: SwarmCommand, name: FaultName): ScheduledFault {
  const isBefore = faultKind(name).injected === "before-start";
  return {
    name,
    afterPoints: isBefore ? 0 : draw.below(commands[command].points),
    delayMs: isBefore ? 0 : draw.below(delayMsMax),
    holdMs: 100 + draw.below(holdMsMax),
  };
}

/** The fault of a step, as strong as the seed says. */
export function drawnFault({ seed, steps }: SwarmPlan, number: number): Fault | undefined {
  const name = steps[number]?.fault?.name;
  return name === undefined ? undefined : faultKind(name).draw(new Draw(seed, `swarm-${number}-${name}`));
}

/** The resolved schedule, one line a step. */
export function scheduleOf(plan: SwarmPlan): readonly string[] {
  const { seed, nodes, dims, shape, kind, writers, perSecond, steps } = plan;
  return [
    `seed ${seed}: ${nodes} nodes (${shape}, dims ${dims}), ${writers} ${kind} writers, ${perSecond} writes/s`,
    ...steps.map(({ command, fault }, number) => {
      const name = `${number + 1}. ${command}`;
      if (fault === undefined) return name;
      const strength = Object.entries(drawnFault(plan, number)?.strength ?? {}).map(
        ([key, value]) => `${key} ${value}`,
      );
      const strong = strength.length === 0 ? "" : ` (${strength.join(", ")})`;
      const at =
        faultKind(fault.name).injected === "before-start"
          ? "from its start"
          : `${fault.delayMs} ms after ${fault.afterPoints} points`;
      return `${name} with ${fault.name}${strong}, ${at}, for at most ${fault.holdMs} ms`;
    }),
  ];
}
