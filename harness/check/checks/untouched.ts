// The source is the same after the restore as before it. Also judges any other pair of observations of one engine.
import type { Check, Finding } from "../check.ts";
import type { Evidence } from "../evidence.ts";
import type { GraphObservation, Observation } from "../observation.ts";
import type { ServerState } from "../server-state.ts";

export const untouchedCheck: Check<Evidence> = {
  name: "untouched",
  claim: "The source holds after the restore exactly what it held before it.",
  judge({ expectation, observation, baseline }) {
    if (baseline === undefined || baseline.role !== "source" || observation.role !== "source")
      return { findings: [], witnesses: {} };
    // Writers of the drill make graphs, and these are expected by then.
    const made = new Set(expectation.graphs.map(({ name }) => name));
    for (const name of baseline.graphNames) made.delete(name);
    const graphNames = observation.graphNames.filter((name) => !made.has(name));
    return {
      findings: differences(baseline, { ...observation, graphNames }),
      witnesses: { sourceGraphsCompared: observation.graphs.length },
    };
  },
};

const aspects = [
  "fingerprint",
  "counted",
  "notOperational",
  "constraints",
  "doubles",
  "vectors",
] as const satisfies readonly (keyof GraphObservation)[];

function differences(before: Observation, after: Observation): Finding[] {
  const findings: Finding[] = [];
  const push = (subject: string, aspect: string, was: unknown, is: unknown): void => {
    if (JSON.stringify(was) === JSON.stringify(is)) return;
    findings.push({
      code: "source-changed",
      severity: "error",
      subject,
      message: `the ${aspect} of the source changed while it was only to be read`,
      evidence: { aspect },
      hint: "Backing up and restoring must leave the source as it is; look for writes, restarts, index changes.",
    });
  };
  push("source", "graphs", before.graphNames, after.graphNames);
  // An older run without a server observation has nothing to compare with.
  if (before.server !== undefined) findings.push(...serverDifferences(before.server, after.server));
  const byName = new Map(after.graphs.map((graph) => [graph.name, graph]));
  for (const was of before.graphs) {
    const is = byName.get(was.name);
    if (is === undefined) {
      push(was.name, "graph", "was read", "is not there or was not read");
      continue;
    }
    for (const aspect of aspects) push(was.name, aspect, was[aspect], is[aspect]);
    push(was.name, "indexes", before.indexSets[was.indexSet], after.indexSets[is.indexSet]);
  }
  return findings;
}

/** Compares every setting, key and function, and names those that differ. */
function serverDifferences(before: ServerState, after: ServerState | undefined): Finding[] {
  const named = (state: ServerState | undefined): Record<string, unknown> => ({
    ...prefixed("setting", state?.settings),
    ...prefixed("setting", state?.moduleSettings),
    ...prefixed("function", state?.functions),
    ...prefixed("graph function", state?.graphFunctions),
    ...prefixed("user", state?.users),
    ...prefixed("expiry of graph", state?.graphExpiries),
    ...Object.fromEntries(state?.keys.items.map((key) => [`key ${key.database}/${key.key}`, key]) ?? []),
    "number of other keys": state?.keys.count,
    role: state?.role,
  });
  const [was, is] = [named(before), named(after)];
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].flatMap((name) => {
    const [expected = null, found = null] = [was[name], is[name]];
    if (JSON.stringify(expected) === JSON.stringify(found)) return [];
    const message = `the ${name} of the source is not what it was before the backup`;
    return [
      {
        code: "source-changed",
        severity: "error",
        subject: "source",
        message,
        evidence: { aspect: name, expected, found },
      },
    ];
  });
}

function prefixed(kind: string, values: Readonly<Record<string, string>> = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${kind} ${name}`, value]));
}
