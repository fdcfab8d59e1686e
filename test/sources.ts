// The project's own source files, and what each of them imports and exports, read by a real parser.
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { parseSync } from "oxc-parser";
import { packageRoot } from "../harness/base/package.ts";

const root = packageRoot();

export const sources: readonly string[] = globSync(
  "{bin,generators,harness,reports,scenarios,fixtures,scripts,test}/**/*.{ts,js}",
  { cwd: root, exclude: (path) => path.includes("node_modules") },
).toSorted();

const texts = new Map(sources.map((path) => [path, readFileSync(join(root, path), "utf8")]));

export function textOf(path: string): string {
  return texts.get(path) ?? "";
}

export function isTest(path: string): boolean {
  return path.includes(".test.") || path.includes("/testing/") || path.startsWith("test/");
}

interface Module {
  /** Paths from the root of what it imports, types included. */
  readonly imports: readonly string[];
  readonly exports: readonly string[];
}

export function moduleOf(path: string): Module {
  const text = textOf(path);
  const { module } = parseSync(path, text);
  const specifiers = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) => entries.map(({ moduleRequest }) => moduleRequest?.value)),
    ...module.dynamicImports.map(({ moduleRequest }) => text.slice(moduleRequest.start + 1, moduleRequest.end - 1)),
  ];
  const own = specifiers.filter((specifier) => specifier !== undefined && specifier.startsWith("."));
  return {
    imports: [...new Set(own.map((specifier) => relative(root, join(root, dirname(path), specifier ?? ""))))],
    exports: module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest, exportName }) => (moduleRequest === null ? (exportName.name ?? []) : [])),
    ),
  };
}
