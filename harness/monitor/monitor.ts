// A monitor: it looks at vaults, run directories and disks, and gives what it found as metrics. It reads only, and all
// that it says comes from what it reads: one that is started anew says the same.
import { statfs } from "node:fs/promises";
import { scoreOf } from "../../reports/analysis/journal.ts";
import { systemClock } from "../base/clock.ts";
import { within } from "../base/deadline.ts";
import { usageError } from "../base/errors.ts";
import { packageVersion } from "../base/package.ts";
import { compareVaults } from "../vault/compare/compare-vaults.ts";
import { Keyring } from "../vault/keys/keyring.ts";
import type { RetentionPolicy } from "../vault/retention/retention.ts";
import type { Store } from "../vault/store/store.ts";
import { journalBeside, readJournal } from "./journal-file.ts";
import { type RunsFacts, RunsWatcher } from "./look-at-runs.ts";
import {
  addDisk,
  addForecasts,
  addReplica,
  addRuns,
  type DiskFacts,
  type ForecastFacts,
  type ReplicaFacts,
} from "./metrics/other-samples.ts";
import { MetricSamples } from "./metrics/samples.ts";
import { addVault } from "./metrics/vault-samples.ts";
import { type VaultFacts, VaultWatcher } from "./vault/look-at-vault.ts";
import { RememberingKeyring } from "./vault/remembering-keyring.ts";
import { type LookResult, Watch } from "./watch.ts";

export interface MonitoredVault {
  readonly name: string;
  readonly region: string;
  readonly open: () => Promise<Store>;
  /** Folder of the key ring. */
  readonly keys: string;
  readonly replicaOf?: string | undefined;
  readonly keep?: RetentionPolicy | undefined;
  readonly zone?: string | undefined;
  readonly archiveMetrics?: string | undefined;
  /** Where it is a folder. */
  readonly folder?: string;
}

export interface MonitorOptions {
  readonly vaults: readonly MonitoredVault[];
  /** Folders of run directories. */
  readonly runs: readonly string[];
  /** Folders with logs of commands, which are shown as they are written. */
  readonly logs?: readonly string[];
  /** Folders by the name of the disk that they are on. */
  readonly disks: Readonly<Record<string, string>>;
  readonly objectives: { readonly rtoMs?: number | undefined; readonly rpoMs?: number | undefined };
  readonly everyMs: number;
  /** How many graphs of a vault have series of their own. */
  readonly graphsMax: number;
  readonly log: (line: string) => void;
}

/** What is known of one thing that is looked at. */
interface Seen<T> {
  readonly name: string;
  /** Undefined where the last look failed, or is too long ago. */
  readonly looked: LookResult<T> | undefined;
  readonly trouble: string | undefined;
}

/** The present state of everything, as the last looks found it. */
export interface MonitorState {
  readonly vaults: readonly (Seen<VaultFacts> & Pick<MonitoredVault, "region" | "replicaOf">)[];
  readonly runs: readonly Seen<RunsFacts>[];
  readonly disks: readonly Seen<DiskFacts>[];
  readonly samples: MetricSamples;
  readonly objectives: MonitorOptions["objectives"];
}

interface Replica {
  readonly vault: MonitoredVault;
  readonly of: string;
  readonly watch: Watch<ReplicaFacts>;
}

export class Monitor implements AsyncDisposable {
  readonly #options: MonitorOptions;
  readonly #vaults: ReadonlyMap<
    string,
    { readonly vault: MonitoredVault; readonly open: () => Promise<Store>; readonly watch: Watch<VaultFacts> }
  >;
  readonly #runs: readonly Watch<RunsFacts>[];
  readonly #forecasts: readonly Watch<ForecastFacts>[];
  readonly #disks: readonly Watch<DiskFacts>[];
  readonly #replicas: readonly Replica[];

