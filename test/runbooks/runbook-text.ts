// A runbook as data. Its commands stand in fenced blocks and nowhere else. A heading that begins with "If" is one branch of a
// decision; a path through the runbook takes one of them, and all other sections. What people do with their hands is named
// in a comment: `<!-- by hand: start the server new -->`.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../harness/base/package.ts";

export interface RunbookStep {
  readonly kind: "block" | "hand";
  readonly text: string;
}

interface RunbookSection {
  readonly heading: string;
  readonly steps: readonly RunbookStep[];
}

export interface Runbook {
  readonly file: string;
  readonly title: string;
  /** The alerts in its line "Alert"; none where it says why there is none. */
  readonly alerts: readonly string[];
  readonly sections: readonly RunbookSection[];
}

export const runbookFolder: string = join(packageRoot(), "docs", "runbooks");

const stepPattern = /```sh\n(?<block>[^]*?)```|<!-- by hand: (?<hand>[^]*?) -->/g;

export function readRunbook(name: string): Runbook {
  const text = readFileSync(join(runbookFolder, `${name}.md`), "utf8");
  const [head = "", ...sections] = text.split(/^## /m);
  const [, title = ""] = /^# (?:Runbook: )?(.*)$/m.exec(head) ?? [];
  const [, alert] = /^\*\*Alert:\*\*([^]*?)(?:\n\n|$)/m.exec(head) ?? [];
  if (alert === undefined) throw new Error(`${name}.md has no line that begins with **Alert:**`);
  return {
    file: `docs/runbooks/${name}.md`,
    title,
    alerts: [...alert.matchAll(/FalkorDrill\w+/g)].map(([found]) => found),
    sections: sections.map((section) => ({
      heading: section.slice(0, section.indexOf("\n")),
      steps: Array.from(section.matchAll(stepPattern), ({ groups }): RunbookStep => {
        const block = groups?.["block"];
        return block === undefined ? { kind: "hand", text: groups?.["hand"] ?? "" } : { kind: "block", text: block };
      }),
    })),
  };
}

/** The headings of its branches. */
export function branchesOf({ sections }: Runbook): readonly string[] {
  return sections.map(({ heading }) => heading).filter((heading) => heading.startsWith("If "));
}

/** The steps of the path that takes this branch; without one, those of all sections that are no branch. */
export function stepsOf({ sections }: Runbook, branch: string | undefined): readonly RunbookStep[] {
  const isTaken = (heading: string): boolean => !heading.startsWith("If ") || heading === branch;
  return sections.filter(({ heading }) => isTaken(heading)).flatMap(({ steps }) => steps);
}
