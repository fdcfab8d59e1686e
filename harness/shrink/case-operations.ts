// What a case does to its source besides the backup, and what of it must be there afterwards.
import type { Endpoint } from "../base/endpoint.ts";
import { systemClock } from "../base/clock.ts";
import { waitFor } from "../base/wait.ts";
import type { FindingCode } from "../base/findings/finding-codes.ts";
import type { Finding } from "../check/check.ts";
import { connect, type Connection } from "../falkordb/client/connection.ts";
import { makeConstraints } from "../falkordb/load/make-constraints.ts";
import { untilOperational } from "../falkordb/client/operational.ts";
import { contentStatements, operationStatement, schemaStatements, writeLabel } from "./case-cypher.ts";
import { quotedName } from "../falkordb/client/quoted-name.ts";
import type { CaseOperation, ShrinkCase } from "./shrink-case.ts";

type Write = Extract<CaseOperation, { kind: "write" }>;

const indexTimeoutMs = 20_000;

/** Fills an empty server, then performs everything that comes before the backup. */
export async function loadCase(endpoint: Endpoint, shrunk: ShrinkCase, signal: AbortSignal): Promise<void> {
  await using connection = await connect(endpoint, { signal });
  for (const graph of shrunk.graphs) {
    await sendAll(connection, graph.name, contentStatements(graph));
    await sendAll(connection, graph.name, schemaStatements(graph.indexes));
    if (graph.indexes.length > 0) await untilOperational(connection, graph.name, { timeoutMs: indexTimeoutMs, signal });
    if (graph.constraints.length > 0)
      await makeConstraints(connection, graph.name, graph.constraints, { signal, clock: systemClock });
  }
  for (const operation of shrunk.operations) {
    if (operation.kind === "save") await connection.command("SAVE");
    else if (operation.kind === "append" || operation.afterMs === undefined)
      await connection.query(operation.graph, operationStatement(operation));
  }
}

async function sendAll(connection: Connection, graph: string, statements: readonly string[]): Promise<void> {
  const replies = await connection.pipeline(statements.map((text) => ["GRAPH.QUERY", graph, text] as const));
  for (const reply of replies) if (reply instanceof Error) throw reply;
}

/** Performs the writes that happen while the backup runs. */
export async function writeDuring(endpoint: Endpoint, { operations }: ShrinkCase, signal: AbortSignal): Promise<void> {
  const writes = writesOf(operations).filter(({ afterMs }) => afterMs !== undefined);
  if (writes.length === 0) return;
  await using connection = await connect(endpoint, { signal });
  const startMs = systemClock.monotonicMs();
  for (const write of writes) {
    const { afterMs = 0 } = write;
    await waitFor(() => systemClock.monotonicMs() - startMs >= afterMs || undefined, {
      what: "the time of a write during the backup",
      timeoutMs: afterMs + indexTimeoutMs,
      signal,
      exit: "inconclusive",
    });
    await connection.query(write.graph, operationStatement(write));
  }
}

function writesOf(operations: readonly CaseOperation[]): Write[] {
  return operations.filter((operation) => operation.kind === "write");
}

/** Judges the writes in the order in which they were acknowledged. */
export async function judgeWritten(endpoint: Endpoint, { operations }: ShrinkCase): Promise<Finding[]> {
  const writes = writesOf(operations);
  if (writes.length === 0) return [];
  await using connection = await connect(endpoint);
  const there = new Set<string>();
  const known = await connection.graphs();
  for (const graph of new Set(writes.map((write) => write.graph))) {
    if (!known.includes(graph)) continue;
    const { rows } = await connection.roQuery(graph, `MATCH (n:${writeLabel}) RETURN n.number`);
    for (const [number] of rows) there.add(`${graph}/${Number(number)}`);
  }
  return lostWrites(writes, (write) => there.has(`${write.graph}/${write.number}`));
}

function lostWrites(writes: readonly Write[], isThere: (write: Write) => boolean): Finding[] {
  return writes.flatMap((write, at) => {
    if (isThere(write)) return [];
    const later = writes.slice(at + 1).find(isThere);
    const code = codeOfLoss(write, later);
    if (code === undefined) return [];
    const subject = `${write.graph}/${write.number}`;
    const message = `the write ${write.number} is not there`;
    return [{ code, severity: "error", subject, message, evidence: { later: later?.number ?? null } }];
  });
}

function codeOfLoss(write: Write, later: Write | undefined): FindingCode | undefined {
  if (later !== undefined) return later.graph === write.graph ? "write-hole" : "write-overtaken";
  return write.afterMs === undefined ? "write-lost" : undefined;
}

/** The finding, if the engine made something else of text that it put together than JavaScript does. */
export async function writtenOtherwise(
  endpoint: Endpoint,
  { graphs, operations }: ShrinkCase,
): Promise<{ readonly findings: readonly Finding[]; readonly expected: string } | undefined> {
  await using connection = await connect(endpoint);
  for (const operation of operations) {
    if (operation.kind !== "append") continue;
    const { graph, label, property } = operation;
    const nodes = graphs.find(({ name }) => name === graph)?.nodes.filter(({ labels }) => labels.includes(label)) ?? [];
    const texts = nodes.flatMap(({ properties }) =>
      typeof properties[property] === "string" ? [properties[property]] : [],
    );
    const wanted = texts.map((text) => `${text}${appendedTo(operations, operation)}`).toSorted();
    const query = `MATCH (n:${quotedName(label)}) WHERE n.${quotedName(property)} IS NOT NULL RETURN n.${quotedName(property)}`;
    const found = (await connection.roQuery(graph, query)).rows
      .map(([text]) => (typeof text === "string" ? text : ""))
      .toSorted();
    if (JSON.stringify(wanted) === JSON.stringify(found)) continue;
    const sizes = (all: readonly string[]): string =>
      JSON.stringify(all.map((text) => text.length).toSorted((a, b) => a - b));
    const finding: Finding = {
      code: "engine-wrote-otherwise",
      severity: "error",
      subject: `${graph}/${label}/${property}`,
      message: `the engine put text of the sizes ${sizes(found)} together, and ${sizes(wanted)} is right`,
      evidence: { label, property },
    };
    return { findings: [finding], expected: sizes(wanted) };
  }
  return undefined;
}

/** All text that is put after this property, in order. */
function appendedTo(operations: readonly CaseOperation[], { graph, label, property }: AppendPlace): string {
  return operations
    .filter((each) => each.kind === "append")
    .filter((each) => each.graph === graph && each.label === label && each.property === property)
    .map(({ text }) => text)
    .join("");
}

type AppendPlace = Pick<Extract<CaseOperation, { kind: "append" }>, "graph" | "label" | "property">;
