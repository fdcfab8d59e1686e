// The two scripts of the action on real drills: one that passes, one whose objective is missed, and what cannot be drilled.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type FakeGitHub, fakeGitHub, type Runner, runScript, type StepEnd } from "./action-script.ts";
import { drillStep, readmeBlock } from "./readme.ts";
import { environment } from "../harness/base/environment.ts";
import { isNightly } from "../harness/base/testing/nightly.ts";

const temp = mkdtempSync(join(tmpdir(), "falkordrill-action-"));
const base = "b".repeat(40);
let github: FakeGitHub;
let runner: Runner;
beforeAll(async () => {
  github = await fakeGitHub();
  const { cacheHome, home } = environment();
  runner = {
    temp,
    env: {
      // By night a new runner, which fetches the libraries of the engine first.
      ...(isNightly ? {} : { XDG_CACHE_HOME: cacheHome ?? join(home, ".cache") }),
      GITHUB_API_URL: github.url,
      GITHUB_SERVER_URL: "https://github.com",
      GITHUB_REPOSITORY: "team/graph",
      GITHUB_RUN_ID: "7",
      GITHUB_SHA: "c".repeat(40),
      GITHUB_EVENT_PATH: join(temp, "event.json"),
    },
  };
});
beforeEach(() => {
  github.calls.length = 0;
  startedBy({ pull_request: { number: 5, base: { sha: base } } });
});
afterAll(async () => {
  await github[Symbol.asyncDispose]();
  rmSync(temp, { recursive: true, force: true });
});

function startedBy(event: object): void {
  writeFileSync(join(temp, "event.json"), JSON.stringify(event));
}

