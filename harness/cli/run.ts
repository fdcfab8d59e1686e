// `falkordrill run`: plan, run, judge, report.
import type { Command } from "commander";
import { environment } from "../base/environment.ts";
import { errorOf, exitCodes, messageOf, usageError } from "../base/errors.ts";
import { indented, oneLine } from "../base/one-line.ts";
import { explainSystemError } from "../base/system-error.ts";
import { formatCount } from "../base/units.ts";
import { describeRun } from "../drill/run/describe-run.ts";
import type { DrillOptions } from "../drill/run/drill-options.ts";
import { type DrillFlags, replayCommand, resolveOptions, shownOptions } from "../drill/run/options.ts";
import { type Planned, planRun } from "../drill/run/plan.ts";
import { profileNames, profiles } from "../drill/run/profiles.ts";
import { RunDirectory } from "../record/run-directory.ts";
import type { ScenarioDefinition } from "../drill/run/scenario-definition.ts";
import { importScenarios } from "../drill/run/scenario-files.ts";
import { registeredScenarios } from "../drill/run/scenario.ts";
import { terminalSummary } from "../../reports/text/terminal.ts";
import { shardText } from "../record/shard.ts";
import { interruptible } from "./terminal/interrupt.ts";
import { ProgressPrinter } from "./terminal/progress.ts";
import { addServerFlags, overridesOf, type ServerFlags } from "./server-flags.ts";
import { paint, paintOut } from "./terminal/style.ts";

