// Systems and servers that do not hold what the scenarios about server settings claim: each is detected.
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { silentProgress } from "../../../base/progress.ts";
import { privateFolder } from "../../../base/process/reaper.ts";
import type { Engine, EngineProvider, StartOptions } from "../../../engine/engine.ts";
import { connect } from "../../../falkordb/client/connection.ts";
import { RunDirectory } from "../../../record/run-directory.ts";
import type { BackupSystem, RestoreRequest } from "../../../system/system.ts";
import type { Drill } from "../../drill.ts";
import { resolveOptions } from "../../run/options.ts";
import { runScenario } from "../../run/run-scenario.ts";
import { survivesAppendOnly } from "../persistence/append-only-target.ts";
import { keepsVolume } from "../persistence/recreated.ts";
import { keepsWholeBackup } from "../retention/shrunk.ts";
import { namesWhatWasNeverStored } from "./accepted-not-stored.ts";
import { refusesWithoutRoom } from "./no-room.ts";

async function codesOf(run: (drill: Drill) => Promise<void>, signal: AbortSignal): Promise<readonly string[]> {
  await using folder = await privateFolder("broken-settings");
  const out = join(folder.path, "run");
  const options = resolveOptions({ profile: "pr", dims: 0, out });
  const id = "fault/broken";
  const definition = { id, title: "A broken one is right", profiles: [], nodes: 300, run };
  const place = { options, id, seed: 1, directory: RunDirectory.create(out), signal, progressOf: () => silentProgress };
  const { findings } = await runScenario(definition, place);
  return findings.filter(({ severity }) => severity === "error").map(({ code }) => code);
}

/** Copies the dump, and restores it in its own way; only by file. */
function naive(restore: (request: RestoreRequest, dump: string) => Promise<Engine>) {
  return (system: BackupSystem, vault: string): BackupSystem => ({
    ...system,
    capabilities: new Set(["full-backup", "restore-file"]),
    backup: async (request) => {
      const outcome = await system.backup(request);
      await using connection = await connect(request.source.endpoint);
      await connection.command("SAVE");
      await copyFile(join(request.source.dataDir ?? "", "dump.rdb"), join(vault, "dump.rdb"));
      return outcome;
    },
    restore: async (request) => ({ target: await restore(request, join(vault, "dump.rdb")), phases: [] }),
  });
}

const withoutLooking = naive(({ engines }, rdb) => engines.start({ rdb }));

test("a restore that does not look at the memory of its target", async ({ signal }) => {
  const codes = await codesOf((drill) => refusesWithoutRoom(drill, withoutLooking), signal);
  expect(codes.filter((code) => code !== "no-witness")).toEqual(["restored-without-room", "restored-without-room"]);
});

test("a restore that puts the dump beside the append-only file", async ({ signal }) => {
  const beside = naive(async ({ engines }, dump) => {
    const target = await engines.start();
    await target.stop();
    await copyFile(dump, join(target.dataDir ?? "", "dump.rdb"));
    await target.restart();
    return target;
  });
  expect(await codesOf((drill) => survivesAppendOnly(drill, beside), signal)).toContain("graph-missing");
});

test("a backup that loses a write which the source held", async ({ signal }) => {
  const losing = naive(async ({ engines }, rdb) => {
    const target = await engines.start({ rdb });
    await using connection = await connect(target.endpoint);
    await connection.query("application", "MATCH (e:Episodic) WITH e LIMIT 1 DETACH DELETE e");
    return target;
  });
  expect(await codesOf((drill) => namesWhatWasNeverStored(drill, losing), signal)).toEqual(["write-lost"]);
});

test("a prune that keeps the shrunk backup only", async ({ signal }) => {
  const pruning = (system: BackupSystem): BackupSystem => ({
    ...system,
    prune: async (request) => {
      if (system.prune === undefined) throw new Error("the reference system prunes");
      const outcome = await system.prune(request);
      return { ...outcome, decisions: outcome.decisions.slice(0, 1) };
    },
  });
  const codes = await codesOf((drill) => keepsWholeBackup(drill, pruning), signal);
  expect(codes).toContain("retention-list-differs");
});

test.each<[string, StartOptions["volume"], string]>([
  ["where no server writes", "elsewhere", "graph-missing"],
  ["that is right in spite of the mistake", "data", "assumption-defect-not-shown"],
])("a volume %s", async (_, volume, code) => {
  const { signal } = new AbortController();
  const mounted = (engines: EngineProvider): EngineProvider => ({
    kind: engines.kind,
    unavailable: () => engines.unavailable(),
    start: (options) => engines.start({ ...options, volume: volume ?? "data" }),
  });
  const codes = await codesOf((drill) => keepsVolume({ ...drill, engines: mounted(drill.engines) }), signal);
  expect(codes).toContain(code);
});
