// Small drills in which a mutant has to be found, beside the registered scenarios. Each takes seconds.
import type { CyclePlan } from "../drill/cycle-plan.ts";
import type { Drill } from "../drill/drill.ts";
import type { ScenarioDefinition } from "../drill/run/scenario-definition.ts";

export type SmallDrill =
  | "restored"
  | "teams"
  | "edge-values"
  | "wiped"
  | "wired"
  | "rebuilt"
  | "written"
  | "unheld"
  | "verified"
  | "chained"
  | "archived";

const plans: Partial<Readonly<Record<SmallDrill, Partial<CyclePlan>>>> = {
  /** An idle source that is left running and judged again after the restore. */
  restored: {},
  /** Several graphs, one of them empty. */
  teams: { shape: "team" },
  /** The dataset of edge values: every kind of index, constraints, odd names and values. */
  "edge-values": { variant: "edge-values" },
  /** An idle source that is wiped. */
  wiped: { disaster: "wipe" },
  /** Restored over the wire into a running server. */
  wired: { way: "wire" },
  /** Restored without the engine's own loader. */
  rebuilt: { variant: "edge-values", disaster: "wipe", way: "logical" },
  /** Writers through the service before, during and after the backup; the source is wiped. */
  written: { writers: 2, faultsStopWriters: true, disaster: "wipe" },
  /** The same, behind a service whose pause holds no writer. */
  unheld: { writers: 2, faultsStopWriters: true, disaster: "wipe", coordination: "removed" },
};

/** A drill that is itself without what it needs passes only with it. */
const originals: Partial<Readonly<Record<string, SmallDrill>>> = { unheld: "written" };

/** The drill that a system without a fault has to pass, for a mutant of this drill. */
export function originalOf(drill: string): string {
  return originals[drill] ?? drill;
}

const nodes = 300;
/** They take seconds; a mutant may hang. */
const timeoutMs = 60_000;

/** The small drills by name. Their ids are `prove/<name>`. */
export function smallDrill(name: SmallDrill): ScenarioDefinition {
  return {
    id: `prove/${name}`,
    title: "A backup system without a fault passes, and one with a fault is found",
    profiles: [],
    nodes,
    timeoutMs,
    run: async (drill) => {
      if (name === "verified") await runVerified(drill);
      else if (name === "chained" || name === "archived") await runChain(drill, name);
      else await runCycle(drill, plans[name] ?? {});
    },
  };
}

async function runCycle(drill: Drill, plan: Partial<CyclePlan>): Promise<void> {
  const { cycle } = await import("../drill/cycle.ts");
  await cycle(drill, { ...(await idlePlan()), ...plan });
}

/** Increments on demand, or an archiver. */
async function runChain(drill: Drill, name: "chained" | "archived"): Promise<void> {
  const chains = await import("../drill/claims/incremental/small-chain.ts");
  await (name === "chained" ? chains.provesSmallChain(drill) : chains.provesSmallArchive(drill));
}

async function runVerified(drill: Drill): Promise<void> {
  const { provesVerification } = await import("../drill/claims/verification.ts");
  await provesVerification(drill, await idlePlan());
}

async function idlePlan(): Promise<CyclePlan> {
  const { fullCyclePlan } = await import("../drill/cycle-plan.ts");
  return { ...fullCyclePlan, rawLimits: false, writers: 0, disaster: "none" };
}
