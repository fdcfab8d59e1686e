// The decision for a terminal: what decides first, what was accepted always.
import { oneLine } from "../../harness/base/one-line.ts";
import type { Decision } from "./decide.ts";
import type { RuleStatus } from "./rule.ts";
import { evidenceOf, exceptionName, headline, subjectOf } from "./words.ts";

type Paint = (style: "green" | "red" | "yellow" | "dim" | "bold", text: string) => string;

/** What decides first. */
const titles: Readonly<Record<RuleStatus, readonly ["green" | "red" | "yellow", string]>> = {
  missed: ["red", "missed"],
  unknown: ["yellow", "not known: nothing in these runs says it"],
  excused: ["yellow", "excused by an exception"],
  met: ["green", "met"],
};

const decisionColours = { go: "green", "no-go": "red", inconclusive: "yellow" } as const;

export function terminalDecision(decision: Decision, paint: Paint, paste: (text: string) => string): string {
  const replays = new Set<string>();
  const lines = [
    paint(decisionColours[decision.decision], headline(decision)),
    `policy: ${oneLine(decision.policy.name)}`,
  ];
  for (const [status, [style, title]] of Object.entries(titles)) {
    const judged = decision.rules.filter((rule) => rule.status === status);
    if (judged.length > 0) lines.push("", paint("bold", paint(style, `${title} (${judged.length})`)));
    for (const rule of judged) {
      lines.push(`  ${oneLine(`${subjectOf(rule)}: ${evidenceOf(rule)}`)}`);
      if (status !== "met" && rule.replay !== undefined) replays.add(rule.replay);
    }
  }
  // One run may break many rules; it is run again once.
  if (replays.size > 0) lines.push("");
  for (const replay of [...replays].slice(0, replaysMax)) lines.push(`replay: ${oneLine(paste(replay))}`);
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
const replaysMax = 3;
