// The pages of docs/reference/ that are written from the code: what each page says comes from the same tables that the
// program uses. `npm run docs` writes them, and test/documents.test.ts fails when one is stale.
import type { Command } from "commander";
import { format, resolveConfig } from "prettier";
import { environmentVariables } from "../harness/base/environment.ts";
import { exitCodes, exitMeanings, type ExitReason } from "../harness/base/errors.ts";
import { type FindingClass, findingClasses, findingCodes, meaningOf } from "../harness/base/findings/finding-codes.ts";
import { programFor } from "../harness/cli/main.ts";
import { importScenarios } from "../harness/drill/run/scenario-files.ts";
import { registeredScenarios } from "../harness/drill/run/scenario.ts";
import { alertsPage } from "./alerts-page.ts";
import { defectsPage } from "./defects-page.ts";
import { metricsPage } from "./metrics-page.ts";
import { resultPage } from "./result-page.ts";

const note = "<!-- Written by `npm run docs` from the code. Edit the code, not this page. -->";

/** Each page as it must be, by its path in the repository. */
export async function referencePages(): Promise<ReadonlyMap<string, string>> {
  const pages = {
    commands: await commandsPage(),
    "exit-codes": exitCodesPage(),
    "finding-codes": findingCodesPage(),
    environment: environmentPage(),
    scenarios: await scenariosPage(),
    "result-json": resultPage(),
    "engine-defects": defectsPage(),
    metrics: metricsPage(),
    alerts: alertsPage(),
  };
  const written = Object.entries(pages).map(async ([name, text]): Promise<[string, string]> => {
    const path = `docs/reference/${name}.md`;
    const options = { ...(await resolveConfig(path)), parser: "markdown" };
    return [path, await format(`${note}\n\n${text}`, options)];
  });
  return new Map(await Promise.all(written));
}

async function commandsPage(): Promise<string> {
  const program = await programFor([], (line) => `npx ${line}`);
  const commands = program.commands.flatMap((command) => [command, ...command.commands]);
  const sections = [program, ...commands].map((command) => {
    const heading = command === program ? "" : `## ${fullName(command)}\n\n`;
    return `${heading}\`\`\`text\n${helpOf(command)}\n\`\`\``;
  });
  return `# Commands

What \`--help\` prints for each command. Results go to stdout and progress to stderr. \`--json\` gives one JSON document.
\`NO_COLOR\`, \`FORCE_COLOR\` and \`CI\` are honoured. [Exit codes](exit-codes.md) are the same for all commands.

${sections.join("\n\n")}
`;
}

function fullName(command: Command): string {
  const { parent } = command;
  return parent === null ? command.name() : `${fullName(parent)} ${command.name()}`;
}

function helpOf(command: Command): string {
  const written: string[] = [];
  command.configureOutput({
    writeOut: (text) => written.push(text),
    getOutHelpWidth: () => 100,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return written.join("").trimEnd();
}

function exitCodesPage(): string {
  const rows = (Object.entries(exitCodes) as [ExitReason, number][]).map(
    ([reason, code]) => `| ${code} | ${exitMeanings[reason]} |`,
  );
  return `# Exit codes

| code | meaning |
| ---: | --- |
${rows.join("\n")}

When scenarios of one drill end differently, the drill ends with the first of 10, 11, 12, 130, 13, 1, 2, 14. Treat a code
that is not listed as a failure. \`prove\` ends with 10 where a mutant survived or a drill without a fault raised an alarm,
and with 13 where a drill of a mutant does not pass without the fault, which proves nothing. [Finding codes](finding-codes.md) say which findings lead to which exit code.
`;
}

/** What findings of a class do to the verdict. */
const classTitles: Readonly<Record<FindingClass, string>> = {
  oracle: "Broken reference (inconclusive, exit 13)",
  data: "Wrong data (fail, exit 10)",
  recovery: "Not recovered (fail, exit 11)",
  objective: "Objective missed (fail, exit 12)",
  vigour: "Too little checked (inconclusive, exit 13)",
  usage: "Wrong request (inconclusive, exit 2)",
  environment: "Environment (inconclusive, exit 14)",
  internal: "Internal error (inconclusive, exit 1)",
  interrupted: "Interrupted (inconclusive, exit 130)",
};

function findingCodesPage(): string {
  const known = findingCodes.toSorted().flatMap((code) => {
    const meaning = meaningOf(code);
    return meaning === undefined ? [] : [{ code, ...meaning }];
  });
  const sections = findingClasses.map((findingClass) => {
    const lines = known
      .filter((entry) => entry.class === findingClass)
      .map(({ code, means, next }) => `- \`${code}\`: ${means} _Next:_ ${next}`);
    return `## ${classTitles[findingClass]}\n\n${lines.join("\n")}`;
  });
  return `# Finding codes

A finding is one expectation that did not hold. Its code never changes its meaning, so scripts may rely on it. Only
findings of severity \`error\` decide the verdict; warnings and notes never fail a drill. Within a scenario a broken
reference outranks everything, then come wrong data, failed recovery and missed objectives, whatever else is missing.
\`invariant-H1\` to \`invariant-H11\` share the meaning of \`invariant-broken\`.

${sections.join("\n\n")}
`;
}

function environmentPage(): string {
  const rows = Object.entries(environmentVariables).map(([name, meaning]) => `| \`${name}\` | ${meaning} |`);
  return `# Environment variables

| variable | meaning |
| --- | --- |
${rows.join("\n")}

Common variables are honoured too: \`NO_COLOR\` and \`FORCE_COLOR\` for colours, \`CI\` for plain progress,
\`XDG_CACHE_HOME\` for the cache (libraries of the embedded engine, compiled code), \`NODE_COMPILE_CACHE\` for another folder of compiled code, and \`GITHUB_ACTIONS\`, \`GITHUB_OUTPUT\` and \`GITHUB_STEP_SUMMARY\` on GitHub.
For a vault on S3 the AWS SDK reads its own, as for every AWS program: \`AWS_ACCESS_KEY_ID\`, \`AWS_SECRET_ACCESS_KEY\`, \`AWS_SESSION_TOKEN\`,
\`AWS_PROFILE\`, \`AWS_REGION\`, \`AWS_ENDPOINT_URL_S3\`, \`AWS_ENDPOINT_URL\` and others. No program that this one starts for itself gets them.
`;
}

async function scenariosPage(): Promise<string> {
  await importScenarios();
  const groups = Map.groupBy(
    registeredScenarios().toSorted((a, b) => a.id.localeCompare(b.id, "en")),
    ({ id }) => id.split("/")[0] ?? id,
  );
  const sections = [...groups].map(([group, scenarios]) => {
    const lines = scenarios.map(
      ({ id, title, profiles, needs = [] }) =>
        `- \`${id}\`: ${title}. _Profiles:_ ${[...profiles].join(", ") || "none"}.` +
        (needs.length === 0 ? "" : ` _Needs:_ ${needs.join(", ")}.`),
    );
    return `## ${group}\n\n${lines.join("\n")}`;
  });
  return `# Scenarios

A scenario is one claim that a drill tries to prove. \`falkordrill run <filter>\` runs the scenarios that match;
\`falkordrill run --profile <name>\` runs those of a profile.

${sections.join("\n\n")}
`;
}
