// Reads a file of settings: YAML or JSON, with the line and column of what is wrong in it, or the default export of a module.
import { readFile } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { errorMessage, usageError } from "../errors.ts";
import { suggestions } from "../suggest.ts";

const modules = new Set([".ts", ".mts", ".js", ".mjs"]);
const documents = new Set([".yaml", ".yml", ".json"]);

export interface SettingsKind<T> {
  /** Name of this kind of file in errors, such as "policy". */
  readonly name: string;
  readonly schema: z.ZodType<T>;
  /** Where people find what may stand in it. */
  readonly hint: string;
  /** What a module exports, such as "definePolicy({ ... })". */
  readonly define: string;
}

/** Throws a `DrillError` (`usage`, exit code 2) where the file cannot be read or holds what the schema does not allow. */
export async function loadSettings<T>(path: string, kind: SettingsKind<T>): Promise<T> {
  const { name, hint } = kind;
  const extension = extname(path);
  if (modules.has(extension)) return checked(path, await importDefault(path, kind), kind, () => "");
  if (!documents.has(extension))
    throw usageError(`${path} is not a ${name} file: it has to end in .yaml, .yml, .json or .ts`, hint);
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw usageError(`the ${name} could not be read: ${errorMessage(error)}`, hint);
  });
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `:${line}:${col}`;
  };
  const [broken] = document.errors;
  if (broken !== undefined) throw usageError(`${path}${at(broken.pos[0])}: ${broken.message}`, hint);
  return checked(path, plainValue(path, document, hint), kind, (issue) => {
    const offset = offsetOf(document, issue);
    return offset === undefined ? "" : at(offset);
  });
}

/** Aliases that stand for more and more aliases would make gigabytes of a few lines. */
function plainValue(path: string, document: Document, hint: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw usageError(`${path}: ${errorMessage(error)}`, hint);
  }
}

/** The default export of a module. */
export async function importDefault(
  path: string,
  { hint, define }: Pick<SettingsKind<unknown>, "hint" | "define">,
): Promise<unknown> {
  const loaded = (await import(pathToFileURL(resolve(path)).href).catch((error: unknown) => {
    throw usageError(`${path} could not be loaded: ${errorMessage(error)}`, hint);
  })) as { default?: unknown };
  if (loaded.default !== undefined) return loaded.default;
  throw usageError(`${path} has no default export`, `Write: export default ${define}.`);
}

function checked<T>(
  path: string,
  value: unknown,
  { schema, hint }: SettingsKind<T>,
  at: (issue: z.core.$ZodIssue) => string,
): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.flatMap(closest);
  const lines = issues.map((issue) => `${path}${at(issue)}: ${describe(issue, schema)}`);
  throw usageError(lines.join("\n"), hint);
}

/** What is wrong by the alternative that is meant: the one whose kind of value was given. */
function closest(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== "invalid_union") return [issue];
  const meant = issue.errors.find((issues) =>
    issues.every(({ code, path }) => path.length > 0 || code === "unrecognized_keys"),
  );
  for (const inner of meant ?? []) inner.path.unshift(...issue.path);
  return meant ?? [issue];
}

function describe(issue: z.core.$ZodIssue, schema: z.ZodType): string {
  const place = issue.path.length === 0 ? "" : `${issue.path.join(".")}: `;
  return `${place}${issue.message}${issue.code === "unrecognized_keys" ? suggestion(issue, schema) : ""}`;
}

function suggestion({ keys, path }: z.core.$ZodIssueUnrecognizedKeys, schema: z.ZodType): string {
  const known = knownKeys(schema, path);
  const near = keys.flatMap((key) => suggestions(key, known, 1));
  if (near.length > 0) return `; did you mean ${near.join(", ")}?`;
  return known.length > 0 ? `; it takes ${known.join(", ")}` : "";
}

/** The keys that an object at `path` may have. */
function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  let at: unknown = schema;
  for (const key of path) {
    at = bare(at);
    if (at instanceof z.ZodObject) at = (at.shape as Record<PropertyKey, unknown>)[key];
    else if (at instanceof z.ZodArray) at = at.element;
    else if (at instanceof z.ZodRecord) at = at.valueType;
    else return [];
  }
  at = bare(at);
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

function bare(schema: unknown): unknown {
  if (schema instanceof z.ZodOptional) return bare(schema.unwrap());
  if (schema instanceof z.ZodUnion) return schema.options.find((option) => option instanceof z.ZodObject) ?? schema;
  return schema;
}

/** Where in the file an issue is: at the key that is not known, at the value, or at what should have held it. */
function offsetOf(document: Document, issue: z.core.$ZodIssue): number | undefined {
  for (let depth = issue.path.length; depth >= 0; depth--) {
    const path = issue.path.slice(0, depth);
    const node = depth === 0 ? document.contents : document.getIn(path, true);
    if (issue.code === "unrecognized_keys" && isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && key.value === issue.keys[0]);
      if (isScalar(pair?.key) && pair.key.range) return pair.key.range[0];
    }
    if (isNode(node) && node.range) return node.range[0];
  }
  return undefined;
}
