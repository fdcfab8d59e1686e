// Escapes text of a run (names and values of a graph, messages of an engine, file names) for a terminal, a log or a
// page. It must neither control a terminal nor begin a new line: a GitHub runner executes every line that begins with
// "::", and every "##[" anywhere, as a command.

// Control characters, lone surrogates, line separators, and characters that change the direction of what follows.
const unseen =
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF\uFFFE\uFFFF]|\p{Surrogate}/gu;

/** Escapes invisible characters, and those that would reorder the line, as \uXXXX. Tab and line feed stay. */
export function visible(text: string): string {
  return text.replaceAll(unseen, writtenOut);
}

/** Escapes a text into one line that no GitHub runner takes for a command. */
export function oneLine(text: string): string {
  return visible(text)
    .replaceAll("\n", String.raw`\n`)
    .replaceAll("\r", String.raw`\r`)
    .replaceAll("\t", " ")
    .replaceAll("##[", "## [")
    .replace(/^(\s*):(?=:)/, "$1: ");
}

/** Like `oneLine`, for a line that contains this program's colour codes. */
export function paintedLine(text: string): string {
  // oxlint-disable-next-line no-control-regex
  const parts = text.split(/(\u001B\[[\d;]*m)/);
  return parts.map((part, at) => (at % 2 === 1 ? part : oneLine(part))).join("");
}

/** Several lines, each as `oneLine`; all but the first are indented. */
export function indented(text: string): string {
  return text.split("\n").map(oneLine).join("\n  ");
}

function writtenOut(char: string): string {
  return `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
}
