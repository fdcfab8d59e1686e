// Runs every command of every attack on a vault that is laid out anew for it, and makes the table.
import { errorMessage } from "../../base/errors.ts";
import { Keyring } from "../../vault/keys/keyring.ts";
import {
  type AttackRow,
  type CommandAnswer,
  type AttackEnding,
  judgeAttack,
  type Place,
  type AttackRole,
  roles,
  type VaultAttack,
  type AttackVerb,
} from "./attack.ts";
import { perform } from "./vault-verbs.ts";

/** `chosen` says which rows to run; all by default. */
export async function runAttacks(
  attacks: readonly VaultAttack[],
  layOut: () => Promise<Place>,
  chosen: (index: number, isOnce: boolean) => boolean = () => true,
): Promise<readonly AttackRow[]> {
  const controls = new Map<AttackVerb, CommandAnswer>();
  const rows: AttackRow[] = [];
  let index = 0;
  for (const { role, does, on, ...attack } of attacks) {
    for (const [verb, ending] of Object.entries(on) as [AttackVerb, NonNullable<(typeof on)[AttackVerb]>][]) {
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
  verb: AttackVerb,
  ending: AttackEnding,
  place: Place,
  control: CommandAnswer,
): Promise<Pick<AttackRow, "outcome" | "by">> {
  try {
    const theirs = (await prepare(place)) ?? {};
    const used = theirs instanceof Keyring ? { keyring: theirs } : theirs;
    const judged = judgeAttack(ending, await perform(verb, { ...place, ...used }), control);
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
  const lineOf = (role: AttackRole): string[] => {
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
