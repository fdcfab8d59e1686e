import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig, type ViteUserConfig } from "vitest/config";

// Unit tests need nothing, integration tests start real engines, scenarios are the drill itself (run small here;
// `falkordrill run` runs them at any size). The nightly project has those of the last two that are slow and rarely break
// first; CONTRIBUTING.md lists them with their reason.
export const nightly: readonly string[] = [
  "**/every-field-system.integration.test.ts",
  "**/other-version.integration.test.ts",
  "**/packed.integration.test.ts",
  "**/traps.integration.test.ts",
  "**/tutorial.integration.test.ts",
  "scenarios/concurrent/each-kind-of-write.scenario.ts",
  "scenarios/concurrent/full-size.scenario.ts",
  "scenarios/concurrent/many-graphs.scenario.ts",
  "scenarios/concurrent/several-backups.scenario.ts",
  "scenarios/concurrent/uncoordinated-kinds.scenario.ts",
  "scenarios/cycle/shapes.scenario.ts",
  "scenarios/incremental/archiver-killed.scenario.ts",
  "scenarios/persistence/modes.scenario.ts",
  "scenarios/track-record/bulk-hang.scenario.ts",
];

const shared = {
  mockReset: true,
  restoreMocks: true,
  unstubEnvs: true,
  retry: 0,
  // Importing the same modules for each file, and running them cold, took as long as many tests.
  isolate: false,
  // Programs and threads that tests start read compiled sources from here, instead of each compiling them again.
  env: { NODE_COMPILE_CACHE: fileURLToPath(new URL("node_modules/.cache/node-compile", import.meta.url)) },
  // An engine and its test keep one core busy, and often wait: two files at a time, of whatever project, fill two cores.
  maxWorkers: Math.min(4, Math.max(2, availableParallelism())),
} as const;
const withEngines = {
  ...shared,
  // Longer than the deadlines of what a test waits for, which name it.
  testTimeout: 180_000,
  hookTimeout: 180_000,
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
      { test: { ...withEngines, name: "scenarios", include: ["scenarios/**/*.scenario.ts"], exclude: [...nightly] } },
      { test: { ...withEngines, name: "nightly", include: [...nightly] } },
    ],
  },
});
export default config;
