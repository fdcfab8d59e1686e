// Every criterion of the readiness scorecard. A new one is an entry in one of the two lists; a test holds that its
// scenarios and witnesses exist.
import { classicCriteria } from "./classic-criteria.ts";
import type { Criterion } from "./criterion.ts";
import { phaseCriteria } from "./phase-criteria.ts";

export const criteria: readonly Criterion[] = [...phaseCriteria, ...classicCriteria];
