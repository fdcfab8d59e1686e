// A monitor of a vault and its replica must give what their files say, and nothing while the vault is not there.
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { privateFolder } from "../../../base/process/reaper.ts";
import { waitFor } from "../../../base/wait.ts";
import { OwnProcess } from "../../../system/reference/own-process.ts";
import type { RetentionSetup } from "../retention/retention-setup.ts";
import { expectedMetrics, near, far, seriesOf } from "./expected-metrics.ts";
import type { OperatedVault } from "./operated-vault.ts";

const waitMs = 60_000;
const isUnread = /^\S+ near cannot be read/m;

export async function monitorSays(setup: RetentionSetup, operated: OperatedVault): Promise<void> {
  const { drill, vault, system } = setup;
  const { signal, progress, record } = drill;
  progress.step("monitor: compare metrics with the files of the vault");
  const expected = await expectedMetrics(vault, operated);
  await using folder = await privateFolder("monitor");
  const config = join(folder.path, "falkordrill.config.json");
  const keys = `${vault}-keys`;
  const vaults = [
    { name: near.vault, region: near.region, vault, keys },
    { name: far.vault, region: far.region, vault: operated.far, keys, replicaOf: near.vault },
  ];
  await writeFile(config, JSON.stringify({ monitor: { vaults } }));
  let url: string | undefined;
  const words = ["monitor", "--config", config, "--listen", "127.0.0.1:0", "--no-token", "--every", "1s"];
  const { nodeFlags = [] } = system;
  const env = nodeFlags.length === 0 ? {} : { NODE_OPTIONS: nodeFlags.join(" ") };
  await using monitor = new OwnProcess(words, env, (line) => (url ??= line));
  const awaited = { timeoutMs: waitMs, signal, exit: "notRecovered" } as const;
  const address = await waitFor(() => url, { what: "the monitor to listen", ...awaited });
  const scrape = async (): Promise<ReadonlyMap<string, number>> =>
    seriesOf(await (await fetch(address, { signal })).text());

  const found = await scrape();
  for (const [series, value] of expected) {
    record.witness("metricsCompared", 1);
    if (found.get(series) !== value)
      differs(setup, series, `is ${found.get(series) ?? "absent"}, and the files of the vault say ${value}`);
  }
  progress.step("monitor: take the vault away");
  const away = `${vault}-away`;
  await rename(vault, away);
  try {
    const isMissed = (): true | undefined => (isUnread.test(monitor.complaints) ? true : undefined);
    await waitFor(isMissed, { what: "the monitor to miss the vault", ...awaited });
    for (const [series, value] of await scrape()) {
      if (!series.includes('vault="near"')) continue;
      record.witness("metricsCompared", 1);
      if (!series.startsWith("falkordrill_vault_up{") || value !== 0)
        differs(setup, series, `is ${value}, though nobody can read the vault`);
    }
  } finally {
    await rename(away, vault);
  }
}

function differs({ drill: { record } }: RetentionSetup, series: string, what: string): void {
  record.finding({
    code: "metric-differs",
    severity: "error",
    subject: series,
    message: `${series} ${what}`,
    evidence: {},
  });
}
