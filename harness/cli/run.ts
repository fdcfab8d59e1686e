// `falkordrill run`: plan, run, judge, report.
import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import { environment } from "../base/environment.ts";
import type { EndpointOverrides } from "../base/endpoint.ts";
import { errorOf, exitCodes, errorMessage } from "../base/errors.ts";
import { pasteable } from "../base/invocation.ts";
import { indented, oneLine } from "../base/one-line.ts";
import { explainSystemError } from "../base/system-error.ts";
import { configuredOptions, loadConfig, type LoadedConfig } from "../drill/run/config.ts";
import { type GivenOptions, mergeOptions, replayCommand, resolveOptions } from "../drill/run/options.ts";
import { type DrillPlan, planDrill } from "../drill/run/plan.ts";
import { profileNames } from "../drill/run/profiles.ts";
import { RunDirectory } from "../record/run-directory.ts";
import type { OwnGraph } from "../drill/own/own-graph.ts";
import { importScenarios } from "../drill/run/scenario-files.ts";
import { registeredScenarios } from "../drill/run/scenario.ts";
import { terminalSummary } from "../../reports/text/terminal.ts";
import { interruptible } from "./terminal/interrupt.ts";
import { type DrillFlags, parseFlags } from "./run-flags.ts";
import { noteOwnSizes, plan, type PlannedStep, printList, printPlan, stepOf } from "./run-plan.ts";
import { RunProgress } from "./terminal/run-progress.ts";
import { addServerFlags, overridesOf, type ServerFlags } from "./server-flags.ts";
import { paint, summaryOptions } from "./terminal/style.ts";
import { linePrinter, stoppable } from "./vault/progress.ts";
import { isolatedEngines } from "./vault/server.ts";

