// A page of ours names the hashes of its own style and script, so that nothing else of either kind runs in it.
import { createHash } from "node:crypto";
import type { Markup } from "./markup.ts";

/** SHA-256 source expression for a Content-Security-Policy. */
export function hashOf({ text }: Markup): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
