// Recovery time over the earlier runs of the same drill and this one.
import { formatDuration } from "../../harness/base/units.ts";
import { shortTime } from "./charts.ts";
import { part } from "./parts.ts";
import { html, type Markup } from "./markup.ts";
import type { ReportModel } from "../model/model.ts";
import { lineChart } from "../svg/line-chart.ts";

export function trendPart({ earlier, rto, runs }: ReportModel): Markup | "" {
  const values = [...earlier.map(({ rtoMs }) => rtoMs), rto.value];
  if (earlier.length === 0) return "";
  const days = [...earlier.map(({ startedAt }) => startedAt), runs[0]?.record.startedAt ?? ""];
  const isOneDay = days[0]?.slice(0, 10) === days.at(-1)?.slice(0, 10);
  const known = values.filter((value) => value !== undefined);
  const about = html`<p>
    Recovery time (RTO) of this run and the ${earlier.length} before it: same scenarios, size and system
  </p>`;
  const chart = lineChart({
    id: "trend-rto",
    title: "Recovery time over the last runs",
    description: `${known.length} runs between ${formatDuration(Math.min(...known))} and ${formatDuration(Math.max(...known))}, now ${rto.text}`,
    series: [{ name: "RTO", tone: "accent", dots: true, points: values.map((y, x) => ({ x, y })) }],
    x: {
      title: isOneDay ? "hour of the run, UTC" : "day of the run",
      min: 0,
      max: earlier.length,
      format: (at) => (days[at] ?? "").slice(...(isOneDay ? ([11, 16] as const) : ([5, 10] as const))),
    },
    y: { title: "RTO, worst scenario", format: shortTime },
    plotHeight: 80,
  });
  return part(
    "trend",
    "Trend",
    about,
    known.length < 2 ? html`<p>Too few runs measured it.</p>` : html`<figure>${chart}</figure>`,
  );
}