interface RunFlags extends DrillFlags, ServerFlags {
  readonly config?: string;
  readonly list?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function registerRun(program: Command): void {
  const command = program
    .command("run")
    .description("run a drill: generate, back up, break, restore, prove")
    .argument(
      "[filter...]",
      "scenarios by any part of their ids, e.g. cycle or cycle/full (default: all of the profile)",
    )
    .option("--profile <name>", `${profileNames.join(", ")} (default: drill)`)
    .option(
      "--nodes <count>",
      "nodes of the scenarios without a size of their own, e.g. 10k, 1m (default: the profile's)",
    )
    .option("--dims <n>", "length of the embeddings; Graphiti uses 1024, 0 leaves them out (default: the profile's)")
    .option("--shape <name>", "personal, team, large, tenants (default: personal, from 50k nodes on large)")
    .option(
      "--schema <name>",
      "pre1856, post1856: what Graphiti stored before and after that change (default: post1856)",
    )
    .option(
      "--from <graphs>",
      "your own graphs in place of generated ones: an RDB file, or the redis URL of a server, which is only read",
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
    .option(
      "--config <file>",
      "the configuration (default: falkordrill.config.{ts,js,json,yaml} in this folder, if any)",
    )
    .option("--system <name>", "the backup system under test: reference, one of the configuration, or mutant/<id>")
    .option("--rto <duration>", "fail scenarios whose recovery took longer, e.g. 15m (exit code 12)")
    .option("--rpo <duration>", "fail scenarios that lost more time than this, e.g. 5m (exit code 12)")
    .option("--fault <name>", "the only fault that fault/swarm injects, e.g. disk-full (default: what the seed draws)")
    .option("--repeat <n>", "run with n seeds, counting up from --seed (default: 1)")
    .option("--shard <i/n>", "run only the i-th of n parts; `report` merges the parts of all machines into one")
    .option("--out <dir>", "the run directory (default: .falkordrill/runs/<time>-<seed>)")
    .option("--keep", "keep vaults and engine folders for a look afterwards")
    .option("--list", "list the scenarios of the profile, or those that match, with size and duration; and stop")
    .option("--dry-run", "print what would run, how large and how long; and stop")
    .option("--json", "print result.json on stdout");
  addServerFlags(command).action(async (filters: string[], flags: RunFlags) => {
    process.exitCode = await run(filters, flags);
  });
}

async function run(filters: string[], flags: RunFlags): Promise<number> {
  const loaded = await loadConfig(flags.config);
  const access = await overridesOf(flags);
  await using resources = new AsyncDisposableStack();
  const from = flags.from === undefined ? undefined : await ownGraph(flags.from, flags, access, resources);
  const given = { ...parseFlags(filters, { ...flags, access }), from };
  const configured = await systemOptions(loaded, flags.system);
  const options = resolveOptions(mergeOptions(configured, given));
  await importScenarios(loaded?.config.scenarios, loaded === undefined ? undefined : dirname(resolve(loaded.path)));
  const planned = planDrill(options, registeredScenarios());
  const steps = planned.scenarios.map((each) => stepOf(each, options));
  if (flags.list === true) return printList(options, steps, flags.json === true);
  if (flags.nodes !== undefined) noteOwnSizes(steps, flags.nodes);
  if (flags.dryRun === true) RunDirectory.mustBeFree(options.out);
  if (flags.dryRun === true) return printPlan(planned, steps, flags.json === true);
  // From the first file on: a run that is interrupted leaves a result.
  return await interruptible(async (signal) => {
    const exitCode = await drill(planned, steps, { signal, json: flags.json === true });
    return signal.aborted && exitCode === exitCodes.pass ? exitCodes.interrupted : exitCode;
  });
}

/** A mutant is the reference system with a fault, whatever the configuration names. */
async function systemOptions(loaded: LoadedConfig | undefined, system: string | undefined): Promise<GivenOptions> {
  const { isMutantName, mutationOf } = await import("../prove/registered-mutants.ts");
  if (isMutantName(system)) return { mutate: await mutationOf(system) };
  return loaded === undefined ? {} : await configuredOptions(loaded, system);
}

/** The graphs of --from, of which a running server is copied at once. */
async function ownGraph(
  from: string,
  { engine = "auto" }: RunFlags,
  overrides: EndpointOverrides,
  resources: AsyncDisposableStack,
): Promise<OwnGraph> {
  const { openOwnGraph } = await import("../drill/own/own-graph.ts");
  const engines = isolatedEngines(engine);
  return await stoppable((signal) =>
    openOwnGraph(from, { engines, overrides, progress: linePrinter(), signal }, resources),
  );
}

async function drill(
  planned: DrillPlan,
  steps: readonly PlannedStep[],
  { signal, json }: { readonly signal: AbortSignal; readonly json: boolean },
): Promise<number> {
  const { options } = planned;
  process.stderr.write(`${plan(options, steps)}\n`);
  // Whoever reads the log of a runner cannot look into its folders: it is gone then.
  const folders = environment().githubActions ? [] : [options.out];
  process.stderr.write(paint("dim", `${oneLine(pasteable(replayCommand(options)))}\n`));
  for (const folder of folders) process.stderr.write(paint("dim", `run directory: ${oneLine(folder)}\n`));
  process.stderr.write("\n");
  // A list or a plan needs no engine, so what drives them is loaded only here.
  const { runDrill } = await import("../drill/run/run-drill.ts");
  const progress = new RunProgress(steps);
  const { scenario: progressOf, ended } = progress;
  const result = await runDrill(planned, { signal, progressOf, ended }).finally(() => progress[Symbol.dispose]());
  const { publish } = await import("./publish.ts");
  const { model, failure } = await publish(RunDirectory.open(options.out));
  if (json) process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
  else process.stdout.write(terminalSummary(model, summaryOptions(folders, { wereShown: process.stderr.isTTY })));
  if (failure === undefined) return result.exitCode;
  if (result.exitCode === exitCodes.pass) throw errorOf(failure);
  process.stderr.write(`${paint("red", "error:")} ${indented(errorMessage(explainSystemError(failure) ?? failure))}\n`);
  return result.exitCode;
}
