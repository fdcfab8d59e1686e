import { readFile } from "node:fs/promises";
import { messageOf, usageError } from "../base/errors.ts";

/** What a file holds, without the end of its last line, which editors add. */
export async function readSecretFile(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).replace(/\r?\n$/, "");
  } catch (error) {
    throw usageError(`cannot read ${file}: ${messageOf(error)}`);
  }
}
