// The run as one HTML file that opens from disk: no network, no dependency, and a policy that lets no script or style run
// but ours, so that even text which slipped through escaping could do nothing.
import { formatCount } from "../../harness/base/units.ts";
import { environment } from "./about.ts";
import { backupChart, memoryChart, recoveryChart, storageChart, writersCharts } from "./charts.ts";
import { linkTo, part } from "./parts.ts";
import { persistenceModes, persistencePart } from "./persistence.ts";
import { scenarioDetails, scenarioList } from "./scenarios.ts";
import { reportScript } from "./script.ts";
import { failures, isWarning, warnings } from "./causes.ts";
import { lead } from "./summary.ts";
import { trendPart } from "./trend.ts";
import { verifiedTable } from "./verified.ts";
import { html, type Markup } from "./markup.ts";
import type { ReportModel } from "../model/model.ts";
import { pageFrame } from "./page-frame.ts";
import { verifiedRows } from "../model/verified.ts";

export function htmlReport(model: ReportModel): string {
  const { result, runs, seeds } = model;
  const [first] = runs;
  const charts = mainCharts(model);
  const persistence = persistenceModes(model);
  const links = [
    ...(result.verdict === "pass" ? [] : [["failures", "What did not pass"]]),
    ...(model.groups.some(isWarning) ? [["warnings", "Warnings"]] : []),
    ["verified", "What was verified"],
    ...(model.earlier.length === 0 ? [] : [["trend", "Trend"]]),
    ...charts.map(({ id, title }) => [id, title]),
    ...(persistence === undefined ? [] : [[persistencePart.id, persistencePart.title]]),
    ["scenarios", "Scenarios"],
    ["details", "In detail"],
    ["environment", "Environment"],
  ];
  const started = first?.record.startedAt.slice(0, 16).replace("T", " ") ?? "";
  return pageFrame({
    title: `${result.verdict}: recovery drill, seed ${seeds.join(", ")}`,
    script: reportScript,
    body: html`<a class="skip" href="#main">Skip to the verdict</a>
      <div class="page">
        <header class="top">
          <p>
            <span class="brand">FalkorDrill</span>
            <span class="quiet">disaster-recovery drill, ${started} UTC, seed ${seeds.join(", ")}</span>
          </p>
          <nav aria-label="Sections">
            <ul>
              ${links.map(([id = "", title = ""]) => html`<li><a href="${linkTo(id)}">${title}</a></li>`)}
            </ul>
          </nav>
        </header>
        <main id="main" tabindex="-1">
          ${lead(model)} ${failures(model)} ${warnings(model)} ${verified(model)} ${trendPart(model)}
          ${charts.map(({ id, title, about, content }) => part(id, title, html`<p>${about}</p>`, content))}
          ${persistence ?? ""} ${scenarioList(model)} ${scenarioDetails(model)} ${environment(model)}
        </main>
        <footer>
          <p>
            Made by falkordrill ${first?.record.version} from
            ${runs.length === 1 ? "one run directory" : `${runs.length} run directories`}. Every figure comes from the
            files of the run; <code>falkordrill verify</code> judges them again.
          </p>
        </footer>
        <div id="said" class="unseen" role="status"></div>
      </div>`,
  });
}

function verified({ scenarios, groups, result }: ReportModel): Markup {
  const about = html`<p>
    ${scenarios.length === 1 ? "In the one scenario" : `Over all ${formatCount(scenarios.length)} scenarios`}. Equal: as
    the seed and the acknowledged writes require it. Follows: differs only because of another row.
  </p>`;
  return part(
    "verified",
    "What was verified",
    about,
    verifiedTable(verifiedRows(scenarios, groups, true, result.notCovered)),
  );
}

interface Chart {
  readonly id: string;
  readonly title: string;
  readonly about: Markup;
  readonly content: readonly Markup[];
}

/** Charts of the scenario chosen to illustrate recovery. */
function mainCharts({ main }: ReportModel): readonly Chart[] {
  if (main === undefined) return [];
  const of = html`Of <a href="${linkTo(main.id)}">${main.id}</a>.`;
  const chart = (id: string, title: string, about: string, drawn: readonly (Markup | undefined)[]): Chart[] => {
    const content = drawn.filter((one) => one !== undefined);
    return content.length === 0 ? [] : [{ id, title, about: html`${about} ${of}`, content }];
  };
  return [
    ...chart("recovery", "Recovery", "From the disaster to a proven graph, phase by phase.", [
      recoveryChart(main, "main-recovery"),
    ]),
    ...chart("writers", "Writers", "What the writers met, over time. Above the plot: what happened meanwhile.", [
      writersCharts(main, "main-writers"),
    ]),
    ...chart("backup", "Backup", "Phases of the backup, and its size.", [
      backupChart(main, "main-backup"),
      storageChart(main, "main-storage"),
    ]),
    ...chart("memory", "Memory", "Of each process, over the same time.", [memoryChart(main, "main-memory")]),
  ];
}
