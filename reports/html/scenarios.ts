// The list of scenarios with its filters, and each scenario with everything that is known of it.
import { formatCount, formatDuration } from "../../harness/base/units.ts";
import { figures, otherFigures } from "../figures/figures.ts";
import { findingGroups, groupCount } from "../findings/finding-groups.ts";
import { causes } from "./causes.ts";
import { backupChart, memoryChart, recoveryChart, storageChart, writersCharts } from "./charts.ts";
import { finding, linkTo, pairs, part, replayBox, verdictTag } from "./parts.ts";
import { html, type Markup, type MarkupValue } from "./markup.ts";
import type { MergedScenario } from "../model/merge.ts";
import type { ReportModel } from "../model/model.ts";
import { verifiedTable } from "./verified.ts";
import { witnessLabel } from "../figures/metrics.ts";
import { findingsOf } from "../findings/severity.ts";
import { verifiedRows, verifiedWitnesses } from "../model/verified.ts";

const verdicts = ["fail", "inconclusive", "pass"] as const;
const groupsMax = 8;
const findingsMax = 50;
/** Number of failed scenarios that are expanded at first. */
const openMax = 5;

export function scenarioList(model: ReportModel): Markup {
  const { scenarios, counts } = model;
  const groups = [...new Set(scenarios.map(groupOf))].toSorted();
  const detailed = new Set(model.detailed);
  const total = formatCount(scenarios.length);
  return part("scenarios", "Scenarios", html`<p>Press <code>/</code> to filter</p>`, [
    html`<form id="filters" class="filters" role="search" aria-label="Filter scenarios">
      <label
        >Filter <input type="search" name="text" autocomplete="off" placeholder="id or words of the claim"
      /></label>
      <fieldset>
        <legend class="unseen">Verdict</legend>
        ${verdicts.map(
          (verdict) =>
            html`<label
              ><input type="checkbox" name="verdict" value="${verdict}" checked /> ${verdict}
              <span class="quiet">${formatCount(counts[verdict])}</span></label
            >`,
        )}
      </fieldset>
      <label
        >Group
        <select name="group">
          <option value="">all</option>
          ${groups.map((group) => html`<option>${group}</option>`)}
        </select></label
      >
      <output id="shown" aria-live="polite">${total} scenarios</output>
    </form>`,
    html`<table class="list" id="list">
      <caption class="unseen">
        Scenarios, worst first
      </caption>
      <thead>
        <tr>
          <th scope="col" class="c-verdict"><span class="name">Verdict</span></th>
          <th scope="col">Scenario</th>
          <th scope="col" class="num c-time c-length">Duration</th>
          <th scope="col" class="num c-time">RTO</th>
          <th scope="col" class="num c-loss">
            <abbr title="writes acknowledged after the backup, which no restore of it holds">RPO, writes</abbr>
          </th>
          <th scope="col" class="num c-found">Causes</th>
        </tr>
      </thead>
      <tbody>
        ${scenarios.map((scenario) => row(scenario, detailed.has(scenario)))}
      </tbody>
    </table>`,
  ]);
}

function groupOf({ id }: MergedScenario): string {
  return id.split("/")[0] ?? "";
}

/** A scenario without details of its own is the target of its own link. */
function row(scenario: MergedScenario, isDetailed: boolean): Markup {
  const { id, title, verdict, durationMs, metrics } = scenario;
  const { rtoMs, rpoWrites } = metrics as Partial<Record<string, number>>;
  const causesOf = verdict === "pass" ? "" : groupCount(findingGroups([scenario])).replace(/ .*/, "");
  const name: MarkupValue = isDetailed ? html`<a href="${linkTo(id)}">${id}</a>` : id;
  return html`<tr data-verdict="${verdict}" data-group="${groupOf(scenario)}" ${isDetailed ? "" : html` id="${id}"`}>
    <td>${verdictTag(verdict)}</td>
    <td>
      ${name}
      <div class="title">${title}</div>
    </td>
    <td class="num c-length">${formatDuration(durationMs)}</td>
    <td class="num">${rtoMs === undefined ? "" : formatDuration(rtoMs)}</td>
    <td class="num">${rpoWrites === undefined ? "" : formatCount(rpoWrites)}</td>
    <td class="num c-found">${causesOf}</td>
  </tr> `;
}

