// Mutation testing of the judges and of the verdict: docs/internals/mutation-testing.md.
export default {
  plugins: ["@stryker-mutator/vitest-runner"],
  testRunner: "vitest",
  vitest: { configFile: "vitest.mutation.config.ts", related: true },
  mutate: [
    "harness/check/**/*.ts",
    "harness/record/{judgement,missing,result}.ts",
    "harness/drill/guard/blame.ts",
    "!harness/check/testing/**",
    "!**/*.test.ts",
  ],
  // The texts of messages are no verdict; the codes among them are held by types.
  mutator: { excludedMutations: ["StringLiteral"] },
  coverageAnalysis: "perTest",
  // A mutant of a constant of a module needs every module loaded again; such tables are held by types and other tests.
  ignoreStatic: true,
  // Stryker would rewrite the paths of tsconfig.json with the API that TypeScript 7 no longer has. We have none to rewrite.
  tsconfigFile: "none.json",
  disableTypeChecks: false,
  concurrency: 1,
  timeoutMS: 20_000,
  incremental: true,
  incrementalFile: ".falkordrill/mutation/incremental.json",
  tempDirName: ".falkordrill/mutation/sandbox",
  reporters: ["clear-text", "json", "html"],
  jsonReporter: { fileName: ".falkordrill/mutation/mutation.json" },
  htmlReporter: { fileName: ".falkordrill/mutation/mutation.html" },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
};
