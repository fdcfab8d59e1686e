// A set of internal ids as three numbers that the engine can compute too: only for comparing two answers of one engine.

export interface IdSums {
  count: number;
  sum: number;
  squares: number;
}

export function digestOf(sums: IdSums): string {
  return `${sums.sum}-${sums.squares}`;
}

/** What a query returns for the entities it matched. */
export function idSumColumns(variable: string): string {
  return `count(${variable}), sum(id(${variable})), sum(id(${variable}) * id(${variable}) % 65521)`;
}
