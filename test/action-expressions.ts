// The few expressions of GitHub that our action uses. Whatever is not among them is an error, so that the action stays
// as simple as its test.

export type Contexts = Readonly<Record<string, unknown>>;

/** The value of an `if`: terms joined by `&&`. Without a status function a step runs only where nothing failed. */
export function evaluate(condition: string, contexts: Contexts, failed: boolean): boolean {
  const text = condition.replace(/^\$\{\{(.*)\}\}$/s, "$1").trim();
  const terms = text.split("&&").map((term) => term.trim());
  const status = terms.some((term) => term === "always()" || term === "success()" || term === "failure()");
  return (status || !failed) && terms.every((term) => isTrue(term, contexts, failed));
}

function isTrue(term: string, contexts: Contexts, failed: boolean): boolean {
  if (term === "always()") return true;
  if (term === "success()") return !failed;
  if (term === "failure()") return failed;
  const [, path, operator, literal] = /^([\w.-]+) (==|!=) '([^']*)'$/.exec(term) ?? [];
  if (path === undefined) throw new Error(`the condition "${term}" is none that this runner knows`);
  return (lookUp(path, contexts) === literal) === (operator === "==");
}

/** Text with its `${{ a.b.c }}` replaced; what is not there is empty, as on GitHub. */
export function interpolate(text: string, contexts: Contexts): string {
  return text.replaceAll(/\$\{\{\s*(.*?)\s*\}\}/g, (_, path: string) => lookUp(path, contexts));
}

function lookUp(path: string, contexts: Contexts): string {
  if (!/^(?:inputs|steps|runner|github)(?:\.[\w-]+)+$/.test(path)) throw new Error(`"${path}" is no plain value`);
  let value: unknown = contexts;
  for (const part of path.split(".")) value = (value as Record<string, unknown> | undefined)?.[part];
  return typeof value === "string" ? value : "";
}
