// Which criteria bear on which control of the usual frameworks. The texts are in our words; the map says where evidence is
// to be found, and not that a control is met.
import type { ControlResult, CriterionResult } from "./scorecard.ts";

type Control = Omit<ControlResult, "records">;

const controls: readonly Control[] = [
  {
    id: "soc2-a1.3",
    name: "SOC 2, A1.3",
    asks: "recovery procedures are tested",
    criteria: ["restore-tried", "proof-age", "recovery-tested", "no-data-loss", "graph-integrity"],
    notShown: "that the people and the procedure of a real recovery were tested",
  },
  {
    id: "dora-12",
    name: "DORA, article 12",
    asks: "backup, restoration and recovery have policies and procedures that are tested periodically; restores go to systems that are segregated from the source; what was recovered is checked for integrity; recovery has time and point objectives",
    criteria: [
      "restore-tried",
      "proof-age",
      "graph-integrity",
      "hardened-restore",
      "performance",
      "encryption",
      "retention",
    ],
    notShown: "the policies themselves, and segregation: a drill restores into another server, on the same machine",
  },
  {
    id: "iso-22301",
    name: "ISO 22301",
    asks: "business continuity has objectives and procedures, which are exercised at planned intervals, evaluated and improved",
    criteria: ["recovery-tested", "performance", "proof-age", "regressions"],
    notShown:
      "the business impact analysis behind the objectives, and that findings of earlier exercises were followed up",
  },
  {
    id: "nist-800-34",
    name: "NIST SP 800-34",
    asks: "contingency plans rest on backups that are kept elsewhere and tested, and are exercised and maintained",
    criteria: ["restore-tried", "recovery-tested", "proof-age", "hardened-restore", "region-loss", "multi-region"],
    notShown: "the plan, its training, and the alternate site",
  },
];

export const controlsNote =
  "A map, in our words, of where evidence is to be found. It does not claim that a control is met: that is for an auditor to say.";

export function mapControls(criteria: readonly CriterionResult[]): readonly ControlResult[] {
  const byId = new Map(criteria.map((criterion) => [criterion.id, criterion]));
  return controls.map((control) => {
    const met = control.criteria.flatMap((id) => byId.get(id) ?? []).filter(({ verdict }) => verdict === "met");
    const records = met.flatMap(({ evidence }) => evidence.map(({ run, scenario }) => ({ run, scenario })));
    const unique = new Map(records.map((one) => [`${one.run}\n${one.scenario}`, one]));
    return Object.assign({}, control, { records: [...unique.values()] });
  });
}
