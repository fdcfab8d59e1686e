import { usageError } from "../../base/errors.ts";

/** "5%" -> 0.05. */
export function allowedShare(text: string): number {
  const [, number] = /^(\d+(?:\.\d+)?)\s*%$/.exec(text.trim()) ?? [];
  if (number === undefined) throw usageError(`--allow ${text} is not a share such as 5% or 2.5%`);
  return Number(number) / 100;
}
