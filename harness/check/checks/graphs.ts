// The engine's module is loaded and new enough to read, every graph is there (empty ones too), and no unexpected graph
// exists.
import type { Check, Finding } from "../check.ts";
import { entitiesOf } from "./content.ts";
import type { Evidence } from "../evidence.ts";

export const graphsCheck: Check<Evidence> = {
  name: "graphs",
  claim: "Exactly the expected graphs are there, empty ones included, on an engine of the same module version.",
  judge({ expectation, observation, baseline }) {
    const findings: Finding[] = [];
    const present = new Set(observation.graphNames);
    const expected = new Set(expectation.graphs.map((graph) => graph.name));
    const compared = entitiesOf(expectation);
    for (const { name, fingerprint } of expectation.graphs.filter((graph) => !present.has(graph.name)))
      findings.push({
        code: "graph-missing",
        severity: "error",
        subject: name,
        message: `the graph ${name} is missing`,
        evidence: {
          expected: name,
          found: observation.graphNames.slice(0, 20),
          entities: fingerprint.nodes.count + fingerprint.edges.count,
          compared,
        },
      });
    for (const name of [...present].filter((name) => !expected.has(name)))
      findings.push({
        code: "graph-unexpected",
        severity: "error",
        subject: name,
        message: `the graph ${name} is there and should not be`,
        evidence: { found: name },
        hint: "A plain GRAPH.QUERY on a missing graph creates it; read with GRAPH.RO_QUERY.",
      });
    const module = observation.versions.module;
    if (module === 0 || (baseline !== undefined && baseline.versions.module !== module))
      findings.push({
        code: module === 0 ? "module-missing" : "module-differs",
        severity: module === 0 ? "error" : "warning",
        subject: "engine",
        message: module === 0 ? "the graph module is not loaded" : "the module version differs from the source's",
        evidence: { expected: baseline?.versions.module ?? null, found: module },
      });
    return { findings, witnesses: { graphsCompared: [...expected].filter((name) => present.has(name)).length } };
  },
};
