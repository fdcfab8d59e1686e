// The backup is restored and proven in an engine of ours beside the target, before anything of the target is touched: a
// restore that cannot succeed costs the application nothing.
import { DrillError } from "../../base/errors.ts";
import { digestServer, type ServerDigest } from "../../observe/digest/server-digest.ts";
import { readManifest } from "../store/vault.ts";
import { compareContent } from "../restore/compare-content.ts";
import type { RestoreResult } from "../restore/load-job.ts";
import { restoreBackup, type RestoreContext } from "../restore/restore.ts";
import type { SearchIndex } from "./health.ts";
import type { InPlaceRequest } from "./in-place-run.ts";

export interface Proven {
  readonly digest: ServerDigest;
  /** The full-text indexes that hold anything. */
  readonly searches: readonly SearchIndex[];
  readonly reached?: NonNullable<RestoreResult["reached"]>;
}

export async function proveBeside(context: RestoreContext, request: InPlaceRequest): Promise<Proven> {
  const { point, at, engines, progress, signal, allowFaulty = false, keepIndexes = false } = request;
  const moment = at === undefined ? {} : { at };
  const asked = { point, way: "file", engines, progress, signal, allowFaulty, keepIndexes, ...moment } as const;
  const { target, reached } = await restoreBackup(context, asked);
  await using beside = target;
  // A moment after the backup holds other counts than its manifest; its chain was proven with its source.
  if (at === undefined) {
    const manifest = await readManifest(context.store, point, context.keyring);
    const { problems } = await compareContent(beside.endpoint, manifest, signal);
    if (problems.length > 0)
      throw new DrillError(`the backup ${point} does not hold what it says: ${problems.join("; ")}`, {
        exit: "dataWrong",
        hint: "Choose another one: falkordrill vault list.",
      });
  }
  const digest = await digestServer(beside.endpoint, signal);
  return { digest, searches: searchesOf(digest), ...(reached === undefined ? {} : { reached }) };
}

function searchesOf({ graphs }: ServerDigest): readonly SearchIndex[] {
  return graphs.flatMap(({ name: graph, database, indexes }) =>
    database === 0
      ? indexes.flatMap(({ entity, label, fields }) =>
          Object.entries(fields).flatMap(([property, kinds]): SearchIndex[] =>
            kinds.includes("FULLTEXT")
              ? [{ graph, entity: entity === "NODE" ? "node" : "relationship", label, property }]
              : [],
          ),
        )
      : [],
  );
}
