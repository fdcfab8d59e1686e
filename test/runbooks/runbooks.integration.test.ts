// docs/runbooks, followed word by word after the fault that each is for: its alerts fire before, none does after, and what came
// back is what was there.
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { missingStore } from "../../fixtures/object-stores/object-stores.ts";
import { environment } from "../../harness/base/environment.ts";
import { rehearsals } from "./rehearsals.ts";
import { rehearse } from "./rehearse.ts";

const isMissing = spawnSync("promtool", ["--version"]).error !== undefined;
const all = rehearsals.flatMap(({ runbook, paths }) =>
  paths.map((path) => ({ runbook, path, branch: path.branch ?? "all of it" })),
);
const isPossible = ({ runbook }: (typeof all)[number]): boolean =>
  runbook !== "failover" || missingStore("moto") === undefined;

describe.skipIf(isMissing && !environment().requireBrowser)("a runbook", { timeout: 900_000 }, () => {
  it.each(all.filter((one) => isPossible(one)))("$runbook: $branch", async ({ runbook, path }) => {
    expect(await rehearse(runbook, path)).toBeGreaterThan(0);
  });
});
