// The whole life of a vault on S3, with a real FalkorDB: everything goes through the store, and nothing looks for a folder.
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { missingStore, objectStore } from "../../../fixtures/object-stores/object-stores.ts";
import { silentProgress } from "../../base/progress.ts";
import { privateFolder } from "../../base/process/reaper.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import { connect } from "../../falkordb/client/connection.ts";
import { fillSource, serverContent } from "../../vault/testing/test-source.ts";
import { referenceSystem } from "./reference.ts";

const engines = embeddedEngines();
const { signal } = new AbortController();
const basics = { progress: silentProgress, signal, engines } as const;
const missing = missingStore("moto");

describe.skipIf(missing !== undefined)(`a vault on S3 (moto)${missing === undefined ? "" : `: ${missing}`}`, () => {
  it("is backed up into, verified, restored from to a moment after the backup, compacted and pruned", async () => {
    await using resources = new AsyncDisposableStack();
    const { endpoint, credentials, newBucket } = await objectStore("moto");
    const place = { bucket: await newBucket(), prefix: "team/graph", endpoint, credentials };
    const keys = join(resources.use(await privateFolder("s3-vault")).path, "keys");
    // No replica follows the server between two backups, so it has to log effects instead of query text by itself.
    const continuous = { moduleArgs: { EFFECTS_THRESHOLD: "0" }, redisConfig: { "repl-backlog-size": "64mb" } };
    const source = resources.use(await engines.start({ name: "source", ...continuous }));
    await fillSource(source.endpoint);
    const options = { vault: place, keys, profile: "interop", partBytes: 65_536 } as const;
    const system = resources.use(await referenceSystem(options));
    const coordinator = undefined;

    const { point: first } = await system.backup({ source, coordinator, progress: silentProgress, signal });
    const atFirst = await serverContent(source.endpoint);
    await using connection = await connect(source.endpoint);
    await connection.query("people", "MATCH (p:Person {id: 7}) SET p.name = 'changed since'");
    const increment = await system.backupIncrement?.({ source, coordinator, progress: silentProgress, signal });
    expect(increment).toMatchObject({ base: first.id, continued: true });
    const now = await serverContent(source.endpoint);
    expect(now).not.toEqual(atFirst);
    expect(await system.verify(first.id, engines, signal)).toMatchObject({ ok: true, problems: [] });
    const contentOf = async (point: string, at?: "latest"): Promise<readonly unknown[]> => {
      const target = await engines.start({ name: "target" });
      await using _target = target;
      await system.restore?.({ point, way: "wire", target, ...basics, ...(at === undefined ? {} : { at }) });
      return await serverContent(target.endpoint);
    };
    expect(await contentOf(first.id, "latest")).toEqual(now);

    const compacted = await system.compact?.({ point: first.id, ...basics });
    expect(compacted?.increments).toBe(1);
    const { point: last } = await system.backup({ source, coordinator, progress: silentProgress, signal });
    const rules = { rules: { last: 1 }, zone: "UTC", dryRun: false } as const;
    await system.prune?.({ ...rules, progress: silentProgress, signal });
    // The newest one that was verified stays besides the last.
    const kept = (await system.list()).map(({ id }) => id);
    expect(kept).toHaveLength(2);
    expect(kept).toContain(last.id);
  }, 180_000);
});