export function scenarioDetails({ detailed, scenarios, main }: ReportModel): Markup {
  const left = scenarios.length - detailed.length;
  const about = html`<p>Findings, phases, figures and evidence of each</p>`;
  return part("details", "In detail", about, [
    html`<div>${detailed.map((scenario, at) => details(scenario, { at, isMain: scenario === main }))}</div>`,
    left > 0
      ? html`<p class="quiet">
          ${formatCount(left)} more scenarios that passed have only their row above; <code>result.json</code> holds
          their figures.
        </p>`
      : "",
  ]);
}

function details(scenario: MergedScenario, { at, isMain }: { at: number; isMain: boolean }): Markup {
  const { id, title, verdict, durationMs, replay, run } = scenario;
  const isOpen = verdict !== "pass" && at < openMax;
  return html`<details class="scenario" id="${id}" ${isOpen ? html` open` : ""}>
    <summary>
      ${verdictTag(verdict)}
      <h3>${id}</h3>
      <span class="time">${formatDuration(durationMs)}</span><span class="title">${title}</span>
    </summary>
    <div class="body">
      ${findings(scenario)} ${verified(scenario)} ${section("Figures", pairs(figures(scenario)))}
      ${isMain ? html`<p class="quiet">Recovery, writers, storage and memory of this scenario are drawn <a href="#recovery">above</a>.</p>` : charts(scenario, `s${at}`)}
      ${otherSections(scenario)}
      <div>
        <h4>Run it again</h4>
        ${replayBox(replay, id)}
      </div>
      <p class="small quiet">Run directory: <span class="mono">${run.directory}</span></p>
    </div>
  </details> `;
}

function section(title: string, content: MarkupValue): Markup {
  return html`<div>
    <h4>${title}</h4>
    ${content}
  </div>`;
}

function verified(scenario: MergedScenario): Markup | "" {
  const rows = verifiedRows([scenario], findingGroups([scenario]), false);
  return rows.length === 0 ? "" : section("What was verified", verifiedTable(rows));
}

/** Findings grouped by cause, followed by each finding as recorded. */
function findings(scenario: MergedScenario): Markup | "" {
  const all = findingsOf(scenario);
  if (all.length === 0) return "";
  const more = all.length - findingsMax;
  const groups = findingGroups([scenario]).slice(0, groupsMax);
  return section("Findings", [
    ...causes(groups, false),
    html`<details class="more rest">
      <summary>All findings one by one: ${formatCount(all.length)}</summary>
      <div class="stack">
        ${all.slice(0, findingsMax).map(finding)}
        ${more > 0 ? html`<p class="quiet">${formatCount(more)} more are in findings.jsonl.</p>` : ""}
      </div>
    </details>`,
  ]);
}

function charts(scenario: MergedScenario, id: string): Markup[] {
  const drawn: readonly (readonly [string, Markup | undefined])[] = [
    ["Recovery", recoveryChart(scenario, `${id}-recovery`)],
    ["Backup", backupChart(scenario, `${id}-backup`)],
    ["Writers", writersCharts(scenario, `${id}-writers`)],
    ["Storage", storageChart(scenario, `${id}-storage`)],
    ["Memory", memoryChart(scenario, `${id}-memory`)],
  ];
  return drawn.flatMap(([title, chart]) => (chart === undefined ? [] : [section(title, chart)]));
}

function otherSections(scenario: MergedScenario): Markup[] {
  const { witnesses, trace, phases } = scenario;
  const other = otherFigures(scenario);
  const seen = Object.entries(witnesses)
    .filter(([name]) => !verifiedWitnesses.has(name))
    .map(([name, value]) => ({ name: witnessLabel(name), value: formatCount(value) }));
  const faults = trace.faults.map(({ fault, fired, detail }) => ({
    name: fault,
    value: [fired ? "fired" : "did not fire", Object.keys(detail).length === 0 ? "" : JSON.stringify(detail)]
      .filter(Boolean)
      .join(" "),
  }));
  const rest = phases.filter(({ name }) => !/^(?:backup|restore)\//.test(name));
  const lists = [
    { title: "What else was counted", items: seen },
    { title: "Faults", items: faults },
    { title: "All other figures", items: other },
    { title: "Other phases", items: rest.map(({ name, ms }) => ({ name, value: formatDuration(ms) })) },
  ];
  return lists.filter(({ items }) => items.length > 0).map(({ title, items }) => section(title, pairs(items)));
}
