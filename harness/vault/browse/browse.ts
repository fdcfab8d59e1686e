// Looks into a backup without restoring it. What graphs there are, with their sizes and schema, is in the signed
// manifest. One entity, or how many nodes each label has, is read from the snapshot itself: all parts once, in order,
// each checked against its hash in the manifest; then the few that hold the entity, its labels or its ends. No index
// is kept anywhere (docs/internals/browse.md). Nothing in the vault is changed.
import { endedBy } from "../../base/deadline.ts";
import { DrillError, environmentError, errorMessage, usageError } from "../../base/errors.ts";
import { ContentScan, type ScannedGraph } from "../../falkordb/rdb/graph-content.ts";
import { placesMax } from "../../falkordb/rdb/entity-scan.ts";
import type { SchemaHeader } from "../../falkordb/rdb/rdb-graph-header.ts";
import { encverRead } from "../../falkordb/rdb/graph-matrices.ts";
import { RdbWalk } from "../../falkordb/rdb/rdb-walk.ts";
import { whyMarked } from "../chain/proofs.ts";
import { listSegments, readSegment } from "../chain/segments.ts";
import { partsOf, readParts } from "../parts/read-parts.ts";
import { release } from "../parts/release.ts";
import type { RestoreContext } from "../restore/restore.ts";
import type { Manifest, ManifestGraph } from "../store/manifest.ts";
import { readManifest } from "../store/vault.ts";
import { type BrowsedEdge, type BrowsedNode, entitiesIn } from "./find-entities.ts";
import { StoredSnapshot } from "./stored-snapshot.ts";

