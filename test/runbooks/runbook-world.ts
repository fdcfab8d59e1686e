// What a runbook finds on the day on which it is needed: servers, a vault with a proven backup, and a monitor that looks at it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { systemClock } from "../../harness/base/clock.ts";
import { serverUrl } from "../../harness/base/endpoint.ts";
import { freePort } from "../../harness/base/process/ports.ts";
import { reaper } from "../../harness/base/process/reaper.ts";
import { silentProgress } from "../../harness/base/progress.ts";
import { waitFor } from "../../harness/base/wait.ts";
import { embeddedEngines } from "../../harness/engine/embedded.ts";
import type { Engine, StartOptions } from "../../harness/engine/engine.ts";
import { connect } from "../../harness/falkordb/client/connection.ts";
import type { MonitorSettings, VaultSetting } from "../../harness/monitor/settings.ts";
import { spawnGraphService } from "../../harness/service/server/spawn.ts";
import { adminToken } from "../../harness/service/server/testing/graph-service-kit.ts";
import { ensureKeys } from "../../harness/system/reference/reference.ts";
import { type BackupContext, createBackup } from "../../harness/vault/backup/backup.ts";
import { fingerprintOf } from "../../harness/vault/in-place/in-place-run.ts";
import { Keyring } from "../../harness/vault/keys/keyring.ts";
import { verify } from "../../harness/vault/restore/verify.ts";
import { initVault, listBackupIds, openVault } from "../../harness/vault/store/vault.ts";
import { fillSource } from "../../harness/vault/testing/test-source.ts";
import { adminClient } from "../../harness/service/admin-client.ts";
import { RunbookShell } from "./runbook-shell.ts";

const { signal } = new AbortController();
const engines = embeddedEngines();
/** In runbooks, the id of a backup that is named, and that of a safety snapshot. */
export const writtenId = "20261130T020000Z-0123abcd";
export const writtenSafetyId = "20261130T090000Z-4567cdef";
const waitMs = 300_000;

export interface Monitored extends MonitorSettings {
  readonly vaults?: readonly VaultSetting[];
  readonly rto?: string;
}

export class RunbookWorld implements AsyncDisposable {
  readonly folder: string;
  readonly shell: RunbookShell;
  /** What the monitor looks at. */
  monitored: Monitored;
  readonly #resources = new AsyncDisposableStack();
  readonly #servers = new Map<string, Engine>();
  readonly #kept = new Map<string, string>();
  #backups: string;
  #serviceUrl = "";

