// A team's drill configuration: `falkordrill.config.ts` (or .js, .json, .yaml) in the folder of its repository.
import { existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { usageError } from "../../base/errors.ts";
import { importDefault, loadSettings } from "../../base/files/load-settings.ts";
import { didYouMean } from "../../base/suggest.ts";
import { parseDuration } from "../../base/units.ts";
import { parseServerSettings } from "../../engine/server-settings.ts";
import { type CommandSettings, commandSchema } from "../../system/command/command-settings.ts";
import { commandSystem } from "../../system/command/command-system.ts";
import { type MonitorSettings, monitorSchema } from "../../monitor/settings.ts";
import type { BackupSystem, SystemFactory } from "../../system/system.ts";
import type { GivenOptions } from "./options.ts";

type SystemSetting = string | CommandSettings | BackupSystem | SystemFactory;

export interface DrillConfig {
  readonly $schema?: string | undefined;
  /**
   * Backup systems by the name that `--system` takes: programs of yours, an object, a function that creates one for
   * each scenario, or the path of a module whose default export is one of the last two, relative to this file.
   */
  readonly systems?: Readonly<Record<string, SystemSetting>> | undefined;
  /** Server settings as in production: `{ RESULTSET_SIZE: 10000, appendonly: "yes" }`. */
  readonly server?: Readonly<Record<string, string | number>> | undefined;
  /** The graph service in front of a test server, if it keeps the /admin contract: its URL, and a file with its token. */
  readonly service?: { readonly url: string; readonly tokenFile: string } | undefined;
  /**
   * Limits for a recovery, such as `{ rto: "15m", rpo: "5m" }`; and for `falkordrill analyze` how long a backup may take,
   * and what a vault may cost a month.
   */
  readonly objectives?:
    | {
        readonly rto?: string | undefined;
        readonly rpo?: string | undefined;
        readonly window?: string | undefined;
        readonly monthlyCost?: number | undefined;
      }
    | undefined;
  /** Files with scenarios of your own, as globs relative to this file. */
  readonly scenarios?: readonly string[] | undefined;
  /** Vaults, run directories and disks that `falkordrill monitor` looks at. */
  readonly monitor?: MonitorSettings | undefined;
}

/** Types a configuration in TypeScript: `export default defineConfig({ ... })`. */
export function defineConfig(config: DrillConfig): DrillConfig {
  return config;
}

const duration = z.string().refine(isDuration, "expected a duration such as 30s or 15m");

const reserved = 'expected a name of your own: "reference" and "mutant/..." are systems of FalkorDrill';

function schemaOf(system: z.ZodType<SystemSetting>): z.ZodType<DrillConfig> {
  return z.strictObject({
    $schema: z.string().optional(),
    systems: z.record(z.string().min(1), system).superRefine(mustBeOwnNames).optional(),
    server: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
    service: z.strictObject({ url: z.url({ protocol: /^https?$/ }), tokenFile: z.string().min(1) }).optional(),
    objectives: z
      .strictObject({
        rto: duration.optional(),
        rpo: duration.optional(),
        window: duration.optional(),
        monthlyCost: z.number().positive().optional(),
      })
      .optional(),
    scenarios: z.array(z.string().min(1)).optional(),
    monitor: monitorSchema.optional(),
  });
}

function mustBeOwnNames(systems: Readonly<Record<string, unknown>>, context: z.RefinementCtx): void {
  for (const name of Object.keys(systems))
    if (name === "reference" || name.startsWith("mutant/"))
      context.addIssue({ code: "custom", path: [name], message: reserved });
}

const module = z.string().min(1);
const commands = commandSchema(duration);

/** Schema of a YAML or JSON file, which names systems by their programs or modules. */
export const configSchema: z.ZodType<DrillConfig> = schemaOf(z.union([module, commands]));

const systemWords =
  "expected programs ({ backup, restore }), a backup system, a function that makes one, or the path of a module that " +
  "exports one";
const moduleSchema = schemaOf(
  z.union([module, z.custom<BackupSystem | SystemFactory>(isSystem), commands], systemWords),
);

export interface LoadedConfig {
  readonly path: string;
  readonly config: DrillConfig;
}

const names = ["ts", "js", "json", "yaml"].map((extension) => `falkordrill.config.${extension}`);

/**
 * Reads the configuration at `path`, or the one in the working folder; undefined if there is none. Throws a
 * `DrillError` (`usage`, exit code 2) if it cannot be read or has an unknown key.
 */
export async function loadConfig(path?: string): Promise<LoadedConfig | undefined> {
  const found = path ?? names.find((name) => existsSync(name));
  if (found === undefined) return undefined;
  const hint = "docs/reference/configuration.md and schemas/config.schema.json describe every key.";
  const kind = { name: "configuration", schema: moduleSchema, hint, define: "defineConfig({ ... })" };
  const config = await loadSettings(found, kind);
  return { path: found, config };
}

/** Returns the options of a configuration. `system` selects one of several systems. */
export async function configuredOptions({ path, config }: LoadedConfig, system?: string): Promise<GivenOptions> {
  const { objectives = {}, service } = config;
  const given = (text: string | undefined): number | undefined =>
    text === undefined ? undefined : parseDuration(text);
  const { server: own, ...chosen } = await configuredSystem(path, config, system);
  const server = { ...config.server, ...own };
  return {
    ...chosen,
    config: path,
    server: parseServerSettings(Object.entries(server).map(([name, value]) => `${name}=${value}`)),
    service: service && { ...service, tokenFile: resolve(dirname(path), service.tokenFile) },
    objectives: { rtoMs: given(objectives.rto), rpoMs: given(objectives.rpo) },
  };
}

/** A configuration's only system is the default; with several, the user has to choose. */
async function configuredSystem(
  path: string,
  { systems = {} }: DrillConfig,
  wanted: string | undefined,
): Promise<Pick<GivenOptions, "system" | "backupSystem"> & Pick<DrillConfig, "server">> {
  const known = Object.keys(systems);
  if (wanted === "reference" && !known.includes(wanted)) return {};
  if (wanted === undefined && known.length > 1)
    throw usageError(`${path} has the systems ${known.join(", ")}, and none was chosen`, "Add --system <name>.");
  const name = wanted ?? known[0];
  if (name === undefined) return {};
  const setting = Object.hasOwn(systems, name) ? systems[name] : undefined;
  if (setting === undefined) {
    const hint = didYouMean(name, known) ?? `${path} names systems under "systems".`;
    throw usageError(`--system ${name} is not known; it takes ${["reference", ...known].join(", ")}`, hint);
  }
  const server = typeof setting === "string" || isSystem(setting) ? {} : setting.server;
  return { system: name, backupSystem: await systemOf(path, name, setting), server };
}

async function systemOf(path: string, name: string, setting: SystemSetting): Promise<BackupSystem | SystemFactory> {
  if (isSystem(setting)) return setting;
  const folder = dirname(resolve(path));
  if (typeof setting !== "string") {
    const { cwd = "." } = setting;
    const isFolder = statSync(resolve(folder, cwd), { throwIfNoEntry: false })?.isDirectory() === true;
    if (!isFolder) throw usageError(`${path}: systems.${name}.cwd: there is no folder ${resolve(folder, cwd)}`);
    return commandSystem(name, setting, folder);
  }
  const file = resolve(folder, setting);
  const value = await importDefault(file, { hint: `${path} names it under "systems".`, define: "yourSystem" });
  if (isSystem(value)) return value;
  throw usageError(`the default export of ${file} is not a backup system: ${systemWords}`);
}

const methods = ["backup", "list", "verify", "restore"] as const;

function isSystem(value: unknown): value is BackupSystem | SystemFactory {
  if (typeof value === "function") return true;
  const system = value as Partial<BackupSystem> | null;
  return (
    typeof system === "object" &&
    typeof system?.name === "string" &&
    system.capabilities instanceof Set &&
    methods.every((name) => typeof system[name] === "function")
  );
}

function isDuration(text: string): boolean {
  return /^\d+(?:\.\d+)?\s*(?:ms|s|m|h|d)$/i.test(text);
}
