import { describe, expect, it } from "vitest";
import type { StoredFinding } from "../record/result.ts";
import { exitOf, killMatrix, type MatrixInput } from "./kill-matrix.ts";
import { matrixMarkdown } from "./matrix-markdown.ts";
import { matrixText } from "./matrix-text.ts";
import type { Mutant } from "./mutant.ts";
import { type MutantResult, type OriginalResult, whySurvived } from "./run-mutant.ts";

function finding(code: string, change: Partial<StoredFinding> = {}): StoredFinding {
  return { code, severity: "error", subject: "main/Entity", message: "it differs", evidence: {}, ...change };
}

const mutant: Mutant = {
  id: "values/null-to-zero",
  fault: "stores null as 0",
  after: "https://example.org/issue/1",
  finds: ["node-changed"],
  exit: "dataWrong",
  mutate: (system) => system,
};
const killed: MutantResult = {
  mutant,
  status: "killed",
  codes: ["node-changed"],
  first: finding("node-changed"),
  finders: ["content", "indexes"],
  peers: { "key count": { verdict: "missed" }, sentinel: { verdict: "caught" } },
  ms: 2900,
};
const survived: MutantResult = {
  ...killed,
  mutant: { ...mutant, id: "cut/no-pause" },
  status: "survived",
  why: "pause-missing was not found, but nothing",
  first: undefined,
  finders: [],
  peers: { "key count": { verdict: "n/a" }, sentinel: { verdict: "missed" } },
};
const passed: OriginalResult = { drill: "restored", exit: "pass", errors: [], peers: new Map(), ms: 3100 };
const about = {
  startedAt: "2026-01-31T12:00:00.000Z",
  version: "1.2.3",
  commit: "0123456789abcdef",
  machine: { cpus: 2, memoryBytes: 2 ** 33 },
};
const input: MatrixInput = {
  about,
  results: [killed, survived],
  peers: {
    ready: ["key count", "sentinel"].map((name) => ({ name, looks: "looks", begin: () => Promise.resolve({}) })),
    notRun: [{ name: "restic", looks: "stores", why: "restic is not installed" }],
  },
  originals: [passed],
  seed: 7,
  planned: 3,
  durationMs: 6000,
  interrupted: false,
};

describe("the exit of a proof", () => {
  const failed: OriginalResult = { ...passed, exit: "dataWrong" };
  const noEngine: OriginalResult = { ...passed, exit: "environment" };
  const unproven: MutantResult = { ...survived, status: "unproven" };
  it.each([
    ["all are killed", [killed], [passed], false, "pass"],
    ["one survived", [killed, survived], [passed], false, "dataWrong"],
    ["one survived and Ctrl-C came", [survived], [passed], true, "dataWrong"],
    ["Ctrl-C came", [killed], [passed], true, "interrupted"],
    ["a drill fails without a fault", [killed, unproven], [passed, failed], false, "inconclusive"],
    ["no engine starts", [unproven], [noEngine], false, "environment"],
  ] as const)("%s", (_, results, originals, interrupted, exit) => {
    expect(exitOf({ results, originals, interrupted })).toBe(exit);
  });
});

describe("a mutant", () => {
  const of = (...findings: StoredFinding[]): Parameters<typeof whySurvived>[1] => {
    const result = { findings } as unknown as Parameters<typeof whySurvived>[1]["result"];
    return { result, again: result, errors: findings.filter(({ severity }) => severity === "error") };
  };
  const named = finding("node-changed");
  const internal = finding("internal-error", { class: "internal" });
  const deadline = finding("assumption-deadline", { class: "vigour" });

  it("is killed by the findings that name its effect, whatever follows from them", () => {
    expect(whySurvived(mutant, of(named, finding("index-contradicts-scan")))).toBeUndefined();
  });

  it.each([
    ["nothing is found", of(), "node-changed was not found, but nothing"],
    ["something else is found", of(finding("node-missing")), "node-changed was not found, but node-missing of main"],
    ["it is only a warning", of(finding("node-changed", { severity: "warning" })), "node-changed was not found"],
    ["the drill fails as well", of(named, internal), "the drill itself failed: it differs"],
    ["the stored files do not show it", { ...of(named), again: undefined }, "the stored files say otherwise"],
  ])("survives where %s", (_, drilled, why) => {
    expect(whySurvived(mutant, drilled)).toContain(why);
  });

  it("survives where its finding says only how the drill ended, or ends it otherwise", () => {
    const late: Pick<Mutant, "finds" | "exit"> = { finds: ["assumption-deadline"], exit: "inconclusive" };
    expect(whySurvived(late, of(deadline))).toContain("does not name what the fault did");
    expect(whySurvived({ ...mutant, exit: "notRecovered" }, of(named))).toContain("dataWrong and not in notRecovered");
  });
});

describe("the kill matrix", () => {
  const matrix = killMatrix(input);

  it("has each mutant with what found it, and the counts by class and by check", () => {
    expect(matrix).toMatchObject({
      exitCode: 10,
      planned: 3,
      killed: 1,
      classes: [
        { name: "cut", killed: 0, total: 1 },
        { name: "values", killed: 1, total: 1 },
      ],
      finders: [
        { name: "content", mutants: 1 },
        { name: "indexes", mutants: 1 },
      ],
    });
    expect(matrix.mutants[0]).toMatchObject({ id: "values/null-to-zero", drill: "restored", status: "killed" });
  });

  it("is printed with survivors, their reason, and the command that runs one again", () => {
    const text = matrixText(matrix, { columns: 160, paste: (command) => command.replace("npx ", "./") });
    expect(text).toContain("killed    values/null-to-zero  2.90 s    node-changed main/Entity  [content, indexes]");
    expect(text).toContain("killed 1 of 3 mutants in 6.00 s, seed 7; 1 did not run");
    expect(text).toContain("survived: cut/no-pause, which stores null as 0: pause-missing was not found, but nothing");
    expect(text).toContain("again: ./falkordrill prove --mutant cut/no-pause --seed 7");
  });

  it("is a page with the field case of each, commit and machine", () => {
    const page = matrixMarkdown(matrix);
    expect(page).toContain("**1 of 3 killed** in 6.00 s; seed 7, 2026-01-31, version 1.2.3, commit 0123456789ab");
    expect(page).toContain(
      "| [<code>values/null-to-zero</code>](https://example.org/issue/1) | stores null as 0 | 2.9 |",
    );
    expect(page).toContain("- <code>cut/no-pause</code> survived");
    expect(page).toContain("| key count | 0 | 1 | 1 | 0 % | looks |\n| sentinel | 1 | 1 | 0 | 50 % | looks |");
    expect(page).toContain("| restic |  |  |  | not run | restic is not installed |");
  });
});
