// The first page: what is wrong, when a restore was last proven, and the state of each vault, graph, drill and disk.
import { formatBytes, formatCount, formatDuration } from "../../base/units.ts";
import { counted } from "../../../reports/findings/finding-groups.ts";
import { html, type Markup, type MarkupValue } from "../../../reports/html/markup.ts";
import { part, verdictSign, verdictTag } from "../../../reports/html/parts.ts";
import { bars } from "../../../reports/svg/bars.ts";
import { type SaidAlert, saidAlerts } from "../alerts/alert-texts.ts";
import { firingAlerts, looksBack } from "../alerts/firing-alerts.ts";
import type { MonitorState } from "../monitor.ts";
import { wideTable } from "./frame.ts";
import { headlines } from "./headlines.ts";
import { age, ageOrNever, utc } from "./words.ts";

const graphsMax = 50;
const drillsMax = 40;

export function overview(state: MonitorState, nowMs: number): Markup {
  const alerts = saidAlerts(firingAlerts(state.samples.values, nowMs));
  return html`${lead(state, alerts, nowMs)} ${alertPart(alerts)} ${vaultPart(state, alerts, nowMs)}
  ${graphPart(state, nowMs)} ${drillPart(state, nowMs)} ${diskPart(state)}`;
}

function lead(state: MonitorState, alerts: readonly SaidAlert[], nowMs: number): Markup {
  const all = [...state.vaults, ...state.runs, ...state.disks];
  const waiting = all.filter(({ looked, trouble }) => looked === undefined && trouble === undefined);
  const isCritical = alerts.some(({ severity }) => severity === "critical");
  const [worst] = alerts;
  // A vault that is still being read for the first time is no fault, and what it holds is not known.
  const isReading = waiting.length > 0;
  const tone = isCritical && !isReading ? "fail" : alerts.length > 0 || isReading ? "inconclusive" : "pass";
  const word = isReading ? "Being read" : worst === undefined ? "No alert" : counted(alerts.length, "alert");
  const sentence = isReading
    ? `The first look at ${waiting.map(({ name }) => name).join(", ")} has not ended; nothing is known of it yet.`
    : worst === undefined
      ? "No condition of the alerts holds at this moment."
      : `${worst.summary}.`;
  return html`<div class="lead ${tone}">
    <h1>${word}</h1>
    <p class="sentence">${sentence}</p>
    <dl class="facts">
      ${headlines(state, nowMs).map(
        ({ name, value, sub, none }) =>
          html`<div>
            <dt>${name}</dt>
            <dd class="value${none === true ? " none" : ""}">${value}</dd>
            <dd class="sub">${sub}</dd>
          </div>`,
      )}
    </dl>
    <p class="asof">As of ${utc(nowMs)}</p>
  </div>`;
}

function alertPart(alerts: readonly SaidAlert[]): Markup | "" {
  if (alerts.length === 0) return "";
  const about = html`<p>
    Conditions of the rules in monitoring/ that hold now. ${counted(looksBack.size, "rule")} that look back over time
    are known to Prometheus alone.
  </p>`;
  return part(
    "alerts",
    "What is wrong",
    about,
    alerts.map(
      ({ name, severity, summary, action }) =>
        html`<div class="finding ${severity}">
          <p><span class="kind">${severity}</span> <span class="code">${name}</span></p>
          <p class="name">${summary}</p>
          <p class="next">Next: ${commands(action)}</p>
        </div>`,
    ),
  );
}

/** Text in which commands are between backticks. */
function commands(text: string): readonly MarkupValue[] {
  return text.split("`").map((piece, index) => (index % 2 === 1 ? html`<code>${piece}</code>` : piece));
}

function vaultPart({ vaults }: MonitorState, alerts: readonly SaidAlert[], nowMs: number): Markup | "" {
  if (vaults.length === 0) return "";
  const columns = [["Vault"], ["State"], ["Proven to the property"], ["Proven to load"]] as const;
  const more = [["Newest restore point"], ["Archive until"], ["Restore points", "num"], ["Stored", "num"]] as const;
  const rows = vaults.map(({ name, region, replicaOf, looked, trouble }): readonly MarkupValue[] => {
    const where = [region, replicaOf === undefined ? "" : `replica of ${replicaOf}`].filter((text) => text !== "");
    const title = html`<a href="/points?vault=${encodeURIComponent(name)}">${name}</a>
      <span class="sub">${where.join(", ")}</span>`;
    if (looked === undefined) {
      const sign = trouble === undefined ? verdictSign("open", "being read") : verdictSign("fail", "cannot be read");
      return [title, html`${sign} <span class="sub">${trouble ?? ""}</span>`, "", "", "", "", "", ""];
    }
    const { facts } = looked;
    const own = alerts.filter(({ labels }) => labels["vault"] === name && labels["region"] === region);
    const isCritical = own.some(({ severity }) => severity === "critical");
    const sign =
      own.length === 0
        ? verdictSign("pass", "good")
        : verdictSign(isCritical ? "fail" : "inconclusive", counted(own.length, "alert"));
    const running = facts.locks.filter(({ ownerState }) => ownerState === "alive" || ownerState === "unknown").length;
    return [
      title,
      html`${sign} ${running > 0 && html`<span class="sub">${counted(running, "command")} at work</span>`}`,
      ageOrNever(facts.proven.leastMs.property, nowMs),
      ageOrNever(facts.proven.leastMs.loaded, nowMs),
      ageOrNever(facts.newestMs, nowMs),
      facts.archiveMs === undefined ? "no archive" : html`${age(facts.archiveMs, nowMs)} ago`,
      formatCount(facts.points.length),
      formatBytes(facts.storedBytes),
    ];
  });
  return part("vaults", "Vaults", "", wideTable("Vaults", [...columns, ...more], rows));
}

