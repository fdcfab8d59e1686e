// What the processes of a fleet keep in their FalkorDB next to the graphs: the pause lease, the running backup, which
// processes have drained, and which are members and alive. Plain keys, no scripts; a change of lease or backup is a
// transaction on both watched keys, so that of two calls at once one wins, and a late call with an old lease changes
// nothing. A backup of the database holds these keys too. Lease and running backup therefore name the run of the server
// on which they were created, and are ignored by a restored server.
import { z } from "zod";
import type { Command, Connection } from "../../../falkordb/client/connection.ts";
import { type BackupStatus, backupStatusSchema } from "../../contract.ts";
import type { Database } from "../database.ts";

export interface SharedLease {
  readonly id: string;
  readonly holder: string;
}
const leaseSchema: z.ZodType<SharedLease & { readonly run: string }> = z.object({
  id: z.string(),
  holder: z.string(),
  run: z.string(),
});

interface SharedBackup {
  readonly status: BackupStatus;
  /** Id of the process that runs it. */
  readonly member: string;
  readonly run: string;
}
const backupSchema: z.ZodType<SharedBackup> = z.object({
  status: backupStatusSchema,
  member: z.string(),
  run: z.string(),
});

/** Maximum attempts; that many concurrent changes in a row indicate a bug. */
const mostAttempts = 100;
const processDied = "the service process that ran it crashed";

/** What prevents a pause or a backup. */
export type Obstacle = "lease" | "backup" | "backup-over";

export class FleetStore {
  readonly #database: Database;
  readonly #prefix: string;

  constructor(database: Database, fleet: string) {
    this.#database = database;
    this.#prefix = `falkordrill:fleet:${fleet}`;
  }

