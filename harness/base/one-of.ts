// A flag that takes one of several names.
import { usageError } from "./errors.ts";
import { didYouMean } from "./suggest.ts";

export function oneOf<const T extends string>(flag: string, value: string, names: readonly T[]): T {
  const found = names.find((name) => name === value);
  if (found !== undefined) return found;
  throw usageError(`${flag} ${value} is not known; it takes ${names.join(", ")}`, didYouMean(value, names));
}
