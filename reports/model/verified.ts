// What was verified: for each kind of data that a drill checks, how much was compared, how much of it differs, and
// what that means. From the witnesses and the findings of the scenarios, in words.
import { formatCount } from "../../harness/base/units.ts";
import type { NotCovered, ScenarioResult } from "../../harness/record/result.ts";
import { counted, type FindingGroup } from "../findings/finding-groups.ts";
import { countedWitness } from "../figures/metrics.ts";

export type VerifiedVerdict = "equal" | "differs" | "not checked";

export interface VerifiedRow {
  readonly check: string;
  /** What was looked at, with counts; where that is nothing, why. */
  readonly compared: string;
  readonly different: string;
  readonly verdict: VerifiedVerdict;
}

interface Area {
  readonly check: string;
  /** What the check counts as looked at; the first decides whether it had work to do. */
  readonly witnesses: readonly string[];
  /** Why there may be nothing to look at. */
  readonly none: string;
  readonly codes: RegExp;
  /** What was looked at, where the counts and their names alone do not say it. */
  readonly says?: (counts: readonly number[]) => string;
}

const noWriters = "no writers in these scenarios";

/** Areas in the order of a recovery: graphs, their indexes and searches, the server, the writes, the backup itself. */
const areas: readonly Area[] = [
  {
    check: "Graphs are back",
    witnesses: ["graphsCompared"],
    none: "no graph was restored",
    codes: /^(?:graph-missing|graph-unexpected|module-)/,
  },
  {
    check: "Nodes, with labels and properties",
    witnesses: ["nodesCompared"],
    none: "none in these graphs",
    codes: /^(?:node-|count-contradicts)/,
  },
  {
    check: "Edges, with ends and properties",
    witnesses: ["edgesCompared"],
    none: "none in these graphs",
    codes: /^edge-/,
  },
  {
    check: "Properties and their stored types",
    witnesses: ["propertiesCompared"],
    none: "none in these graphs",
    codes: /^property-/,
  },
  {
    check: "Doubles, to the last bit",
    witnesses: ["doublesCompared"],
    none: "none in these graphs",
    codes: /^double-/,
  },
  {
    check: "Embeddings",
    witnesses: ["vectorsProbed", "vectorsComparedByBytes"],
    none: "none in these graphs",
    codes: /^vectors?-(?!recall)/,
  },
  {
    check: "Indexes, with fields and options",
    witnesses: ["indexesCompared"],
    none: "none in these graphs",
    codes: /^index-(?!contradicts|answers|inexact|phantom)/,
  },
  {
    check: "Indexes answer as a scan does",
    witnesses: ["indexLookups", "wordLookups"],
    none: "no index to ask",
    codes: /^(?:index-(?:contradicts|answers|inexact)|fulltext-|stopword-)/,
  },
  { check: "Constraints", witnesses: ["constraintsCompared"], none: "none in these graphs", codes: /^constraint-/ },
  {
    check: "Graphiti's guarantees",
    witnesses: ["invariantsChecked"],
    none: "no graph to check",
    codes: /^invariant-/,
  },
  {
    check: "Graphiti's searches",
    witnesses: ["searchesCompared"],
    none: "no searches were asked",
    codes: /^search-/,
  },
  {
    check: "Vector indexes find the nearest",
    witnesses: ["vectorSearchesCompared"],
    none: "no vector index to search",
    codes: /^vector-recall-/,
  },
  {
    check: "Restored server: settings, other keys, functions",
    witnesses: ["writesTried", "settingsCompared", "otherKeysCompared", "functionsCompared"],
    none: "no server was restored",
    codes: /^(?:server-|key-|function-|graph-function-|target-)/,
  },
  {
    check: "Source left as it was",
    witnesses: ["sourceGraphsCompared"],
    none: "the source was destroyed on purpose",
    codes: /^(?:source-(?:changed|touched)|settings-not-put-back)/,
  },
  {
    check: "Acknowledged writes, cut at one moment",
    witnesses: [
      "writesAcknowledgedBeforeCut",
      "tracesRead",
      "ledgerAccountsCompared",
      "countersCompared",
      "ringNodesWalked",
      "churnItemsCompared",
      "hubUpdatesCompared",
    ],
    none: noWriters,
    codes:
      /^(?:write-(?!let)|episode-|tearing-|ledger-|counter-|hub-|ring-|delete-|item-|index-phantom|moment-differs)/,
  },
  {
    check: "Pause of writes",
    witnesses: ["pausesHeldToWrites", "writesHeldToPause"],
    none: noWriters,
    codes: /^(?:pause-|write-let-|writes-not-)/,
  },
  {
    check: "Stored files hold no content in clear",
    witnesses: ["storedFilesRead", "storedMessages", "canariesSearched"],
    none: "the stored files were not read",
    codes: /^(?:stored-|encryption-|not-signed)/,
  },
  {
    check: "Chains, retention and handling of damage",
    witnesses: [
      "momentsReached",
      "linksRestored",
      "statesProven",
      "tamperingsMade",
      "badChainsTried",
      "backupsRefused",
      "prunesRefused",
      "restoresRefused",
    ],
    none: "no such scenario in this run",
    codes:
      /^(?:chain-|archive|retention-|backup|base-|bad-chain|full-vault|part-|object-|replay-|tampering-|verify-|false-alarm|garbage-|half-|moment-misnamed|durability|written-before)/,
  },
  {
    check: "The checks themselves, tried on planted damage",
    witnesses: ["canariesCaught", "canariesPlanted"],
    none: "no canaries were planted: nothing was restored, or an earlier version ran",
    codes: /^canary-/,
    says: ([caught = 0, planted = 0]) =>
      `the checks caught ${formatCount(caught)} of ${formatCount(planted)} planted canaries`,
  },
];

