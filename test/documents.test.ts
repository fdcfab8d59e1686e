// The documents are true: their commands are ones that the program takes, what they name exists, and what is written
// from the code is what the code says.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { beforeAll, describe, expect, it } from "vitest";
import { errorMessage } from "../harness/base/errors.ts";
import { invocationFrom, pasteable } from "../harness/base/invocation.ts";
import { packageRoot } from "../harness/base/package.ts";
import { programFor } from "../harness/cli/main.ts";
import { profileNames } from "../harness/drill/run/profiles.ts";
import { importScenarios } from "../harness/drill/run/scenario-files.ts";
import { registeredScenarios } from "../harness/drill/run/scenario.ts";
import { referencePages } from "../scripts/reference-pages.ts";
import { commandsOf, documents, pathsOf } from "./documents.ts";

const root = packageRoot();
const bytesMax: Readonly<Record<string, number>> = { "README.md": 8192, "ARCHITECTURE.md": 8192 };
const names = [...documents.keys()];

/** The program with commands that do nothing: parsing alone shows what is wrong with a command line. */
async function idleProgram(args: readonly string[]): Promise<{ program: Command; called: () => Command | undefined }> {
  const program = await programFor(args);
  let called: Command | undefined;
  const idle = (command: Command): void => {
    command.exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} });
    if (command.commands.length === 0 || command.registeredArguments.length > 0)
      command.action(() => void (called = command));
    command.commands.forEach(idle);
  };
  idle(program);
  return { program, called: () => called };
}

/** What commander says when something is missing, which a command named in running text may be. */
const incomplete = new Set(["commander.missingMandatoryOptionValue", "commander.missingArgument", "commander.help"]);

async function problemOf(args: readonly string[], isWhole: boolean): Promise<string | undefined> {
  const { program, called } = await idleProgram(args);
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    const { code = "" } = error as { code?: string };
    const isHelp = code === "commander.helpDisplayed" || code === "commander.version";
    return isHelp || (!isWhole && incomplete.has(code)) ? undefined : errorMessage(error);
  }
  const command = called();
  if (command?.name() !== "run") return undefined;
  const { profile } = command.opts<{ profile?: string }>();
  if (profile !== undefined && !profile.startsWith("<") && !profileNames.some((name) => name === profile))
    return `no profile "${profile}"`;
  const ids = registeredScenarios().map(({ id }) => id);
  const unknown = command.args.find((filter) => !filter.startsWith("<") && !ids.some((id) => id.includes(filter)));
  return unknown === undefined ? undefined : `no scenario "${unknown}"`;
}

describe("the documents", { timeout: 60_000 }, () => {
  beforeAll(() => importScenarios(), 60_000);

  it("name only commands that the program takes", async () => {
    const commands = names.flatMap(commandsOf);
    expect(commands.length).toBeGreaterThan(50);
    const problems: string[] = [];
    for (const { where, args, isWhole } of commands) {
      const problem = await problemOf(args, isWhole);
      if (problem !== undefined) problems.push(`${where}: falkordrill ${args.join(" ")}: ${problem}`);
    }
    expect(problems).toEqual([]);
  });

  it("of the program's own messages name commands that take the vault that they are printed with", async () => {
    const flags = ["--vault", "v", "--endpoint", "http://e", "--region", "r", "--keys", "k", "--passphrase-file", "p"];
    const call = invocationFrom({ root, cwd: root, isCheckout: true, args: ["vault", "x", ...flags] });
    const sources = globSync("harness/**/*.ts", { cwd: root, exclude: ["**/*.test.ts", "**/testing/**"] });
    const named = sources.flatMap((file) =>
      [...readFileSync(join(root, file), "utf8").matchAll(/falkordrill (vault(?: keys)? [a-z][a-z-]+)(?![\w-])/g)].map(
        ([, verb = ""]) => verb,
      ),
    );
    const verbs = [...new Set(named)];
    expect(verbs.length).toBeGreaterThan(15);
    const problems: string[] = [];
    for (const verb of verbs) {
      const words = pasteable(`falkordrill ${verb}`, call).split(" ").slice(2);
      const problem = await problemOf(words, false);
      if (problem !== undefined) problems.push(`falkordrill ${verb}: ${problem}`);
    }
    expect(problems).toEqual([]);
  });

  it.each([
    [["run", "--nods", "3"], "unknown option '--nods'"],
    [["vault", "restor"], "unknown command 'restor'"],
    [["vault", "list"], "required option '--vault <place>' not specified"],
    [["run", "cycle/nothing"], 'no scenario "cycle/nothing"'],
  ])("with %j would be wrong", async (args, problem) => {
    expect(await problemOf(args, true)).toContain(problem);
  });

  it("name only files, folders and headings that exist", () => {
    const isThere = (target: string): boolean => {
      const [path = "", anchor] = target.split("#");
      if (globSync(path, { cwd: root }).length === 0) return false;
      return anchor === undefined || anchorsOf(documents.get(path) ?? "").includes(anchor);
    };
    const missing = names.flatMap(pathsOf).filter(({ target }) => !isThere(target));
    expect(missing).toEqual([]);
  });

  it("name only npm scripts that exist", () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: object };
    const named = [...documents].flatMap(([name, text]) =>
      [...text.matchAll(/npm run (?:--silent )?([\w:]+)/g)].map((match) => `${name}: ${match[1]}`),
    );
    expect(named.filter((entry) => !((entry.split(": ")[1] ?? "") in scripts))).toEqual([]);
  });

  it.each(Object.entries(bytesMax))("%s has at most %i bytes", (name, max) => {
    expect(Buffer.byteLength(documents.get(name) ?? "")).toBeLessThanOrEqual(max);
  });

  it("written from the code are not stale (else: npm run docs)", async () => {
    const pages = await referencePages();
    expect(new Map([...pages.keys()].map((path) => [path, documents.get(path)]))).toEqual(pages);
  });
});

function anchorsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, "")
      .replaceAll(" ", "-"),
  );
}
