// Every option of a drill, resolved once into one complete object. Nothing further down has a default of its own.
import { resolve } from "node:path";
import { shapeNames } from "../../../generators/model.ts";
import { type Clock, systemClock } from "../../base/clock.ts";
import { address, type Endpoint, type EndpointOverrides, parseServerUrl } from "../../base/endpoint.ts";
import { usageError } from "../../base/errors.ts";
import { oneOf } from "../../base/one-of.ts";
import { parseCount } from "../../base/units.ts";
import { parseServerSettings } from "../../engine/server-settings.ts";
import type { DrillOptions } from "./drill-options.ts";
import { profileNames, profiles } from "./profiles.ts";
import { parseShard, shardText } from "../../record/shard.ts";

/** The flags of `run` as commander gives them. */
export interface DrillFlags {
  readonly profile?: string;
  readonly nodes?: string;
  readonly dims?: string;
  readonly shape?: string;
  readonly schema?: string;
  readonly seed?: string;
  readonly repeat?: string;
  readonly shard?: string;
  readonly engine?: string;
  readonly url?: string;
  /** Password and TLS of that server, where they do not stand in its URL. */
  readonly access?: EndpointOverrides;
  readonly server?: readonly string[];
  readonly iUnderstandThisWipes?: string;
  readonly system?: string;
  readonly out?: string;
  readonly keep?: boolean;
}

const engineNames = ["auto", "embedded", "container", "external"] as const;
const schemaNames = ["pre1856", "post1856"] as const;
const systemNames = ["reference"] as const;

// Nobody's own memory has so many nodes; from here on one large shared graph is what exists in practice.
const largeFrom = 50_000;
const nodesMax = 20_000_000;
const dimsMax = 4096;

export function resolveOptions(
  filters: readonly string[],
  flags: DrillFlags,
  clock: Clock = systemClock,
): DrillOptions {
  const profile = profiles[oneOf("--profile", flags.profile ?? "drill", profileNames)];
  const seed = whole("--seed", flags.seed ?? "1", 0, 2 ** 32 - 1);
  const nodes = flags.nodes === undefined ? profile.nodes : count("--nodes", flags.nodes, 10, nodesMax);
  const engine = oneOf("--engine", flags.engine ?? (flags.url === undefined ? "auto" : "external"), engineNames);
  if (engine === "external" && flags.url === undefined)
    throw usageError(
      "--engine external was given without --url",
      "Add --url redis://host:port of the FalkorDB to drill on.",
    );
  if (engine !== "external" && flags.url !== undefined)
    throw usageError(`--url was given with --engine ${engine}`, "A URL goes with --engine external only.");
  const external = flags.url === undefined ? undefined : parseServerUrl(flags.url, flags.access);
  if (external !== undefined) mustConsent(external, flags.iUnderstandThisWipes);
  const server = parseServerSettings(flags.server ?? []);
  if (external !== undefined && Object.keys(server).length > 0)
    throw usageError("--server was given with --engine external, whose settings are its owner's");
  return {
    filters,
    profile: profile.name,
    nodes,
    dims: flags.dims === undefined ? profile.dims : whole("--dims", flags.dims, 0, dimsMax),
    shape: oneOf("--shape", flags.shape ?? (nodes < largeFrom ? "personal" : "large"), shapeNames),
    schema: oneOf("--schema", flags.schema ?? "post1856", schemaNames),
    seed,
    repeat: whole("--repeat", flags.repeat ?? "1", 1, 1000),
    shard: flags.shard === undefined ? undefined : parseShard(flags.shard),
    engine,
    external,
    server,
    wipeConsent: flags.iUnderstandThisWipes,
    system: oneOf("--system", flags.system ?? "reference", systemNames),
    out: resolve(flags.out ?? `.falkordrill/runs/${stamp(clock.nowMs())}-${seed}`),
    keep: flags.keep ?? false,
  };
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

/** The command that runs one scenario (or, without an id, the whole drill) again with the same plan. */
export function replayCommand(options: DrillOptions, scenario?: string, seed: number = options.seed): string {
  const filters = scenario === undefined ? options.filters : [scenario];
  const words = ["npx falkordrill run", ...filters, `--profile ${options.profile}`, `--nodes ${options.nodes}`];
  words.push(`--dims ${options.dims}`, `--shape ${options.shape}`, `--schema ${options.schema}`, `--seed ${seed}`);
  if (scenario === undefined && options.repeat > 1) words.push(`--repeat ${options.repeat}`);
  if (scenario === undefined && options.shard !== undefined) words.push(`--shard ${shardText(options.shard)}`);
  words.push(`--engine ${options.engine}`);
  // A URL may carry a password, so it is named and not repeated.
  if (options.external !== undefined) words.push("--url <the same url>", "--i-understand-this-wipes <its host:port>");
  for (const [name, value] of Object.entries(options.server)) words.push(`--server ${quoted(`${name}=${value}`)}`);
  if (options.system !== "reference") words.push(`--system ${options.system}`);
  return words.join(" ");
}

function quoted(text: string): string {
  return /^[\w=.,:-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** What may be shown of options: a server may have a password. */
export function shownOptions({ external, ...options }: DrillOptions): Readonly<Record<string, unknown>> {
  return { ...options, ...(external === undefined ? {} : { external: address(external) }) };
}

function whole(flag: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw usageError(`${flag} ${text} is not a whole number from ${min} to ${max}`);
}

function count(flag: string, text: string, min: number, max: number): number {
  const value = parseCount(text);
  if (value >= min && value <= max) return value;
  throw usageError(`${flag} ${text} is out of range; it takes ${min} to ${max}`);
}

function stamp(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replaceAll(":", "").replace("T", "-");
}