/** Everything that the report names as looked at in one of the rows. */
export const verifiedWitnesses: ReadonlySet<string> = new Set(areas.flatMap(({ witnesses }) => witnesses));

type Evidence = Pick<ScenarioResult, "witnesses" | "notCovered">;

/** `groups`: of these scenarios together. `whole`: also what was not looked at, which one scenario of many leaves to others. */
export function verifiedRows(
  scenarios: readonly Evidence[],
  groups: readonly FindingGroup[],
  whole: boolean,
  uncovered: readonly NotCovered[] = [],
): readonly VerifiedRow[] {
  const rows = areas.map((area) => rowOf(area, scenarios, groups));
  const shown = rows.filter(({ verdict }) => whole || verdict !== "not checked");
  const left = uncoveredSentences(uncovered).map((compared) => notChecked(compared));
  return [...shown, ...left, ...notCoveredRows(scenarios)];
}

/** Scenarios that the system under test cannot do, one sentence for each set of capabilities that it lacks. */
export function uncoveredSentences(uncovered: readonly NotCovered[]): string[] {
  const byMissing = Map.groupBy(uncovered, ({ missing }) => missing.join(" and "));
  return [...byMissing].map(([missing, each]) => {
    const ids = each.map(({ id }) => id);
    const more = ids.length > idsShown ? ` and ${ids.length - idsShown} more` : "";
    const what = missing.includes("a generated graph") ? `that need ${missing}` : `for systems with ${missing}`;
    return `${counted(ids.length, "scenario")} ${what}: ${ids.slice(0, idsShown).join(", ")}${more}`;
  });
}

const idsShown = 4;

function notChecked(compared: string): VerifiedRow {
  return { check: "Not covered", compared, different: "", verdict: "not checked" };
}

function rowOf(
  { check, witnesses, none, codes, says }: Area,
  scenarios: readonly Evidence[],
  groups: readonly FindingGroup[],
): VerifiedRow {
  const counts = witnesses.map((name) => ({ name, ...sumOf(name, scenarios) }));
  const seen = counts.filter(({ count }) => count > 0);
  const errors = groups.filter(({ severity }) => severity === "error");
  const different = errors.filter(({ code }) => codes.test(code)).reduce((sum, { count }) => sum + count, 0);
  const follows = errors.some(({ derived }) => derived.some(({ code }) => codes.test(code)));
  const wasRun = counts.some(({ scenarios: by }) => by > 0);
  const words = seen.map(({ name, count }) => countedWitness(name, count).replace(/ compared$/, ""));
  const told = says?.(counts.map(({ count }) => count)) ?? words.join(", ");
  const verdict = different > 0 || follows ? "differs" : seen.length > 0 ? "equal" : "not checked";
  const nothing = verdict === "differs" ? "looked at, and not counted" : wasRun ? `0: ${none}` : none;
  const compared = words.length > 0 ? told : nothing;
  if (verdict === "not checked") return { check, compared, different: "", verdict };
  return { check, compared, different: different === 0 && follows ? "follows" : formatCount(different), verdict };
}

function sumOf(name: string, scenarios: readonly Evidence[]): { readonly count: number; readonly scenarios: number } {
  const values = scenarios.flatMap(({ witnesses }) => witnesses[name] ?? []);
  return { count: values.reduce((sum, value) => sum + value, 0), scenarios: values.length };
}

function notCoveredRows(scenarios: readonly Evidence[]): readonly VerifiedRow[] {
  const sentences = new Map<string, number>();
  for (const { notCovered } of scenarios)
    for (const sentence of new Set(notCovered)) sentences.set(sentence, (sentences.get(sentence) ?? 0) + 1);
  return [...sentences].slice(0, notCoveredMax).map(([sentence, count]) => {
    const where =
      scenarios.length === 1 ? "" : ` (in ${formatCount(count)} of ${formatCount(scenarios.length)} scenarios)`;
    return notChecked(`${sentence}${where}`);
  });
}

const notCoveredMax = 12;