function graphPart({ vaults }: MonitorState, nowMs: number): Markup | "" {
  const graphs = vaults
    .flatMap(({ name, looked }) => (looked?.facts.graphs ?? []).map((graph) => ({ graph, vault: name })))
    .toSorted(
      ({ graph: { provenMs: a } }, { graph: { provenMs: b } }) => a.property - b.property || a.loaded - b.loaded,
    );
  if (graphs.length === 0) return "";
  const rows = graphs
    .slice(0, graphsMax)
    .map(({ graph: { name, database, nodes, edges, provenMs }, vault }) => [
      html`${name} ${database > 0 && html`<span class="sub">database ${database}</span>`}`,
      vault,
      ageOrNever(provenMs.property, nowMs),
      ageOrNever(provenMs.loaded, nowMs),
      formatCount(nodes),
      formatCount(edges),
    ]);
  const hidden = graphs.length - rows.length;
  return part("graphs", "Graphs", html`<p>Of the newest backups, the least proven first.</p>`, [
    wideTable(
      "Graphs",
      [["Graph"], ["Vault"], ["Proven to the property"], ["Proven to load"], ["Nodes", "num"], ["Edges", "num"]],
      rows,
    ),
    hidden > 0 && html`<p class="small quiet">${counted(hidden, "graph")} more, proven later than these.</p>`,
  ]);
}

function drillPart({ runs, objectives }: MonitorState, nowMs: number): Markup | "" {
  if (runs.length === 0) return "";
  const rank = { fail: 0, inconclusive: 1, pass: 2 } as const;
  const newest = runs
    .flatMap(({ name, looked }) => {
      const scenarios = Map.groupBy(looked?.facts.scenarios ?? [], ({ id }) => id);
      return [...scenarios.values()].flatMap(([first]) => (first === undefined ? [] : [{ ...first, folder: name }]));
    })
    .toSorted((a, b) => rank[a.verdict] - rank[b.verdict] || (a.id < b.id ? -1 : 1));
  const rows = newest
    .slice(0, drillsMax)
    .map(({ id, run, verdict, startedMs, durationMs, rtoMs, rpoMs }) => [
      html`${id} <span class="sub">${run}</span>`,
      verdictTag(verdict),
      html`${age(startedMs, nowMs)} ago`,
      duration(durationMs),
      withObjective(rtoMs, objectives.rtoMs),
      withObjective(rpoMs, objectives.rpoMs),
    ]);
  const unreadable = runs.flatMap(({ name, trouble }) => (trouble === undefined ? [] : [`${name}: ${trouble}`]));
  const hidden = newest.length - rows.length;
  return part("drills", "Drills", html`<p>The newest run of each scenario, the worst first.</p>`, [
    ...unreadable.map((line) => html`<p class="missed">${line}</p>`),
    rows.length === 0
      ? html`<p class="quiet">No run has ended in these folders.</p>`
      : wideTable(
          "Drills",
          [["Scenario"], ["Verdict"], ["Begun"], ["Took", "num"], ["RTO", "num"], ["RPO", "num"]],
          rows,
        ),
    hidden > 0 && html`<p class="small quiet">${counted(hidden, "scenario")} more.</p>`,
  ]);
}

function duration(ms: number | undefined): string {
  return ms === undefined ? "–" : formatDuration(ms);
}

function withObjective(ms: number | undefined, objectiveMs: number | undefined): MarkupValue {
  if (ms === undefined || objectiveMs === undefined || ms <= objectiveMs) return duration(ms);
  return html`<span class="missed">${duration(ms)} missed</span>`;
}

function diskPart({ disks }: MonitorState): Markup | "" {
  const rows = disks.flatMap(({ name, looked }) => {
    if (looked === undefined) return [];
    const { freeBytes, sizeBytes } = looked.facts;
    const share = sizeBytes === 0 ? 0 : 1 - freeBytes / sizeBytes;
    const tone = share > 0.95 ? "bad" : share > 0.85 ? "warn" : "accent";
    const text = `${formatBytes(freeBytes)} free of ${formatBytes(sizeBytes)}`;
    return [{ name, value: share, text, tone } as const];
  });
  if (rows.length === 0) return "";
  const description = rows.map(({ name, text }) => `${name}: ${text}`).join(", ");
  return part(
    "disks",
    "Disks",
    "",
    html`<figure>${bars({ id: "disk-bars", title: "Disks", description, rows, max: 1 })}</figure>`,
  );
}
