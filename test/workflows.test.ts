import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { packageRoot } from "../harness/base/package.ts";
import { falkordrill } from "../harness/cli/testing/command-line.ts";
import { parseShard } from "../harness/record/shard.ts";
import { loadPolicy } from "../reports/gate/load-policy.ts";
import { matches } from "../reports/gate/evidence.ts";
import { patternList } from "../reports/gate/values.ts";
import { drillStep, readmeBlock } from "./readme.ts";
import { type Action, actionProblems, workflowProblems } from "./workflow-lint.ts";

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
      - uses: ./
        with:
          seed: \${{ needs.first.outputs.seed }}
`;

describe("the linter of workflows", { timeout: 60_000 }, () => {
  it("finds nothing in a good one", async () => {
    expect(await workflowProblems(good, root)).toEqual([]);
  });

  it.each([
    ["a tag", "@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1", "@v7", "is not pinned"],
    ["a pin without its version", " # v7.0.1", "", "is not pinned"],
    ["no permissions", "permissions:\n  contents: read\n", "", "permissions are missing"],
    ["rights for all", "contents: read", "contents: write", "every job may write"],
    ["our rights for forks", "on: push", "on: [push, pull_request_target]", "gives the code of a fork our rights"],
    ["an unknown input of our action", "seed: ${{ needs", "sead: ${{ needs", "there is no input sead"],
    ["an action that does not exist", "uses: ./\n", "uses: ./dril\n", "./dril does not exist"],
    ["an expression in a script", "echo seed=1", "echo ${{ github.sha }}", "can become code"],
    ["a script that bash cannot read", "echo seed=1", "if echo", "bash does not read the script"],
    ["a job without an end", "    timeout-minutes: 5\n    outputs", "    outputs", "has no timeout-minutes"],
    ["a token left behind", "persist-credentials: false", "fetch-depth: 1", "leaves its token behind"],
    ["what actionlint finds, such as an unknown job", "needs: first", "needs: frist", 'job "frist"'],
    ["what actionlint finds, such as an unknown step", "id: plan", "id: plant", 'property "plan" is not defined'],
  ])("finds %s", async (_, from, to, problem) => {
    expect(good).toContain(from);
    expect((await workflowProblems(good.replace(from, to), root)).join("\n")).toContain(problem);
  });

  it("finds an input of an action that does not exist", async () => {
    const step = "{ run: x, shell: bash, env: { A: '${{ inputs.a }} ${{ inputs.c }}' } }";
    const problems = await actionProblems(`inputs: { a: {} }\noutputs: {}\nruns: { steps: [${step}] }`, root);
    expect(problems.join("\n")).toContain('property "c" is not defined');
  });
});

/** The placeholder of an example is this checkout. */
function withOwnAction(text: string): string {
  return text.replaceAll("YOUR-ACCOUNT/falkordrill@COMMIT", "./");
}

describe("our workflows", { timeout: 60_000 }, () => {
  it.each([...files(".github/workflows/*.yml"), "templates/drill.yml", "templates/fleet/workflow.yml"])(
    "%s is in order",
    async (path) => {
      expect(await workflowProblems(withOwnAction(read(path)), root)).toEqual([]);
    },
  );

  it("have an action that is in order, and every input of it is used", async () => {
    const text = read("action.yml");
    expect(await actionProblems(text, root)).toEqual([]);
    const scripts = files("scripts/action/*.ts").map(read).join("\n");
    const { inputs } = parse(text) as Action;
    const isUsed = (name: string): boolean =>
      text.includes(`inputs.${name} `) || new RegExp(`["{ ]${name}[",:? ]`).test(scripts);
    expect(Object.keys(inputs).filter((name) => !isUsed(name))).toEqual([]);
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

  it("refuses an invalid tier or seed", () => {
    expect(() => planOf("weekly", "7")).toThrow('::error::the tier "weekly" is not one of pr, nightly, release');
    expect(() => planOf("pr", "7; touch x")).toThrow('::error::the seed "7; touch x" is not a whole number');
  });
});

describe("our policies", { timeout: 60_000 }, () => {
  const scenariosOf = async (profile: string): Promise<readonly string[]> => {
    const { stdout } = await falkordrill(["run", "--profile", profile, "--list", "--json"], root);
    return (JSON.parse(stdout) as { scenarios: { id: string }[] }).scenarios.map(({ id }) => id);
  };
  const covered = async (name: string): Promise<readonly string[]> => {
    const { coverage = [] } = await loadPolicy(join(root, ".github", "policies", name));
    return coverage.flatMap(({ scenarios }) => patternList(scenarios));
  };

  it("asks every pull request for all that its profile runs, and for nothing else", async () => {
    expect((await covered("pr.yaml")).toSorted()).toEqual((await scenariosOf("pr")).toSorted());
  });

  it("asks a release only for what its profile runs", async () => {
    const run = await scenariosOf("release");
    const patterns = await covered("release.yaml");
    expect(patterns.filter((pattern) => !run.some((id) => matches(pattern, id)))).toEqual([]);
    for (const group of ["cycle", "concurrent", "incremental"])
      expect(patterns.filter((pattern) => pattern.startsWith(`${group}/`))).not.toEqual([]);
  });
});

describe("the workflow of the README", { timeout: 60_000 }, () => {
  const text = readmeBlock("# .github/workflows/drill.yml");

  it("has nine lines, and is as strong as our own workflows", async () => {
    expect(text.trimEnd().split("\n")).toHaveLength(9);
    expect(await workflowProblems(withOwnAction(text), root)).toEqual([]);
    const workflow = parse(text) as { concurrency: object; permissions: object };
    expect(workflow).toMatchObject({ permissions: {}, concurrency: { "cancel-in-progress": true } });
  });

  it("names below what has to be replaced, and GitHub would not take it before", () => {
    const [, account, commit] = /^([\w.-]+)\/falkordrill@(.+)$/.exec(drillStep(text).uses) ?? [];
    expect([account, commit]).toEqual(["YOUR-ACCOUNT", "COMMIT"]);
    const readme = read("README.md");
    for (const word of [account, commit, "policy.yaml"]) expect(readme).toContain(`\n- \`${word}\`: `);
  });
});
