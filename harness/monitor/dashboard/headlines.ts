// The four figures that stand for all of it.
import { formatDuration } from "../../base/units.ts";
import { html, type MarkupValue } from "../../../reports/html/markup.ts";
import type { MonitorState } from "../monitor.ts";
import { age, ageText } from "./words.ts";

export interface Headline {
  readonly name: string;
  readonly value: MarkupValue;
  readonly sub: MarkupValue;
  /** There is nothing to say a figure of. */
  readonly none?: boolean;
}

export function headlines(state: MonitorState, nowMs: number): readonly Headline[] {
  return [
    provenHeadline(state, nowMs),
    newestHeadline(state, nowMs),
    archiveHeadline(state, nowMs),
    drillHeadline(state),
  ];
}

function provenHeadline({ vaults }: MonitorState, nowMs: number): Headline {
  const name = "Restore proven to the property";
  const least = vaults
    .flatMap(({ name: vault, looked }) =>
      looked === undefined ? [] : [{ vault, proven: looked.facts.proven, graphs: looked.facts.graphs }],
    )
    .toSorted((a, b) => a.proven.leastMs.property - b.proven.leastMs.property)[0];
  if (least === undefined) return { name, value: "not known", sub: "no vault could be read", none: true };
  const { vault, proven, graphs } = least;
  const graph = graphs.toSorted((a, b) => a.provenMs.property - b.provenMs.property)[0];
  const of = graph === undefined ? vault : `${graph.name} in ${vault}`;
  const atMs = proven.leastMs.property;
  if (atMs === 0) return { name, value: html`<span class="missed">never</span>`, sub: of };
  return { name, value: html`${age(atMs, nowMs)} <span class="unit">ago</span>`, sub: `${of}, the least proven` };
}

function newestHeadline({ vaults, objectives }: MonitorState, nowMs: number): Headline {
  const name = "Newest restore point";
  const oldest = vaults
    .flatMap(({ name: vault, looked }) => (looked === undefined ? [] : [{ vault, atMs: looked.facts.newestMs }]))
    .toSorted((a, b) => a.atMs - b.atMs)[0];
  if (oldest === undefined) return { name, value: "not known", sub: "no vault could be read", none: true };
  const { vault, atMs } = oldest;
  if (atMs === 0) return { name, value: html`<span class="missed">none</span>`, sub: vault };
  const value = html`${age(atMs, nowMs)} <span class="unit">old</span>`;
  return { name, value, sub: html`${vault}${against(nowMs - atMs, "RPO", objectives.rpoMs)}` };
}

function archiveHeadline({ vaults }: MonitorState, nowMs: number): Headline {
  const name = "Archive behind by";
  const furthest = vaults
    .flatMap(({ name: vault, looked }) => {
      const atMs = looked?.facts.archiveMs;
      return atMs === undefined ? [] : [{ vault, atMs }];
    })
    .toSorted((a, b) => a.atMs - b.atMs)[0];
  if (furthest === undefined) return { name, value: "no archive", sub: "only backups protect the source", none: true };
  return { name, value: age(furthest.atMs, nowMs), sub: furthest.vault };
}

function drillHeadline({ runs, objectives }: MonitorState): Headline {
  const name = "Drills";
  const newest = runs.flatMap(({ looked }) =>
    [...Map.groupBy(looked?.facts.scenarios ?? [], ({ id }) => id).values()].flatMap(([first]) => first ?? []),
  );
  if (newest.length === 0) return { name, value: "none", sub: "no run has ended, or none is looked at", none: true };
  const passed = newest.filter(({ verdict }) => verdict === "pass").length;
  const value = html`${passed} <span class="unit">of ${newest.length} passed</span>`;
  const slowest = Math.max(...newest.map(({ rtoMs }) => rtoMs ?? 0));
  const sub =
    slowest === 0 ? "" : html`slowest recovery ${formatDuration(slowest)}${against(slowest, "RTO", objectives.rtoMs)}`;
  return { name, value, sub };
}

function against(ms: number, name: string, objectiveMs: number | undefined): MarkupValue {
  if (objectiveMs === undefined) return "";
  const isMet = ms <= objectiveMs;
  return html`, ${name} ${ageText(objectiveMs)}
    <span class="${isMet ? "met" : "missed"}">${isMet ? "met" : "missed"}</span>`;
}
