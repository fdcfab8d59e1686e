import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig, type ViteUserConfig } from "vitest/config";

// Unit tests need nothing, integration tests start real engines, and one scenario is the drill itself (run small here;
// `falkordrill run` runs it at any size). What is slow and rarely breaks first has the nightly project: these files, the
// tests of others that ask `isNightly`, and all scenarios; CONTRIBUTING.md lists them with their reason.
export const nightly: readonly string[] = [
  "**/chain-proof.integration.test.ts",
  "**/every-field-system.integration.test.ts",
  "**/other-version.integration.test.ts",
  "**/packed.integration.test.ts",
  "**/service.property.integration.test.ts",
  "**/traps.integration.test.ts",
  "**/trend-page.integration.test.ts",
  "**/tutorial.integration.test.ts",
  "harness/bench/chain/chain.integration.test.ts",
  "harness/bench/storage/compare-s3.integration.test.ts",
  "harness/cli/bench.integration.test.ts",
  "harness/cli/estimate/estimate.integration.test.ts",
  "harness/cli/vault/on-s3.integration.test.ts",
  "harness/cli/vault/restore-in-place.integration.test.ts",
  "harness/drill/claims/coordination/scene.integration.test.ts",
  "harness/drill/claims/persistence/compare.integration.test.ts",
  "harness/falkordb/testing/loaded-engine.integration.test.ts",
  "harness/monitor/dashboard/many-points.integration.test.ts",
  "harness/monitor/operate/operate-page.integration.test.ts",
  "harness/shrink/shrink.integration.test.ts",
  "harness/system/reference/s3-vault.integration.test.ts",
  "harness/vault/object-lock/object-lock.integration.test.ts",
  "harness/vault/object-lock/policies.integration.test.ts",
  "harness/vault/replicate/replicate-s3.integration.test.ts",
  "harness/vault/restore/into-a-container.integration.test.ts",
  "harness/vault/restore/predicted-memory.integration.test.ts",
  "reports/analysis/page.integration.test.ts",
  "reports/assess/page.integration.test.ts",
  "test/interrupted-drill.integration.test.ts",
  "test/monitoring/delivery.integration.test.ts",
  "test/runbooks/runbooks.integration.test.ts",
];
export const partlyNightly: readonly string[] = [
  "fixtures/object-stores/object-stores.integration.test.ts",
  "harness/cli/access.test.ts",
  "harness/cli/doctor.integration.test.ts",
  "harness/cli/vault/wrong-keyring.integration.test.ts",
  "harness/drill/claims/incremental/chain.integration.test.ts",
  "harness/drill/own/own.integration.test.ts",
  "harness/engine/container/container.integration.test.ts",
  "harness/engine/embedded.integration.test.ts",
  "harness/engine/external.integration.test.ts",
  "harness/engine/leaks.integration.test.ts",
  "harness/falkordb/load/load.integration.test.ts",
  "harness/falkordb/replay/suspended-indexes.integration.test.ts",
  "harness/falkordb/replication/attach-replica.integration.test.ts",
  "harness/fault/attack/attack.test.ts",
  "harness/fault/faults.integration.test.ts",
  "harness/fault/mutilation/mutilation.test.ts",
  "harness/fault/storage/disk-faults.integration.test.ts",
  "harness/monitor/dashboard/dashboard.integration.test.ts",
  "harness/monitor/operate/operate.integration.test.ts",
  "harness/observe/observe-engine.integration.test.ts",
  "harness/observe/observe.integration.test.ts",
  "harness/service/server/coordination/clock.integration.test.ts",
  "harness/service/server/coordination/coordination.integration.test.ts",
  "harness/service/server/process.integration.test.ts",
  "harness/system/reference/reference.integration.test.ts",
  "harness/vault/archive/archiver.integration.test.ts",
  "harness/vault/backup/unloadable.integration.test.ts",
  "harness/vault/compare/groups.test.ts",
  "harness/vault/compare/injected.test.ts",
  "harness/vault/in-place/journal.test.ts",
  "harness/vault/in-place/restore-in-place.integration.test.ts",
  "harness/vault/logical/restore-logical.integration.test.ts",
  "harness/vault/object-lock/probe-lock.integration.test.ts",
  "harness/vault/object-lock/renewal.property.test.ts",
  "harness/vault/replicate/replicate-outage.integration.test.ts",
  "harness/vault/replicate/replicate-trouble.test.ts",
  "harness/vault/replicate/replicate.test.ts",
  "harness/vault/restore/broken-machines.integration.test.ts",
  "harness/vault/restore/compare-content.integration.test.ts",
  "harness/vault/restore/restore-wire.integration.test.ts",
  "harness/vault/restore/stalled-load.integration.test.ts",
  "harness/vault/rotate/rotate.test.ts",
  "harness/vault/store/noise-simulation.test.ts",
  "harness/vault/store/s3/probe-store.integration.test.ts",
  "harness/vault/store/s3/s3-conformance.integration.test.ts",
  "harness/workload/crash.integration.test.ts",
  "harness/workload/history/torn.integration.test.ts",
  "reports/analysis/forecast/simulated.test.ts",
  "reports/html/html.integration.test.ts",
  "reports/statistics/bootstrap.test.ts",
  "test/action.integration.test.ts",
  "test/fleet.integration.test.ts",
  "test/fuzz/fuzz.test.ts",
  "test/monitoring/lie-table.integration.test.ts",
];

const shared = {
  mockReset: true,
  restoreMocks: true,
  unstubEnvs: true,
  setupFiles: "./test/restore-environment.ts",
  retry: 0,
  // Importing the same modules for each file, and running them cold, took as long as many tests.
  isolate: false,
  // Programs and threads that tests start read compiled sources from here, instead of each compiling them again.
  env: { NODE_COMPILE_CACHE: fileURLToPath(new URL("node_modules/.cache/node-compile", import.meta.url)) },
  // An engine and its test keep one core busy, and often wait: three files at a time, of whatever project, fill two cores
  // in a fifth less time than two; four take no less.
  maxWorkers: Math.min(4, availableParallelism() + 1),
} as const;
const withEngines = {
  ...shared,
  // Longer than the deadlines of what a test waits for, which name it.
  testTimeout: 180_000,
  hookTimeout: 180_000,
  provide: { isNightly: false },
} as const;

// On request only: it wraps every `expect`, so each one becomes a step of its report.
const allure: [string, Record<string, unknown>][] =
  process.env["FALKORDRILL_ALLURE"] === undefined
    ? []
    : [["allure-vitest/reporter", { resultsDir: ".falkordrill/allure-results" }]];

const config: ViteUserConfig = defineConfig({
  test: {
    silent: "passed-only",
    reporters: ["default", "./test/totals-reporter.ts", ...allure],
    projects: [
      {
        test: {
          ...shared,
          name: "unit",
          include: ["{generators,harness,reports,fixtures,test}/**/*.test.ts"],
          exclude: ["**/*.integration.test.ts"],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          ...withEngines,
          name: "integration",
          include: ["{generators,harness,reports,fixtures,test}/**/*.integration.test.ts"],
          exclude: [...nightly],
        },
      },
      { test: { ...withEngines, name: "scenarios", include: ["scenarios/cycle/full.scenario.ts"] } },
      {
        test: {
          ...withEngines,
          name: "nightly",
          include: [...nightly, ...partlyNightly, "scenarios/**/*.scenario.ts"],
          // Its scenarios measure rates.
          maxWorkers: Math.min(4, Math.max(2, availableParallelism())),
          sequence: { groupOrder: 1 },
          provide: { isNightly: true },
        },
      },
    ],
  },
});
export default config;
