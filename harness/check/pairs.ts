// Graphs that are both expected and observed, for the checks that compare one with the other.
import type { Expectation, GraphExpectation, GraphObservation, Observation } from "./observation.ts";

export interface Pair {
  readonly expected: GraphExpectation;
  readonly observed: GraphObservation;
}

/** Missing and extra graphs are left to the graphs check. */
export function pairs(expectation: Expectation, observation: Observation): Pair[] {
  const byName = new Map(observation.graphs.map((graph) => [graph.name, graph]));
  return expectation.graphs.flatMap((expected) => {
    const observed = byName.get(expected.name);
    return observed === undefined ? [] : [{ expected, observed }];
  });
}
