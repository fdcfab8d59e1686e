// Writes an evidence bundle: a folder with the runs, the policy, the decision, and signed statements about all of them.
// The runs are copied first and judged from the copies, so that what was judged is what is signed.
import { cp, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import * as openpgp from "openpgp";
import { environment } from "../base/environment.ts";
import { usageError } from "../base/errors.ts";
import { makeFolder } from "../base/files/make-folder.ts";
import { packageCommit, packageVersion } from "../base/package.ts";
import { controlsText } from "../../reports/gate/controls.ts";
import { decide, type Decision } from "../../reports/gate/decide.ts";
import type { RunEvidence } from "../../reports/gate/evidence.ts";
import { markdownDecision } from "../../reports/gate/markdown.ts";
import { decisionPage } from "../../reports/gate/page.ts";
import { readRun } from "../record/run-directory.ts";
import { decisionFile, listFiles, policyFile, statementFiles, subjectsOf, sumsFile, sumsText } from "./bundle-files.ts";
import { loadPolicy } from "../../reports/gate/load-policy.ts";
import { readRunEvidence } from "../../reports/gate/read-evidence.ts";
import type { NamedRun } from "./run-names.ts";
import { drillStatement, type Stated, type Statement, testResultStatement } from "./statement.ts";

export interface BundleOrder {
  readonly runs: readonly NamedRun[];
  readonly policy: string;
  readonly key: openpgp.PrivateKey;
  readonly nowMs: number;
}

/** The bundle appears only when it is complete: it is built in a temporary sibling folder and renamed. */
export async function writeBundle(out: string, order: BundleOrder): Promise<Decision> {
  if (existsSync(out)) throw usageError(`${out} exists already`, "Give a folder that does not exist with --evidence.");
  makeFolder(dirname(resolve(out)));
  const folder = await mkdtemp(`${resolve(out)}.partial-`);
  try {
    const decision = await fill(folder, order);
    await rename(folder, out);
    return decision;
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function fill(folder: string, { runs, policy: policyPath, key, nowMs }: BundleOrder): Promise<Decision> {
  const policy = await loadPolicy(policyPath);
  const policyName = `policy/${basename(policyPath)}`;
  await cp(policyPath, join(folder, policyName));
  const evidence: RunEvidence[] = [];
  for (const { path, name } of runs) {
    readRun(path);
    // A link would be copied as a link, and point to something else on another machine.
    await listFiles(path);
    await cp(path, join(folder, "runs", name), { recursive: true });
    evidence.push(await readRunEvidence(join(folder, "runs", name), name));
  }
  const decision = decide(policy, evidence, nowMs);
  await write(folder, policyFile, json(policy));
  await write(folder, decisionFile, json(decision));
  await write(folder, "decision.md", markdownDecision(decision));
  await write(folder, "decision.html", decisionPage(decision));
  await write(folder, "CONTROLS.md", controlsText(decision));
  const subjects = await subjectsOf(folder);
  const subject = subjects.find(({ name }) => name === policyName);
  if (subject === undefined) throw new Error(`${policyName} is not in the bundle`);
  const tool = { version: packageVersion(), commit: packageCommit() };
  const stated: Stated = { decision, runs: evidence, subjects, policy: subject, tool, url: environment().githubRunUrl };
  const statements: Readonly<Record<(typeof statementFiles)[number], Statement>> = {
    "test-result.json": testResultStatement(stated),
    "drill.json": drillStatement(stated),
  };
  for (const name of statementFiles) await writeSigned(folder, name, json(statements[name]), key);
  await writeSigned(folder, sumsFile, sumsText(subjects), key);
  return decision;
}

async function writeSigned(folder: string, name: string, text: string, key: openpgp.PrivateKey): Promise<void> {
  const message = await openpgp.createMessage({ binary: Buffer.from(text) });
  const signature = await openpgp.sign({ message, signingKeys: key, detached: true, format: "armored" });
  await write(folder, name, text);
  await write(folder, `${name}.asc`, signature);
}

async function write(folder: string, name: string, text: string): Promise<void> {
  await writeFile(join(folder, name), text, { mode: 0o600 });
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
