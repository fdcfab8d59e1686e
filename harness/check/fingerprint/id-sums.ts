// A set of internal ids as three numbers that the engine can also compute, to compare two answers of one engine.

export interface IdSums {
  count: number;
  sum: number;
  squares: number;
}

export function digestOf(sums: IdSums): string {
  return `${sums.sum}-${sums.squares}`;
}

/** RETURN clause over the matched entities. */
export function idSumColumns(variable: string): string {
  return `count(${variable}), sum(id(${variable})), sum(id(${variable}) * id(${variable}) % 65521)`;
}
