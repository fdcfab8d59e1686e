// The ways of protecting writes, side by side, as a table of the page.
import { part, tableOf } from "./parts.ts";
import { html, type Markup } from "./markup.ts";
import type { ReportModel } from "../model/model.ts";
import { persistenceTable } from "../model/persistence.ts";

export const persistencePart = { id: "persistence", title: "Persistence modes" } as const;

/** Undefined where no scenario of the group has run. */
export function persistenceModes({ scenarios }: ReportModel): Markup | undefined {
  const table = persistenceTable(scenarios);
  if (table === undefined) return undefined;
  const { head, rows } = table;
  const about = html`<p>
    Writes lost, and the time to the first correct answer: one disaster read three ways, and what each mode cost the
    writers.
  </p>`;
  const content = html`<div class="scroll" tabindex="0" role="region" aria-label="Persistence modes">
    ${tableOf(head, rows.map(modeRow))}
  </div>`;
  return part(persistencePart.id, persistencePart.title, about, content);
}

function modeRow([name = "", ...cells]: readonly string[]): Markup {
  return html`<tr>
    <th scope="row">${name}</th>
    ${cells.map((cell) => html`<td>${cell}</td>`)}
  </tr>`;
}
