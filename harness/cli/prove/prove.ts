// `falkordrill prove`: every mutant in its drill, and the kill matrix of what found it.
import { join } from "node:path";
import type { Command } from "commander";
import { makeFolder } from "../../base/files/make-folder.ts";
import { writeWhole } from "../../base/files/write-whole.ts";
import { pasteable } from "../../base/invocation.ts";
import type { CleanResult } from "../../prove/clean/prove-silence.ts";
import type { KillMatrix } from "../../prove/kill-matrix.ts";
import type { Mutant } from "../../prove/mutant.ts";
import type { MutantResult, OriginalResult } from "../../prove/run-mutant.ts";
import { parseCount } from "../../base/units.ts";
import { CountProgress } from "../terminal/count-progress.ts";
import { interruptible } from "../terminal/interrupt.ts";
import { flagValue } from "../flag-value.ts";

interface ProveFlags {
  readonly mutant: readonly string[];
  readonly class: readonly string[];
  readonly sample?: string;
  readonly seed: string;
  readonly peers?: boolean;
  readonly clean?: string;
  readonly list?: boolean;
  readonly json?: boolean;
  readonly out?: string;
}

const repeatable = (text: string, before: readonly string[]): readonly string[] => [...before, text];

export function registerProve(program: Command): void {
  program
    .command("prove")
    .description("prove the judge: drill systems with one seeded fault each, every one of which must be found by name")
    .option("--mutant <id>", "one mutant; repeatable (default: all)", repeatable, [])
    .option("--class <name>", "the mutants of a class, e.g. values; repeatable", repeatable, [])
    .option("--sample <n>", "only n of them, drawn from the seed, of all classes in turn")
    .option("--seed <n>", "the number that decides data, schedule and sample", "1")
    .option("--peers", "let the checks that teams use in place of a drill look at the same systems")
    .option("--clean <n>", "drill n times without a fault instead, of drawn sizes and shapes: none may raise an alarm")
    .option("--list", "list the mutants, and stop")
    .option("--json", "print the matrix as JSON on stdout")
    .option("--out <dir>", "write kill-matrix.md and kill-matrix.json (or silence.json) into this folder")
    .action(async (flags: ProveFlags) => {
      process.exitCode = await run(flags);
    });
}

async function run(flags: ProveFlags): Promise<number> {
  if (flags.clean !== undefined) return await runClean(flags.clean, flags);
  const { registeredMutants } = await import("../../prove/registered-mutants.ts");
  const { selectMutants } = await import("../../prove/select-mutants.ts");
  const seed = flagValue("--seed", flags.seed, parseCount);
  const sample = flags.sample === undefined ? undefined : flagValue("--sample", flags.sample, parseCount);
  const mutants = selectMutants(await registeredMutants(), { ids: flags.mutant, classes: flags.class, sample, seed });
  if (flags.list === true) return await list(mutants, flags.json === true);
  const { runProof } = await import("../../prove/run-proof.ts");
  const progress = new CountProgress(mutants.length);
  const original = ({ drill, exit, ms }: OriginalResult): void =>
    progress.note(`${drill} without a fault: ${exit}, ${(ms / 1000).toFixed(1)} s`);
  const ended = (result: MutantResult): void => progress.ended(pieceOf(result));
  const matrix = await interruptible((signal) =>
    runProof(mutants, { seed, signal, original, ended, withPeers: flags.peers === true }),
  );
  if (flags.out !== undefined) await write(matrix, flags.out);
  process.stdout.write(flags.json === true ? `${JSON.stringify(matrix, undefined, 2)}\n` : await text(matrix));
  return matrix.exitCode;
}

async function runClean(clean: string, flags: ProveFlags): Promise<number> {
  const { cleanDrills, proveSilence } = await import("../../prove/clean/prove-silence.ts");
  const { silenceText } = await import("../../prove/clean/silence-text.ts");
  const seed = flagValue("--seed", flags.seed, parseCount);
  const count = clean === "borders" ? clean : flagValue("--clean", clean, parseCount);
  const progress = new CountProgress(cleanDrills({ count, seed }).length);
  const ended = ({ outcome, name, ms, findings }: CleanResult): void =>
    progress.ended({ word: outcome, isGood: outcome === "silent" || outcome === "named", name, ms, about: findings });
  const proof = await interruptible((signal) => proveSilence({ count, seed, signal, ended }));
  const document = `${JSON.stringify(proof, undefined, 2)}\n`;
  if (flags.out !== undefined) writeFiles(flags.out, { "silence.json": document });
  process.stdout.write(flags.json === true ? document : silenceText(proof, pasteable));
  return proof.exitCode;
}

function pieceOf({ mutant, status, why, first, ms }: MutantResult): Parameters<CountProgress["ended"]>[0] {
  const about = status === "killed" && first !== undefined ? `${first.code} ${first.subject}` : (why ?? "");
  return { word: status, isGood: status === "killed", name: mutant.id, ms, about };
}

async function list(mutants: readonly Mutant[], isJson: boolean): Promise<number> {
  const { drillOf } = await import("../../prove/run-mutant.ts");
  const rows = mutants.map((mutant) => {
    const { id, fault, after, finds } = mutant;
    return { id, fault, after, drill: drillOf(mutant), finds };
  });
  const width = Math.max(...rows.map(({ id }) => id.length));
  const lines = rows.map(({ id, fault }) => `${id.padEnd(width)}  ${fault}\n`);
  process.stdout.write(isJson ? `${JSON.stringify(rows, undefined, 2)}\n` : lines.join(""));
  return 0;
}

async function text(matrix: KillMatrix): Promise<string> {
  const { matrixText } = await import("../../prove/matrix-text.ts");
  const { isTTY, columns } = process.stdout;
  return matrixText(matrix, { columns: isTTY ? columns : 160, paste: pasteable });
}

async function write(matrix: KillMatrix, folder: string): Promise<void> {
  const { matrixMarkdown } = await import("../../prove/matrix-markdown.ts");
  writeFiles(folder, {
    "kill-matrix.md": matrixMarkdown(matrix),
    "kill-matrix.json": `${JSON.stringify(matrix, undefined, 2)}\n`,
  });
}

function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  makeFolder(folder);
  for (const [name, content] of Object.entries(files)) {
    writeWhole(join(folder, name), content);
    process.stderr.write(`${join(folder, name)}\n`);
  }
}
