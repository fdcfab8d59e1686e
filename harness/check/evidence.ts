import type { Expectation, Observation } from "./observation.ts";

/** Input of every check; `baseline` is the source, observed before the backup. */
export interface Evidence {
  readonly expectation: Expectation;
  readonly observation: Observation;
  readonly baseline: Observation | undefined;
}
