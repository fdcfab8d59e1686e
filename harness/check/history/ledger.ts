// The total of all accounts never changes, and each balance is the result of the present transfers.
import { ledgerAccounts, openingBalance, transferOf } from "../../../generators/writes/ledger.ts";
import type { Finding, Judgement } from "../check.ts";
import { type KindObservation, type KindState, momentFinding, tracedWrites } from "./moment.ts";

type State = Extract<KindState, { kind: "ledger" }>;

export function judgeLedger(observation: KindObservation, { balances }: State, seed: number): Judgement {
  const { graph } = observation;
  const findings: Finding[] = [];
  const total = balances.reduce((sum, [, balance]) => sum + balance, 0);
  const opening = ledgerAccounts * openingBalance;
  if (total !== opening || balances.length !== ledgerAccounts) {
    const message = `${balances.length} accounts hold ${total} in total; ${ledgerAccounts} with ${opening} were expected`;
    findings.push(momentFinding("ledger-unbalanced", graph, message, { accounts: balances.length, total, opening }));
  }
  const expected = Array.from({ length: ledgerAccounts }, () => openingBalance);
  const add = (account: number, amount: number): void => {
    expected[account] = (expected[account] ?? 0) + amount;
  };
  for (const { writer, sequence } of tracedWrites(observation)) {
    const { from, to, amount } = transferOf({ seed, writer, sequence });
    add(from, -amount);
    add(to, amount);
  }
  const differing = balances.filter(([account, balance]) => expected[account] !== balance);
  const [first] = differing;
  if (first !== undefined) {
    const [account, balance] = first;
    const message = `account ${account} holds ${balance}; the transfers that are there make ${expected[account]} of it`;
    const evidence = { accounts: differing.slice(0, 10).map(([at, found]) => ({ at, found, expected: expected[at] })) };
    const hint = "A transfer is there in part, was lost after it was noted, or was applied twice.";
    findings.push(momentFinding("ledger-balance-differs", `${graph}/Account/${account}`, message, evidence, hint));
  }
  return { findings, witnesses: { ledgerAccountsCompared: balances.length } };
}
