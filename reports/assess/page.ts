// The scorecard as one HTML file that opens from disk: no network, no script.
import { join, relative, resolve } from "node:path";
import { linkTo, part, verdictSign } from "../html/parts.ts";
import { html, type Markup } from "../html/markup.ts";
import { pageFrame } from "../html/page-frame.ts";
import { controlsNote } from "./controls.ts";
import { criterionVerdicts, type CriterionVerdict } from "./criterion.ts";
import type { ControlResult, CriterionResult, DrillRecord, RunOfCard, Scorecard } from "./scorecard.ts";
import {
  checkCommands,
  controlText,
  countsText,
  enginesText,
  groupsOf,
  recordName,
  runsText,
  verdictMeanings,
} from "./words.ts";

const looks = {
  met: "pass",
  "not met": "fail",
  "not covered": "open",
  "not falsifiable": "inconclusive",
} as const satisfies Record<CriterionVerdict, string>;

/** `folder` is where the page will be: links to reports of runs are relative to it, and absolute without it. */
export function scorecardPage(card: Scorecard, folder?: string): string {
  const links = [
    ...groupsOf(card).map(([name], at) => [`group-${at + 1}`, name.replace(/: .*/, "")]),
    ["controls", "Controls"],
    ["runs", "Runs"],
  ];
  const linked = (record: DrillRecord): Markup => recordLink(record, card, folder);
  return pageFrame({
    title: `Readiness of the ${card.system} system: ${countsText(card)}`,
    body: html`<a class="skip" href="#main">Skip to the criteria</a>
      <div class="page">
        <header class="top">
          <p>
            <span class="brand">FalkorDrill</span>
            <span class="quiet">readiness scorecard, ${card.assessedAt.slice(0, 16).replace("T", " ")} UTC</span>
          </p>
          <nav aria-label="Sections">
            <ul>
              ${links.map(([id = "", title = ""]) => html`<li><a href="#${id}">${title}</a></li>`)}
            </ul>
          </nav>
        </header>
        <main id="main" tabindex="-1">
          ${lead(card)}
          ${groupsOf(card).map(([name, criteria], at) => groupPart(`group-${at + 1}`, name, criteria, linked))}
          ${notCovered(card)} ${controls(card, linked)} ${runs(card, folder)}
        </main>
        <footer>
          <p>
            Each run was judged again from its own files before it was assessed. A criterion is met only by a scenario
            that passed, looked at something of the kind, and could have failed. There is no total on purpose: one
            criterion that is not met is not made up for by others.
          </p>
        </footer>
      </div>`,
  });
}

function lead(card: Scorecard): Markup {
  return html`<div class="lead card">
    <h1>Readiness of the ${card.system} system</h1>
    <p class="sentence">${[runsText(card), enginesText(card)].filter((text) => text !== "").join(", ")}</p>
    <dl class="facts">
      ${criterionVerdicts.map(
        (verdict) =>
          html`<div>
            <dt>${verdictSign(looks[verdict], verdict)}</dt>
            <dd class="value">${card.counts[verdict]}</dd>
            <dd class="sub">${verdictMeanings[verdict]}</dd>
          </div>`,
      )}
    </dl>
    ${card.runs.flatMap(({ name, problems }) =>
      problems.slice(0, 8).map((problem) => html`<p class="note damage">${name}: ${problem}</p>`),
    )}
  </div>`;
}

function groupPart(
  id: string,
  name: string,
  criteria: readonly CriterionResult[],
  linked: (record: DrillRecord) => Markup,
): Markup {
  const [title = "", about] = name.split(": ");
  const met = criteria.filter(({ verdict }) => verdict === "met").length;
  const header = html`${about === undefined ? "" : html`<p>${about}</p>`}
    <p>${met} of ${criteria.length} met</p>`;
  return part(
    id,
    title,
    header,
    html`<ul class="criteria">
      ${criteria.map((criterion) => item(criterion, linked))}
    </ul>`,
  );
}

