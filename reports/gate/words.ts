// The decision in words that its three printers share.
import { counted } from "../findings/finding-groups.ts";
import { claimOf } from "./evidence.ts";
import type { Decision } from "./decide.ts";
import type { ExceptionUse } from "./exceptions.ts";
import type { RuleResult, RuleStatus } from "./rule.ts";

/** The decision in one plain line, accepted exceptions included. */
export function headline({ decision, rules, exceptions }: Decision): string {
  const used = exceptions.filter(({ status }) => status === "used");
  const wrongData = used.filter(({ acceptsWrongData }) => acceptsWrongData === true).length;
  const count = (wanted: RuleStatus): number => rules.filter(({ status }) => status === wanted).length;
  const not = [
    count("missed") > 0 ? `${count("missed")} missed` : "",
    count("unknown") > 0 ? `${count("unknown")} not known` : "",
    count("excused") > 0 ? `${count("excused")} excused` : "",
  ].filter((part) => part !== "");
  const others = not.length === 0 ? "" : ` (${not.join(", ")})`;
  const accepted = used.length === 0 ? "" : `, with ${counted(used.length, "exception")}`;
  const unsafe = wrongData === 0 ? "" : ` (${wrongData} of them ${wrongData === 1 ? "accepts" : "accept"} wrong data)`;
  return `${decision.toUpperCase()}: ${count("met")} of ${counted(rules.length, "rule")} met${others}${accepted}${unsafe}`;
}

/** What a rule looked at: "objectives rtoMs of cycle/full". */
export function subjectOf({ rule, metric, scenario }: RuleResult): string {
  const about = metric === undefined ? rule : `${rule} ${metric}`;
  return scenario === undefined ? about : `${about} of ${scenario}`;
}

/** "at most 30 s, and it is 41 s (37% over; worst of 3)". */
export function evidenceOf({ objective, value, margin, message }: RuleResult): string {
  const room = margin === undefined || objective === undefined ? undefined : marginText(margin);
  const notes = [room, message === "" ? undefined : message].filter((note) => note !== undefined);
  if (value === undefined && objective === undefined) return message;
  const seen = value === undefined ? "" : value;
  const wanted = objective === undefined ? "" : `wanted ${objective}`;
  const first = [seen, wanted].filter((part) => part !== "").join(", ");
  return notes.length === 0 ? first : `${first} (${notes.join("; ")})`;
}

function marginText(margin: number): string {
  const percent = `${Math.abs(margin * 100).toFixed(0)}%`;
  return margin < 0 ? `${percent} over` : `${percent} to spare`;
}

export function exceptionName({ code, fingerprint, objective }: ExceptionUse): string {
  return code ?? fingerprint ?? objective ?? "";
}

/** Which run and scenario to look at first for a rule that is not met. */
export function whereOf({ run, scenario }: RuleResult): string {
  return run === undefined ? "" : `${run}${scenario === undefined ? "" : ` ${claimOf(scenario)}`}`;
}
