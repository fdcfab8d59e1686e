// Every form that a report can take: what it is called, which file it is, and how it is made from the model.
import { environment } from "../harness/base/environment.ts";
import { badge } from "./text/badge.ts";
import { comment } from "./comment.ts";
import { ctrf } from "./text/ctrf.ts";
import { annotations } from "./text/github.ts";
import { htmlReport } from "./html/html.ts";
import { junit } from "./text/junit.ts";
import { markdown } from "./text/markdown.ts";
import type { ReportModel } from "./model/model.ts";
import { openMetrics } from "./text/openmetrics.ts";
import { terminalSummary, type TerminalOptions } from "./text/terminal.ts";
import { trace } from "./text/trace.ts";

export const formatNames = [
  "text",
  "html",
  "markdown",
  "comment",
  "annotations",
  "junit",
  "ctrf",
  "openmetrics",
  "badge",
  "trace",
  "json",
] as const;
export type FormatName = (typeof formatNames)[number];

/** A folder of files in the folder of --out; loaded only where it is asked for. */
export const allureFormat = {
  name: "allure",
  folder: "allure-results",
  files: async (model: ReportModel): Promise<ReadonlyMap<string, string>> =>
    (await import("./text/allure.ts")).allureResults(model),
} as const;

export interface Format {
  /** Its name in the folder of --out. */
  readonly file: string;
  readonly render: (model: ReportModel, options: TerminalOptions) => string;
}

export const formats: Readonly<Record<FormatName, Format>> = {
  text: { file: "report.txt", render: terminalSummary },
  html: { file: "report.html", render: htmlReport },
  markdown: { file: "report.md", render: markdown },
  comment: { file: "comment.md", render: (model) => comment(model, { links: { run: environment().githubRunUrl } }) },
  annotations: { file: "annotations.txt", render: annotations },
  junit: { file: "junit.xml", render: junit },
  ctrf: { file: "ctrf.json", render: ctrf },
  // The textfile collector reads only files that end so.
  openmetrics: { file: "falkordrill.prom", render: openMetrics },
  badge: { file: "badge.svg", render: badge },
  trace: { file: "trace.json", render: trace },
  json: { file: "result.json", render: ({ result }) => `${JSON.stringify(result, undefined, 2)}\n` },
};
