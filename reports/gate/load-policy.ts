// Reads a policy file: YAML or JSON, with the line and column of what is wrong in it, or a TypeScript module.
import { readFile } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import { checkoutOf } from "../../harness/base/checkout.ts";
import { errorMessage, usageError } from "../../harness/base/errors.ts";
import { type Policy, policySchema } from "./policy.ts";
import { headCommit } from "./rules/commit.ts";

const modules = new Set([".ts", ".mts", ".js", ".mjs"]);
const documents = new Set([".yaml", ".yml", ".json"]);
const hint = "docs/guides/ci.md has an example; schemas/policy.schema.json describes every field.";

export async function loadPolicy(path: string): Promise<Policy> {
  const kind = extname(path);
  if (modules.has(kind)) return checked(path, await importDefault(path), () => "");
  if (!documents.has(kind)) throw usageError(`${path} is no policy: it has to end in .yaml, .yml, .json or .ts`, hint);
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw usageError(`the policy could not be read: ${errorMessage(error)}`, hint);
  });
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `:${line}:${col}`;
  };
  const [broken] = document.errors;
  if (broken !== undefined) throw usageError(`${path}${at(broken.pos[0])}: ${broken.message}`, hint);
  return checked(path, plainValue(path, document), (issue) => {
    const offset = offsetOf(document, issue);
    return offset === undefined ? "" : at(offset);
  });
}

/** Aliases that stand for more and more aliases would make gigabytes of a few lines. */
function plainValue(path: string, document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw usageError(`${path}: ${errorMessage(error)}`, hint);
  }
}

async function importDefault(path: string): Promise<unknown> {
  const loaded = (await import(pathToFileURL(resolve(path)).href).catch((error: unknown) => {
    throw usageError(`${path} could not be loaded: ${errorMessage(error)}`, hint);
  })) as { default?: unknown };
  if (loaded.default !== undefined) return loaded.default;
  throw usageError(`${path} has no default export`, "Write: export default definePolicy({ ... }).");
}

function checked(path: string, value: unknown, at: (issue: z.core.$ZodIssue) => string): Policy {
  const parsed = policySchema.safeParse(value);
  if (parsed.success) return withHead(parsed.data);
  const lines = parsed.error.issues.map((issue) => `${path}${at(issue)}: ${describe(issue)}`);
  throw usageError(lines.join("\n"), hint);
}

/** HEAD becomes the commit that it stands for now, so that a bundle can be judged again elsewhere. */
function withHead(policy: Policy): Policy {
  if (policy.commit?.is !== headCommit) return policy;
  const checkout = checkoutOf(process.cwd());
  return checkout === undefined ? policy : { ...policy, commit: { is: checkout.commit } };
}

function describe(issue: z.core.$ZodIssue): string {
  const place = issue.path.length === 0 ? "" : `${issue.path.join(".")}: `;
  return `${place}${issue.message}`;
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
