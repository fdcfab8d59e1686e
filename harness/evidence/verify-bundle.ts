// Verifies an evidence bundle offline: the signatures, every file, and the decision, which is recomputed from the runs.
import { isDeepStrictEqual } from "node:util";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as openpgp from "openpgp";
import { z } from "zod";
import { errorMessage, usageError } from "../base/errors.ts";
import { packageVersion } from "../base/package.ts";
import { decide, type Decision } from "../../reports/gate/decide.ts";
import {
  decisionFile,
  listFiles,
  policyFile,
  signedFiles,
  statementFiles,
  subjectsOf,
  sumsFile,
  sumsText,
} from "./bundle-files.ts";
import { loadPolicy } from "../../reports/gate/load-policy.ts";
import { readRunEvidence } from "../../reports/gate/read-evidence.ts";
import { drillType, statementSchema, testResultType } from "./statement.ts";

export interface BundleCheck {
  /** Problems found, one sentence each; an empty list means that the bundle is what was signed. */
  readonly problems: readonly string[];
  readonly files: number;
  /** Fingerprints of the signing keys. */
  readonly signedBy: readonly string[];
  /** The decision; only if the bundle is valid. */
  readonly decision: Decision | undefined;
}

const types: Readonly<Record<string, string>> = { "test-result.json": testResultType, "drill.json": drillType };

export async function verifyBundle(folder: string, keys: readonly openpgp.PublicKey[]): Promise<BundleCheck> {
  const present = await listFiles(folder).catch((error: unknown) => {
    throw usageError(
      `${folder} is not a bundle: ${errorMessage(error)}`,
      "Give a folder that `gate --evidence` wrote.",
    );
  });
  const found = new Set(present);
  const read = await Promise.all(signedFiles.map((name) => readSigned(folder, name, keys, found)));
  const signedBy = [...new Set(read.flatMap((signed) => signed.signedBy ?? []))];
  const text = (name: string): string => read[signedFiles.indexOf(name)]?.text ?? "";
  // Without valid signatures there is nothing to compare the files with.
  const unsigned = read.flatMap(({ problem }) => problem ?? []);
  const problems = unsigned.length > 0 ? unsigned : await compareFiles(folder, text);
  if (problems.length > 0) return { problems, files: present.length, signedBy, decision: undefined };
  const decision = decisionSchema.safeParse(parseJson(await readFile(join(folder, decisionFile), "utf8")));
  if (!decision.success)
    return { problems: [`${decisionFile} is not a decision`], files: present.length, signedBy, decision: undefined };
  const signed = decision.data as unknown as Decision;
  return { problems: await decideAgain(folder, signed), files: present.length, signedBy, decision: signed };
}

/** The fields used before the decision is compared with the recomputed one. */
const decisionSchema = z.looseObject({
  decision: z.string(),
  decidedAt: z.iso.datetime(),
  runs: z.array(z.looseObject({ name: z.string().regex(/^[^/\\]+$/) })),
});

interface Signed {
  readonly problem?: string;
  readonly signedBy?: string;
  readonly text?: string;
}

async function readSigned(
  folder: string,
  name: string,
  keys: readonly openpgp.PublicKey[],
  present: ReadonlySet<string>,
): Promise<Signed> {
  const missing = [name, `${name}.asc`].find((file) => !present.has(file));
  if (missing !== undefined) return { problem: `${missing} is missing` };
  const bytes = await readFile(join(folder, name));
  try {
    const { signatures } = await openpgp.verify({
      message: await openpgp.createMessage({ binary: new Uint8Array(bytes) }),
      signature: await openpgp.readSignature({ armoredSignature: await readFile(join(folder, `${name}.asc`), "utf8") }),
      verificationKeys: [...keys],
    });
    const [first] = signatures;
    if (first === undefined) throw new Error("it carries no signature");
    await Promise.all(signatures.map((signature) => signature.verified));
    const signer = keys.find((key) => key.getKeys(first.keyID).length > 0);
    return { text: bytes.toString("utf8"), ...(signer === undefined ? {} : { signedBy: signer.getFingerprint() }) };
  } catch (error) {
    return { problem: `${name} is not signed by a key that was given: ${errorMessage(error)}` };
  }
}

async function compareFiles(folder: string, text: (name: string) => string): Promise<string[]> {
  const found = new Map((await subjectsOf(folder)).map(({ name, digest }) => [name, digest.sha256]));
  const problems = new Set<string>();
  for (const name of statementFiles) {
    const parsed = statementSchema.safeParse(parseJson(text(name)));
    if (!parsed.success) {
      problems.add(`${name} is not an in-toto statement: ${z.prettifyError(parsed.error)}`);
      continue;
    }
    const { subject, predicateType } = parsed.data;
    if (predicateType !== types[name]) problems.add(`${name} is of the type ${predicateType}`);
    if (sumsText(subject) !== text(sumsFile)) problems.add(`${name} and ${sumsFile} name different files`);
    const signed = new Map(subject.map(({ name: file, digest }) => [file, digest.sha256]));
    for (const [file, sha256] of signed) {
      if (!found.has(file)) problems.add(`${file} was removed`);
      else if (found.get(file) !== sha256) problems.add(`${file} was changed`);
    }
    for (const file of found.keys()) if (!signed.has(file)) problems.add(`${file} was added`);
  }
  return [...problems].toSorted();
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A signature proves who decided, not that the decision follows from the runs. */
async function decideAgain(folder: string, signed: Decision): Promise<string[]> {
  const policy = await loadPolicy(join(folder, policyFile));
  const runs = [];
  for (const { name } of signed.runs) runs.push(await readRunEvidence(join(folder, "runs", name), name));
  const again = decide(policy, runs, Date.parse(signed.decidedAt));
  if (isDeepStrictEqual(JSON.parse(JSON.stringify(again)), signed)) return [];
  const verdict = again.decision === signed.decision ? "the same, for other reasons" : again.decision;
  return [
    `the signed decision is ${signed.decision}; judged again by falkordrill ${packageVersion()} it is ${verdict}`,
  ];
}
