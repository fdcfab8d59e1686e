// One graph of a backup of an embedded engine, into a server in a container that holds others. Needs a Docker engine and
// an image of FalkorDB.
import { describe, expect, it } from "vitest";
import { environment } from "../../base/environment.ts";
import { silentProgress } from "../../base/progress.ts";
import { containerEngines } from "../../engine/container/container.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import { connect } from "../../falkordb/client/connection.ts";
import { createBackup } from "../backup/backup.ts";
import { restoreLogically } from "../logical/restore-logical.ts";
import { testSource } from "../testing/test-source.ts";
import { restoreGraph } from "./restore-graph.ts";

const missing = await containerEngines().unavailable();
const isSkipped = missing !== undefined && !environment().requireContainers;
const { signal } = new AbortController();

describe.skipIf(isSkipped)(`another kind of engine${isSkipped ? `, skipped: ${missing}` : ""}`, () => {
  it("takes one graph, by a dump and by bulk loads, beside what it holds", async () => {
    expect(missing).toBeUndefined();
    await using made = await testSource();
    const context = await made.newVault();
    const asked = { source: made.source, coordinator: undefined, progress: silentProgress, signal };
    const { point } = await createBackup(context, asked);
    await using target = await containerEngines().start({ name: "target" });
    await using connection = await connect(target.endpoint);
    await connection.query("people", "CREATE (:Other)");
    const request = { point: point.id, target, progress: silentProgress, signal };
    await restoreGraph(context, { ...request, graph: "people", as: "by-dump", engines: embeddedEngines() });
    await restoreLogically(context, { ...request, graph: { name: "people", as: "by-bulk" } });
    expect((await connection.graphs()).toSorted()).toEqual(["by-bulk", "by-dump", "people"]);
    const question = "MATCH (a:Person)-[r:KNOWS]->(b) RETURN a.id, a.name, a.weight, a.v, r.fact, b.id ORDER BY a.id";
    const { rows } = await made.connection.roQuery("people", question);
    expect(rows).toHaveLength(2999);
    for (const name of ["by-dump", "by-bulk"]) expect((await connection.roQuery(name, question)).rows).toEqual(rows);
  });
});