// The drill of the README. What it shows of a log, of outputs and of refusals, the shorter ones below show as well.
describe.each(isNightly ? ["the README"] : [])("the action on a drill of %s that passes", () => {
  let drill: StepEnd;
  // The README's inputs and policy; of the profile only what the policy asks for, so that the test is short.
  beforeAll(async () => {
    startedBy({ pull_request: { number: 5, base: { sha: base } } });
    // An exception has its last day, and this test has none; nor does it judge how fast this machine is.
    const policy = readmeBlock("# policy.yaml")
      .replace(/expires: \S+/, "expires: 2999-12-31")
      .replaceAll(/: \d+(?:ms|s|m)\b/g, ": 1h");
    github.answers = { "GET /repos/team/graph/contents/policy.yaml": policy };
    const { with: given = {} } = drillStep(readmeBlock("# .github/workflows/drill.yml"));
    const scenarios = "cycle/full concurrent/ring-and-ledger-at-the-cut";
    drill = await runScript(runner, "drill", { ...given, scenarios, dims: "4" });
  });

  it("decides by the policy of the base branch, and says how it went", () => {
    expect(drill).toMatchObject({
      code: 0,
      outputs: { verdict: "pass", failed: "0", decision: "go", "exit-code": "0" },
    });
    expect(Number(drill.outputs["rto-ms"])).toBeGreaterThan(0);
    expect(drill.outputs["replay"]).toContain("falkordrill run cycle/full");
    expect(readFileSync(drill.outputs["report-path"] ?? "", "utf8")).toContain("<html");
    expect(existsSync(join(drill.outputs["run-path"] ?? "", "result.json"))).toBe(true);
    expect(drill.summary).toContain("# Release gate: go");
  });

  it("folds its progress in the log, and names no folder of a runner that will be gone", () => {
    expect(drill.log).toMatch(/^::group::FalkorDrill: drill$/m);
    expect(drill.log.match(/^::endgroup::$/gm)).toHaveLength(2);
    expect(drill.log).toContain("PASS");
    expect(drill.log).not.toMatch(/^::(?:error|warning)/m);
    expect(drill.log).not.toContain(temp);
    expect(drill.log).not.toContain("bin/falkordrill.js");
    expect(drill.log).not.toContain("secret-token");
  });

  it("leaves its figures to later pull requests, which compare theirs with them in one comment", async () => {
    const figures = join(temp, "figures");
    const conclude = (): Promise<StepEnd> =>
      runScript(runner, "conclude", {}, [
        drill.outputs["run-path"] ?? "",
        figures,
        "go",
        "https://github.com/artifact/9",
      ]);
    startedBy({});
    expect((await conclude()).code).toBe(0);
    startedBy({ pull_request: { number: 5, base: { sha: base } } });
    github.answers = {
      "GET /repos/team/graph/issues/5/comments": "[]",
      "POST /repos/team/graph/issues/5/comments": 201,
    };
    const first = await conclude();
    expect(first.log).toContain("https://github.com/team/graph/actions/runs/7");
    expect(first.log).toContain("https://github.com/artifact/9");
    const { body } = JSON.parse(github.calls.at(-1)?.body ?? "{}") as { body: string };
    expect(body).toMatch(/^<!-- falkordrill report drill -->\n### .*: pass\n/);
    expect(body).toContain("| | this change | base | change |");
    expect(body).toContain("[report and run directory](https://github.com/artifact/9)");

    const known = [
      { id: 1, user: { type: "User" }, body },
      { id: 2, user: { type: "Bot" }, body },
    ];
    github.answers = {
      "GET /repos/team/graph/issues/5/comments": JSON.stringify(known),
      "PATCH /repos/team/graph/issues/comments/2": 200,
    };
    expect((await conclude()).code).toBe(0);
    expect(github.calls.at(-1)).toMatchObject({ method: "PATCH", token: "Bearer secret-token" });

    // A fork has no right to comment; the drill has passed all the same.
    github.answers = { "GET /repos/team/graph/issues/5/comments": 403 };
    const refused = await conclude();
    expect(refused.code).toBe(0);
    expect(refused.log).toMatch(/^::notice title=FalkorDrill::.*pull-requests: write/m);
  });
});

const missed = { scenarios: "cycle/full", objective: { rto: "1ms" }, reason: "rtoMs.*wanted at most 1.0 ms" };

describe("the action", () => {
  it("fails where an objective of the policy is missed, with the reason where people look", async () => {
    mkdirSync(join(temp, "ci"));
    const objectives = [{ scenarios: missed.scenarios, ...missed.objective }];
    writeFileSync(join(temp, "ci", "policy.json"), JSON.stringify({ version: 1, name: "test", objectives }));
    const given = {
      policy: "ci/policy.json",
      "policy-from": "checkout",
      scenarios: missed.scenarios,
      nodes: "300",
      dims: "4",
    };
    const run = await runScript(runner, "drill", given);
    // The log is shown where the drill did not pass.
    const log = expect.not.stringMatching(/^(?:fail|inconclusive) /m) as string;
    expect(run).toMatchObject({ code: 12, log, outputs: { verdict: "pass", decision: "no-go", "exit-code": "0" } });
    expect(run.log).toMatch(new RegExp(`^::error title=Release gate%3A no-go::.*${missed.reason}`, "m"));
    expect(github.calls).toEqual([]);
    expect(run.log).toMatch(/^::group::FalkorDrill: drill$/m);
    expect(run.log).not.toContain("secret-token");
    expect(readFileSync(run.outputs["report-path"] ?? "", "utf8")).toContain("<html");
    expect(existsSync(join(run.outputs["run-path"] ?? "", "result.json"))).toBe(true);
    expect(run.summary).toContain("# Release gate: no-go");
  });

  it("fails at once where the drill cannot be run: no gate hides that, and no input becomes a command", async () => {
    github.answers = { "GET /repos/team/graph/contents/policy.yaml": "version: 1\nname: test\n" };
    const run = await runScript(runner, "drill", {
      scenarios: `cycle/no $(touch ${temp}/pwned)`,
      policy: "policy.yaml",
    });
    expect(run).toMatchObject({ code: 2, outputs: { "exit-code": "2" } });
    expect(run.outputs["decision"]).toBeUndefined();
    expect(run.log).toContain('no scenario id contains "cycle/no"');
    expect(existsSync(join(temp, "pwned"))).toBe(false);
  });

  it("says before any drill that the base has no such policy", async () => {
    github.answers = {};
    const run = await runScript(runner, "drill", { policy: "policy.yaml" });
    expect(run.code).toBe(2);
    expect(run.log).toContain(`::error title=FalkorDrill::there is no policy.yaml in ${base.slice(0, 12)}`);
    expect(github.calls.map(({ path }) => path)).toEqual([`/repos/team/graph/contents/policy.yaml?ref=${base}`]);
    startedBy({});
    await runScript(runner, "drill", { policy: "policy.yaml" });
    expect(github.calls.at(-1)?.path).toContain("c".repeat(40));
  });
});
