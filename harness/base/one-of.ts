// A flag that takes one of several names.
import { usageError } from "./errors.ts";

export function oneOf<const T extends string>(flag: string, value: string, names: readonly T[]): T {
  const found = names.find((name) => name === value);
  if (found !== undefined) return found;
  const near = names.find((name) => name.startsWith(value.slice(0, 3).toLowerCase()));
  throw usageError(
    `${flag} ${value} is not known; it takes ${names.join(", ")}`,
    near === undefined ? undefined : `Did you mean ${flag} ${near}?`,
  );
}
