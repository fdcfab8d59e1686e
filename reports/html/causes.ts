// What did not pass, and apart from it the warnings, by cause: alike findings once, with their number, one example and the
// scenarios that they hit. Data differences, failures of the system and assumptions that did not hold differ in word, sign
// and colour.
import { formatCount } from "../../harness/base/units.ts";
import {
  type FindingGroup,
  findingKinds,
  groupCount,
  type FindingKind,
  kindNames,
} from "../findings/finding-groups.ts";
import { linkTo, part, replayBox, restOfEvidence, sidesTable } from "./parts.ts";
import { html, type Markup } from "./markup.ts";
import type { ReportModel } from "../model/model.ts";

const groupsMax = 12;
const scenariosMax = 6;

const signs: Readonly<Record<FindingKind, string>> = {
  data: "≠",
  system: "✕",
  objective: "▲",
  ours: "!",
  machine: "○",
  assumption: "?",
  engine: "!",
};

/** Everything that did not pass; nothing where all passed. */
export function failures(model: ReportModel): Markup | "" {
  const { scenarios, result } = model;
  const bad = scenarios.filter(({ verdict }) => verdict !== "pass");
  const [worst] = bad;
  if (worst === undefined) return "";
  const groups = model.groups.filter(({ severity }) => severity === "error");
  const about = html`<p>
    ${groupCount(groups)} in ${formatCount(bad.length)} of ${formatCount(scenarios.length)} scenarios, worst first
  </p>`;
  return part("failures", "What did not pass", about, [
    ...firstCauses(groups, scenarios.length > 1),
    html`<div>
      <h3>Run it again</h3>
      ${scenarios.length === 1 ? "" : replayBox(worst.replay, worst.id)} ${replayBox(result.replay, "the whole drill")}
    </div>`,
  ]);
}

/** What a person should know of, whatever the verdict. */
export function warnings({ groups, scenarios }: ReportModel): Markup | "" {
  const shown = groups.filter(isWarning);
  if (shown.length === 0) return "";
  return part("warnings", "Warnings", html`<p>None of them decides the verdict.</p>`, [
    ...firstCauses(shown, scenarios.length > 1),
  ]);
}

export function isWarning({ severity }: FindingGroup): boolean {
  return severity !== "error";
}

function firstCauses(groups: readonly FindingGroup[], many: boolean): readonly (Markup | "")[] {
  const more = groups.length - groupsMax;
  return [
    html`<div>${causes(groups.slice(0, groupsMax), many)}</div>`,
    more > 0 ? html`<p><a href="#details">${formatCount(more)} more, with their scenarios</a></p>` : "",
  ];
}

/** `many`: says in which scenarios; inside of one that is known. */
export function causes(groups: readonly FindingGroup[], many: boolean): Markup[] {
  return findingKinds.flatMap((kind) =>
    groups.filter((group) => group.kind === kind).map((group) => cause(group, many)),
  );
}

function cause(
  { kind, severity, code, title, means, next, example, derived, scenarios }: FindingGroup,
  many: boolean,
): Markup {
  const isSaid = title === example.message;
  return html`<div class="finding ${kind}">
    <p class="kind">
      <span aria-hidden="true">${signs[kind]}</span> ${kindNames[kind]}${severity === "error" ? "" : ` (${severity})`}
    </p>
    <h3 class="message">${title}</h3>
    <p class="quiet">
      ${means === undefined || title.startsWith(means.replace(/\.$/, "")) ? "" : `${means} `}<code
        >falkordrill explain ${code}</code
      >
    </p>
    <p class="small">
      ${isSaid ? "" : "For example "}<span class="subject">${example.subject}</span
      >${isSaid ? "" : html`: ${example.message}`}
    </p>
    ${sidesTable(example)} ${next === undefined ? "" : html`<p class="next">Next: ${next}</p>`}
    ${many ? html`<p class="small">In ${listed(scenarios)}</p>` : ""} ${restOfEvidence(example)}
    ${
      derived.length === 0
        ? ""
        : html`<details class="more">
            <summary>
              Follows from it: ${formatCount(derived.reduce((sum, { count }) => sum + count, 0))} other findings
            </summary>
            <ul>
              ${derived.map((one) => html`<li>${one.title} <code>${one.code}</code></li>`)}
            </ul>
          </details>`
    }
  </div>`;
}

function listed(ids: readonly string[]): Markup {
  const more = ids.length - scenariosMax;
  const shown = ids
    .slice(0, scenariosMax)
    .map((id, at) => html`${at === 0 ? "" : ", "}<a href="${linkTo(id)}">${id}</a>`);
  return html`${shown}${more > 0 ? ` and ${formatCount(more)} more` : ""}`;
}
