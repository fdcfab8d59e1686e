// The options that a run was started with, as its run.json holds them, and the system that it drilled.
import { dirname, relative, resolve } from "node:path";
import { z } from "zod";
import { type DatasetOptions, shapeNames } from "../../generators/model.ts";
import { usageError } from "../base/errors.ts";
import { configuredOptions, loadConfig } from "../drill/run/config.ts";
import type { RunRecord } from "../record/run-directory.ts";
import { engineAlone, engineSystem, type ShrunkSystem, shrunkSystem } from "./shrunk-system.ts";

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
  if (!parsed.success) throw usageError("run.json has not the options of a run of this version", "Run the drill again.");
  const { from, config, server = {}, ...rest } = parsed.data;
  if (from !== undefined)
    throw usageError(
      `the run was of the graphs in ${from}, which are not generated from a seed`,
      "Run the scenario without --from; if it fails there too, shrink that run.",
    );
  return { ...rest, config, server };
}

/** The system of this name, as `run --system` finds it. */
export async function systemOf({ system, config }: Pick<RunOptions, "system" | "config">): Promise<ShrunkSystem> {
  if (system === engineAlone) return engineSystem;
  const loaded = config === undefined ? undefined : await loadConfig(config);
  if (loaded === undefined) {
    if (system === "reference") return shrunkSystem(system, undefined);
    throw usageError(`the system ${system} is in no configuration that the run names`);
  }
  const { backupSystem } = await configuredOptions(loaded, system);
  const setting = loaded.config.systems?.[system];
  const isPrograms = typeof setting === "object" && "backup" in setting && typeof setting.backup === "string";
  const folder = resolve(dirname(resolve(loaded.path)), (isPrograms ? setting.cwd : undefined) ?? ".");
  const programs = isPrograms ? { ...setting, cwd: relative(process.cwd(), folder) || "." } : undefined;
  return shrunkSystem(system, backupSystem, { programs });
}
