import { defineConfig, type ViteUserConfig } from "vitest/config";

// Three projects: unit needs nothing, integration starts real engines, scenarios are the drill itself
// (run small here; `falkordrill run` runs them at any size).
const shared = { mockReset: true, restoreMocks: true, unstubEnvs: true, retry: 0 } as const;

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
        },
      },
      {
        test: {
          ...shared,
          name: "integration",
          include: ["{generators,harness,reports,fixtures,test}/**/*.integration.test.ts"],
          // Engines and bulk loads share two cores: one file at a time keeps deadlines meaningful.
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          ...shared,
          name: "scenarios",
          include: ["scenarios/**/*.scenario.ts"],
          fileParallelism: false,
        },
      },
    ],
  },
});
export default config;
