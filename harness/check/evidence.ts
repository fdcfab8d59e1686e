import type { Expectation, Observation } from "./observation.ts";

/** What every check is given; `baseline` is the source, observed before the backup. */
export interface Evidence {
  readonly expectation: Expectation;
  readonly observation: Observation;
  readonly baseline: Observation | undefined;
}
