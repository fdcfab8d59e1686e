// Real service processes in front of one real engine, and what an outside observer knows of them, for the model-based
// tests: which lease was granted, which backup runs, which process is dead, which writes were requested. Every step
// checks what the processes answer against that, and every pause checks the database itself.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type GraphServiceProcess, spawnGraphService, type SpawnOptions } from "../spawn.ts";
import { randomMessage } from "../../../../generators/writes/episode-message.ts";
import { errorMessage } from "../../../base/errors.ts";
import { waitFor } from "../../../base/wait.ts";
import { embeddedEngines } from "../../../engine/embedded.ts";
import { privateFolder } from "../../../base/process/reaper.ts";
import { connect, type Connection } from "../../../falkordb/client/connection.ts";
import { adminClient, type AdminClient, LeaseLostError } from "../../admin-client.ts";
import { episodeMessageBody } from "../../messages.ts";
import { presenceOf, type WriteRef } from "../../../workload/history/expected-writes.ts";
import { adminToken, send } from "./graph-service-kit.ts";

const aliveMs = 1000;
const longLease = { leaseMs: 60_000, drainTimeoutMs: 10_000 };
const source = { seed: 5, schema: "post1856" } as const;

interface Member {
  readonly options: SpawnOptions;
  /** Undefined when it was killed. */
  process: GraphServiceProcess | undefined;
}

