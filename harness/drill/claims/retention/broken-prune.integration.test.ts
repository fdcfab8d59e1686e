// Prunes that do not keep what they must are detected.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { silentProgress } from "../../../base/progress.ts";
import type { BackupSystem, PruneOutcome } from "../../../system/system.ts";
import type { Drill } from "../../drill.ts";
import { resolveOptions } from "../../run/options.ts";
import type { ScenarioResult } from "../../../record/result.ts";
import { RunDirectory } from "../../../record/run-directory.ts";
import { runScenario } from "../../run/run-scenario.ts";
import { provesKeptChains } from "./kept-restores.ts";
import { provesLastVerified } from "./last-verified.ts";

const root = await mkdtemp(join(tmpdir(), "falkordrill-retention-"));
afterAll(() => rm(root, { recursive: true }));
const { signal } = new AbortController();
let runs = 0;

async function codesOf(run: (drill: Drill) => Promise<void>): Promise<readonly string[]> {
  const out = join(root, `run-${runs++}`);
  const options = resolveOptions({ profile: "pr", out });
  const definition = { id: "retention/broken", title: "A broken prune is right", profiles: [], nodes: 100, run };
  const { id } = definition;
  const place = { options, id, seed: 1, directory: RunDirectory.create(out), signal, progressOf: () => silentProgress };
  const result: ScenarioResult = await runScenario(definition, place);
  expect(result).toMatchObject({ verdict: "fail", exit: "dataWrong" });
  return result.findings.map(({ code }) => code);
}

/** Applies after each prune what a broken one would have done. */
function breaking(system: BackupSystem, harm: (outcome: PruneOutcome) => Promise<PruneOutcome>): BackupSystem {
  const prune: NonNullable<BackupSystem["prune"]> = async (request) => {
    if (system.prune === undefined) throw new Error("the reference system prunes");
    return await harm(await system.prune(request));
  };
  return Object.assign(Object.create(system) as BackupSystem, { prune });
}

test("a prune that removes the last verified backup and reports it is detected", async () => {
  const codes = await codesOf((drill) =>
    provesLastVerified(drill, (system, vault) =>
      breaking(system, async (outcome) => {
        const verified = outcome.decisions.at(-1)?.id ?? "";
        await rm(join(vault, "backups", verified), { recursive: true });
        return { ...outcome, decisions: outcome.decisions.filter(({ id }) => id !== verified) };
      }),
    ),
  );
  expect(codes).toContain("retention-list-differs");
});

test("a prune that removes a part of what it keeps is detected", async () => {
  const codes = await codesOf((drill) =>
    provesKeptChains(drill, (system, vault) =>
      breaking(system, async (outcome) => {
        const kept = outcome.decisions.filter(({ id, keep }) => keep && !id.includes("/"));
        for (const { id } of kept) await rm(join(vault, "backups", id, "part-00000.zst.pgp"));
        return outcome;
      }),
    ),
  );
  expect(codes).toContain("object-missing");
});

test("a prune that removes nothing and reports so is detected", async () => {
  const codes = await codesOf((drill) =>
    provesKeptChains(drill, (system) =>
      breaking(
        {
          ...system,
          prune: async (request) => {
            if (system.prune === undefined) throw new Error("the reference system prunes");
            return await system.prune({ ...request, rules: { all: true } });
          },
        },
        (outcome) => Promise.resolve(outcome),
      ),
    ),
  );
  expect(codes).toContain("retention-kept-too-much");
});
