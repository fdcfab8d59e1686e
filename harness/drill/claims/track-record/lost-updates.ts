// Updates that the engine treats as unchanged: it compares the new value with the old one, and considers two vectors
// equal unless a component differs by one or more. So the update of a normalised embedding is lost without an error. An
// integer is kept if it is set to a float of the same value.
import { connect, type Connection } from "../../../falkordb/client/connection.ts";
import type { Drill } from "../../drill.ts";
import { recordDefect } from "./defect.ts";

interface LostUpdate {
  readonly what: string;
  readonly before: string;
  readonly after: string;
  /** Ways to write it that do work. */
  readonly worksAs: readonly string[];
}

const updates: readonly LostUpdate[] = [
  {
    what: "does not carry out `SET n.v = vecf32(...)` where no component changes by one or more",
    before: "vecf32([0.5, 0.5, 0.5, 0.5])",
    after: "vecf32([-0.25, 0.5, 0.75, -0.25])",
    worksAs: ["SET n = {v: $after}", "SET n.v = NULL; SET n.v = $after"],
  },
  {
    what: "keeps the integer where `SET n.v = 1.0` gives it a float",
    before: "1",
    after: "1.0",
    worksAs: ["SET n.v = NULL; SET n.v = $after"],
  },
];

export async function playsLostUpdates(drill: Drill): Promise<void> {
  await using source = await drill.engines.start({ name: "source", signal: drill.signal });
  await using connection = await connect(source.endpoint);
  for (const { what, before, after, worksAs } of updates) {
    drill.progress.step(what);
    const wanted = await valueOf(connection, `RETURN ${after} AS v, typeof(${after})`);
    const left = await afterwards(connection, before, `SET n.v = ${after}`);
    await recordDefect(drill, source, { what, seenIn: [41603] }, left !== wanted);
    for (const way of worksAs)
      if ((await afterwards(connection, before, way.replace("$after", after))) === wanted)
        drill.record.witness("waysThatWork", 1);
  }
  drill.record.requireWitnesses("waysThatWork");
}

/** Returns what a node holds after these changes, each in its own query. */
async function afterwards(connection: Connection, before: string, changes: string): Promise<string> {
  await connection.query("lost-updates", "MATCH (n) DELETE n");
  await connection.query("lost-updates", `CREATE (:N {v: ${before}})`);
  for (const change of changes.split(";")) await connection.query("lost-updates", `MATCH (n:N) ${change}`);
  return await valueOf(connection, "MATCH (n:N) RETURN n.v, typeof(n.v)");
}

async function valueOf(connection: Connection, query: string): Promise<string> {
  return JSON.stringify((await connection.query("lost-updates", query)).rows);
}