  constructor(options: MonitorOptions) {
    const { vaults, runs, disks, everyMs, log } = options;
    mustFit(options);
    this.#options = options;
    const every = { everyMs, log };
    const opened = new Map(vaults.map((vault) => [vault.name, openedOnce(vault.open)]));
    const opener = (name: string): (() => Promise<Store>) =>
      opened.get(name) ?? (() => Promise.reject(new Error(name)));
    this.#vaults = new Map(
      vaults.map((vault) => {
        const open = opener(vault.name);
        const watcher = new VaultWatcher({ ...vault, open });
        const watch = new Watch((signal) => watcher.look(signal), { name: vault.name, ...every });
        return [vault.name, { vault, open, watch }];
      }),
    );
    this.#runs = runs.map((folder) => {
      const watcher = new RunsWatcher(folder);
      return new Watch((signal) => watcher.look(signal), { name: folder, ...every });
    });
    this.#forecasts = runs.map(
      (folder) => new Watch(() => lookAtForecasts(folder), { name: `forecasts next to ${folder}`, ...every }),
    );
    this.#disks = Object.entries(disks).map(
      ([name, folder]) => new Watch(() => lookAtDisk(folder), { name: `the disk ${name}`, ...every }),
    );
    this.#replicas = vaults.flatMap((vault) => {
      const { name, replicaOf: of, keys } = vault;
      if (of === undefined) return [];
      const look = (signal: AbortSignal): Promise<ReplicaFacts> => compareBoth(opener(of), opener(name), keys, signal);
      return [{ vault, of, watch: new Watch(look, { name: `${name} as a replica of ${of}`, ...every }) }];
    });
  }

  /** Whoever asks before the first looks have ended waits for them for so long. */
  async metrics(patienceMs: number): Promise<string> {
    const watches = [...this.#vaults.values(), ...this.#replicas].map(({ watch }) => watch.first);
    const first = Promise.all([
      ...watches,
      ...[...this.#runs, ...this.#forecasts, ...this.#disks].map((watch) => watch.first),
    ]);
    await within("the first looks", patienceMs, first).catch(() => {});
    return this.#samples().toString();
  }

  get state(): MonitorState {
    const { disks, objectives } = this.#options;
    return {
      vaults: Array.from(this.#vaults.values(), ({ vault: { region, replicaOf, name }, watch }) => {
        return { ...seen(name, watch), region, replicaOf };
      }),
      runs: this.#runs.map((watch) => seen(watch.name, watch)),
      disks: Object.keys(disks).flatMap((name, index) => seen(name, this.#disks[index])),
      samples: this.#samples(),
      objectives,
    };
  }

  get logFolders(): { readonly logs: readonly string[]; readonly runs: readonly string[] } {
    return { logs: this.#options.logs ?? [], runs: this.#options.runs };
  }

  /** Asks the store of a vault itself; undefined where no vault has that name. */
  async ask<T>(name: string, question: (store: Store, keyring: Keyring) => Promise<T>): Promise<T | undefined> {
    const found = this.#vaults.get(name);
    return found === undefined ? undefined : await question(await found.open(), new Keyring(found.vault.keys));
  }

  #samples(): MetricSamples {
    const out = new MetricSamples();
    for (const { vault, watch } of this.#vaults.values())
      addVault(out, { vault: vault.name, region: vault.region }, watch.current, this.#options.graphsMax);
    for (const { vault, of, watch } of this.#replicas) {
      const newestIn = (name: string): number | undefined => this.#vaults.get(name)?.watch.current?.facts.newestMs;
      const both = { fromMs: newestIn(of), toMs: newestIn(vault.name) };
      addReplica(out, { vault: vault.name, region: vault.region, of }, watch.current, both);
    }
    for (const [index, watch] of this.#runs.entries()) {
      addRuns(out, watch.name, watch.current);
      addForecasts(out, watch.name, this.#forecasts[index]?.current);
    }
    for (const [index, disk] of Object.keys(this.#options.disks).entries())
      addDisk(out, disk, this.#disks[index]?.current);
    const { rtoMs, rpoMs } = this.#options.objectives;
    if (rtoMs !== undefined) out.add("falkordrill_objective_seconds", rtoMs / 1000, { objective: "rto" });
    if (rpoMs !== undefined) out.add("falkordrill_objective_seconds", rpoMs / 1000, { objective: "rpo" });
    out.add("falkordrill_monitor_info", 1, { version: packageVersion() });
    return out;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const watches = [...[...this.#vaults.values(), ...this.#replicas].map(({ watch }) => watch), ...this.#runs];
    await Promise.all([...watches, ...this.#forecasts, ...this.#disks].map((watch) => watch[Symbol.asyncDispose]()));
  }
}

function seen<T>(name: string, watch: Watch<T> | undefined): Seen<T> {
  return { name, looked: watch?.current, trouble: watch?.trouble };
}

/** Two series of one name would be refused by whoever scrapes them, and a replica needs what it is a replica of. */
function mustFit({ vaults, runs }: MonitorOptions): void {
  if (vaults.length + runs.length === 0)
    throw usageError(
      "there is nothing to look at",
      "Give --vault or --runs, or name them under monitor in the configuration.",
    );
  const names = vaults.map(({ name }) => name);
  for (const list of [names, runs]) {
    const twice = list.find((name, index) => list.indexOf(name) !== index);
    if (twice !== undefined) throw usageError(`${twice} is given twice`, "Give each vault a name of its own.");
  }
  for (const { name, replicaOf } of vaults)
    if (replicaOf !== undefined && !names.includes(replicaOf))
      throw usageError(`${name} is a replica of ${replicaOf}, which is not one of the vaults ${names.join(", ")}`);
}

/** A store that could be opened once stays open; whether a vault is there shows each listing. */
function openedOnce(open: () => Promise<Store>): () => Promise<Store> {
  let opened: Promise<Store> | undefined;
  return async () => {
    opened ??= open();
    return await opened.catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
  };
}

async function lookAtForecasts(runs: string): Promise<ForecastFacts> {
  const journal = await readJournal(journalBeside(runs));
  return { newest: journal.at(-1), score: scoreOf(journal, systemClock.nowMs()) };
}

export async function lookAtDisk(folder: string): Promise<DiskFacts> {
  const { bavail, blocks, bsize } = await statfs(folder);
  return { freeBytes: bavail * bsize, sizeBytes: blocks * bsize };
}

async function compareBoth(
  openFrom: () => Promise<Store>,
  openTo: () => Promise<Store>,
  keys: string,
  signal: AbortSignal,
): Promise<ReplicaFacts> {
  const [from, to] = await Promise.all([openFrom(), openTo()]);
  const keyring = new RememberingKeyring(keys);
  const { divergences } = await compareVaults({ from, to, keyring }, { depth: "records", signal });
  return new Map([...Map.groupBy(divergences, ({ kind }) => kind)].map(([kind, found]) => [kind, found.length]));
}
