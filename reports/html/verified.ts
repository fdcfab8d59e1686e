// "What was verified" as a table of the page: of the whole drill, and of one scenario.
import { verdictSign } from "./parts.ts";
import { html, type Markup } from "./markup.ts";
import type { VerifiedRow, VerifiedVerdict } from "../model/verified.ts";

const looks: Readonly<Record<VerifiedVerdict, "pass" | "fail" | "open">> = {
  equal: "pass",
  differs: "fail",
  "not checked": "open",
};

export function verifiedTable(rows: readonly VerifiedRow[]): Markup {
  return html`<table class="verified">
    <thead>
      <tr>
        <th scope="col">Check</th>
        <th scope="col">Compared</th>
        <th scope="col" class="num">Different</th>
        <th scope="col">Verdict</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        ({ check, compared, different, verdict }) =>
          html`<tr${verdict === "not checked" ? html` class="open"` : ""}>
            <th scope="row">${check}</th>
            <td>${compared}</td>
            <td class="num">${different}</td>
            <td>${verdictSign(looks[verdict], verdict)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}
