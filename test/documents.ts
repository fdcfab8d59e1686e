// The documents of the repository as tests read them: their blocks, and the command lines and paths that they name.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../harness/base/package.ts";

const root = packageRoot();

/** Every page that a user reads, by its path in the repository. */
export const documents: ReadonlyMap<string, string> = new Map(
  globSync(["*.md", "docs/**/*.md", "harness/**/README.md", "reports/**/README.md"], { cwd: root })
    .filter((path) => path !== "CHANGELOG.md")
    .toSorted()
    .map((path) => [path, readFileSync(join(root, path), "utf8")]),
);

interface DocumentLine {
  /** File and line, as an editor opens it. */
  readonly where: string;
  readonly text: string;
  readonly isInBlock: boolean;
}

/** The lines of a document; a command that goes on over several lines is one. */
function linesOf(path: string): readonly DocumentLine[] {
  const lines: DocumentLine[] = [];
  let isInBlock = false;
  let begun: DocumentLine | undefined;
  for (const [index, line] of (documents.get(path) ?? "").split("\n").entries()) {
    if (line.trimStart().startsWith("```")) {
      isInBlock = !isInBlock;
      continue;
    }
    const { where, text }: DocumentLine =
      begun === undefined
        ? { where: `${path}:${index + 1}`, text: line, isInBlock }
        : { ...begun, text: begun.text + line.trim() };
    begun = isInBlock && text.endsWith("\\") ? { where, text: text.slice(0, -1), isInBlock } : undefined;
    if (begun === undefined) lines.push({ where, text, isInBlock });
  }
  return lines;
}

interface NamedCommand {
  readonly where: string;
  readonly args: readonly string[];
  /** Whether the command is complete: in running text one may be named without its required arguments. */
  readonly isWhole: boolean;
}

const calls =
  /(?:^|[:;&|(]\s*)(?:npx )?falkordrill (?<args>.*)|npm run (?<script>drill|bench)(?: --)?(?<rest>(?: .*)?)$/;

/** Every command line of FalkorDrill that a document names. */
export function commandsOf(path: string): readonly NamedCommand[] {
  return linesOf(path).flatMap(({ where, text, isInBlock }) => {
    const pieces = isInBlock
      ? withoutComment(text).split(/&&|\|\||;|\s\|\s/)
      : [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? "");
    return pieces.flatMap((piece) => {
      const { args, script, rest = "" } = calls.exec(piece.trim())?.groups ?? {};
      // A synopsis, as help prints it, is not a command.
      if ((args === undefined && script === undefined) || piece.includes("[")) return [];
      const first = script === "drill" ? ["run"] : script === undefined ? [] : [script];
      return [{ where, args: [...first, ...words(args ?? rest)], isWhole: isInBlock }];
    });
  });
}

function withoutComment(line: string): string {
  return line.replace(/(?:^|\s)#\s.*$/, "");
}

/** The words of a shell command up to a redirection; `<id>` is a word. */
function words(text: string): readonly string[] {
  const found = [...text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? "");
  const end = found.findIndex((word) => /^\d?>/.test(word));
  return end === -1 ? found : found.slice(0, end);
}

const folders = "bin|docs|fixtures|generators|harness|reports|scenarios|schemas|scripts|test|\\.github";
const pathPattern = new RegExp(`(?<![\\w./@:-])(?:${folders})/[\\w./*-]*[\\w*/]`, "g");

/** Every file or folder of the repository that a document names, by link or by path, relative to the root. */
export function pathsOf(path: string): readonly { readonly where: string; readonly target: string }[] {
  return linesOf(path).flatMap(({ where, text, isInBlock }) => {
    // The first line of an example may be its file name in the reader's repository.
    if (isInBlock && text.startsWith("#")) return [];
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? "");
    const local = links
      .filter((link) => !/^[a-z]+:/.test(link))
      .map((link) => (link.startsWith("#") ? path + link : join(path, "..", link)));
    const named = text.replaceAll(/\]\([^)]*\)/g, "").match(pathPattern) ?? [];
    return [...local, ...named].map((target) => ({ where, target }));
  });
}
