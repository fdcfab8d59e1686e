// `falkordrill init`: a configuration, programs to begin with, an example scenario and a workflow. Nothing that exists
// is changed.
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import type { Command } from "commander";
import { codeOf, exitCodes } from "../../base/errors.ts";
import { invocationIn, pasteable } from "../../base/invocation.ts";
import { oneOf } from "../../base/one-of.ts";
import { packageRoot } from "../../base/package.ts";
import { writing } from "../../base/system-error.ts";
import { paint } from "../terminal/style.ts";

interface InitFlags {
  readonly format?: string;
  readonly json?: boolean;
}

const formats = ["ts", "yaml", "json"] as const;
type Format = (typeof formats)[number];

export function registerInit(program: Command): void {
  program
    .command("init")
    .description("write a configuration, backup programs to begin with, an example scenario and a workflow")
    .argument("[folder]", "the root of your repository", ".")
    .option(
      "--format <name>",
      `${formats.join(", ")} of the configuration (default: ts where falkordrill is installed, otherwise yaml)`,
    )
    .option("--json", "print what was written as JSON")
    .action((folder: string, flags: InitFlags) => {
      process.exitCode = init(resolve(folder), flags);
    });
}

function init(folder: string, { format, json = false }: InitFlags): number {
  const chosen = format === undefined ? formatFor(folder) : oneOf("--format", format, formats);
  const files = filesOf(chosen);
  const written = Object.entries(files).flatMap(([path, template]) =>
    writeNew(join(folder, path), join(packageRoot(), "templates", template)) ? [path] : [],
  );
  const kept = Object.keys(files).filter((path) => !written.includes(path));
  if (json) {
    process.stdout.write(`${JSON.stringify({ folder, written, kept }, undefined, 2)}\n`);
    return exitCodes.pass;
  }
  const there = invocationIn(folder);
  const where = relative(process.cwd(), folder);
  const named = (path: string): string => (where.startsWith("..") ? join(folder, path) : join(where, path));
  process.stdout.write(
    [
      ...written.map((path) => `${paint("green", "wrote")}  ${named(path)}`),
      ...kept.map((path) => `${paint("dim", "kept")}   ${named(path)}  (it is there)`),
      "",
      "next:  replace the programs in ops/ by your own, or name yours in the configuration; then, in that folder:",
      `       ${pasteable("falkordrill run --dry-run", there)}   (shows what would be called)`,
      `       ${pasteable("falkordrill run", there)}`,
      "",
    ].join("\n"),
  );
  return exitCodes.pass;
}

/** Files by their path in the repository, with their template. */
function filesOf(format: Format): Readonly<Record<string, string>> {
  const config = `falkordrill.config.${format}`;
  return {
    [config]: config,
    "ops/backup.sh": "ops/backup.sh",
    "ops/restore.sh": "ops/restore.sh",
    ...(format === "ts" && { "drills/example.scenario.ts": "drills/example.scenario.ts" }),
    ".github/workflows/drill.yml": "drill.yml",
  };
}

/** A configuration in TypeScript imports falkordrill, which has to be found from its folder. */
function formatFor(folder: string): Format {
  try {
    createRequire(join(folder, "package.json")).resolve("falkordrill/package.json");
    return "ts";
  } catch {
    return "yaml";
  }
}

/** False if the file is already there. */
function writeNew(path: string, template: string): boolean {
  const text = readFileSync(template, "utf8");
  // Folders of a repository, for everyone who may read it.
  writing(path, () => mkdirSync(dirname(path), { recursive: true }));
  return writing(path, () => {
    try {
      writeFileSync(path, text, { flag: "wx", mode: 0o644 });
    } catch (error) {
      if (codeOf(error) === "EEXIST") return false;
      throw error;
    }
    if ((statSync(template).mode & 0o100) !== 0) chmodSync(path, 0o755);
    return true;
  });
}
