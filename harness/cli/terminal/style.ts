// Colour, where the stream and NO_COLOR / FORCE_COLOR allow it.
import { styleText } from "node:util";
import type { TerminalOptions } from "../../../reports/text/terminal.ts";
import { pasteable } from "../../base/invocation.ts";

type Style = Parameters<typeof styleText>[0];

/** Styles text that goes to stderr. */
export function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stderr });
}

/** Styles text that goes to stdout. */
export function paintOut(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

/** How a summary of runs is printed on stdout. */
export function summaryOptions(
  directories: readonly string[],
  { wereShown = false }: { readonly wereShown?: boolean } = {},
): TerminalOptions {
  // A terminal has already shown each scenario as it ended.
  const { isTTY, columns } = process.stdout;
  // A pipe has no width.
  return {
    paint: paintOut,
    paste: pasteable,
    directories,
    columns: isTTY ? columns : 120,
    omitsList: wereShown && isTTY,
  };
}
