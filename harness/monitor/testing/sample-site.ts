// A monitor with its pages on a port of this machine, of a vault and run directories with a history. For tests.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../base/clock.ts";
import { judgeDrill, schemaVersion, type ScenarioResult } from "../../record/result.ts";
import { RunDirectory, runSchemaVersion } from "../../record/run-directory.ts";
import { canariesSubject } from "../../record/canaries.ts";
import { listen } from "../../service/server/listen.ts";
import { proofFolder } from "../../vault/chain/proofs.ts";
import { Keyring } from "../../vault/keys/keyring.ts";
import { pin } from "../../vault/store/pin.ts";
import { writeValidation } from "../../vault/store/validation.ts";
import { backupFolder, initVault } from "../../vault/store/vault.ts";
import { storeTestChain } from "../../vault/testing/test-vault.ts";
import { monitorApp, type MonitorAppOptions } from "../app.ts";
import { Monitor, type MonitorOptions } from "../monitor.ts";
import { vaultIn } from "./scrape.ts";

export const sampleToken = "0123456789abcdef-of-the-test";

export interface SampleSite extends AsyncDisposable {
  readonly url: string;
  readonly folder: string;
  readonly vault: string;
  readonly logs: string;
  readonly keyring: Keyring;
  /** Ids of the backups, the oldest first. */
  readonly backups: readonly string[];
  readonly log: readonly string[];
}

const hourMs = 3_600_000;

/** Backups of six days, the newest three hours old with an archive on it, the one before it proven. */
export async function sampleSite(
  more: Partial<MonitorOptions> = {},
  app: Partial<MonitorAppOptions> = {},
): Promise<SampleSite> {
  const folder = await mkdtemp(join(tmpdir(), "falkordrill-site-"));
  const vault = join(folder, "vault");
  const keyring = new Keyring(join(folder, "keys"));
  await keyring.generate("signer", "s", "interop");
  await keyring.generate("recipient", "r", "interop");
  const store = await initVault(vault);
  const nowMs = systemClock.nowMs();
  const agoText = (hours: number): string => new Date(nowMs - hours * hourMs).toISOString();
  const backups: string[] = [];
  for (const [index, hours] of [123, 99, 75, 51, 27, 3].entries())
    backups.push(
      await storeTestChain(store, keyring, agoText(hours), {
        nodes: 1000 + 10 * index,
        increments: hours === 3 ? 4 : 0,
      }),
    );
  const signer = await keyring.signer();
  const phases = [{ name: "load", startMs: 0, ms: 1200 }];
  const good = { ok: true, problems: [], phases };
  const at = (index: number): string => backupFolder(backups[index] ?? "");
  await writeValidation(store, at(2), { at: agoText(70), ...good }, signer);
  await writeValidation(store, at(4), { at: agoText(20), ...good }, signer);
  await writeValidation(
    store,
    proofFolder({ base: backups[5] ?? "", number: 4 }),
    { at: agoText(2), offset: 9, ...good },
    signer,
  );
  await writeValidation(
    store,
    at(1),
    { at: agoText(90), ok: false, problems: ["3 nodes are missing"], phases },
    signer,
  );
  await pin(store, at(0), "for the auditors", new AbortController().signal);
  const runs = join(folder, "runs");
  for (const [index, rtoMs] of [700, 650, 820, 640].entries())
    await storeSampleRun(runs, `run-${index}`, agoText(100 - 24 * index), rtoMs);
  const logs = join(folder, "logs");
  await mkdir(logs);
  await writeFile(join(logs, "backup.log"), "snapshot ...\n");
  const log: string[] = [];
  const site = new AsyncDisposableStack();
  site.defer(() => rm(folder, { recursive: true, force: true }));
  const monitor = site.use(
    new Monitor({
      vaults: [vaultIn(vault, keyring)],
      runs: [runs],
      logs: [logs],
      disks: { vault: folder, temp: tmpdir() },
      objectives: { rtoMs: 900_000, rpoMs: 4 * hourMs },
      everyMs: 5000,
      graphsMax: 200,
      log: (line) => log.push(line),
      ...more,
    }),
  );
  await monitor.metrics(60_000);
  const pages = monitorApp({ monitor, token: sampleToken, log: (line) => log.push(line), ...app });
  const { url } = site.use(await listen(pages, { name: "the sample", host: "127.0.0.1", port: 0 }));
  return { url, folder, vault, logs, keyring, backups, log, [Symbol.asyncDispose]: () => site.disposeAsync() };
}

async function storeSampleRun(runs: string, name: string, startedAt: string, rtoMs: number): Promise<void> {
  const directory = RunDirectory.create(join(runs, name));
  const about = {
    seed: 1,
    replay: "falkordrill run cycle/full --seed 1",
    startedAt,
    version: "1",
    options: {},
    machine: {},
  };
  directory.writeRun({ ...about, schemaVersion: runSchemaVersion, system: "reference", planned: ["cycle/full"] });
  const result: ScenarioResult = {
    id: "cycle/full",
    title: "t",
    verdict: "pass",
    exit: "pass",
    durationMs: 9000 + rtoMs,
    findings: [],
    witnesses: {},
    metrics: { rtoMs, rpoMs: 580 },
    phases: [],
    notCovered: [],
    judged: [canariesSubject],
    replay: "r",
  };
  directory.addResult(result);
  directory.writeResult({ schemaVersion, seed: 1, replay: "r", scenarios: [result], ...judgeDrill([result]) });
  await directory.seal();
}