function item(criterion: CriterionResult, linked: (record: DrillRecord) => Markup): Markup {
  const { id, verdict, title, why, risk, next, evidence, moreEvidence } = criterion;
  const finding = verdict === "not met" ? evidence[0]?.finding : undefined;
  return html`<li id="${id}">
    ${verdictSign(looks[verdict], verdict)}
    <div>
      <h3>${title}</h3>
      <p class="why">${why}</p>
      ${
        finding === undefined
          ? ""
          : html`<div class="finding data">
              <p><span class="code">${finding.code}</span> <span class="subject">${finding.subject}</span></p>
              <p class="message">${finding.message}</p>
            </div>`
      }
      ${verdict === "met" ? "" : html`<p class="quiet">Risk: ${risk}</p>`}
      ${next === undefined ? "" : html`<p class="quiet">Next: ${next}</p>`}
      ${
        evidence.length === 0
          ? ""
          : html`<details class="more" ${verdict === "not met" && "open"}>
              <summary>${evidence.length + moreEvidence === 1 ? "Drill record" : "Drill records"}</summary>
              <ul class="records">
                ${evidence.map(
                  (record) =>
                    html`<li>
                      ${linked(record)} ${record.note}
                      <p class="replay"><code>${record.repeat}</code></p>
                    </li>`,
                )}
                ${moreEvidence > 0 && html`<li>and ${moreEvidence} more that say the same</li>`}
              </ul>
            </details>`
      }
    </div>
  </li>`;
}

function recordLink(record: DrillRecord, { runs: all }: Scorecard, folder?: string): Markup {
  const run = all.find(({ name }) => name === record.run);
  if (run === undefined) return html`${recordName(record)}`;
  return html`<a href="${reportOf(run, folder)}${linkTo(record.scenario)}">${recordName(record)}</a>`;
}

/** Address of the report that a run wrote into its own folder. */
function reportOf({ path }: RunOfCard, folder: string | undefined): string {
  const report = join(path, "report.html");
  const way = folder === undefined ? report : relative(resolve(folder), report);
  return way.split("/").map(encodeURIComponent).join("/");
}

function notCovered({ notCovered: said }: Scorecard): Markup | "" {
  if (said.length === 0) return "";
  const items = said.map(
    ({ sentence, scenarios }) => html`<li>${sentence} <span class="quiet small">${scenarios.join(", ")}</span></li>`,
  );
  const about = html`<p>In the words of the scenarios themselves.</p>`;
  return part(
    "not-covered",
    "Not covered by these runs",
    about,
    html`<ul class="records">
      ${items}
    </ul>`,
  );
}

function controls(card: Scorecard, linked: (record: DrillRecord) => Markup): Markup {
  const byId = new Map(card.criteria.map((criterion) => [criterion.id, criterion]));
  const item = ({ name, asks, criteria, notShown }: ControlResult): Markup =>
    html`<li>
      <h3>${name}</h3>
      <p class="quiet">Asks that ${asks}.</p>
      <p class="quiet">Not shown: ${notShown}.</p>
      <p>${controlText(criteria, card)}</p>
      <ul class="map">
        ${criteria.flatMap((id) => byId.get(id) ?? []).map((criterion) => mapped(criterion, linked))}
      </ul>
    </li>`;
  const [sign = "", verify = ""] = checkCommands(card);
  return part(
    "controls",
    "Controls",
    html`<p>${controlsNote}</p>`,
    html`<ul class="criteria plain">
        ${card.controls.map(item)}
      </ul>
      <div>
        <h4>Signed, and checked offline by somebody else</h4>
        <p class="replay"><code>${sign}</code></p>
        <p class="replay"><code>${verify}</code></p>
        <p class="quiet small">
          The signed SHA256SUMS of that bundle names each runs/&lt;run&gt;/SHA256SUMS with the hash below.
        </p>
      </div>`,
  );
}

/** A criterion that bears on a control; where it is met, with the drill records that it is met by. */
function mapped({ id, title, verdict, evidence }: CriterionResult, linked: (record: DrillRecord) => Markup): Markup {
  const records = verdict === "met" ? evidence.slice(0, mappedMax).map((one) => html` ${linked(one)}`) : [];
  return html`<li>
    ${verdictSign(looks[verdict], verdict)}
    <p><a href="#${id}">${title}</a> <span class="small">${records}</span></p>
  </li>`;
}

const mappedMax = 3;

function runs(card: Scorecard, folder: string | undefined): Markup {
  const item = (run: RunOfCard): Markup =>
    html`<li>
      <h3><a href="${reportOf(run, folder)}">${run.name}</a></h3>
      <p>
        ${run.startedAt.slice(0, 16).replace("T", " ")} UTC, seed ${run.seed}, ${run.passed} of ${run.results} passed,
        falkordrill ${run.tool.version} ${run.tool.commit?.slice(0, 12)}
      </p>
      <p class="small quiet mono">SHA256SUMS ${run.sealSha256 ?? "is missing"}</p>
      <p class="replay"><code>${run.replay}</code></p>
    </li>`;
  return part(
    "runs",
    "Runs",
    html`<p>Every run that was given counts.</p>`,
    html`<ul class="criteria plain">
      ${card.runs.map(item)}
    </ul>`,
  );
}
