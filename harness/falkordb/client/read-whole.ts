// Reads a whole graph from a server that limits its answers. With RESULTSET_SIZE a server drops rows without an
// error, and with TIMEOUT_MAX or QUERY_MEM_CAPACITY it aborts a long query: so a graph is read in ranges of node ids,
// and a range whose answer would be incomplete is halved until it is complete.
import { environmentError, errorMessage } from "../../base/errors.ts";
import type { Connection } from "./connection.ts";
import { idRanges, forEachConcurrently } from "./concurrency.ts";
import type { ReadStream, RowReader } from "./read-stream.ts";
import type { Value } from "./reply.ts";

/** Most rows in one answer (RESULTSET_SIZE); Infinity without a limit. */
export async function rowsMaxOf(connection: Connection): Promise<number> {
  const [, limit] = (await connection.command("GRAPH.CONFIG", "GET", "RESULTSET_SIZE")) as [string, number];
  // Without a limit it is -1, which some versions report as the largest integer.
  if (limit < 0 || limit > 1e15) return Number.POSITIVE_INFINITY;
  if (limit > 0) return limit;
  throw environmentError(
    "the server answers queries without a single row (RESULTSET_SIZE 0), so nothing can be read from it",
    "Set it off: GRAPH.CONFIG SET RESULTSET_SIZE -1",
  );
}

/** Query for one range of node ids: the ids are those of `n`, and of the edges `r` where `edges` is set. */
export interface RangeQuery {
  readonly graph: string;
  /** Text before MATCH. */
  readonly before?: string;
  readonly match: string;
  readonly where?: string;
  readonly returns: string;
  /** A node may give several rows, one for each edge `r`. */
  readonly edges: boolean;
  readonly lastId: number;
  /** Node ids per query. */
  readonly size: number;
}

export interface WholeOptions {
  readonly rowsMax: number;
  readonly signal: AbortSignal | undefined;
}

/** A range of node ids; of their outgoing edges, only those whose id has the given remainder. */
interface Piece {
  readonly from: number;
  readonly to: number;
  readonly divisor: number;
  readonly remainder: number;
}

/** Calls `reader` for each range with its first id. Returns the number of rows. */
export async function readRanges(
  streams: readonly ReadStream[],
  query: RangeQuery,
  { rowsMax, signal }: WholeOptions,
  reader: (from: number) => RowReader,
): Promise<number> {
  let rows = 0;
  await forEachConcurrently(streams, idRanges(query.lastId, query.size), async (stream, range) => {
    const readRow = reader(range.from);
    const isWhole = async (piece: Piece): Promise<boolean> => {
      if (rowsMax === Number.POSITIVE_INFINITY) return true;
      if (!query.edges) return piece.to - piece.from <= rowsMax;
      let count = 0;
      await stream.rows(query.graph, textOf(query, piece, "count(r)"), (cursor) => {
        cursor.array();
        cursor.array();
        cursor.integer();
        count = cursor.integer();
      });
      return count <= rowsMax;
    };
    const read = async (piece: Piece): Promise<void> => {
      signal?.throwIfAborted();
      // The error of an aborted query comes before any row, so nothing is read twice.
      const attempt = (await isWhole(piece))
        ? await stream.rows(query.graph, textOf(query, piece, query.returns), readRow)
        : tooMany;
      rows += attempt === tooMany ? 0 : attempt;
      if (attempt === tooMany) throw new IncompleteError(`more than ${rowsMax} rows`);
    };
    await inHalves({ ...range, divisor: 1, remainder: 0 }, query.edges, read);
  });
  return rows;
}

const tooMany = -1;

class IncompleteError extends Error {
  override readonly name = "IncompleteError";
}

async function inHalves(piece: Piece, edges: boolean, read: (piece: Piece) => Promise<void>): Promise<void> {
  try {
    await read(piece);
  } catch (error) {
    if (!(error instanceof IncompleteError) && !isGivenUp(error)) throw error;
    const halves = halvesOf(piece, edges);
    if (halves === undefined)
      throw environmentError(
        `the server gives up the shortest queries: ${errorMessage(error)}`,
        "Allow more with GRAPH.CONFIG SET (TIMEOUT_MAX, QUERY_MEM_CAPACITY).",
      );
    for (const half of halves) await inHalves(half, edges, read);
  }
}

/** Splits a range of nodes in the middle, and the edges of a single node by one more bit of their ids. */
function halvesOf({ from, to, divisor, remainder }: Piece, edges: boolean): readonly Piece[] | undefined {
  if (to - from > 1) {
    const middle = Math.floor((from + to) / 2);
    return [
      { from, to: middle, divisor, remainder },
      { from: middle, to, divisor, remainder },
    ];
  }
  if (!edges || divisor >= 2 ** 40) return undefined;
  return [remainder, remainder + divisor].map((half) => ({ from, to, divisor: divisor * 2, remainder: half }));
}

function textOf({ before = "", match, where }: RangeQuery, piece: Piece, returns: string): string {
  const { from, to, divisor, remainder } = piece;
  const conditions = [
    "id(n) >= $a AND id(n) < $b",
    ...(divisor === 1 ? [] : [`id(r) % ${divisor} = ${remainder}`]),
    ...(where === undefined ? [] : [where]),
  ];
  return `CYPHER a=${from} b=${to} ${before} ${match} WHERE ${conditions.join(" AND ")} RETURN ${returns}`;
}

/** The highest id of a node; -1 without nodes. */
export async function lastNodeId(connection: Connection, graph: string): Promise<number> {
  try {
    const [row] = (await connection.roQuery(graph, "MATCH (n) RETURN max(id(n))")).rows;
    return Number(row?.[0] ?? -1);
  } catch (error) {
    if (!isGivenUp(error)) throw error;
  }
  const isAnyFrom = async (id: number): Promise<boolean> =>
    (await connection.roQuery(graph, `MATCH (n) WHERE id(n) >= ${id} RETURN 1 LIMIT 1`)).rows.length > 0;
  let end = 1;
  while (await isAnyFrom(end)) end *= 2;
  let last = Math.floor(end / 2);
  while (end - last > 1) {
    const middle = Math.floor((last + end) / 2);
    if (await isAnyFrom(middle)) last = middle;
    else end = middle;
  }
  return last;
}

/** A short list in one row, which no limit on rows truncates. */
export async function wholeList(
  connection: Connection,
  graph: string,
  match: string,
  columns: string,
): Promise<Value[][]> {
  const [row] = (await connection.roQuery(graph, `${match} RETURN collect([${columns}])`)).rows;
  return (row?.[0] ?? []) as Value[][];
}

function isGivenUp(error: unknown): boolean {
  return /^(?:Query timed out|Query's mem consumption exceeded)/.test(errorMessage(error));
}
