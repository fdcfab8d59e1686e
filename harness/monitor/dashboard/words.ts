// Times and ages as the pages say them.
import { formatDuration } from "../../base/units.ts";
import { html, type Markup } from "../../../reports/html/markup.ts";

/** "2026-11-21 03:00:05 UTC" */
export function utc(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** "40 s", "5 min", "3.2 h", "9.1 days": no more exact than an age is worth. */
export function ageText(ms: number): string {
  if (ms < 0) return `${ageText(-ms)} ahead`;
  if (ms < 90_000) return `${Math.round(ms / 1000)} s`;
  if (ms < 5_400_000) return `${Math.round(ms / 60_000)} min`;
  return ms < 48 * 3_600_000 ? `${(ms / 3_600_000).toFixed(1)} h` : formatDuration(ms);
}

/** An age whose moment is in its title, and for programs. */
export function age(atMs: number, nowMs: number): Markup {
  return html`<time datetime="${new Date(atMs).toISOString()}" title="${utc(atMs)}">${ageText(nowMs - atMs)}</time>`;
}

/** The age of what may never have been. */
export function ageOrNever(atMs: number, nowMs: number): Markup {
  return atMs === 0 ? html`<span class="missed">never</span>` : html`${age(atMs, nowMs)} ago`;
}
