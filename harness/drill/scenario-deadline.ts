// The deadline of a scenario: it ends what hangs. Whose fault that was, whoever holds the hanging thing says.
import { DrillError } from "../base/errors.ts";

export class ScenarioDeadline extends DrillError {
  override readonly name = "ScenarioDeadline";
  readonly limitMs: number;

  constructor(limitMs: number) {
    super(`the scenario did not end within ${limitMs / 1000} s`, {
      exit: "inconclusive",
      code: "assumption-deadline",
      hint: "Was the machine busy? Run it alone; findings and log of the run folder say how far it came.",
    });
    this.limitMs = limitMs;
  }
}
