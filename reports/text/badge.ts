// A badge with the verdict, for a README. It is self-contained, colours included.
import type { Verdict } from "../../harness/record/result.ts";
import { exact, type Markup } from "../html/markup.ts";
import type { ReportModel } from "../model/model.ts";

const colours: Readonly<Record<Verdict, string>> = { pass: "#1f7a4d", fail: "#b42318", inconclusive: "#8a5a00" };
const name = "recovery drill";
const characterWidth = 6.6;
const padding = 8;

export function badge({ result, counts, scenarios }: ReportModel): string {
  const open = scenarios.length - counts.pass;
  const value = result.verdict === "pass" ? `pass ${counts.pass}` : `${result.verdict} ${open}/${scenarios.length}`;
  const left = Math.round(name.length * characterWidth + 2 * padding);
  const right = Math.round(value.length * characterWidth + 2 * padding);
  const size = exact`width="${left + right}" height="20"`;
  return exact`<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-label="${name}: ${value}">
<title>${name}: ${value}</title>
<clipPath id="round"><rect ${size} rx="3"/></clipPath>
<g clip-path="url(#round)"><rect ${size} fill="#3b4048"/><rect x="${left}" width="${right}" height="20" fill="${colours[result.verdict]}"/></g>
<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">${words(padding, name, left)}${words(left + padding, value, right)}</g>
</svg>
`.text;
}

function words(x: number, text: string, room: number): Markup {
  return exact`<text x="${x}" y="14" textLength="${room - 2 * padding}">${text}</text>`;
}
