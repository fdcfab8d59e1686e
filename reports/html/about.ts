// The end of the HTML report: where and on what each run ran, so that another person can reproduce it.
import { formatBytes } from "../../harness/base/units.ts";
import { engineText } from "../drilled.ts";
import { pairs, part } from "./parts.ts";
import { html, type Markup } from "./markup.ts";
import type { Figure } from "../figures/metrics.ts";
import type { ReportModel } from "../model/model.ts";
import type { StoredRun } from "../model/stored-run.ts";

export function environment({ runs }: ReportModel): Markup {
  return part(
    "environment",
    "Environment",
    html`<p>Seed, versions, machine</p>`,
    runs.map((run) => html`<div>${runs.length > 1 ? html`<h3>${run.directory}</h3>` : ""}${pairs(factsOf(run))}</div>`),
  );
}

function factsOf({ record, traces, directory }: StoredRun): readonly Figure[] {
  const { options, machine } = record;
  const engines = new Set(
    [...traces.values()].flatMap(({ engine }) => (engine === undefined ? [] : [engineText(engine)])),
  );
  const told = (name: string, value: unknown): Figure[] =>
    value === undefined || value === null
      ? []
      : [{ name, value: typeof value === "string" ? value : JSON.stringify(value) }];
  const memory = machine["memoryBytes"];
  return [
    { name: "seed", value: String(record.seed) },
    { name: "started", value: record.startedAt.replace("T", " ").replace(/\.\d+Z$/, " UTC") },
    { name: "falkordrill", value: record.version },
    ...told("commit", record.commit),
    ...[...engines].map((value) => ({ name: "engine", value })),
    { name: "system under test", value: record.system },
    ...["profile", "nodes", "dims", "shape", "schema", "repeat", "shard"].flatMap((name) => told(name, options[name])),
    ...["platform", "cpu", "cpus", "node"].flatMap((name) => told(name === "node" ? "Node.js" : name, machine[name])),
    ...(typeof memory === "number" ? [{ name: "memory", value: formatBytes(memory) }] : []),
    { name: "run directory", value: directory },
  ];
}
