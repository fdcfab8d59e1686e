// docs/runbooks, followed word by word after the fault that each is for: its alerts fire before, none does after, and what came
// back is what was there. By day one branch of those that take least, another one each time.
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { missingStore } from "../../fixtures/object-stores/object-stores.ts";
import { systemClock } from "../../harness/base/clock.ts";
import { environment } from "../../harness/base/environment.ts";
import { isNightly } from "../../harness/base/testing/nightly.ts";
import { rehearsals } from "./rehearsals.ts";
import { rehearse } from "./rehearse.ts";

const isMissing = spawnSync("promtool", ["--version"]).error !== undefined;
const all = rehearsals.flatMap(({ runbook, paths }) =>
  paths.map((path) => ({ runbook, path, branch: path.branch ?? "all of it" })),
);
const isPossible = ({ runbook }: (typeof all)[number]): boolean =>
  runbook !== "failover" || missingStore("moto") === undefined;
const short = all.filter(({ runbook }) => ["lost-key", "lost-vault", "restore"].includes(runbook));
const drawn = Math.floor(systemClock.nowMs()) % short.length;
const chosen = isNightly ? all.filter((one) => isPossible(one)) : short.slice(drawn, drawn + 1);

describe.skipIf(isMissing && !environment().requireBrowser)("a runbook", { timeout: 900_000 }, () => {
  it.each(chosen)("$runbook: $branch", async ({ runbook, path }) => {
    expect(await rehearse(runbook, path)).toBeGreaterThan(0);
  });
});
