// Creates the constraints of a generated graph and waits until they are active: the engine saves only active ones.
import type { ConstraintSpec } from "../../../generators/model.ts";
import type { Clock } from "../../base/clock.ts";
import { overOneConnection, waitFor } from "../../base/wait.ts";
import type { Connection } from "../client/connection.ts";

const timeoutMs = 600_000;

export async function makeConstraints(
  connection: Connection,
  graph: string,
  constraints: readonly ConstraintSpec[],
  { signal, clock }: { readonly signal: AbortSignal | undefined; readonly clock: Clock },
): Promise<void> {
  for (const { kind, entity, label, properties } of constraints) {
    const on = entity === "node" ? "NODE" : "RELATIONSHIP";
    const fields = ["PROPERTIES", properties.length, ...properties] as const;
    await connection.command("GRAPH.CONSTRAINT", "CREATE", graph, kind, on, label, ...fields);
  }
  const areInForce = async (): Promise<true | undefined> => {
    const { rows } = await connection.roQuery(graph, "CALL db.constraints() YIELD status RETURN status");
    const inForce = rows.filter(([status]) => status === "OPERATIONAL");
    return inForce.length === constraints.length || undefined;
  };
  const what = `the constraints of graph "${graph}" to be in force`;
  await waitFor(overOneConnection(areInForce), { what, timeoutMs, exit: "environment", signal, clock });
}