  constructor(folder: string) {
    this.folder = folder;
    this.shell = this.#resources.use(new RunbookShell(folder));
    for (const name of ["backups", "far", "safe"]) mkdirSync(join(folder, name));
    this.shell.place("/mnt/far", join(folder, "far"));
    this.shell.place("/mnt/safe", join(folder, "safe"));
    this.#backups = join(folder, "backups");
    this.shell.place("/backups", this.#backups);
    this.monitored = { vaults: [{ name: "near", vault: this.vault }] };
  }

  /** The vault is on a disk of its own. */
  moveBackups(folder: string): void {
    this.#backups = folder;
    this.shell.place("/backups", folder);
    this.monitored = { vaults: [{ name: "near", vault: this.vault }] };
  }

  get vault(): string {
    return join(this.#backups, "graphs");
  }

  get keyring(): Keyring {
    return new Keyring(`${this.vault}-keys`);
  }

  use<T extends AsyncDisposable>(resource: T): T {
    return this.#resources.use(resource);
  }

  /** Starts a server, which the runbook calls `redis://<name>:6379`. */
  async start(name: string, options: Omit<StartOptions, "name"> = {}): Promise<Engine> {
    const engine = this.use(await engines.start({ name, moduleArgs: { EFFECTS_THRESHOLD: "0" }, ...options }));
    this.#servers.set(name, engine);
    this.shell.place(`redis://${name}:6379`, serverUrl(engine.endpoint, { withPassword: true }));
    return engine;
  }

  server(name = "db"): Engine {
    const engine = this.#servers.get(name);
    if (engine === undefined) throw new Error(`no server ${name} was started`);
    return engine;
  }

  /** The graph service in front of the server, which the runbook calls `http://graph:8000`. */
  async startService(): Promise<void> {
    const options = { database: this.server().endpoint, token: adminToken, stateDir: join(this.folder, "service") };
    const service = this.use(await spawnGraphService(options));
    this.write("token", adminToken);
    this.shell.place("http://graph:8000", service.url);
    this.#serviceUrl = service.url;
  }

  /** Until the service lets writes in again. */
  async untilResumed(): Promise<void> {
    const admin = adminClient({ url: this.#serviceUrl, token: adminToken });
    await this.until("the end of the pause", async () => (await admin.status()).writes.state === "open");
  }

  async query(cypher: string, graph = "people", name = "db"): Promise<void> {
    await using connection = await connect(this.server(name).endpoint);
    await connection.query(graph, cypher);
  }

  async command(name: string, command: string, ...words: readonly string[]): Promise<void> {
    await using connection = await connect(this.server(name).endpoint);
    await connection.command(command, ...words);
  }

  /** Remembers what a server holds now. */
  async keep(name = "db", as: string = name): Promise<void> {
    this.#kept.set(as, await fingerprintOf(this.server(name), signal));
  }

  /** Throws where a server does not hold what was remembered, or takes no writes. */
  async mustHold(name = "db", kept = "db"): Promise<void> {
    const holds = await fingerprintOf(this.server(name), signal);
    if (holds !== this.#kept.get(kept)) throw new Error(`the server ${name} does not hold what ${kept} held`);
    await using connection = await connect(this.server(name).endpoint);
    await connection.command("SET", "written", "yes");
  }

  async newVault(place: string = this.vault): Promise<BackupContext> {
    await ensureKeys(this.keyring, "interop");
    return { store: await initVault(place), keyring: this.keyring, profile: "interop", partBytes: 2 ** 20 };
  }

  async context(): Promise<BackupContext> {
    return { store: await openVault(this.vault), keyring: this.keyring, profile: "interop", partBytes: 2 ** 20 };
  }

  /** Backs up, and says whether the backup can be loaded. */
  async backUp(context: BackupContext): Promise<string> {
    const request = { source: this.server(), coordinator: undefined, progress: silentProgress, signal };
    return (await createBackup(context, request)).point.id;
  }

  async verify(context: BackupContext, id: string): Promise<boolean> {
    return (await verify(context, undefined, id, engines, signal)).ok;
  }

  /** A server with graphs, and a vault with one backup of it, which is proven. */
  async withBackup(): Promise<BackupContext> {
    await fillSource((await this.start("db")).endpoint);
    const context = await this.newVault();
    await this.nameBackup(context, await this.backUp(context));
    return context;
  }

  /** Proves a backup, and makes it the one that runbooks name. */
  async nameBackup(context: BackupContext, id: string): Promise<void> {
    await this.verify(context, id);
    this.shell.place(writtenId, id);
  }

  /** The same with an archiver that follows the server, and has stored a write. */
  async withArchive(): Promise<void> {
    await fillSource((await this.start("db")).endpoint);
    const { store } = await this.newVault();
    await this.shell.run("falkordrill vault archive --vault /backups/graphs --segment-age 1s --url redis://db:6379");
    await this.query("CREATE (:Note {text: 'genuine'})");
    await this.untilArchived();
    const [id = ""] = await listBackupIds(store);
    await this.nameBackup(await this.context(), id);
  }

  async untilArchived(): Promise<void> {
    const { store } = await this.context();
    await this.until("a write to be archived", async () => (await store.list("segments/")).length > 0);
  }

  async until(what: string, probe: () => boolean | Promise<boolean>): Promise<void> {
    await waitFor(async () => (await probe()) || undefined, { what, timeoutMs: waitMs });
  }

  /** A file of the working folder. */
  write(name: string, content: string): void {
    writeFileSync(join(this.folder, name), content, { mode: 0o600 });
  }

  /** What `falkordrill monitor` says, started for this. */
  async scrape(): Promise<{ readonly text: string; readonly atMs: number; readonly log: string }> {
    const { rto, ...monitor } = this.monitored;
    this.write("monitor.yaml", stringify({ ...(rto === undefined ? {} : { objectives: { rto } }), monitor }));
    const listen = `127.0.0.1:${await freePort()}`;
    const args = ["monitor", "--config", "monitor.yaml", "--no-token", "--listen", listen];
    const child = spawn(join(this.folder, "bin/falkordrill"), args, { cwd: this.folder, env: this.shell.env });
    using _registration = reaper.process(child.pid ?? 0);
    let log = "";
    child.stderr.on("data", (chunk: Buffer) => void (log += chunk.toString()));
    const ended = once(child, "exit");
    try {
      await Promise.race([once(child.stdout, "data"), ended]);
      // On a busy machine a first look takes longer than a scrape waits for it.
      const isLookedAt = (text: string): boolean =>
        (monitor.vaults ?? []).every(
          ({ name }) =>
            text.includes(`falkordrill_vault_look_timestamp_seconds{vault="${name}"`) ||
            log.includes(` ${name} cannot be read`),
        );
      const looked = async (): Promise<string | undefined> => {
        const text = await (await fetch(`http://${listen}/metrics`)).text();
        return isLookedAt(text) ? text : undefined;
      };
      const text = await waitFor(looked, { what: "the first looks of the monitor", timeoutMs: waitMs });
      return { text, atMs: systemClock.nowMs(), log };
    } finally {
      child.kill("SIGINT");
      await ended;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}
