// Each claim of the conformance suite fails for a system that does not keep it.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { silentProgress } from "../../../base/progress.ts";
import { connect } from "../../../falkordb/client/connection.ts";
import { RunDirectory } from "../../../record/run-directory.ts";
import type { BackupSystem, RestoreRequest } from "../../../system/system.ts";
import type { Drill } from "../../drill.ts";
import { resolveOptions } from "../../run/options.ts";
import { runScenario } from "../../run/run-scenario.ts";
import { provesPointsApart } from "./apart.ts";
import { provesDamageRefused, provesVerify } from "./damaged.ts";
import { provesFailedBackup, provesUnknownPoint } from "./failures.ts";
import { provesPruneKeeps } from "./prune.ts";
import { provesSlowSave } from "./slow-save.ts";
import { provesSourceUntouched } from "./untouched.ts";
import type { ChangeSystem } from "../../setup/idle-setup.ts";

const root = await mkdtemp(join(tmpdir(), "falkordrill-conformance-"));
afterAll(() => rm(root, { recursive: true }));
const { signal } = new AbortController();
let runs = 0;

type Claim = (drill: Drill, change: ChangeSystem) => Promise<void>;

async function codesOf(claim: Claim, change: ChangeSystem): Promise<readonly string[]> {
  const out = join(root, `run-${runs++}`);
  const options = resolveOptions({ profile: "pr", dims: 4, out });
  const run = async (drill: Drill): Promise<void> => await claim(drill, change);
  const definition = { id: "conformance/broken", title: "A broken system is right", profiles: [], nodes: 40, run };
  const { id } = definition;
  const place = { options, id, seed: 1, directory: RunDirectory.create(out), signal, progressOf: () => silentProgress };
  const result = await runScenario(definition, place);
  expect(result.verdict).toBe("fail");
  return result.findings.filter(({ severity }) => severity === "error").map(({ code }) => code);
}

function changed(system: BackupSystem, methods: Partial<BackupSystem>): BackupSystem {
  return { ...system, ...methods };
}

async function newest(system: BackupSystem): Promise<string> {
  const points = await system.list();
  return points.toSorted((a, b) => (a.cutAt < b.cutAt ? 1 : -1))[0]?.id ?? "";
}

const broken: Readonly<Record<string, readonly [Claim, ChangeSystem, string]>> = {
  "restores the newest, whatever is asked for": [
    provesPointsApart,
    (system) =>
      changed(system, {
        restore: async (request) => await system.restore({ ...request, point: await newest(system) }),
      }),
    "retention-wrong-state",
  ],
  "takes what was there before": [
    provesSlowSave,
    (system) =>
      changed(system, {
        backup: async (request) => {
          await using connection = await connect(request.source.endpoint);
          await connection.command("GRAPH.DELETE", "drill-state");
          return await system.backup(request);
        },
      }),
    "retention-wrong-state",
  ],
  "deletes a key of the source after the backup": [
    provesSourceUntouched,
    (system) =>
      changed(system, {
        backup: async (request) => {
          const outcome = await system.backup(request);
          await using connection = await connect(request.source.endpoint);
          await connection.command("DEL", "session:1");
          return outcome;
        },
      }),
    "source-changed",
  ],
  "changes the password of the source": [
    provesSourceUntouched,
    (system) =>
      changed(system, {
        backup: async (request) => {
          const outcome = await system.backup(request);
          await using connection = await connect(request.source.endpoint);
          await connection.command("CONFIG", "SET", "requirepass", "of-the-backup");
          return outcome;
        },
      }),
    "source-changed",
  ],
  "answers a damaged backup with an empty server": [
    provesDamageRefused,
    (system) =>
      changed(system, {
        restore: async (request) =>
          await system.restore(request).catch(async () => ({ target: await started(request), phases: [] })),
      }),
    "graph-missing",
  ],
  "has a verify that always says good": [
    provesVerify,
    (system) => changed(system, { verify: () => Promise.resolve({ ok: true, problems: [], phases: [] }) }),
    "verify-blind",
  ],
  "has a verify that never says good": [
    provesVerify,
    (system) => changed(system, { verify: () => Promise.resolve({ ok: false, problems: ["no"], phases: [] }) }),
    "verify-failed",
  ],
  "hides that its source is down": [
    provesFailedBackup,
    (system) => {
      const last: { outcome?: Awaited<ReturnType<BackupSystem["backup"]>> } = {};
      const backup: BackupSystem["backup"] = async (request) =>
        (last.outcome = await system.backup(request).catch((error: unknown) => {
          if (last.outcome === undefined) throw error;
          return last.outcome;
        }));
      return changed(system, { backup });
    },
    "failure-hidden",
  ],
  "restores something for a backup that does not exist": [
    provesUnknownPoint,
    (system) =>
      changed(system, {
        restore: async (request) => await system.restore({ ...request, point: await newest(system) }),
      }),
    "unknown-point-restored",
  ],
  "prunes the newest": [
    provesPruneKeeps,
    (system, vault) =>
      changed(system, {
        prune: async () => {
          const id = await newest(system);
          await rm(join(vault, "backups", id), { recursive: true });
          const left = await system.list();
          const decisions = left.map(({ id: kept, cutAt: at, storedBytes }) => {
            return { id: kept, at, keep: true, reasons: [], storedBytes };
          });
          return { decisions, garbage: { objects: 0, bytes: 0, paths: [] }, leftAlone: [] };
        },
      }),
    "retention-removed-too-much",
  ],
};

async function started({ engines }: RestoreRequest): ReturnType<RestoreRequest["engines"]["start"]> {
  return await engines.start({ name: "target" });
}

test.each(Object.entries(broken))("a system that %s is found", async (_, [claim, change, code]) => {
  expect(await codesOf(claim, change)).toContain(code);
});
