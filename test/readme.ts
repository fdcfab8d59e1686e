// The examples of the README and of docs/, so that tests run what people copy.
import { parse } from "yaml";
import { documents } from "./documents.ts";

/** The YAML block whose first line is `title`, without that line, from whichever document has it. */
export function readmeBlock(title: string): string {
  const start = `\`\`\`yaml\n${title}\n`;
  const text = [...documents.values()].find((page) => page.includes(start));
  if (text === undefined) throw new Error(`no document has a YAML block that begins with "${title}"`);
  const from = text.indexOf(start) + start.length;
  return text.slice(from, text.indexOf("```", from));
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
