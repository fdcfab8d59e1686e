// The seal of a run directory: the SHA-256 of every file that the verdict is based on, written last, so that a removed,
// emptied, changed or swapped file is noticed. It has the format of `sha256sum --check`. It is not a signature: anyone
// who can change the files can write a new seal; evidence for others goes into a signed bundle.
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { errorMessage } from "../base/errors.ts";
import { sha256OfFile } from "../base/files/sha256.ts";

export const sealFile = "SHA256SUMS";

/** Files that a run writes in addition to its observations, without reports. */
const sealedFiles: readonly string[] = [
  "run.json",
  "history.jsonl",
  "faults.jsonl",
  "phases.jsonl",
  "timeline.jsonl",
  "resources.jsonl",
  "findings.jsonl",
  "judgements.jsonl",
  "results.jsonl",
  "result.json",
];
const alwaysThere: readonly string[] = ["run.json", "result.json"];

/** `observed`: hashes of the observations as written, by path in the run directory. */
export async function sealOf(directory: string, observed: ReadonlyMap<string, string>): Promise<string> {
  const lines = [...observed].map(([file, sha256]) => `${sha256}  ${file}\n`);
  for (const file of sealedFiles)
    if (existsSync(join(directory, file))) lines.push(`${await sha256OfFile(join(directory, file))}  ${file}\n`);
  return lines.join("");
}

export interface BrokenSeal {
  /** Path in the run directory. */
  readonly file: string;
  /** What is wrong with it, as the end of a sentence that starts with the file. */
  readonly problem: string;
}

/** Returns every file that differs from what the run wrote; an empty list means that all are intact. */
export async function brokenSeals(directory: string): Promise<readonly BrokenSeal[]> {
  if (!existsSync(join(directory, sealFile)))
    return [{ file: sealFile, problem: "is missing: the run was stopped before its end, or the file was removed" }];
  const broken: BrokenSeal[] = [];
  const sealed = new Set<string>();
  for (const line of readFileSync(join(directory, sealFile), "utf8").split("\n")) {
    if (line === "") continue;
    const [, sha256, file = ""] = /^([0-9a-f]{64}) {2}([^\0]+)$/.exec(line) ?? [];
    if (sha256 === undefined || file.startsWith("/") || file.split("/").includes("..")) {
      broken.push({ file: sealFile, problem: `holds a line that no run writes: "${line.slice(0, 100)}"` });
      continue;
    }
    sealed.add(file);
    const problem = await problemOf(join(directory, file), sha256);
    if (problem !== undefined) broken.push({ file, problem });
  }
  for (const file of [...alwaysThere, ...sealedFiles.filter((name) => existsSync(join(directory, name)))])
    if (!sealed.has(file)) broken.push({ file, problem: `is not named in ${sealFile}` });
  return broken;
}

async function problemOf(path: string, sha256: string): Promise<string | undefined> {
  if (!existsSync(path)) return "was removed";
  if (!statSync(path).isFile()) return "is not a file";
  try {
    return (await sha256OfFile(path)) === sha256 ? undefined : "was changed after the run had written it";
  } catch (error) {
    return `could not be read: ${errorMessage(error)}`;
  }
}
