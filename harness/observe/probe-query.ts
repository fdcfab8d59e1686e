// A query whose correct answer follows from the seed: the first query sent to a restored engine.
import type { Dataset } from "../../generators/model.ts";
import type { Endpoint } from "../base/endpoint.ts";
import { DrillError } from "../base/errors.ts";
import { connect } from "../falkordb/client/connection.ts";
import { graphsOfDatabase } from "../falkordb/client/graphs-by-database.ts";

export interface ProbeQuery {
  readonly graph: string;
  readonly cypher: string;
  readonly uuid?: string;
  /** The only row that is right. */
  readonly answer: string | number;
}

/** One node of the first graph that has any, looked up by its uuid. */
export function probeQueryFor(dataset: Dataset): ProbeQuery | undefined {
  for (const plan of dataset.graphs()) {
    if (plan.counts.nodes === 0) continue;
    const node = plan.node(plan.counts.nodes - 1);
    const uuid = node.properties["uuid"];
    if (typeof uuid !== "string") continue;
    const [label] = node.labels;
    const pattern = label === undefined ? "n" : `n:${label}`;
    return { graph: plan.name, cypher: `MATCH (${pattern} {uuid: $uuid}) RETURN n.uuid`, uuid, answer: uuid };
  }
  return undefined;
}

/** A lookup of one node takes milliseconds; a server that is silent for this time hangs. */
const answerTimeoutMs = 120_000;

interface Server {
  readonly endpoint: Endpoint;
}

/** Asserts that a server which claims to be readable has loaded the graph and returns the correct answer. */
export async function assertProbe(server: Server, question: ProbeQuery | undefined): Promise<void> {
  if (question === undefined) return;
  const rows = await ask(server, question);
  if (rows.length === 1 && rows[0]?.[0] === question.answer) return;
  throw new DrillError(
    question.uuid === undefined
      ? `the restored engine counts ${JSON.stringify(rows[0]?.[0] ?? "nothing")} in ${question.graph}; it holds ${question.answer} nodes`
      : `the restored engine answered a lookup of ${question.graph}/${question.uuid} with ${rows.length} rows; one was expected`,
    {
      exit: "dataWrong",
      code: "wrong-first-answer",
      hint: "The system said that the target may be read, and its answers are wrong.",
    },
  );
}

async function ask({ endpoint }: Server, { graph, cypher, uuid }: ProbeQuery): Promise<readonly unknown[][]> {
  await using connection = await connect(endpoint, { commandTimeoutMs: answerTimeoutMs });
  if (!(await graphsOfDatabase(connection)).includes(graph)) return [];
  return (await connection.roQuery(graph, cypher, uuid === undefined ? {} : { uuid })).rows;
}
