// The decision for a terminal: what decides first, what was accepted always.
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
  const lines = [paint(decisionColours[decision.decision], headline(decision)), `policy: ${decision.policy.name}`, ""];
  for (const judged of decision.rules) {
    const [style, mark] = marks[judged.status];
    lines.push(`  ${paint(style, mark)}  ${subjectOf(judged)}: ${evidenceOf(judged)}`);
    if (judged.status === "met") continue;
    if (judged.run !== undefined) lines.push(paint("dim", `           run ${judged.run}`));
    if (judged.replay !== undefined) lines.push(paint("dim", `           replay: ${judged.replay}`));
  }
  if (decision.exceptions.length > 0) lines.push("", "exceptions:");
  for (const use of decision.exceptions) {
    const wrong = use.acceptsWrongData === true ? ", accepts wrong data" : "";
    lines.push(
      `  ${use.status.padEnd(7)}  ${exceptionName(use)}: ${use.owner}, until ${use.expires}${wrong}: ${use.reason}`,
    );
    for (const what of use.excuses.slice(0, excusesMax)) lines.push(paint("dim", `           ${what}`));
    if (use.excuses.length > excusesMax)
      lines.push(paint("dim", `           and ${use.excuses.length - excusesMax} more`));
  }
  return `${lines.join("\n")}\n`;
}

const excusesMax = 5;
