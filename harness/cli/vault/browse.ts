// `vault browse`: what is in a backup, without restoring it.
import type { Command } from "commander";
import { exitCodes, usageError } from "../../base/errors.ts";
import { formatBytes, formatCount, parseDuration } from "../../base/units.ts";
import type { StoredValue } from "../../falkordb/rdb/entity-values.ts";
import { browseBackup, type BrowsedBackup, type BrowsedGraph, type BrowsedSchema } from "../../vault/browse/browse.ts";
import { namingWrongKeyring } from "../../vault/catalogue/wrong-keyring.ts";
import { latest } from "../../vault/restore/asked-moment.ts";
import { openVault } from "../../vault/store/vault.ts";
import { givenVault, keyringOf, print, vaultCommand, type VaultFlags } from "./options.ts";
import { stoppable } from "./progress.ts";
import { flagValue } from "../flag-value.ts";

interface BrowseFlags extends VaultFlags {
  readonly graph?: string;
  readonly database?: string;
  readonly uuid?: string;
  readonly counts?: boolean;
  readonly timeout: string;
}

export function registerVaultBrowse(vault: Command): void {
  vaultCommand(
    vault,
    "browse [id]",
    "look into a full backup without restoring it: graphs, labels, schema, one entity by its uuid",
  )
    .option("--graph <name>", "only this graph")
    .option("--database <n>", "only graphs of this database")
    .option("--uuid <uuid>", "also the node or edge with it; reads the whole backup, and needs a secret key")
    .option("--counts", "also how many nodes each label has and how many edges each type; needs the same")
    .option("--timeout <duration>", "give up after this time", "10m")
    .action(browse);
}

async function browse(id: string | undefined, flags: BrowseFlags): Promise<void> {
  const { graph, database, uuid, counts } = flags;
  if (database !== undefined && !/^\d{1,9}$/.test(database))
    throw usageError(`--database "${database}" is not a number`);
  const timeoutMs = flagValue("--timeout", flags.timeout, parseDuration);
  const context = { store: await openVault(givenVault(flags)), keyring: await keyringOf(flags) };
  const asked = { graph, database: database === undefined ? undefined : Number(database), uuid, counts };
  const found = await namingWrongKeyring(context, async () => {
    const point = id === undefined || id === "latest" ? await latest(context) : id;
    return await stoppable((signal) => browseBackup(context, { ...asked, point, timeoutMs, signal }));
  });
  // As `vault list` ends where it shows the same.
  if (found.faulty !== null) process.exitCode = exitCodes.dataWrong;
  print(flags, found, linesOf(found));
}

function linesOf({ id, at, offset, increments, faulty, graphs, otherKeys, found, read }: BrowsedBackup): string[] {
  return [
    `backup ${id}, cut ${at} (offset ${offset})`,
    ...(faulty === null ? [] : [`FOUND FAULTY: ${faulty}`]),
    ...(increments === null
      ? []
      : [
          `not looked into: ${formatCount(increments.count)} increments until ${increments.until}, which may have changed what is shown`,
        ]),
    read.parts === 0
      ? "signature of the manifest checked; no part of the snapshot was read"
      : `signature of the manifest checked, and all ${formatCount(read.parts)} parts (${formatBytes(read.storedBytes)}) against it`,
    ...(graphs === null ? ["the snapshot was not understood when it was made, so no graph is known"] : []),
    ...(graphs ?? []).flatMap(graphLines),
    ...(otherKeys === null || otherKeys === 0 ? [] : [`keys that are not graphs: ${formatCount(otherKeys)}`]),
    ...(found === null ? [] : matchLines(found)),
  ];
}

function graphLines({ name, database, nodes, edges, labels, types }: BrowsedGraph): string[] {
  const place = database === 0 ? "" : ` in database ${database}`;
  return [
    `graph ${JSON.stringify(name)}${place}: ${formatCount(nodes)} nodes, ${formatCount(edges)} edges`,
    ...labels.map((label) => schemaLine("label", label)),
    ...types.map((type) => schemaLine("type", type)),
  ];
}

function schemaLine(kind: string, { name, count, index, constraints }: BrowsedSchema): string {
  const parts = [
    `  ${kind} ${JSON.stringify(name)}`,
    ...(count === undefined ? [] : [formatCount(count)]),
    ...(index.length === 0 ? [] : [`index ${index.join(" ")}`]),
    ...(constraints.length === 0 ? [] : [`constraint ${constraints.join(" ")}`]),
  ];
  return parts.join(", ");
}

function matchLines({ uuid, nodes, edges, entities }: NonNullable<BrowsedBackup["found"]>): string[] {
  const total = nodes + edges;
  if (total === 0) return [`no node or edge has the uuid ${JSON.stringify(uuid)}`];
  const lines = entities.flatMap((entity) => {
    const place = `of graph ${JSON.stringify(entity.graph)}${entity.database === 0 ? "" : ` in database ${entity.database}`}`;
    const head =
      entity.kind === "node"
        ? `node ${entity.id} ${place}: ${entity.labels.map((label) => JSON.stringify(label)).join(" ") || "no label"}`
        : `edge ${entity.id} ${place}: ${JSON.stringify(entity.type)} from ${endText(entity.source)} to ${endText(entity.target)}`;
    return [head, ...Object.entries(entity.properties).map(([name, value]) => `  ${name}: ${valueText(value)}`)];
  });
  const several = `${formatCount(nodes)} nodes and ${formatCount(edges)} edges have this uuid`;
  const shown = entities.length < total ? `; the first ${entities.length} are shown` : "";
  return total === 1 ? lines : [`${several}${shown}`, ...lines];
}

function endText({
  id,
  labels,
  uuid,
}: {
  readonly id: number;
  readonly labels: readonly string[];
  readonly uuid: StoredValue | null;
}): string {
  const known = [...labels, ...(uuid === null ? [] : [valueText(uuid)])];
  return `node ${id}${known.length === 0 ? "" : ` (${known.join(" ")})`}`;
}

function valueText(stored: StoredValue): string {
  const { type, value, cutFromBytes } = stored;
  const text =
    type === "array"
      ? `[${(value as readonly StoredValue[]).map(valueText).join(", ")}]`
      : type === "string" || (typeof value === "object" && value !== null)
        ? JSON.stringify(value)
        : String(value);
  const said = type === "string" || type === "array" ? text : `${text} (${type})`;
  return cutFromBytes === undefined ? said : `${said} ... (${formatBytes(cutFromBytes)} in all)`;
}
