// The options that a run was started with, as its run.json holds them, and the system that it drilled.
import { dirname, relative, resolve } from "node:path";
import { z } from "zod";
import { type DatasetOptions, shapeNames } from "../../generators/model.ts";
import { usageError } from "../base/errors.ts";
import { configuredOptions, loadConfig } from "../drill/run/config.ts";
import type { RunRecord } from "../record/run-directory.ts";
import type { CommandSettings } from "../system/command/command-settings.ts";
import type { Mutate } from "../system/system.ts";
import { type ShrunkSystem, shrunkSystem } from "./shrunk-system.ts";

export interface RunOptions extends Omit<DatasetOptions, "variant"> {
  readonly system: string;
  /** Path of the configuration that names the system. */
  readonly config: string | undefined;
  readonly server: Readonly<Record<string, string>>;
}

const optionsSchema = z.object({
  seed: z.number(),
  nodes: z.number(),
  dims: z.number(),
  shape: z.enum(shapeNames),
  schema: z.enum(["pre1856", "post1856"]),
  system: z.string(),
  config: z.string().optional(),
  server: z.record(z.string(), z.string()).optional(),
  from: z.string().optional(),
});

/** Throws a `DrillError` (`usage`, exit code 2) for a run of a team's own graphs, which cannot be generated again. */
export function runOptions({ options }: RunRecord): RunOptions {
  const parsed = optionsSchema.safeParse(options);
  if (!parsed.success)
    throw usageError("run.json has not the options of a run of this version", "Run the drill again.");
  const { from, config, server = {}, ...rest } = parsed.data;
  if (from !== undefined)
    throw usageError(
      `the run was of the graphs in ${from}, which are not generated from a seed`,
      "Run the scenario without --from; if it fails there too, shrink that run.",
    );
  return { ...rest, config, server };
}

/** The system of this name, as `run --system` finds it. `mutate`: the fault of a mutant, which is put into the reference system. */
export async function systemOf(
  { system, config }: Pick<RunOptions, "system" | "config">,
  mutate: Mutate | undefined,
): Promise<ShrunkSystem> {
  if (system === "reference" || mutate !== undefined) return shrunkSystem(system, undefined, { mutate });
  const loaded = config === undefined ? undefined : await loadConfig(config);
  if (loaded === undefined) throw usageError(`the run names no configuration in which the system ${system} is`);
  const { backupSystem } = await configuredOptions(loaded, system);
  const programs = programsOf(loaded.config.systems?.[system], dirname(resolve(loaded.path)));
  return shrunkSystem(system, backupSystem, { programs });
}

/** The programs of a system that is made of them, with their folder as it is seen from here. */
function programsOf(setting: unknown, folder: string): CommandSettings | undefined {
  const settings = setting as CommandSettings | undefined;
  if (typeof settings !== "object" || typeof settings.backup !== "string") return undefined;
  return { ...settings, cwd: relative(process.cwd(), resolve(folder, settings.cwd ?? ".")) || "." };
}
