// Colour, where the stream and NO_COLOR / FORCE_COLOR allow it.
import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** For text that goes to stderr. */
export function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stderr });
}

/** For text that goes to stdout. */
export function paintOut(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}