interface RunFlags extends DrillFlags, ServerFlags {
  readonly list?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function registerRun(program: Command): void {
  const command = program
    .command("run")
    .description("run a drill: generate, back up, break, restore, prove")
    .argument("[filter...]", "starts of scenario ids, e.g. cycle or cycle/full; none means all of the profile")
    .option("--profile <name>", `${profileNames.join(", ")} (default: drill)`)
    .option("--nodes <count>", "nodes of the scenarios that scale, e.g. 10k, 1m (default: the profile's)")
    .option("--dims <n>", "length of the embeddings; Graphiti uses 1024, 0 leaves them out (default: the profile's)")
    .option("--shape <name>", "personal, team, large, tenants (default: personal, from 50k nodes on large)")
    .option(
      "--schema <name>",
      "pre1856, post1856: what Graphiti stored before and after that change (default: post1856)",
    )
    .option("--seed <n>", "the one number that decides data, schedule and faults (default: 1)")
    .option("--engine <kind>", "auto, embedded, container, external (default: auto)")
    .option("--url <redis-url>", "the FalkorDB of --engine external")
    .option(
      "--server <setting>",
      "a setting of the servers, as production has it, e.g. RESULTSET_SIZE=10000 or appendonly=yes; repeatable",
      (text: string, before: readonly string[]) => [...before, text],
      [],
    )
    .option("--i-understand-this-wipes <host:port>", "consent to wipe that external FalkorDB")
    .option("--system <name>", "the backup system under test (default: reference)")
    .option("--repeat <n>", "run with n seeds, counting up from --seed (default: 1)")
    .option("--shard <i/n>", "run only the i-th of n parts; `report` merges the parts of all machines into one")
    .option("--out <dir>", "the run directory (default: .falkordrill/runs/<time>-<seed>)")
    .option("--keep", "keep vaults and engine folders for a look afterwards")
    .option("--list", "list the scenarios and stop")
    .option("--dry-run", "print the plan and stop")
    .option("--json", "print result.json on stdout");
  addServerFlags(command).action(async (filters: string[], flags: RunFlags) => {
    process.exitCode = await run(filters, flags);
  });
}

async function run(filters: string[], flags: RunFlags): Promise<number> {
  const options = resolveOptions(filters, { ...flags, access: await overridesOf(flags) });
  await importScenarios();
  const scenarios = selectScenarios(options);
  const planned = planRun(options, scenarios);
  if (flags.list === true) return printList(planned, flags.json === true);
  if (flags.dryRun === true) return printPlan(options, planned, flags.json === true);
  const directory = RunDirectory.create(options.out);
  const ids = planned.map(({ id }) => id);
  directory.writeRun(describeRun(options, ids, await knownEngine(options)));
  process.stderr.write(`seed ${options.seed}  engine ${options.engine}  ${plan(options, ids.length)}\n`);
  // Whoever reads the log of a runner cannot look into its folders: it is gone then.
  const folders = environment().githubActions ? [] : [options.out];
  process.stderr.write(paint("dim", `replay: ${oneLine(replayCommand(options))}\n`));
  for (const folder of folders) process.stderr.write(paint("dim", `run directory: ${oneLine(folder)}\n`));
  process.stderr.write("\n");
  // A list or a plan needs no engine, so what drives them is loaded only here.
  const { runDrill } = await import("../drill/run/run-drill.ts");
  const result = await interruptible(async (signal) => {
    using printer = new ProgressPrinter();
    return await runDrill(options, scenarios, { directory, signal, progressOf: printer.scenario });
  });
  const { publish } = await import("./publish.ts");
  const { model, failure } = await publish(directory);
  if (flags.json === true) process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
  else process.stdout.write(terminalSummary(model, { paint: paintOut, directories: folders }));
  if (failure === undefined) return result.exitCode;
  if (result.exitCode === exitCodes.pass) throw errorOf(failure);
  process.stderr.write(`${paint("red", "error:")} ${indented(messageOf(explainSystemError(failure) ?? failure))}\n`);
  return result.exitCode;
}

/** A machine without an engine says so in the result of the drill; here it is only not named. */
async function knownEngine({ engine }: DrillOptions): Promise<string | undefined> {
  const { engineIdentity } = await import("../engine/identity.ts");
  return await engineIdentity(engine === "auto" ? "embedded" : engine).catch(() => undefined);
}

/** Filters win over the profile: who names a scenario wants it. */
function selectScenarios(options: DrillOptions): readonly ScenarioDefinition[] {
  const all = registeredScenarios();
  const wanted = (scenario: ScenarioDefinition): boolean =>
    options.filters.length === 0
      ? scenario.profiles.includes(options.profile)
      : options.filters.some((filter) => scenario.id.startsWith(filter));
  for (const filter of options.filters) {
    if (all.some((scenario) => scenario.id.startsWith(filter))) continue;
    const ids = all.map((scenario) => scenario.id).join(", ");
    throw usageError(`no scenario id starts with "${filter}"`, `The ids are: ${ids}.`);
  }
  return all.filter(wanted);
}

function plan(options: DrillOptions, scenarios: number): string {
  const { profile, nodes, dims, shard } = options;
  const part = shard === undefined ? "" : `  shard ${shardText(shard)}`;
  return `profile ${profile}  ${formatCount(nodes)} nodes  dims ${dims}  ${scenarios} scenarios${part}`;
}

function printList(planned: readonly Planned[], json: boolean): number {
  const rows = planned.map(({ id, scenario }) => ({ id, title: scenario.title, profiles: scenario.profiles }));
  if (json) process.stdout.write(`${JSON.stringify({ scenarios: rows }, undefined, 2)}\n`);
  const width = Math.max(...rows.map((row) => row.id.length));
  if (!json) for (const row of rows) process.stdout.write(`${row.id.padEnd(width)}  ${row.title}\n`);
  return exitCodes.pass;
}

function printPlan(options: DrillOptions, planned: readonly Planned[], json: boolean): number {
  const steps = planned.map(({ id, scenario }) => ({ id, nodes: scenario.nodes ?? options.nodes }));
  if (json) {
    process.stdout.write(`${JSON.stringify({ options: shownOptions(options), scenarios: steps }, undefined, 2)}\n`);
    return exitCodes.pass;
  }
  process.stdout.write(`would run (${profiles[options.profile].about}), seed ${options.seed}, dims ${options.dims}:\n`);
  for (const step of steps) process.stdout.write(`  ${step.id}  ${formatCount(step.nodes)} nodes\n`);
  process.stdout.write(`into ${options.out}\n${replayCommand(options)}\n`);
  return exitCodes.pass;
}
