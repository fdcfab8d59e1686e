// The first screen of the HTML report: the verdict, recovery against its objectives, and what failed with its evidence.
import { formatCount, formatDuration } from "../harness/base/units.ts";
import { finding, linkTo, part, replayBox, verdictTag } from "./html-parts.ts";
import { html, type Markup } from "./markup.ts";
import type { MergedScenario } from "./merge.ts";
import type { Headline } from "./headlines.ts";
import { type ReportModel, verdictSentence } from "./model.ts";
import { errorsOf, exitWords } from "./severity.ts";

const failuresMax = 6;
const findingsMax = 2;

export function lead(model: ReportModel): Markup {
  const { result, rto, rpo, counts, scenarios } = model;
  const held = scenarios.flatMap(({ metrics }) => metrics["writePauseMs"] ?? []);
  const others = [
    counts.fail > 0 ? `${formatCount(counts.fail)} failed` : undefined,
    counts.inconclusive > 0 ? `${formatCount(counts.inconclusive)} inconclusive` : undefined,
  ].filter((text) => text !== undefined);
  return html`<div class="lead ${result.verdict}">
    <h1>${result.verdict[0]?.toUpperCase()}${result.verdict.slice(1)}</h1>
    <p class="sentence">${verdictSentence(model)}</p>
    <dl class="facts">
      ${headline("Recovery time (RTO)", "longest", rto)} ${headline("Acknowledged writes lost (RPO)", "most", rpo)}
      <div>
        <dt>Longest that a writer was held</dt>
        ${value(held.length === 0 ? undefined : formatDuration(Math.max(...held)))}
      </div>
      <div>
        <dt>Scenarios passed</dt>
        <dd class="value">${formatCount(counts.pass)} of ${formatCount(scenarios.length)}</dd>
        <dd class="sub">${others.join(", ")}</dd>
      </div>
    </dl>
  </div>`;
}

function headline(name: string, superlative: string, measured: Headline): Markup {
  const { text, scenario, objective, isMet, measuredBy } = measured;
  const judged =
    isMet === undefined ? "" : isMet ? html` <span class="met">met</span>` : html` <span class="missed">missed</span>`;
  const against = objective === undefined ? "" : html`<dd class="sub">objective ${objective}${judged}</dd>`;
  const where =
    scenario === undefined
      ? ""
      : html`<dd class="sub">
          ${measuredBy > 1 ? `${superlative} of ${formatCount(measuredBy)}: ` : ""}<a href="${linkTo(scenario)}"
            >${scenario}</a
          >
        </dd>`;
  return html`<div>
    <dt>${name}</dt>
    ${value(measured.value === undefined ? undefined : text)}${against}${where}
  </div>`;
}

function value(text: string | undefined): Markup {
  return text === undefined ? html`<dd class="value none">not measured</dd>` : html`<dd class="value">${text}</dd>`;
}

/** Everything that did not pass, worst first, as far as it fits; nothing where all passed. */
export function failures({ scenarios, result }: ReportModel): Markup | "" {
  const bad = scenarios.filter((scenario) => scenario.verdict !== "pass");
  if (bad.length === 0) return "";
  const more = bad.length - failuresMax;
  const about = html`<p>${formatCount(bad.length)} of ${formatCount(scenarios.length)}, worst first</p>`;
  return part("failures", "What did not pass", about, [
    html`<div>${bad.slice(0, failuresMax).map(failure)}</div>`,
    more > 0 ? html`<p><a href="#scenarios">${formatCount(more)} more in the list of scenarios</a></p>` : "",
    html`<div>
      <h4>Run the whole drill again</h4>
      ${replayBox(result.replay, "the whole drill")}
    </div>`,
  ]);
}

function failure(scenario: MergedScenario): Markup {
  const errors = errorsOf(scenario);
  const more = errors.length - findingsMax;
  return html`<div class="failure">
    <h3>
      ${verdictTag(scenario.verdict)} <a href="${linkTo(scenario.id)}">${scenario.id}</a>
      <span class="quiet small">${exitWords[scenario.exit]}</span>
    </h3>
    <p class="title">${scenario.title}</p>
    ${replayBox(scenario.replay, scenario.id)}
    <div class="stack">
      ${errors.slice(0, findingsMax).map(finding)}
      ${more > 0 ? html`<p><a href="${linkTo(scenario.id)}">${formatCount(more)} more findings</a></p>` : ""}
    </div>
  </div>`;
}
