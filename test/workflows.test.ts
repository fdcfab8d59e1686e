import { execFileSync, spawnSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { packageRoot } from "../harness/base/package.ts";
import { parseShard } from "../harness/drill/shard.ts";
import { loadPolicy } from "../harness/gate/load-policy.ts";
import { matches } from "../reports/gate/evidence.ts";
import { patternList } from "../reports/gate/values.ts";
import { readAction } from "./action-runner.ts";
import { drillStep, readmeBlock } from "./readme.ts";
import { actionProblems, inputProblems, workflowProblems } from "./workflow-lint.ts";

const root = packageRoot();
const files = (pattern: string): string[] => globSync(pattern, { cwd: root }).toSorted();
const read = (path: string): string => readFileSync(join(root, path), "utf8");

const good = `on: push
permissions:
  contents: read
jobs:
  first:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    outputs:
      seed: \${{ steps.plan.outputs.seed }}
    steps:
      - id: plan
        run: echo seed=1 >> "$GITHUB_OUTPUT"
  second:
    needs: first
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          persist-credentials: false
      - uses: ./.github/actions/drill
        with:
          seed: \${{ needs.first.outputs.seed }}
`;

describe("the linter of workflows", () => {
  it("finds nothing in a good one", () => {
    expect(workflowProblems(good, root)).toEqual([]);
  });

  it.each([
    ["a tag", "@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1", "@v7", "is not pinned"],
    ["a pin without its version", " # v7.0.1", "", "is not pinned"],
    ["no permissions", "permissions:\n  contents: read\n", "", "permissions are missing"],
    ["rights for all", "contents: read", "contents: write", "every job may write"],
    ["our rights for forks", "on: push", "on: [push, pull_request_target]", "gives the code of a fork our rights"],
    ["a job that is none", "needs: first", "needs: frist", "needs frist, which is none"],
    ["outputs without needs", "    needs: first\n", "", "without needing it"],
    ["an output that is none", "first.outputs.seed", "first.outputs.sede", "first.sede, which is no output"],
    ["a step that is none", "id: plan", "id: plant", "no step has the id plan"],
    ["an input that is none", "seed: ${{ needs", "sead: ${{ needs", "there is no input sead"],
    ["an action that is none", "actions/drill", "actions/dril", "./.github/actions/dril does not exist"],
    ["an expression in a script", "echo seed=1", "echo ${{ github.head_ref }}", "can become code"],
    ["a script that is none", "echo seed=1", "if echo", "bash does not read the script"],
    ["a job without an end", "    timeout-minutes: 5\n    outputs", "    outputs", "has no timeout-minutes"],
    ["a token left behind", "persist-credentials: false", "fetch-depth: 1", "leaves its token behind"],
  ])("finds %s", (_, from, to, problem) => {
    expect(good).toContain(from);
    expect(workflowProblems(good.replace(from, to), root).join("\n")).toContain(problem);
  });

  it("finds inputs of an action that nothing reads, and the other way round", () => {
    const action =
      "inputs: { a: {}, b: {} }\nruns: { steps: [{ run: x, env: { A: '${{ inputs.a }} ${{ inputs.c }}' } }] }";
    expect(actionProblems(action, root)).toEqual(["there is no input c", "nothing reads the input b"]);
  });
});

describe("our workflows", () => {
  it.each(files(".github/workflows/*.yml"))("%s is in order", (path) => {
    expect(workflowProblems(read(path), root)).toEqual([]);
  });

  it.each(files(".github/actions/*/action.yml"))("%s is in order", (path) => {
    expect(actionProblems(read(path), root)).toEqual([]);
  });

  it.each(files(".github/policies/*.yaml"))("%s is a policy", async (path) => {
    expect((await loadPolicy(join(root, path))).version).toBe(1);
  });
});

describe("the plan of backup testing", () => {
  const { jobs } = parse(read(".github/workflows/backup_testing.yml"), { maxAliasCount: 1000 }) as {
    jobs: { plan: { steps: { run: string }[] } };
  };
  const temp = mkdtempSync(join(tmpdir(), "falkordrill-plan-"));
  afterAll(() => rmSync(temp, { recursive: true, force: true }));

  /** What the step hands to the other jobs, whose matrix is made of lists. */
  function planOf(tier: string, seed: string): Record<string, string> {
    const file = join(temp, `${tier}-${seed}`);
    const env = { PATH: "/usr/local/bin:/usr/bin:/bin", TIER: tier, SEED: seed, GITHUB_OUTPUT: file };
    const { status, stdout } = spawnSync("bash", ["-eo", "pipefail", "-c", jobs.plan.steps[0]?.run ?? ""], { env });
    if (status !== 0) throw new Error(stdout.toString());
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    return Object.fromEntries(lines.map((line) => line.split("=") as [string, string]));
  }

  it.each([
    ["pr", [7], [""]],
    ["nightly", [7, 1007, 2007, 3007], ["1/2", "2/2"]],
    ["release", [7, 1007], ["1/4", "2/4", "3/4", "4/4"]],
  ])("%s has its seeds, and shards that are all parts of one drill", (tier, seeds, shards) => {
    const plan = planOf(tier, "7");
    expect(plan).toMatchObject({ profile: tier, seeds: JSON.stringify(seeds), shards: JSON.stringify(shards) });
    // A drill in one part has no shard.
    const parts = shards.filter((shard) => shard !== "").map(parseShard);
    expect(parts).toEqual(parts.map((_, at) => ({ index: at + 1, count: shards.length })));
  });

  it("refuses a tier or a seed that is none", () => {
    expect(() => planOf("weekly", "7")).toThrow('::error::the tier "weekly" is none of pr, nightly, release');
    expect(() => planOf("pr", "7; touch x")).toThrow('::error::the seed "7; touch x" is no whole number');
  });
});

describe("our policies", { timeout: 60_000 }, () => {
  const scenariosOf = (profile: string): readonly string[] => {
    const args = [join(root, "bin", "falkordrill.js"), "run", "--profile", profile, "--list", "--json"];
    const listed = JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8", env: {} })) as {
      scenarios: { id: string }[];
    };
    return listed.scenarios.map(({ id }) => id);
  };
  const covered = async (name: string): Promise<readonly string[]> => {
    const { coverage = [] } = await loadPolicy(join(root, ".github", "policies", name));
    return coverage.flatMap(({ scenarios }) => patternList(scenarios));
  };

  it("asks every pull request for all that its profile runs, and for nothing else", async () => {
    expect((await covered("pr.yaml")).toSorted()).toEqual(scenariosOf("pr").toSorted());
  });

  it("asks a release only for what its profile runs", async () => {
    const run = scenariosOf("release");
    const patterns = await covered("release.yaml");
    expect(patterns.filter((pattern) => !run.some((id) => matches(pattern, id)))).toEqual([]);
    for (const group of ["cycle", "concurrent", "incremental"])
      expect(patterns.filter((pattern) => pattern.startsWith(`${group}/`))).not.toEqual([]);
  });
});

describe("the ten lines of the README", () => {
  const text = readmeBlock("# .github/workflows/drill.yml");

  it("are ten at most, and a workflow that gives the action what it takes", () => {
    expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(10);
    const { inputs } = readAction(dirname(join(root, ".github/actions/drill/action.yml")));
    expect(inputProblems(drillStep(text).with ?? { none: 1 }, inputs)).toEqual([]);
  });

  it("say below what has to be replaced, and GitHub would not take them before", () => {
    const [, account, path, commit] = /^([\w.-]+)\/falkordrill\/(.+)@(.+)$/.exec(drillStep(text).uses) ?? [];
    expect([account, path, commit]).toEqual(["YOUR-ACCOUNT", ".github/actions/drill", "COMMIT"]);
    const readme = read("README.md");
    for (const word of [account, commit, "policy.yaml"]) expect(readme).toContain(`\n- \`${word}\`: `);
    expect(readme).not.toMatch(/\bOWNER\b/);
  });
});
