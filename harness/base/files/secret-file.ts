import { readFile, stat } from "node:fs/promises";
import { DrillError, errorMessage, usageError } from "../errors.ts";

/** Group read access is allowed: some schedulers mount secrets that way. */
const othersMayUse = 0o027;
const secretBytesMax = 65_536;

/** What a file holds, without the end of its last line, which editors add. Refused where others may read or change it. */
export async function readSecretFile(file: string): Promise<string> {
  try {
    const entry = await stat(file);
    // A pipe, as of <(pass show backup), belongs to the process that made it.
    if (entry.isFile() && (entry.mode & othersMayUse) !== 0)
      throw usageError(
        `others may read or change ${file}, which holds a secret (mode ${(entry.mode & 0o777).toString(8)})`,
        `Run: chmod 600 ${file}`,
      );
    if (entry.isFile() && entry.uid !== 0 && entry.uid !== process.getuid?.())
      throw usageError(
        `${file}, which holds a secret, belongs to another user (uid ${entry.uid})`,
        `If it is yours, run: chown $(id -u) ${file}`,
      );
    if (entry.isFile() && entry.size > secretBytesMax) throw usageError(`${file} is too large for a secret`);
    return (await readFile(file, "utf8")).replace(/\r?\n$/, "");
  } catch (error) {
    throw error instanceof DrillError
      ? error
      : usageError(
          `the secret in ${file} could not be read: ${errorMessage(error)}`,
          "Give a file that holds it in its first line, and that nobody else may read (chmod 600).",
        );
  }
}
