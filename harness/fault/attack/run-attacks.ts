// Runs every command of every attack on a vault that is laid out anew for it, and makes the table.
import { errorMessage } from "../../base/errors.ts";
import {
  type AttackRow,
  type Answer,
  type Ending,
  judgeAttack,
  type Place,
  type Role,
  roles,
  type VaultAttack,
  type Verb,
} from "./attack.ts";
import { perform } from "./vault-verbs.ts";

/** `chosen` says which rows to run; all by default. */
export async function runAttacks(
  attacks: readonly VaultAttack[],
  layOut: () => Promise<Place>,
  chosen: (index: number, isOnce: boolean) => boolean = () => true,
): Promise<readonly AttackRow[]> {
  const controls = new Map<Verb, Answer>();
  const rows: AttackRow[] = [];
  let index = 0;
  for (const { role, does, on, ...attack } of attacks) {
    for (const [verb, ending] of Object.entries(on) as [Verb, NonNullable<(typeof on)[Verb]>][]) {
      if (!chosen(index++, attack.once === verb)) continue;
      const control = controls.get(verb) ?? (await perform(verb, await layOut()));
      controls.set(verb, control);
      rows.push({ role, verb, does, ...(await runOne(attack, verb, ending, await layOut(), control)) });
    }
  }
  return rows;
}

async function runOne(
  { prepare, harm }: Pick<VaultAttack, "prepare" | "harm">,
  verb: Verb,
  ending: Ending,
  place: Place,
  control: Answer,
): Promise<Pick<AttackRow, "outcome" | "by">> {
  try {
    const keyring = (await prepare(place)) ?? place.keyring;
    const judged = judgeAttack(ending, await perform(verb, { ...place, keyring }), control);
    const harmed = harm?.(place);
    return harmed === undefined ? judged : { outcome: "finding", by: harmed };
  } catch (error) {
    return { outcome: "finding", by: `the attack itself failed: ${errorMessage(error)}` };
  }
}

/** Counts of outcomes by role and verb, as lines of a Markdown table. */
export function attackTable(rows: readonly AttackRow[]): readonly string[] {
  const outcomes = ["refused", "detected", "recovered", "undefended", "finding"] as const;
  const count = (of: readonly AttackRow[]): string =>
    outcomes.map((outcome) => String(of.filter((row) => row.outcome === outcome).length || "")).join(" | ");
  const lineOf = (role: Role): string[] => {
    const of = rows.filter((row) => row.role === role);
    const byVerb = Map.groupBy(of, ({ verb }) => verb);
    return [...byVerb].map(([verb, held]) => `| ${role} | ${verb} | ${held.length} | ${count(held)} |`);
  };
  return [
    `| role | command | attacks | ${outcomes.join(" | ")} |`,
    `| --- | --- | --- | ${outcomes.map(() => "---").join(" | ")} |`,
    ...roles.flatMap(lineOf),
    `| **sum** | | ${rows.length} | ${count(rows)} |`,
  ];
}