  /** Returns what prevents it: another lease, or a backup that this pause does not belong to. */
  async take(lease: SharedLease, backupId: string | undefined, forMs: number): Promise<Obstacle | undefined> {
    let obstacle: Obstacle | undefined;
    await this.#change(async (connection, run) => {
      const { state, id } = await this.#backupOn(connection, run);
      const running = state === "running" ? id : undefined;
      obstacle = undefined;
      if ((await this.#leaseOn(connection, run)) !== undefined) obstacle = "lease";
      else if (running !== backupId) obstacle = running === undefined ? "backup-over" : "backup";
      const value = JSON.stringify({ ...lease, run });
      return obstacle === undefined ? ["SET", this.#leaseKey, value, "PX", Math.ceil(forMs)] : undefined;
    });
    return obstacle;
  }

  /** The lease that is held, and its remaining time. */
  async lease(): Promise<(SharedLease & { readonly leftMs: number }) | undefined> {
    return await this.#database.use(async (connection) => {
      const lease = await this.#leaseOn(connection, await runOf(connection));
      if (lease === undefined) return undefined;
      const leftMs = Number(await connection.command("PTTL", this.#leaseKey));
      return leftMs > 0 ? { ...lease, leftMs } : undefined;
    });
  }

  /** False when the lease is not held any more. */
  async extend(leaseId: string, forMs: number): Promise<boolean> {
    return await this.#whileHeld(leaseId, ["PEXPIRE", this.#leaseKey, Math.ceil(forMs)]);
  }

  async release(leaseId: string): Promise<boolean> {
    return await this.#whileHeld(leaseId, ["DEL", this.#leaseKey]);
  }

  /** Begins a backup of the whole fleet; returns what prevents it. */
  async beginBackup(member: string, status: BackupStatus): Promise<Obstacle | undefined> {
    let obstacle: Obstacle | undefined;
    await this.#change(async (connection, run) => {
      const isRunning = (await this.#backupOn(connection, run)).state === "running";
      const isHeld = (await this.#leaseOn(connection, run)) !== undefined;
      obstacle = isRunning ? "backup" : isHeld ? "lease" : undefined;
      return obstacle === undefined ? this.#setBackup({ status, member, run }) : undefined;
    });
    return obstacle;
  }

  /** Stores the progress or outcome; does nothing when another backup has replaced it. */
  async noteBackup(member: string, status: BackupStatus): Promise<void> {
    await this.#change(async (connection, run) => {
      const { id } = await this.#backupOn(connection, run);
      return id === status.id ? this.#setBackup({ status, member, run }) : undefined;
    });
  }

  /**
   * A starting process runs no backup; one that it ran before a crash has failed, even though the process runs again.
   */
  async endBackupOf(member: string): Promise<void> {
    await this.#change(async (connection) => {
      const shared = await this.#sharedBackup(connection);
      if (shared?.member !== member || shared.status.state !== "running") return undefined;
      return this.#setBackup({ ...shared, status: { ...shared.status, state: "failed", message: processDied } });
    });
  }

  /** The last backup of the fleet. One whose process has crashed counts as failed. */
  async backup(): Promise<BackupStatus> {
    return await this.#database.use(async (connection) => this.#backupOn(connection, await runOf(connection)));
  }

  async noteDrained(leaseId: string, member: string, forMs: number): Promise<void> {
    await this.#database.use(async (connection) => {
      await connection.command("SADD", this.#drainedKey(leaseId), member);
      await connection.command("PEXPIRE", this.#drainedKey(leaseId), Math.ceil(forMs));
    });
  }

  /** State of every member with regard to a lease. */
  async members(leaseId: string): Promise<{ id: string; state: "drained" | "alive" | "dead" }[]> {
    return await this.#database.use(async (connection) => {
      const ids = (await connection.command("SMEMBERS", this.#membersKey)) as string[];
      const drained = new Set((await connection.command("SMEMBERS", this.#drainedKey(leaseId))) as string[]);
      const members: { id: string; state: "drained" | "alive" | "dead" }[] = [];
      for (const id of ids) {
        const isAlive = (await connection.command("EXISTS", this.#aliveKey(id))) === 1;
        members.push({ id, state: drained.has(id) ? "drained" : isAlive ? "alive" : "dead" });
      }
      return members;
    });
  }

  /** How long the server has been running: after a restart without its data, members have to register again. */
  async serverUpMs(): Promise<number> {
    return await this.#database.use(
      async (connection) => Number((await connection.info("server"))["uptime_in_seconds"]) * 1000,
    );
  }

  /** True when it was a member before. */
  async enlist(member: string, aliveMs: number): Promise<boolean> {
    return await this.#database.use(async (connection) => {
      await connection.command("SET", this.#aliveKey(member), "1", "PX", aliveMs);
      return (await connection.command("SADD", this.#membersKey, member)) === 0;
    });
  }

  async leave(member: string): Promise<void> {
    await this.#database.use(async (connection) => {
      await connection.command("SREM", this.#membersKey, member);
      await connection.command("DEL", this.#aliveKey(member));
    });
  }

  async #leaseOn(connection: Connection, run: string): Promise<SharedLease | undefined> {
    const text = await connection.command("GET", this.#leaseKey);
    if (typeof text !== "string") return undefined;
    const { run: givenOn, ...lease } = leaseSchema.parse(JSON.parse(text));
    return run === givenOn ? lease : undefined;
  }

  async #backupOn(connection: Connection, run: string): Promise<BackupStatus> {
    const shared = await this.#sharedBackup(connection);
    if (shared === undefined) return { state: "none" };
    const { status, member, run: startedOn } = shared;
    if (status.state !== "running") return status;
    const isAlive = (await connection.command("EXISTS", this.#aliveKey(member))) === 1;
    if (isAlive && startedOn === run) return status;
    const what = startedOn === run ? processDied : "the database was restarted under it";
    return { ...status, state: "failed", message: what };
  }

  async #sharedBackup(connection: Connection): Promise<SharedBackup | undefined> {
    const text = await connection.command("GET", this.#backupKey);
    return typeof text === "string" ? backupSchema.parse(JSON.parse(text)) : undefined;
  }

  #setBackup(backup: SharedBackup): Command {
    return ["SET", this.#backupKey, JSON.stringify(backup)];
  }

  async #whileHeld(leaseId: string, command: Command): Promise<boolean> {
    return await this.#change(async (connection, run) =>
      (await this.#leaseOn(connection, run))?.id === leaseId ? command : undefined,
    );
  }

  /**
   * Carries out what `decide` says if neither lease nor backup have changed since it was read; else it decides again.
   */
  async #change(decide: (connection: Connection, run: string) => Promise<Command | undefined>): Promise<boolean> {
    return await this.#database.use(async (connection) => {
      const run = await runOf(connection);
      for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
        await connection.command("WATCH", this.#leaseKey, this.#backupKey);
        const command = await decide(connection, run).catch(async (error: unknown) => {
          await connection.command("UNWATCH");
          throw error;
        });
        if (command === undefined) {
          await connection.command("UNWATCH");
          return false;
        }
        await connection.command("MULTI");
        await connection.command(...command);
        const replies = await connection.command("EXEC");
        // A key that expired between the read and the change answers 0.
        if (Array.isArray(replies)) return replies[0] === 1 || replies[0] === "OK";
      }
      throw new Error(`the fleet's keys changed ${mostAttempts} times in a row under one call`);
    });
  }

  get #leaseKey(): string {
    return `${this.#prefix}:pause`;
  }

  get #backupKey(): string {
    return `${this.#prefix}:backup`;
  }

  get #membersKey(): string {
    return `${this.#prefix}:members`;
  }

  #drainedKey(leaseId: string): string {
    return `${this.#prefix}:drained:${leaseId}`;
  }

  #aliveKey(member: string): string {
    return `${this.#prefix}:alive:${member}`;
  }
}

async function runOf(connection: Connection): Promise<string> {
  return (await connection.info("server"))["run_id"] ?? "";
}
