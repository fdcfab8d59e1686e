// Writes the pages of docs/reference/ that come from the code: `npm run docs`.
import { writeFileSync } from "node:fs";
import { grafanaDashboard, grafanaFile } from "./grafana-dashboard.ts";
import { referencePages } from "./reference-pages.ts";

for (const [path, text] of await referencePages()) writeFileSync(new URL(`../${path}`, import.meta.url), text);
writeFileSync(new URL(`../${grafanaFile}`, import.meta.url), grafanaDashboard());
