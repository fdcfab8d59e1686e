// Every option of a drill, resolved once into one complete object. No other module has defaults of its own.
import { resolve } from "node:path";
import { shapeNames } from "../../../generators/model.ts";
import { type Clock, systemClock } from "../../base/clock.ts";
import { address, type Endpoint } from "../../base/endpoint.ts";
import { usageError } from "../../base/errors.ts";
import { oneOf } from "../../base/one-of.ts";
import { checkTogether } from "../../engine/server-settings.ts";
import { faultNames } from "../../fault/fault-names.ts";
import type { DrillOptions } from "./drill-options.ts";
import { profileNames, profiles } from "./profiles.ts";
import { shardText } from "../../record/shard.ts";

/** Partial options; a missing or undefined one takes its default. */
export type GivenOptions = { readonly [Name in keyof DrillOptions]?: DrillOptions[Name] | undefined };

const engineNames = ["auto", "embedded", "container", "external"] as const;
const schemaNames = ["pre1856", "post1856"] as const;
const referenceName = "reference";

// No single user's memory has so many nodes; from here on one large shared graph is what exists in practice.
const largeFrom = 50_000;
const nodesMax = 20_000_000;
const dimsMax = 4096;

/** Merges options; later defined values win. */
export function mergeOptions(...all: readonly GivenOptions[]): GivenOptions {
  const said = all.map((options) => Object.entries(options).filter(([, value]) => value !== undefined));
  const objectives = all.flatMap((options) => Object.entries(options.objectives ?? {}));
  return {
    ...(Object.fromEntries(said.flat()) as GivenOptions),
    server: Object.assign({}, ...all.map(({ server }) => server)) as DrillOptions["server"],
    objectives: Object.fromEntries(objectives.filter(([, value]) => value !== undefined)),
  };
}

/**
 * Completes options with the defaults of their profile. Throws a `DrillError` (`usage`, exit code 2) if a value is out
 * of range, two contradict each other, or an external server would be wiped without consent.
 */
export function resolveOptions(given: GivenOptions = {}, clock: Clock = systemClock): DrillOptions {
  const profile = profiles[oneOf("--profile", given.profile ?? "drill", profileNames)];
  const seed = within("--seed", given.seed ?? 1, 0, 2 ** 32 - 1);
  const { from } = given;
  if (from !== undefined && given.nodes !== undefined)
    throw usageError("--nodes was given with --from, whose graphs have a size of their own", "Leave one of them out.");
  if (from !== undefined && given.external !== undefined)
    throw usageError(
      "--url was given with --from",
      "The graphs are loaded into engines of the drill, never into a server.",
    );
  const nodes = within(
    "--nodes",
    from === undefined ? (given.nodes ?? profile.nodes) : Math.max(10, from.nodes),
    10,
    nodesMax,
  );
  const { external, backupSystem } = given;
  const server = checkTogether(given.server ?? {});
  const engine = oneOf("--engine", given.engine ?? (external === undefined ? "auto" : "external"), engineNames);
  if (engine === "external" && external === undefined)
    throw usageError(
      "--engine external was given without --url",
      "Add --url redis://host:port of the FalkorDB to drill on.",
    );
  if (engine !== "external" && external !== undefined)
    throw usageError(`--url was given with --engine ${engine}`, "A URL goes with --engine external only.");
  if (external !== undefined) mustConsent(external, given.wipeConsent);
  if (external !== undefined && Object.keys(server).length > 0)
    throw usageError("--server was given with --engine external, whose settings are its owner's");
  return {
    filters: filtersOf(given),
    profile: profile.name,
    nodes,
    dims: within("--dims", given.dims ?? profile.dims, 0, dimsMax),
    shape: oneOf("--shape", given.shape ?? (nodes < largeFrom ? "personal" : "large"), shapeNames),
    schema: oneOf("--schema", given.schema ?? "post1856", schemaNames),
    seed,
    repeat: within("--repeat", given.repeat ?? 1, 1, 1000),
    shard: given.shard,
    engine,
    external,
    server,
    wipeConsent: given.wipeConsent,
    system: systemName(given),
    backupSystem,
    mutate: given.mutate,
    service: given.service,
    objectives: given.objectives ?? {},
    fault: given.fault === undefined ? undefined : oneOf("--fault", given.fault, faultNames),
    from,
    config: given.config,
    out: resolve(given.out ?? `.falkordrill/runs/${stamp(clock.nowMs())}-${seed}`),
    keep: given.keep ?? false,
  };
}

/** One fault is asked for of the scenario that draws them. */
function filtersOf({ filters = [], fault }: GivenOptions): readonly string[] {
  return filters.length === 0 && fault !== undefined ? ["fault/swarm"] : filters;
}

function systemName({ system, backupSystem, mutate }: GivenOptions): string {
  if (backupSystem !== undefined) return system ?? backupSystem.name;
  if (mutate !== undefined && system !== undefined) return system;
  return oneOf("--system", system ?? referenceName, [referenceName]);
}

/** A drill empties the server that it runs on, so the user has to name it. */
function mustConsent(external: Endpoint, consent: string | undefined): void {
  const name = address(external);
  if (consent === name) return;
  const given = consent === undefined ? "no consent was given" : `the consent names "${consent}"`;
  throw usageError(
    `a drill wipes every graph of ${name}, before and after, and ${given}`,
    `If that is meant, add --i-understand-this-wipes ${name}.`,
  );
}

/** The command that repeats one scenario (or, without an id, the whole drill) with the same plan. */
export function replayCommand(options: DrillOptions, scenario?: string, seed: number = options.seed): string {
  const filters = scenario === undefined ? options.filters : [scenario];
  const words = ["npx falkordrill run", ...filters, `--profile ${options.profile}`];
  words.push(options.from === undefined ? `--nodes ${options.nodes}` : `--from ${quoted(options.from.name)}`);
  words.push(`--dims ${options.dims}`, `--shape ${options.shape}`, `--schema ${options.schema}`, `--seed ${seed}`);
  if (scenario === undefined && options.repeat > 1) words.push(`--repeat ${options.repeat}`);
  if (scenario === undefined && options.shard !== undefined) words.push(`--shard ${shardText(options.shard)}`);
  words.push(`--engine ${options.engine}`);
  // A URL may contain a password, so it is mentioned and not repeated.
  if (options.external !== undefined) words.push("--url <the same url>", "--i-understand-this-wipes <its host:port>");
  for (const [name, value] of Object.entries(options.server)) words.push(`--server ${quoted(`${name}=${value}`)}`);
  const { rtoMs, rpoMs } = options.objectives;
  if (rtoMs !== undefined) words.push(`--rto ${rtoMs}ms`);
  if (rpoMs !== undefined) words.push(`--rpo ${rpoMs}ms`);
  if (options.fault !== undefined) words.push(`--fault ${options.fault}`);
  if (options.config !== undefined) words.push(`--config ${quoted(options.config)}`);
  if (options.system !== referenceName) words.push(`--system ${quoted(options.system)}`);
  return words.join(" ");
}

function quoted(text: string): string {
  return /^[\w=.,:/-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** Options that may be displayed: the server without its password. */
export function shownOptions(options: DrillOptions): Readonly<Record<string, unknown>> {
  const external = options.external === undefined ? undefined : address(options.external);
  return { ...options, external, from: options.from?.name, backupSystem: undefined, mutate: undefined };
}

function within(flag: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw usageError(`${flag} ${value} is not a whole number from ${min} to ${max}`);
}

function stamp(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replaceAll(":", "").replace("T", "-");
}