export interface BrowseRequest {
  /** Id of a full backup. */
  readonly point: string;
  /** Only graphs of this name, and of this database. */
  readonly graph?: string | undefined;
  readonly database?: number | undefined;
  /** Also the nodes and edges that have it as their property `uuid`. */
  readonly uuid?: string | undefined;
  /** Also how many nodes each label has, and how many edges each type. */
  readonly counts?: boolean | undefined;
  /** How long it may take. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What a look into a backup found, as plain data. */
export interface BrowsedBackup {
  readonly id: string;
  /** Moment whose state this is. */
  readonly at: string;
  readonly offset: number;
  /** Increments on the backup, which are not looked into: what they changed since is not in this answer. */
  readonly increments: { readonly count: number; readonly until: string } | null;
  /** Why a verify or a proof found the backup faulty. */
  readonly faulty: string | null;
  /** Null where the backup's own reader did not understand the snapshot. */
  readonly graphs: readonly BrowsedGraph[] | null;
  readonly otherKeys: number | null;
  /** Null where no uuid was asked for. */
  readonly found: BrowsedMatches | null;
  /** Parts of the snapshot that were read and whose bytes are those that the manifest signs for. */
  readonly read: { readonly parts: number; readonly ofParts: number; readonly storedBytes: number };
}

export interface BrowsedGraph {
  readonly name: string;
  readonly database: number;
  readonly nodes: number;
  readonly edges: number;
  readonly propertyKeys: readonly string[];
  readonly labels: readonly BrowsedSchema[];
  readonly types: readonly BrowsedSchema[];
}

/** A label or a relationship type. A node may have several labels, so their counts may add up to more than there are. */
export interface BrowsedSchema extends SchemaHeader {
  readonly count?: number;
}

interface BrowsedMatches {
  readonly uuid: string;
  /** How many have it: the uuids of a graph need not be unique. */
  readonly nodes: number;
  readonly edges: number;
  /** The first of them, graph by graph. */
  readonly entities: readonly (BrowsedNode | BrowsedEdge)[];
}

const graceMs = 2000;
const namesShown = 5;

export async function browseBackup(context: RestoreContext, request: BrowseRequest): Promise<BrowsedBackup> {
  const deadline = AbortSignal.timeout(request.timeoutMs);
  const signal = AbortSignal.any([request.signal, deadline]);
  return await endedBy(look(context, { ...request, signal }), signal, graceMs).catch((error: unknown) => {
    if (!deadline.aborted || request.signal.aborted) throw error;
    throw environmentError(
      `the look into ${request.point} took more than ${request.timeoutMs} ms`,
      "Give it more time, or restore the backup where it is looked into often.",
    );
  });
}

async function look(context: RestoreContext, request: BrowseRequest): Promise<BrowsedBackup> {
  const { store, keyring } = context;
  const { point, uuid, counts = false } = request;
  const manifest = await readManifest(store, point, keyring);
  const graphs = manifest.content === null ? null : asked(manifest, request);
  const [increments, faulty] = await Promise.all([incrementsOf(context, point), whyMarked(store, point, keyring)]);
  const isRead = uuid !== undefined || counts;
  const scanned = isRead ? await scan(context, manifest, request) : undefined;
  return {
    id: manifest.id,
    at: manifest.cut.at,
    offset: manifest.cut.offset,
    increments,
    faulty: faulty?.message ?? null,
    graphs: graphs?.map((graph) => described(manifest, graph, counts ? scanned?.graphs : undefined)) ?? null,
    otherKeys: manifest.content?.otherKeyCount ?? null,
    found: uuid === undefined || scanned === undefined ? null : { uuid, ...scanned.found },
    read: {
      parts: isRead ? manifest.parts.length : 0,
      ofParts: manifest.parts.length,
      storedBytes: isRead ? manifest.storedBytes : 0,
    },
  };
}

/** The graphs that were asked for. */
function asked(manifest: Manifest, { graph: name, database }: BrowseRequest): readonly ManifestGraph[] {
  const all = manifest.content?.graphs ?? [];
  const found = all.filter((graph) => isAsked({ graph: name, database }, graph.name, graph.database ?? 0));
  if (found.length > 0 || (name === undefined && database === undefined)) return found;
  const names = all
    .slice(0, namesShown)
    .map((graph) => `${JSON.stringify(graph.name)} in database ${graph.database ?? 0}`);
  const more = all.length > namesShown ? ` and ${all.length - namesShown} more` : "";
  throw usageError(
    `${manifest.id} holds no graph ${name === undefined ? "" : `${JSON.stringify(name)} `}in ${database === undefined ? "any database" : `database ${database}`}`,
    names.length === 0 ? "It holds no graph." : `It holds ${names.join(", ")}${more}.`,
  );
}

function isAsked(request: Pick<BrowseRequest, "graph" | "database">, name: string, database: number): boolean {
  return (request.graph ?? name) === name && (request.database ?? database) === database;
}

async function incrementsOf({ store, keyring }: RestoreContext, base: string): Promise<BrowsedBackup["increments"]> {
  const numbers = await listSegments(store, base);
  const last = numbers.at(-1);
  if (last === undefined) return null;
  return { count: numbers.length, until: (await readSegment(store, base, last, keyring)).manifest.toAt };
}

interface Scanned {
  readonly graphs: readonly ScannedGraph[];
  readonly found: Omit<BrowsedMatches, "uuid">;
}

async function scan({ store, keyring }: RestoreContext, manifest: Manifest, request: BrowseRequest): Promise<Scanned> {
  const { id, source, encryption } = manifest;
  const { encver } = source;
  const notRead = (why: string, cause?: unknown): DrillError =>
    new DrillError(`the snapshot of ${id} cannot be looked into: ${why}`, {
      exit: "inconclusive",
      hint: "Sizes and schema are shown without --uuid and --counts. For its content, restore it.",
      cause,
    });
  if (encver !== null && encver !== encverRead)
    throw notRead(`its graphs are encoded in version ${encver}, and this program reads ${encverRead}`);
  const keys = await keyring.openers(encryption.recipients.map(({ fingerprint }) => fingerprint));
  const stored = { ...partsOf(manifest), isQuick: true };
  const content = new ContentScan({
    property: "uuid",
    value: request.uuid,
    isWanted: (name, database) => isAsked(request, name, database),
  });
  const walk = new RdbWalk(content);
  for await (const part of readParts(store, stored, keys, request.signal)) {
    walk.push(part);
    release(part);
  }
  if (walk.summary() === undefined)
    throw notRead(walk.failure === undefined ? "it ends early" : errorMessage(walk.failure), walk.failure);
  for (const { header, nodes, edges } of content.graphs)
    if (nodes.passed !== header.nodes || edges.passed !== header.edges)
      throw notRead(`the graph ${JSON.stringify(header.name)} does not hold as many nodes and edges as it says`);
  const snapshot = new StoredSnapshot(store, stored, keys, request.signal);
  const found: Scanned["found"] & { entities: (BrowsedNode | BrowsedEdge)[] } = { nodes: 0, edges: 0, entities: [] };
  const sum = (of: "nodes" | "edges"): number => content.graphs.reduce((all, graph) => all + graph[of].found, 0);
  for (const graph of content.graphs) {
    if (found.entities.length >= placesMax) break;
    const entities = await entitiesIn(snapshot, graph).catch((error: unknown) => {
      throw error instanceof RangeError ? notRead(errorMessage(error), error) : error;
    });
    found.entities.push(...entities.slice(0, placesMax - found.entities.length));
  }
  return { graphs: content.graphs, found: { ...found, nodes: sum("nodes"), edges: sum("edges") } };
}

function described(
  manifest: Manifest,
  { name, database = 0, nodes, edges, schema }: ManifestGraph,
  scanned: readonly ScannedGraph[] | undefined,
): BrowsedGraph {
  const { propertyKeys = [], labels = [], types = [] } = manifest.content?.schemas[schema] ?? {};
  const read = scanned?.find((graph) => graph.header.name === name && graph.database === database);
  const edgesOfType = new Map(read?.relations.map((relation) => [relation.type, relation.edges]));
  return {
    name,
    database,
    nodes,
    edges,
    propertyKeys,
    labels: labels.map((label, index) => counted(label, read && (read.nodesOfLabel[index] ?? 0))),
    types: types.map((type, index) => counted(type, read && (edgesOfType.get(index) ?? 0))),
  };
}

function counted(schema: SchemaHeader, count: number | undefined): BrowsedSchema {
  return count === undefined ? schema : { ...schema, count };
}
