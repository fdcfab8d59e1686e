// The decision for a terminal: what decides first, what was accepted always.
import { oneLine } from "../../harness/base/one-line.ts";
import type { Decision } from "./decide.ts";
import type { RuleStatus } from "./rule.ts";
import { evidenceOf, exceptionName, headline, subjectOf } from "./words.ts";

type Paint = (style: "green" | "red" | "yellow" | "dim" | "bold", text: string) => string;

const marks: Readonly<Record<RuleStatus, readonly ["green" | "red" | "yellow", string]>> = {
  met: ["green", "met    "],
  missed: ["red", "missed "],
  unknown: ["yellow", "unknown"],
  excused: ["yellow", "excused"],
};

const decisionColours = { go: "green", "no-go": "red", inconclusive: "yellow" } as const;

export function terminalDecision(decision: Decision, paint: Paint): string {
  const lines = [
    paint(decisionColours[decision.decision], headline(decision)),
    `policy: ${oneLine(decision.policy.name)}`,
    "",
  ];
  for (const judged of decision.rules) {
    const [style, mark] = marks[judged.status];
    lines.push(`  ${paint(style, mark)}  ${oneLine(`${subjectOf(judged)}: ${evidenceOf(judged)}`)}`);
    if (judged.status === "met") continue;
    if (judged.run !== undefined) lines.push(paint("dim", `           run ${oneLine(judged.run)}`));
    if (judged.replay !== undefined) lines.push(paint("dim", `           replay: ${oneLine(judged.replay)}`));
  }
  if (decision.exceptions.length > 0) lines.push("", "exceptions:");
  for (const use of decision.exceptions) {
    const wrong = use.acceptsWrongData === true ? ", accepts wrong data" : "";
    const what = `${exceptionName(use)}: ${use.owner}, until ${use.expires}${wrong}: ${use.reason}`;
    lines.push(`  ${use.status.padEnd(7)}  ${oneLine(what)}`);
    for (const excused of use.excuses.slice(0, excusesMax)) lines.push(paint("dim", `           ${oneLine(excused)}`));
    if (use.excuses.length > excusesMax)
      lines.push(paint("dim", `           and ${use.excuses.length - excusesMax} more`));
  }
  return `${lines.join("\n")}\n`;
}

const excusesMax = 5;
