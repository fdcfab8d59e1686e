// `falkordrill doctor`: what this machine can run, by trying it.
import type { Command } from "commander";
import { systemClock } from "../base/clock.ts";
import { exitCodes, explanationOf } from "../base/errors.ts";
import { formatBytes, formatDuration } from "../base/units.ts";
import { containerEngines } from "../engine/container/container.ts";
import { embeddedEngines } from "../engine/embedded.ts";
import type { EngineKind, EngineProvider, EngineVersions } from "../engine/engine.ts";
import { describeMachine, type Machine } from "../engine/machine.ts";
import { moduleVersionText } from "../engine/versions.ts";
import { ProgressPrinter } from "./terminal/progress.ts";
import { paintOut } from "./terminal/style.ts";

interface EngineReport {
  readonly kind: EngineKind;
  readonly available: boolean;
  /** Why it cannot be started, and what would help. */
  readonly reason?: string;
  readonly versions?: EngineVersions;
  readonly startMs?: number;
}

interface DoctorReport {
  readonly schemaVersion: 1;
  /** Whether at least one engine can be started here. */
  readonly canRun: boolean;
  readonly engines: readonly EngineReport[];
  readonly machine: Machine;
}

export function registerDoctor(program: Command): void {
  program
    .command("doctor")
    .description("what this machine can run: engines, versions, memory, disk, docker")
    .option("--json", "print one JSON document")
    .action(async (flags: { json?: boolean }) => {
      const report = await examine();
      process.stdout.write(flags.json === true ? `${JSON.stringify(report, undefined, 2)}\n` : describe(report));
      process.exitCode = report.canRun ? exitCodes.pass : exitCodes.environment;
    });
}

async function examine(): Promise<DoctorReport> {
  using progress = new ProgressPrinter();
  const engines = [await tryEngine(embeddedEngines({ progress })), await tryEngine(containerEngines())];
  const canRun = engines.some(({ available }) => available);
  return { schemaVersion: 1, canRun, engines, machine: await describeMachine() };
}

/** Starts an engine: only a start shows that it runs. */
async function tryEngine(provider: EngineProvider): Promise<EngineReport> {
  const { kind } = provider;
  const reason = await provider.unavailable();
  if (reason !== undefined) return { kind, available: false, reason };
  const startedMs = systemClock.monotonicMs();
  try {
    await using engine = await provider.start({ name: "doctor" });
    const startMs = Math.round(systemClock.monotonicMs() - startedMs);
    return { kind, available: true, versions: await engine.versions(), startMs };
  } catch (error) {
    return { kind, available: false, reason: explanationOf(error) };
  }
}

function describe({ engines, machine, canRun }: DoctorReport): string {
  const lines: [string, string][] = [
    ...engines.map((engine): [string, string] => [engine.kind, describeEngine(engine)]),
    ["node", machine.node],
    ["system", [machine.system, machine.platform, machine.libc].filter((part) => part !== undefined).join(", ")],
    ["processors", String(machine.processors)],
    ["memory", `${formatBytes(machine.memoryFreeBytes)} free of ${formatBytes(machine.memoryBytes)}`],
    ["disk", `${formatBytes(machine.diskFreeBytes)} free in ${machine.temporaryFolder}, where engines keep their data`],
    ...Object.entries(machine.tools).map(([name, version]): [string, string] => [name, version ?? "not here"]),
  ];
  const table = lines.map(([name, text]) => `${paintOut("bold", name.padEnd(11))} ${text}\n`).join("");
  const verdict = canRun ? paintOut("green", "Drills can run here.") : paintOut("red", "No engine can be had here.");
  return `${table}\n${verdict}\n`;
}

function describeEngine({ available, reason, versions, startMs = 0 }: EngineReport): string {
  if (!available || versions === undefined) return `${paintOut("yellow", "not available")}: ${reason}`;
  const version = `FalkorDB ${moduleVersionText(versions.module)} on redis ${versions.redis}`;
  return `${paintOut("green", "available")}: ${version}, started in ${formatDuration(startMs)}`;
}
