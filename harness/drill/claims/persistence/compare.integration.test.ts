// A setup that does not keep its promise is detected: "always synced" with a server that never syncs.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { silentProgress } from "../../../base/progress.ts";
import { volumesUnavailable } from "../../../fault/volume.ts";
import { resolveOptions } from "../../run/options.ts";
import type { ScenarioResult } from "../../../record/result.ts";
import { RunDirectory } from "../../../record/run-directory.ts";
import { runScenario } from "../../run/run-scenario.ts";
import { comparePersistence } from "./compare.ts";
import type { PersistenceMode } from "./mode.ts";
import { appendAlways } from "./own-files.ts";

const unavailable = await volumesUnavailable();
const neverSynced: PersistenceMode = {
  ...appendAlways,
  settings: () => ({ appendonly: "yes", appendfsync: "no" }),
  // It would wait for an fsync that never comes.
  protect: async (ground, resources) =>
    Object.assign(await appendAlways.protect(ground, resources), { covered: () => Promise.resolve() }),
};

async function resultOf(mode: PersistenceMode): Promise<ScenarioResult> {
  const out = await mkdtemp(join(tmpdir(), "falkordrill-test-"));
  const options = resolveOptions({ profile: "pr", out });
  const definition = {
    id: "persistence/never-synced",
    title: "A server that never syncs loses nothing",
    profiles: [],
    nodes: 200,
    run: async (drill: Parameters<typeof comparePersistence>[0]) => comparePersistence(drill, mode),
  };
  const { signal } = new AbortController();
  const { id } = definition;
  const run = { options, id, seed: 1, directory: RunDirectory.create(out), signal, progressOf: () => silentProgress };
  const result = await runScenario(definition, run);
  await rm(out, { recursive: true });
  return result;
}

test.skipIf(unavailable !== undefined)("a broken promise is a finding, with the writes that were lost", async () => {
  const { verdict, findings, metrics } = await resultOf(neverSynced);
  const found = findings.map(({ code, subject }) => `${code} ${subject}`);
  expect(found).toContain("durability-claim-broken aof-always/powerLoss");
  expect(found.filter((text) => text.includes("killed"))).toEqual([]);
  expect(verdict).toBe("fail");
  expect([metrics["killedRtoMs"], metrics["powerLossRtoMs"]]).toEqual([expect.any(Number), undefined]);
  expect(metrics["powerLossRpoWrites"]).toBeGreaterThan(100);
  expect(metrics["killedRpoWrites"]).toBe(0);
});

test.skipIf(unavailable !== undefined)("a promise that the server excuses is not said to be broken", async () => {
  const excuse = "the disk was late";
  const { findings } = await resultOf({
    ...neverSynced,
    protect: async (ground, resources) =>
      Object.assign(await neverSynced.protect(ground, resources), {
        excuse: () => Promise.resolve(excuse),
      }),
  });
  const codes = findings.map(({ code }) => code);
  expect(codes).toContain("assumption-disk-late");
  expect(codes).not.toContain("durability-claim-broken");
});
