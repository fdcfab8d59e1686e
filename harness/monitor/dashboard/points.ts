// The restore points of a vault: filtered, sorted and cut into pages here, so that ten thousand cost a browser what fifty do.
import { z } from "zod";
import { formatBytes, formatCount } from "../../base/units.ts";
import { html, type Markup, type MarkupValue } from "../../../reports/html/markup.ts";
import { part, verdictSign } from "../../../reports/html/parts.ts";
import type { MonitorState } from "../monitor.ts";
import type { PointRow } from "../vault/point-row.ts";
import { pointStates } from "../vault/restorable.ts";
import { plainLead, wideTable } from "./frame.ts";
import { age, ageText, utc } from "./words.ts";

const rowsAPage = 50;
const sortKeys = ["time", "size", "proof", "lock"] as const;
type SortKey = (typeof sortKeys)[number];

export const pointsQuery: z.ZodType<PointsQuery> = z.object({
  vault: z.string().optional(),
  kind: z.enum(["full", "increment"]).optional().catch(undefined),
  state: z.enum(pointStates).optional().catch(undefined),
  sort: z.enum(sortKeys).catch("time"),
  order: z.enum(["up", "down"]).catch("down"),
  page: z.coerce.number().int().min(1).max(1e6).catch(1),
});

export interface PointsQuery {
  readonly vault?: string | undefined;
  readonly kind?: PointRow["kind"] | undefined;
  readonly state?: (typeof pointStates)[number] | undefined;
  readonly sort: SortKey;
  readonly order: "up" | "down";
  readonly page: number;
}

const sortValue: Readonly<Record<SortKey, (row: PointRow) => number>> = {
  time: ({ atMs }) => atMs,
  size: ({ bytes }) => bytes,
  proof: ({ judged }) => judged?.atMs ?? 0,
  lock: ({ lockedUntilMs }) => lockedUntilMs ?? 0,
};

/** `rows` are the newest first, and stay so among equals. */
function chosenRows(rows: readonly PointRow[], { kind, state, sort, order }: PointsQuery): readonly PointRow[] {
  const fits = rows.filter((row) => (kind ?? row.kind) === row.kind && (state ?? row.state) === row.state);
  const value = sortValue[sort];
  const sign = order === "up" ? 1 : -1;
  // Not by subtraction: locks without an end are infinite.
  return fits.toSorted((a, b) => sign * (Number(value(a) > value(b)) - Number(value(a) < value(b))));
}

export function pointsPage({ vaults }: MonitorState, query: PointsQuery, nowMs: number): Markup {
  const vault = vaults.find(({ name }) => name === query.vault) ?? vaults[0];
  if (vault === undefined) return plainLead("Restore points", "No vault is looked at.");
  const { name, looked, trouble } = vault;
  const filters = filterForm(
    vaults.map((one) => one.name),
    { ...query, vault: name },
  );
  if (looked === undefined)
    return html`${plainLead("Restore points", trouble ?? `The first look at ${name} has not ended.`)} ${filters}`;
  const { points, damaged, states } = looked.facts;
  const rows = chosenRows(points, query);
  const pages = Math.max(1, Math.ceil(rows.length / rowsAPage));
  const page = Math.min(query.page, pages);
  const from = (page - 1) * rowsAPage;
  const shown = rows.slice(from, from + rowsAPage);
  const link = (change: Partial<PointsQuery>): string => linkOf({ ...query, vault: name, page: 1, ...change });
  const counts = pointStates
    .filter((state) => states[state] > 0)
    .map((state) => `${formatCount(states[state])} ${stateWords[state]}`);
  return html`${plainLead("Restore points", `${name}: ${counts.length === 0 ? "none" : counts.join(", ")}.`)}
    ${damagedPart(damaged)}
    <div class="stack">
      ${filters}
      ${wideTable(
        "Restore points",
        [
          ["Restore point"],
          ["Age", "", sortHead("Age", "time", query, link)],
          ["Kind"],
          ["Size", "num", sortHead("Size", "size", query, link, "num")],
          ["State"],
          ["Found good", "", sortHead("Found good", "proof", query, link)],
          ["Locked until", "", sortHead("Locked until", "lock", query, link)],
        ],
        shown.map((row) => pointCells(name, row, nowMs)),
      )}
      <nav class="pages" aria-label="Pages of restore points">
        <span class="quiet"
          >${rows.length === 0 ? "none" : `${formatCount(from + 1)} to ${formatCount(from + shown.length)} of ${formatCount(rows.length)}`}</span
        >
        ${page > 1 && html`<a href="${link({ page: 1 })}">First</a> <a rel="prev" href="${link({ page: page - 1 })}">Previous</a>`}
        ${page < pages && html`<a rel="next" href="${link({ page: page + 1 })}">Next</a> <a href="${link({ page: pages })}">Last</a>`}
      </nav>
    </div>`;
}

