// What every runbook must have, without following it: a rehearsal of each branch, its alerts, its proof; and every alert leads to
// a page that is there.
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { packageRoot } from "../../harness/base/package.ts";
import { rehearsals } from "./rehearsals.ts";
import { branchesOf, readRunbook, runbookFolder, stepsOf } from "./runbook-text.ts";

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly { readonly alert: string; readonly annotations: { readonly runbook_url: string } }[];
  }[];
}
const read = (path: string): string => readFileSync(join(packageRoot(), path), "utf8");
const rules = (parse(read("monitoring/falkordrill.rules.yaml")) as Rules).groups.flatMap(({ rules: all }) => all);
const names = globSync("*.md", { cwd: runbookFolder, exclude: ["README.md"] }).map((file) => basename(file, ".md"));

describe("the runbooks", () => {
  it("are each rehearsed, and are in the list", () => {
    expect(rehearsals.map(({ runbook }) => runbook).toSorted()).toEqual(names.toSorted());
    expect(names.length).toBeGreaterThanOrEqual(15);
    const list = read("docs/runbooks/README.md");
    expect(names.filter((name) => !list.includes(`(${name}.md)`))).toEqual([]);
  });

  it("without an alert are those whose fault no metric can show", () => {
    const silent = rehearsals.filter(({ paths }) => paths.every(({ alerts }) => alerts.length === 0));
    expect(silent.map(({ runbook }) => runbook).toSorted()).toEqual([
      "restore",
      "tenant-deleted",
      "version-upgrade",
      "wrong-restore",
    ]);
  });
});

describe.each(rehearsals)("$runbook", ({ runbook, paths }) => {
  const text = readRunbook(runbook);

  it("has a rehearsal of each branch", () => {
    expect(paths.map(({ branch }) => branch)).toEqual(branchesOf(text));
  });

  it("names the alerts that fire", () => {
    expect(new Set(text.alerts)).toEqual(new Set(paths.flatMap(({ alerts }) => alerts)));
  });

  it("says what it does not cover", () => {
    expect(text.sections.at(-1)?.heading).toBe("Not covered");
  });

  it.each(paths.map(({ branch }) => branch))("ends with a restore that is compared: %s", (branch) => {
    const blocks = stepsOf(text, branch).filter(({ kind }) => kind === "block");
    expect(blocks.at(-1)?.text).toMatch(/vault verify|falkordrill diff/);
    expect(blocks.at(-1)?.text).not.toContain("# exit");
  });
});

describe("the alerts", () => {
  it.each(rules)("$alert leads to a page that is there, of this alert", ({ alert, annotations }) => {
    const [, path = ""] = /\/blob\/main\/(docs\/.*)$/.exec(annotations.runbook_url) ?? [];
    const [file = "", anchor] = path.split("#");
    const isReference = anchor === alert.toLowerCase() && read(file).includes(`\n## ${alert}\n`);
    const isRunbook = anchor === undefined && readRunbook(basename(file, ".md")).alerts.includes(alert);
    expect([alert, isReference || isRunbook]).toEqual([alert, true]);
  });
});
