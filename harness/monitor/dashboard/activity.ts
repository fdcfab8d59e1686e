// What works now: commands that hold a lock of a vault, drills that have not ended, and logs as they are written.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { formatBytes } from "../../base/units.ts";
import { counted } from "../../../reports/findings/finding-groups.ts";
import { html, type Markup, type MarkupValue } from "../../../reports/html/markup.ts";
import { part, verdictSign } from "../../../reports/html/parts.ts";
import { readRun } from "../../record/run-directory.ts";
import type { SeenLock } from "../../vault/locks/lock-entries.ts";
import type { MonitorState } from "../monitor.ts";
import { plainLead, wideTable } from "./frame.ts";
import { type LogFile, logOf, listLogs, type LogFolders, runFiles } from "./log-files.ts";
import { age } from "./words.ts";

const runsMax = 20;

export async function activityPage(state: MonitorState, folders: LogFolders, nowMs: number): Promise<Markup> {
  const [runs, logs] = await Promise.all([openRuns(state, folders), listLogs(folders)]);
  return html`${plainLead("Activity", "Commands that hold a lock of a vault, drills that have not ended, and logs.")}
  ${lockPart(state, nowMs)} ${runs.length > 0 && runPart(runs, nowMs)} ${logPart(folders, logs, nowMs)}`;
}

function lockPart({ vaults }: MonitorState, nowMs: number): Markup {
  const locks = vaults.flatMap(({ name, looked }) =>
    (looked?.facts.locks ?? []).map((lock) => ({ vault: name, lock })),
  );
  const about = html`<p>A backup, archive, restore or prune holds a lock for as long as it works.</p>`;
  if (locks.length === 0)
    return part("locks", "Commands", about, html`<p class="quiet">No command is at work in these vaults.</p>`);
  const rows = locks.map(({ vault, lock: { entry, path, ownerState } }): readonly MarkupValue[] => [
    entry?.does ?? path,
    vault,
    stateOf(ownerState),
    entry === undefined ? "–" : html`${age(Date.parse(entry.since), nowMs)} ago`,
    entry === undefined ? "–" : `process ${entry.owner.pid} on ${entry.owner.host}`,
    entry?.uses.join(", ") ?? "",
  ]);
  const columns = [["Command"], ["Vault"], ["State"], ["Begun"], ["Process"], ["Uses"]] as const;
  return part("locks", "Commands", about, wideTable("Commands", columns, rows));
}

function stateOf(state: SeenLock["ownerState"]): Markup {
  if (state === "alive") return verdictSign("pass", "at work");
  return state === "unknown"
    ? verdictSign("open", "elsewhere")
    : verdictSign("inconclusive", `${state}: it has left its lock`);
}

interface OpenRun {
  readonly name: string;
  readonly ended: number;
  readonly planned: number | undefined;
  readonly writtenMs: number;
  readonly files: readonly LogFile[];
}

async function openRuns({ runs }: MonitorState, folders: LogFolders): Promise<readonly OpenRun[]> {
  const named = runs.flatMap(({ looked }, index) => (looked?.facts.open ?? []).map((name) => ({ index, name })));
  return await Promise.all(
    named.slice(0, runsMax).map(async ({ index, name }): Promise<OpenRun> => {
      const found = await Promise.all(runFiles.map((file) => logOf(folders, `runs/${index}/${name}/${file}`)));
      const files = found.filter((file) => file !== undefined);
      const results = files.find(({ path }) => path.endsWith("results.jsonl"));
      const text = results === undefined ? "" : await readFile(results.path, "utf8");
      const writtenMs = Math.max(0, ...files.map(({ atMs }) => atMs));
      const planned = plannedOf(join(folders.runs[index] ?? "", name));
      return { name, ended: text.split("\n").length - 1, planned, writtenMs, files };
    }),
  );
}

/** The run may be removed while the page is made. */
function plannedOf(path: string): number | undefined {
  try {
    return readRun(path).planned?.length;
  } catch {
    return undefined;
  }
}

function runPart(runs: readonly OpenRun[], nowMs: number): Markup {
  const about = html`<p>A run without a result goes on or was killed: when it last wrote says which.</p>`;
  const rows = runs.map(({ name, ended, planned, writtenMs, files }): readonly MarkupValue[] => [
    name,
    planned === undefined ? counted(ended, "scenario") : `${ended} of ${counted(planned, "scenario")}`,
    writtenMs === 0 ? "nothing yet" : html`${age(writtenMs, nowMs)} ago`,
    files.map((file, index) => html`${index > 0 && ", "}${linkTo(file, file.name.split("/")[1])}`),
  ]);
  return part(
    "runs",
    "Drills",
    about,
    wideTable("Drills that have not ended", [["Run"], ["Ended"], ["Last wrote"], ["Records"]], rows),
  );
}

function logPart({ logs: folders }: LogFolders, logs: readonly LogFile[], nowMs: number): Markup {
  const about = html`<p>Of the folders under monitor.logs in the configuration, and of what was started here.</p>`;
  if (folders.length === 0) return part("logs", "Logs", about, html`<p class="quiet">No folder is configured.</p>`);
  if (logs.length === 0) return part("logs", "Logs", about, html`<p class="quiet">There is no file in them.</p>`);
  const rows = logs.map((file) => [linkTo(file), html`${age(file.atMs, nowMs)} ago`, formatBytes(file.bytes)]);
  return part("logs", "Logs", about, wideTable("Logs", [["File"], ["Last written"], ["Size", "num"]], rows));
}

function linkTo({ key, name }: LogFile, text: string = name): Markup {
  return html`<a href="${logAddress(key)}">${text}</a>`;
}

export function logAddress(key: string): string {
  return `/log?${new URLSearchParams({ file: key }).toString()}`;
}

/** `from`: where its lines begin on this page. */
export function logPage({ key, name }: LogFile, from: string): Markup {
  const lines = `/log/lines?${new URLSearchParams({ file: key, from }).toString()}`;
  return html`${plainLead(name, html`<span id="log-state" role="status">Being opened.</span>`)}
    <div id="log" class="log" role="log" aria-label="Lines of ${name}" tabindex="0" data-lines="${lines}"></div>`;
}
