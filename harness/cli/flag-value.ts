import { DrillError, usageError } from "../base/errors.ts";

/** What the text of a flag says; where it is refused, the message names the flag. */
export function flagValue<T>(flag: string, text: string, parse: (text: string) => T): T {
  try {
    return parse(text);
  } catch (error) {
    throw error instanceof DrillError ? usageError(`${flag} ${error.message}`, error.hint) : error;
  }
}
