// The examples of the README, so that tests run what people copy.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { packageRoot } from "../harness/base/package.ts";

/** The YAML block whose first line is `title`, without that line. */
export function readmeBlock(title: string): string {
  const readme = readFileSync(join(packageRoot(), "README.md"), "utf8");
  const start = `\`\`\`yaml\n${title}\n`;
  const from = readme.indexOf(start);
  if (from < 0) throw new Error(`README.md has no YAML block that begins with "${title}"`);
  return readme.slice(from + start.length, readme.indexOf("```", from + start.length));
}

interface Step {
  readonly uses: string;
  readonly with?: Readonly<Record<string, string>>;
}

/** The step of a workflow that drills. */
export function drillStep(workflow: string): Step {
  const { jobs } = parse(workflow) as { jobs: Readonly<Record<string, { steps: readonly Step[] }>> };
  const step = Object.values(jobs)
    .flatMap(({ steps }) => steps)
    .find(({ uses }) => uses.includes("/falkordrill@"));
  if (step === undefined) throw new Error("no step of the workflow uses the drill action");
  return step;
}
