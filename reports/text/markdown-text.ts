// Text of a run inside Markdown. A graph may hold anything, and on GitHub text can become markup, mention people, link to
// issues or to elsewhere; none of that may happen.
import { visible } from "../../harness/base/one-line.ts";

/** Inside a line of Markdown, a table's cells included. */
export function inline(text: string): string {
  return split(escaped(text).replaceAll(/[\\`*_[\]~|$]/g, String.raw`\$&`));
}

/** Text inside an HTML block, where Markdown is not parsed. */
export function outsideMarkdown(text: string): string {
  return split(escaped(text));
}

function escaped(text: string): string {
  return visible(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll(/\s+/g, " ");
}

/** An empty comment splits what GitHub would make a mention or a link of, and does not show. */
function split(text: string): string {
  return text.replaceAll(/@|#(?=\d)|GH-(?=\d)|:(?=\/\/)|www(?=\.)/g, "$&<!-- -->");
}

export function code(text: string): string {
  return `<code>${inline(text)}</code>`;
}

/** A block of code that its content cannot end. */
export function fenced(text: string, language: string): string[] {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  return [`${fence}${language}`, visible(text), fence];
}
