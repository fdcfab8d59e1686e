// Transfers between accounts. The total never changes; and since transfers commute, the balance of every account follows
// from the set of transfers that are there.
import { Draw } from "../random.ts";
import { setUpStatement, trace, type WriteId, type WriteKind, writeStatement } from "./write-kind.ts";

export const ledgerAccounts = 48;
export const openingBalance = 1000;

export interface Transfer {
  readonly from: number;
  readonly to: number;
  readonly amount: number;
}

export function transferOf({ seed, writer, sequence }: WriteId): Transfer {
  const draw = new Draw(seed, `ledger/${writer}`).at(sequence);
  const from = draw.below(ledgerAccounts);
  const to = (from + 1 + draw.below(ledgerAccounts - 1)) % ledgerAccounts;
  return { from, to, amount: 1 + draw.below(100) };
}

export const ledger: WriteKind = {
  name: "ledger",
  setUp: () => [
    setUpStatement("UNWIND range(0, $last) AS number CREATE (:Account {number: number, balance: $balance})", {
      last: ledgerAccounts - 1,
      balance: openingBalance,
    }),
  ],
  write: (id) => writeStatement(id, transfer, { ...transferOf(id) }),
};

const transfer = `MATCH (a:Account {number: $from}), (b:Account {number: $to})
SET a.balance = a.balance - $amount, b.balance = b.balance + $amount ${trace} RETURN a.balance`;
