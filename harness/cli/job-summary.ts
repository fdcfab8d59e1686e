// GitHub's job summary. Over 1 MiB it is dropped in silence, so ours stays well below.
import { appendFileSync } from "node:fs";
import { environment } from "../base/environment.ts";

const bytesMax = 900 * 1024;

export function publishSummary(text: string): void {
  const path = environment().githubStepSummary;
  if (path === undefined) return;
  const bytes = Buffer.from(text, "utf8");
  if (bytes.length <= bytesMax) return appendFileSync(path, bytes);
  const cut = bytes.subarray(0, bytesMax).toString("utf8");
  appendFileSync(path, `${cut}\n\n(cut here: the whole report is report.md in the run directory)\n`);
}
