// The first screen of the HTML report: the verdict, how large the damage is, what was drilled, recovery against its
// objectives, what changed since the last run, and the gate's decision.
import { formatCount, formatDuration } from "../../harness/base/units.ts";
import { type Headline, representative } from "../figures/headlines.ts";
import { sinceLast } from "../model/history.ts";
import { drilled } from "../drilled.ts";
import { linkTo } from "./parts.ts";
import { html, type Markup } from "./markup.ts";
import { type ReportModel, verdictSentence } from "../model/model.ts";

export function lead(model: ReportModel): Markup {
  const { result, rto, rpo, counts, scenarios, damage, gate } = model;
  const held = representative(scenarios).flatMap(({ metrics }) => metrics["writePauseMs"] ?? []);
  const others = [
    counts.fail > 0 ? `${formatCount(counts.fail)} failed` : undefined,
    counts.inconclusive > 0 ? `${formatCount(counts.inconclusive)} inconclusive` : undefined,
  ].filter((text) => text !== undefined);
  const since = sinceLast(model);
  return html`<div class="lead ${result.verdict}">
    <h1>${result.verdict[0]?.toUpperCase()}${result.verdict.slice(1)}</h1>
    <p class="sentence">${verdictSentence(model)}</p>
    ${
      damage === undefined
        ? ""
        : html`<p class="sentence damage">
            ${damage.damage.sentence}${scenarios.length === 1 ? "" : html` (in <a href="${linkTo(damage.scenario)}">${damage.scenario}</a>)`}.
          </p>`
    }
    <dl class="drilled">
      ${drilled(model).map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
    <dl class="facts">
      ${headline("Recovery time (RTO)", rto)} ${headline("Data loss (RPO)", rpo)}
      <div>
        <dt>Longest wait of a writer</dt>
        ${value(held.length === 0 ? undefined : formatDuration(Math.max(...held)))}
        ${held.length > 1 ? html`<dd class="sub">worst of ${formatCount(held.length)} coordinated scenarios</dd>` : ""}
      </div>
      <div>
        <dt>Scenarios passed</dt>
        <dd class="value">${formatCount(counts.pass)} of ${formatCount(scenarios.length)}</dd>
        <dd class="sub">${others.join(", ")}</dd>
      </div>
    </dl>
    ${since === undefined ? "" : html`<p class="note">${since} <a href="#trend">Trend</a></p>`}
    ${
      gate === undefined
        ? ""
        : html`<p class="note">
            Gate: <span class="${gate.decision === "go" ? "met" : "missed"}">${gate.decision}</span>, ${gate.why}
          </p>`
    }
  </div>`;
}

function headline(name: string, measured: Headline): Markup {
  const { text, explained, rank, scenario, objective, judged } = measured;
  return html`<div>
    <dt>${name}</dt>
    ${value(measured.value === undefined ? undefined : text)}${
      judged === undefined
        ? ""
        : html`<dd class="sub">objective ${objective} <span class="${judged.replace(" ", "-")}">${judged}</span></dd>`
    }${explained === "" ? "" : html`<dd class="sub">${explained}</dd>`}${
      scenario === undefined
        ? ""
        : html`<dd class="sub">${rank === "" ? "" : `${rank}: `}<a href="${linkTo(scenario)}">${scenario}</a></dd>`
    }
  </div>`;
}

function value(text: string | undefined): Markup {
  if (text === undefined) return html`<dd class="value none">not measured</dd>`;
  // "7.27 s (294 writes)": the first figure is the one to see.
  const [first = "", ...more] = text.split(" (");
  return html`<dd class="value">
    ${first}${more.length === 0 ? "" : html` <span class="unit">(${more.join(" (")}</span>`}
  </dd>`;
}
