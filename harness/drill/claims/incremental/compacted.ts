// A chain is compacted and continues: the new full backup equals the chain, and later increments follow it.
import { DrillError } from "../../../base/errors.ts";
import { connect } from "../../../falkordb/client/connection.ts";
import type { Drill } from "../../drill.ts";
import { incrementalSystem, proveLink, smallSource, takeIncrement } from "./small-source.ts";

export async function provesCompaction(drill: Drill, increments: number): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const source = await smallSource(drill, resources);
  const system = await incrementalSystem(drill, resources);
  if (system.compact === undefined) throw new DrillError(`${system.name} compacts nothing`, { exit: "inconclusive" });
  const { progress, signal, record, engines } = drill;
  await using connection = await connect(source.endpoint);
  const write = (): Promise<unknown> =>
    connection.query("writes", "UNWIND range(1, 100) AS i CREATE (:Write {i: i, r: rand(), at: timestamp()})");
  await system.backup({ source, coordinator: undefined, progress, signal });
  await write();
  let end = await takeIncrement(drill, system, source, "increment 1");
  for (let number = 2; number <= increments; number += 1) {
    await write();
    end = await takeIncrement(drill, system, source, `increment ${number}`);
  }
  const clientsBefore = await connectionsOf(connection);
  progress.step("compact");
  const {
    point,
    increments: compacted,
    phases,
  } = await system.compact({ point: end.increment.base, engines, progress, signal });
  for (const phase of phases) record.phases([{ ...phase, name: `compact/${phase.name}` }]);
  record.witness("incrementsCompacted", compacted);
  const clients = (await connectionsOf(connection)) - clientsBefore;
  if (clients > 0)
    record.finding({
      code: "source-touched",
      severity: "error",
      subject: drill.id,
      message: `the source was connected to ${clients} times while its chain was compacted`,
      evidence: { clients },
    });
  const asCompacted = { ...end.increment, base: point.id };
  await proveLink(drill, system, { ...end, name: "the compacted backup", increment: asCompacted });
  await write();
  const after = await takeIncrement(drill, system, source, "after the compaction");
  for (const base of new Set([point.id, after.increment.base]))
    await proveLink(drill, system, {
      ...after,
      name: `after the compaction, on ${base}`,
      increment: { ...after.increment, base },
    });
  record.requireWitnesses("incrementsCompacted", "linksRestored", "entitiesCompared");
}

async function connectionsOf(connection: Awaited<ReturnType<typeof connect>>): Promise<number> {
  return Number((await connection.info("stats"))["total_connections_received"]);
}