export class ServiceWorld implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  readonly #members: Member[] = [];
  readonly #isFleet: boolean;
  #connection!: Connection;
  #folder = "";
  #writes: WriteRef[] = [];
  #open: Promise<void>[] = [];
  #issued: string[] = [];
  #held: string | undefined;
  /** What the database held when the pause was answered. */
  #atPause: readonly string[] = [];
  #backup: { readonly id: string; readonly member: Member } | undefined;
  /** Counts of what happened, so that a run that checked nothing is noticed. */
  readonly seen: Record<string, number> = {};

  private constructor(members: number) {
    this.#isFleet = members > 1;
  }

  static async start(members: number): Promise<ServiceWorld> {
    const world = new ServiceWorld(members);
    const stack = world.#stack;
    world.#folder = stack.use(await privateFolder("service-world")).path;
    const engine = stack.use(await embeddedEngines().start());
    world.#connection = stack.use(await connect(engine.endpoint));
    for (let index = 0; index < members; index += 1) {
      const options: SpawnOptions = {
        database: engine.endpoint,
        token: adminToken,
        stateDir: join(world.#folder, `member-${index}`),
        backup: { command: [process.execPath, "-e", backupScript, world.#folder] },
        ...(members > 1 ? { fleet: "world", fleetAliveMs: aliveMs } : {}),
      };
      const member: Member = { options, process: await spawnGraphService(options) };
      stack.defer(() => member.process?.kill());
      world.#members.push(member);
    }
    return world;
  }

  /** A few episodes at once, through one process; they are not waited for. */
  async write(index: number): Promise<void> {
    const service = this.#members[index]?.process;
    if (service === undefined) return;
    for (let count = 0; count < 3; count += 1) this.#open.push(this.#writeOne(service, `graph-${index}`));
    await Promise.resolve();
  }

  async pause(index: number, ofBackup: boolean): Promise<void> {
    const backup = this.#backup;
    const admin = this.#adminOf(index, ofBackup ? backup?.id : undefined);
    if (admin === undefined) return;
    const dead = this.#members.some((member) => member.process === undefined);
    const backupIsLost = backup !== undefined && backup.member.process === undefined;
    const given = await admin.pause(longLease).catch((error: unknown) => errorMessage(error));
    if (typeof given === "string") {
      const allowed = [
        this.#held !== undefined && /409: writes are already paused/,
        backup !== undefined && !ofBackup && /409: a triggered backup is running/,
        backupIsLost && /409: the backup that this pause belongs to is not running/,
        this.#isFleet && dead && /504.*crashed/,
      ];
      assert.ok(
        allowed.some((why) => why !== false && why.test(given)),
        `unexpected: ${given}`,
      );
      return this.#note("pausesRefused");
    }
    assert.equal(this.#held, undefined, "two leases at once");
    assert.ok(!dead, "a pause was given while what a dead process left may be half stored");
    assert.ok(backup === undefined || ofBackup, "a pause was given beside a running backup");
    this.#note("pausesGiven");
    this.#held = given.id;
    this.#issued.push(given.id);
    this.#atPause = await this.#uuids();
    this.#noneTorn(this.#atPause);
  }

  async resume(index: number, age: number): Promise<void> {
    const [admin, id] = [this.#adminOf(index), this.#issued.at(-1 - age)];
    if (admin === undefined || id === undefined) return;
    const isHeld = id === this.#held;
    if (isHeld) await this.#pauseHeld();
    const refused: unknown = await admin.resume(id).catch((error: unknown) => error);
    assert.equal(refused instanceof LeaseLostError, !isHeld, `resume of lease ${age} back: ${String(refused)}`);
    this.#note(isHeld ? "resumes" : "lateResumes");
    if (isHeld) this.#held = undefined;
  }

  async renew(index: number, age: number): Promise<void> {
    const [admin, id] = [this.#adminOf(index), this.#issued.at(-1 - age)];
    if (admin === undefined || id === undefined) return;
    const refused: unknown = await admin.renew(id, 60_000).then(
      () => undefined,
      (error: unknown) => error,
    );
    assert.equal(refused === undefined, id === this.#held, `renewal of lease ${age} back: ${String(refused)}`);
    this.#note("renewals");
  }

  /** The lease expires: no client releases it, all processes open by themselves, and it is invalid afterwards. */
  async expire(index: number): Promise<void> {
    const [admin, id] = [this.#adminOf(index), this.#held];
    if (admin === undefined || id === undefined) return;
    await this.#pauseHeld();
    await admin.renew(id, 30);
    this.#held = undefined;
    await this.#allOpen();
    await assert.rejects(admin.resume(id), LeaseLostError);
    this.#note("leasesExpired");
  }

  async trigger(index: number): Promise<void> {
    const [admin, member, backup] = [this.#adminOf(index), this.#members[index], this.#backup];
    if (admin === undefined || member === undefined) return;
    const id = await admin.trigger().catch((error: unknown) => error);
    if (typeof id !== "string") {
      assert.ok(backup !== undefined || this.#held !== undefined, `unexpected: ${errorMessage(id)}`);
      return this.#note("triggersRefused");
    }
    assert.ok(backup === undefined || backup.member.process === undefined, "two backups at once");
    assert.equal(this.#held, undefined, "a backup was started inside the pause of another one");
    this.#backup = { id, member };
    this.#note("backups");
  }

  /** The running backup ends well, and every process says so. */
  async endBackup(): Promise<void> {
    if (this.#backup === undefined || this.#backup.member.process === undefined) return;
    const { id } = this.#backup;
    await writeFile(join(this.#folder, id), "");
    for (const [index] of this.#members.entries()) {
      const admin = this.#adminOf(index);
      const ended = async (): Promise<true | undefined> =>
        (await admin?.status())?.backup.state === "running" ? undefined : true;
      await waitFor(ended, { what: "the backup to end", timeoutMs: 20_000 });
      const status = (await admin?.status())?.backup;
      if (status !== undefined)
        assert.deepEqual([status.id, status.state, status.message], [id, "succeeded", "stored"]);
    }
    this.#backup = undefined;
  }

  async crash(index: number): Promise<void> {
    const member = this.#members[index];
    if (member?.process === undefined || (this.#isFleet && this.#alive().length === 1)) return;
    await member.process.kill();
    member.process = undefined;
    this.#note("crashes");
    // A single service keeps its pause in memory: it restarts open. A fleet keeps it in the database.
    if (!this.#isFleet) [this.#held, this.#backup] = [undefined, undefined];
  }

  async restart(index: number): Promise<void> {
    const member = this.#members[index];
    if (member === undefined || member.process !== undefined) return;
    member.process = await spawnGraphService(member.options);
    // Its backup ended with it.
    if (this.#backup?.member === member) this.#backup = undefined;
  }

  /** Whatever happened, everything is open again in the end, and nothing is lost or half done. */
  async settle(): Promise<void> {
    for (const [index] of this.#members.entries()) await this.restart(index);
    await this.endBackup();
    await this.resume(0, 0);
    await this.#allOpen();
    await Promise.all(this.#open.splice(0));
    await this.pause(0, false);
    assert.ok(this.#held !== undefined, "no pause was given at the end");
    await this.resume(0, 0);
    await this.#allOpen();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#open);
    await this.#stack.disposeAsync();
  }

  #alive(): Member[] {
    return this.#members.filter((member) => member.process !== undefined);
  }

  #adminOf(index: number, backupId?: string): AdminClient | undefined {
    const service = this.#members[index]?.process;
    const options = { token: adminToken, callTimeoutMs: 10_000, ...(backupId === undefined ? {} : { backupId }) };
    return service === undefined ? undefined : adminClient({ url: service.url, ...options });
  }

  async #writeOne(service: GraphServiceProcess, graph: string): Promise<void> {
    const writer = `w${this.#writes.length}`;
    const message = randomMessage({ ...source, writer, sequence: 0, groupId: graph });
    const write = { writer, sequence: 0, graph, uuid: message.uuid, invokedMs: 0, completedMs: 0 };
    const at = this.#writes.push({ ...write, outcome: "unknown" }) - 1;
    const heldBefore = this.#held;
    const answer = await send(service, "POST", "/messages", episodeMessageBody(message)).catch(() => undefined);
    const outcome = answer?.status === 200 ? "ok" : answer?.status === 503 ? "refused" : "unknown";
    this.#writes[at] = { ...write, outcome };
    this.#note(`writes-${outcome}`);
    if (heldBefore !== undefined && heldBefore === this.#held) assert.notEqual(outcome, "ok", "a write inside a pause");
  }

  /** The pause is about to end: the database is as it was when it began. */
  async #pauseHeld(): Promise<void> {
    assert.deepEqual(await this.#uuids(), this.#atPause, "something was written inside a pause");
  }

  #noneTorn(uuids: readonly string[]): void {
    const { torn, absent } = presenceOf(this.#writes, new Set(uuids), source);
    assert.deepEqual(torn, [], "a write half done");
    assert.deepEqual(
      absent.filter(({ outcome }) => outcome === "ok"),
      [],
      "an acknowledged write is missing",
    );
  }

  async #allOpen(): Promise<void> {
    for (const [index] of this.#members.entries()) {
      const admin = this.#adminOf(index);
      if (admin === undefined) continue;
      const isOpen = async (): Promise<true | undefined> =>
        (await admin.status()).writes.state === "open" ? true : undefined;
      await waitFor(isOpen, { what: `writes of process ${index} to go on`, timeoutMs: 60_000 });
    }
  }

  async #uuids(): Promise<readonly string[]> {
    const found: string[] = [];
    for (const graph of await this.#connection.graphs()) {
      for (const pattern of ["(x)", "()-[x]->()"]) {
        const { rows } = await this.#connection.roQuery(graph, `MATCH ${pattern} RETURN x.uuid`);
        found.push(...rows.map(([uuid]) => (typeof uuid === "string" ? uuid : "no uuid")));
      }
    }
    return found.toSorted();
  }

  #note(what: string): void {
    this.seen[what] = (this.seen[what] ?? 0) + 1;
  }
}

/** Runs until a file named like it appears, or the service that started it is gone. */
const backupScript = `const { existsSync } = require("node:fs"); const parent = process.ppid; let input = "";
process.stdin.on("data", (text) => { input += text; }).on("end", () => {
  const end = process.argv[1] + "/" + JSON.parse(input).backupId; console.log("running");
  setInterval(() => {
    // A parent that ended before this began has left it to process 1.
    if (process.ppid !== parent || parent === 1) process.exit(1);
    if (existsSync(end)) { console.log("stored"); process.exit(0); }
  }, 5);
});`;