function damagedPart(damaged: readonly string[]): Markup | "" {
  if (damaged.length === 0) return "";
  return part(
    "damaged",
    "Damaged",
    html`<p>No prune removes them, and no restore takes them.</p>`,
    html`<ul class="records">
      ${damaged.slice(0, rowsAPage).map((line) => html`<li>${line}</li>`)}
      ${damaged.length > rowsAPage && html`<li>and ${damaged.length - rowsAPage} more</li>`}
    </ul>`,
  );
}

export const stateWords: Readonly<Record<(typeof pointStates)[number], string>> = {
  proven: "proven",
  loaded: "loaded",
  unproven: "not proven",
  faulty: "faulty",
  doubtful: "doubtful",
  damaged: "damaged",
};

export function stateSign(state: PointRow["state"]): Markup {
  const look = { proven: "pass", loaded: "pass", unproven: "open", faulty: "fail", doubtful: "inconclusive" } as const;
  return verdictSign(look[state], stateWords[state]);
}

function pointCells(vault: string, row: PointRow, nowMs: number): readonly MarkupValue[] {
  const { id, atMs, kind, bytes, state, judged, pinned, lockedUntilMs } = row;
  return [
    html`<a href="/point?${new URLSearchParams({ vault, id }).toString()}">${id}</a>
      <span class="sub">${utc(atMs)}${pinned !== undefined && `, pinned: ${pinned}`}</span>`,
    age(atMs, nowMs),
    kind,
    formatBytes(bytes),
    stateSign(state),
    judged === undefined ? "–" : html`${age(judged.atMs, nowMs)} ago`,
    lockText(lockedUntilMs, nowMs),
  ];
}

export function lockText(untilMs: number | undefined, nowMs: number): string {
  if (untilMs === undefined || untilMs === 0) return "–";
  if (untilMs === Number.POSITIVE_INFINITY) return "a legal hold";
  return untilMs < nowMs ? "ended" : `${utc(untilMs).slice(0, 10)}, in ${ageText(untilMs - nowMs)}`;
}

function sortHead(
  name: string,
  key: SortKey,
  { sort, order }: PointsQuery,
  link: (change: Partial<PointsQuery>) => string,
  className = "",
): Markup {
  const isSorted = sort === key;
  const next = isSorted && order === "down" ? "up" : "down";
  const sorted = isSorted && html`aria-sort="${order === "down" ? "descending" : "ascending"}"`;
  return html`<th scope="col" role="columnheader" class="${className}" ${sorted}>
    <a href="${link({ sort: key, order: next })}">${name}</a>
  </th>`;
}

function linkOf(query: PointsQuery): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  );
  return `/points?${new URLSearchParams(given).toString()}`;
}

function filterForm(vaults: readonly string[], query: PointsQuery): Markup {
  const select = (
    name: string,
    label: string,
    values: readonly (readonly [string, string])[],
    chosen: string,
  ): Markup =>
    html`<label
      >${label}
      <select name="${name}">
        ${values.map(([value, text]) => html`<option value="${value}" ${value === chosen && html`selected`}>${text}</option>`)}
      </select></label
    >`;
  const states = pointStates.filter((state) => state !== "damaged").map((state) => [state, stateWords[state]] as const);
  return html`<form class="filters" method="get" action="/points">
    ${select(
      "vault",
      "Vault",
      vaults.map((name) => [name, name]),
      query.vault ?? "",
    )}
    ${select(
      "kind",
      "Kind",
      [
        ["", "all"],
        ["full", "full"],
        ["increment", "increment"],
      ],
      query.kind ?? "",
    )}
    ${select("state", "State", [["", "all"], ...states], query.state ?? "")}
    <input type="hidden" name="sort" value="${query.sort}" /><input type="hidden" name="order" value="${query.order}" />
    <button>Show</button>
  </form>`;
}
