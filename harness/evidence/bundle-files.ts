// The files of a bundle: names, hashes, and which files must not be in it.
import { readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { usageError } from "../base/errors.ts";
import { sha256OfFile } from "../base/files/sha256.ts";
import type { Subject } from "./statement.ts";

export const statementFiles = ["test-result.json", "drill.json"] as const;
/** Hash list in the format of `sha256sum --check`. */
export const sumsFile = "SHA256SUMS";
/** Statements; each has a detached signature `<name>.asc`. */
export const signedFiles: readonly string[] = [...statementFiles, sumsFile];
export const decisionFile = "decision.json";
export const policyFile = "policy.json";

const aboutTheRest: ReadonlySet<string> = new Set(signedFiles.flatMap((name) => [name, `${name}.asc`]));

/** Regular files below `folder`, with `/` as separator, sorted. */
export async function listFiles(folder: string): Promise<readonly string[]> {
  const names: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const name = relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/");
    if (!entry.isFile())
      throw usageError(`${join(folder, name)} is neither a file nor a folder`, "Evidence holds plain files only.");
    names.push(name);
  }
  return names.toSorted();
}

/** Returns the subjects of the statements: every file of the bundle but the signed ones and the signatures. */
export async function subjectsOf(folder: string): Promise<readonly Subject[]> {
  const subjects: Subject[] = [];
  for (const name of await listFiles(folder))
    if (!aboutTheRest.has(name)) subjects.push({ name, digest: { sha256: await sha256OfFile(join(folder, name)) } });
  return subjects;
}

export function sumsText(subjects: readonly Subject[]): string {
  return subjects.map(({ name, digest }) => `${digest.sha256}  ${name}\n`).join("");
}
