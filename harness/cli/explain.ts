// `falkordrill explain <code>`: what a finding, a metric, an exit code or a term means, and what to do. All of it comes from
// the registries that the verdicts and reports use, and from the glossary.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { type ExitReason, exitCodes, exitMeanings, usageError } from "../base/errors.ts";
import { exitSteps } from "../base/exit-steps.ts";
import { findingCodes, meaningOf } from "../base/findings/finding-codes.ts";
import { packageRoot } from "../base/package.ts";
import { pasteable } from "../base/invocation.ts";
import { didYouMean } from "../base/suggest.ts";
import { exitOfClass } from "../record/result.ts";
import { kindNames, kindOfFinding } from "../../reports/findings/finding-groups.ts";
import { measureNames, metricMeasure, witnessMeasure } from "../../reports/figures/measures.ts";
import { exitWords } from "../../reports/findings/severity.ts";
import { paintOut } from "./terminal/style.ts";

export interface Explanation {
  readonly code: string;
  readonly is: "finding" | "metric" | "witness" | "exit code" | "term";
  readonly means: string;
  /** How a drill that has it ends: "exit code 10, data wrong". */
  readonly ends?: string;
  readonly next?: string;
}

export function registerExplain(program: Command): void {
  program
    .command("explain")
    .description("what a finding, a metric, an exit code or a term means, and what to do about it")
    .argument("[code]", "such as node-missing, rtoMs, 13 or RTO; without one all of them are listed")
    .option("--json", "print one JSON document")
    .action((code: string | undefined, flags: { json?: boolean }) => {
      const found = code === undefined ? allCodes().flatMap(explain) : mustExplain(code);
      if (flags.json === true) process.stdout.write(`${JSON.stringify(found, undefined, 2)}\n`);
      else if (code === undefined) process.stdout.write(found.map(oneOfMany).join(""));
      else process.stdout.write(found.map(inFull).join("\n"));
    });
}

function allCodes(): readonly string[] {
  return [...Object.values(exitCodes).map(String), ...findingCodes, ...measureNames, ...terms().keys()];
}

/** Terms of the glossary with their meaning. */
function terms(): ReadonlyMap<string, string> {
  const glossary = readFileSync(join(packageRoot(), "docs", "glossary.md"), "utf8");
  const rows = glossary.matchAll(/^\| (?!word |-)([^|]+?) +\| ([^|]+?) +\|/gm);
  return new Map(
    [...rows].flatMap(([, words = "", meaning = ""]) =>
      words.split(", ").map((word): [string, string] => [word, meaning]),
    ),
  );
}

function mustExplain(code: string): readonly Explanation[] {
  const found = explain(code);
  if (found.length > 0) return found;
  throw usageError(
    `"${code}" is not a finding, metric, witness, exit code or term of this version`,
    didYouMean(code, allCodes()) ?? "falkordrill explain lists all of them.",
  );
}

/** More than one where a metric and a witness share a name. */
export function explain(code: string): readonly Explanation[] {
  const found: Explanation[] = [];
  const exit = (Object.keys(exitCodes) as ExitReason[]).find((name) => String(exitCodes[name]) === code);
  if (exit !== undefined) {
    found.push({ code, is: "exit code", means: `${exitWords[exit]}: ${exitMeanings[exit]}`, next: exitSteps[exit] });
  }
  const meaning = meaningOf(code);
  if (meaning !== undefined) {
    const reason = exitOfClass[meaning.class];
    const kind = kindOfFinding({ code });
    const ends =
      kind === "engine" ? "a warning: it ends no drill" : `exit code ${exitCodes[reason]}, ${exitWords[reason]}`;
    found.push({
      code,
      is: "finding",
      means: `${meaning.means} (${kindNames[kind]})`,
      ends,
      next: meaning.next,
    });
  }
  for (const [is, measure] of [
    ["metric", metricMeasure(code)],
    ["witness", witnessMeasure(code)],
  ] as const)
    if (measure !== undefined) found.push({ code, is, means: `${measure.label}. ${measure.means}` });
  for (const [term, means] of terms())
    if (term.toLowerCase() === code.toLowerCase()) found.push({ code: term, is: "term", means });
  return found;
}

function oneOfMany({ code, is, means }: Explanation): string {
  return `${paintOut("bold", code.padEnd(34))} ${is.padEnd(9)}  ${means}\n`;
}

function inFull({ code, is, means, ends, next }: Explanation): string {
  const lines = [
    `${paintOut("bold", code)}  ${paintOut("dim", is)}`,
    `  ${means}`,
    ...(ends === undefined ? [] : [`  ends with  ${ends}`]),
    ...(next === undefined ? [] : [`  next       ${pasteable(next)}`]),
  ];
  return `${lines.join("\n")}\n`;
}
