// Pieces that several sections of the HTML report use.
import type { StoredFinding, Verdict } from "../../harness/record/result.ts";
import { cut, isSaid, marked, type Side, sidesOf, sideTexts } from "../findings/evidence.ts";
import { kindOfFinding } from "../findings/finding-groups.ts";
import { html, type Markup, type MarkupValue } from "./markup.ts";
import type { Figure } from "../figures/metrics.ts";
import type { Tone } from "../svg/svg.ts";

type Look = Verdict | "open";
const signs: Readonly<Record<Look, string>> = { pass: "✓", fail: "✕", inconclusive: "?", open: "–" };

/** A section of the page: its heading and what it is about on the left, the content on the right. */
export function part(id: string, title: string, about: MarkupValue, content: MarkupValue): Markup {
  return html`<section class="part" aria-labelledby="${id}">
    <header>
      <h2 id="${id}">${title}</h2>
      ${about}
    </header>
    <div class="stack">${content}</div>
  </section>`;
}

/** A sign and a word, never colour alone. */
export function verdictSign(look: Look, word: string): Markup {
  return html`<span class="verdict ${look}"
    ><span class="sign" aria-hidden="true">${signs[look]}</span><span class="word">${word}</span></span
  >`;
}

export function verdictTag(verdict: Verdict): Markup {
  return verdictSign(verdict, verdict);
}

/** A command that wraps only between words: a break within `--nodes` is hard to read. */
export function replayBox(command: string, what: string): Markup {
  const words = command.split(" ").map((word) => html` <span class="word">${word}</span>`);
  const name = `Copy the command that runs ${what} again`;
  return html`<div class="replay">
    <code>${words}</code><button type="button" class="copy" aria-label="${name}">Copy</button>
  </div>`;
}

/** The address of an id in this document, whatever characters it has. */
export function linkTo(id: string): string {
  return `#${encodeURIComponent(id).replaceAll("%2F", "/").replaceAll("%40", "@")}`;
}

export function pairs(figures: readonly Figure[]): Markup {
  return html`<dl class="pairs">
    ${figures.map(
      ({ name, value }) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

export interface KeyItem {
  readonly tone: Tone;
  readonly name: string;
  readonly value?: string | undefined;
  readonly isBand?: boolean;
}

export function key(items: readonly KeyItem[]): Markup {
  return html`<ul class="key">
    ${items.map(
      ({ tone, name, value, isBand }) =>
        html`<li>
          <span class="key-swatch tone-${tone}${isBand === true ? " band" : ""}"></span
          >${name}${value === undefined ? "" : html` <b>${value}</b>`}
        </li>`,
    )}
  </ul>`;
}

/** One finding as it was recorded. */
export function finding(found: StoredFinding): Markup {
  const kind = found.severity === "error" ? kindOfFinding(found) : found.severity;
  return html`<div class="finding ${kind}">
    <p>
      <span class="code">${found.code}</span>
      <span class="subject">${found.subject}</span
      >${found.severity === "error" ? "" : html` <span class="quiet small">${found.severity}</span>`}
    </p>
    <p class="message">${cut(found.message)}</p>
    ${found.hint === undefined ? "" : html`<p class="next">Next: ${found.hint}</p>`} ${sidesTable(found)}
    ${restOfEvidence(found)}
  </div>`;
}

/** Expected and actual values side by side, unless the message already holds them. */
export function sidesTable({ evidence, message }: StoredFinding): Markup | "" {
  const { leftTitle, rightTitle, rows } = sidesOf(evidence);
  return isSaid(message, rows) ? "" : sides(leftTitle, rightTitle, rows);
}

/** Evidence without a counterpart to compare with, collapsed. */
export function restOfEvidence({ evidence }: StoredFinding): Markup | "" {
  const { rest } = sidesOf(evidence);
  if (Object.keys(rest).length === 0) return "";
  return html`<details class="more">
    <summary>Evidence</summary>
    <pre tabindex="0">${cut(JSON.stringify(rest, undefined, 2))}</pre>
  </details>`;
}

function sides(leftTitle: string, rightTitle: string, rows: readonly Side[]): Markup {
  const named = rows.some(({ name }) => name !== "");
  return html`<table class="sides">
    <thead>
      <tr>
        ${named ? html`<th class="what" scope="col"><span class="unseen">What</span></th>` : ""}
        <th scope="col">${leftTitle}</th>
        <th scope="col">${rightTitle}</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map((row) => {
        const { name } = row;
        const [a, b] = marked(...sideTexts(row));
        return html`<tr>
          ${named ? html`<th scope="row">${name}</th>` : ""}
          <td>${a}</td>
          <td>${b}</td>
        </tr>`;
      })}
    </tbody>
  </table>`;
}

/** A plain table: the names of its columns over rows that are made already. */
export function tableOf(head: readonly string[], rows: readonly Markup[]): Markup {
  return html`<table>
    <thead>
      <tr>
        ${head.map((name) => html`<th scope="col">${name}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}
