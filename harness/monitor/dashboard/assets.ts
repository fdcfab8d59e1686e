// The style and the script of all pages, under names that change with their content.
import { hash } from "node:crypto";
import { reportStyles } from "../../../reports/html/style.ts";
import { dashboardScript } from "./script.ts";
import { dashboardStyles } from "./style.ts";

interface Asset {
  readonly path: string;
  readonly type: string;
  readonly text: string;
}

function asset(extension: string, type: string, text: string): Asset {
  return { path: `/assets/${hash("sha256", text).slice(0, 16)}.${extension}`, type, text };
}

export const styleAsset: Asset = asset("css", "text/css; charset=utf-8", reportStyles.text + dashboardStyles);
export const scriptAsset: Asset = asset("js", "text/javascript; charset=utf-8", dashboardScript);
