import { defineConfig, type ViteUserConfig } from "vitest/config";

// What Stryker runs against each mutant: the tests of the judges and of the verdict, which need no engine.
const config: ViteUserConfig = defineConfig({
  test: {
    mockReset: true,
    restoreMocks: true,
    unstubEnvs: true,
    retry: 0,
    include: ["harness/{check,drill,observe,record,workload}/**/*.test.ts"],
    exclude: ["**/*.integration.test.ts"],
    testTimeout: 30_000,
  },
});
export default config;
