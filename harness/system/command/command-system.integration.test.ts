import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { silentProgress } from "../../base/progress.ts";
import type { Finding } from "../../check/check.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import type { Engine } from "../../engine/engine.ts";
import { connect } from "../../falkordb/client/connection.ts";
import type { BackupSystem, RestoreOutcome } from "../system.ts";
import type { CommandSettings } from "./command-settings.ts";
import { commandSystem } from "./command-system.ts";

const { signal } = new AbortController();
const engines = embeddedEngines();
const restore = `set -e; "$FALKORDRILL_STOP_SERVER"; cp "$FALKORDRILL_BACKUP_DIR/$FALKORDRILL_RESTORE_POINT" "$FALKORDRILL_TARGET_DATA_DIR/dump.rdb"; "$FALKORDRILL_START_SERVER"`;
/** The dump of the source was saved once, so programs need no client of redis. */
const backup = `cp "$FALKORDRILL_SOURCE_DATA_DIR/dump.rdb" "$FALKORDRILL_BACKUP_DIR/$FALKORDRILL_RESTORE_POINT"`;

let source: Engine;
let folder: string;
const notes: Finding[] = [];
const notCovered: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "command-system-"));
  source = await engines.start({ name: "source" });
  await using connection = await connect(source.endpoint);
  await connection.query("team", "CREATE (:Person {name: 'Ada'})");
  await connection.command("SAVE");
});
afterAll(async () => {
  await source[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** Every system has a backup folder of its own. */
async function systemOf(settings: Partial<CommandSettings>): Promise<BackupSystem> {
  const backups = await mkdtemp(join(folder, "backups-"));
  const make = commandSystem("nightly", { backup, restore, ...settings }, folder);
  const note = (finding: Finding): void => void notes.push(finding);
  const noteUncovered = (sentence: string): void => void notCovered.push(sentence);
  return await make({ folder: backups, progress: silentProgress, signal, note, notCovered: noteUncovered });
}

const request = () => ({ source, coordinator: undefined, progress: silentProgress, signal });

async function backedUp(settings: Partial<CommandSettings> = {}): Promise<{ system: BackupSystem; point: string }> {
  const system = await systemOf(settings);
  const { point } = await system.backup(request());
  return { system, point: point.id };
}

async function restored(system: BackupSystem, point: string): Promise<RestoreOutcome> {
  return await system.restore({ point, way: "file", engines, progress: silentProgress, signal });
}

async function names(engine: Engine): Promise<unknown> {
  await using connection = await connect(engine.endpoint);
  return (await connection.query("team", "MATCH (n) RETURN n.name")).rows;
}

describe("a system of programs", () => {
  it("restores into a fresh server that the program stops, fills and starts", async () => {
    const noted = join(folder, "control");
    const { system, point } = await backedUp({ restore: `${restore}; echo "$FALKORDRILL_STOP_SERVER" >${noted}` });
    expect(point).toBe("backup-1");
    expect(await system.list()).toMatchObject([{ id: "backup-1" }]);
    await using target = (await restored(system, point)).target;
    expect(await names(target)).toEqual(await names(source));
    expect(existsSync((await readFile(noted, "utf8")).trim()), "the way to stop the server").toBe(false);
  });

  it("restores in place, into the server at the source's own address", async () => {
    await using lost = await engines.start({ name: "lost" });
    const { port } = lost.endpoint;
    const { system, point } = await backedUp({ target: "in-place" });
    expect(system.capabilities.has("restore-in-place")).toBe(true);
    const outcome = await system.restore({
      point,
      way: "in-place",
      engines,
      target: lost,
      progress: silentProgress,
      signal,
    });
    expect(outcome.target.endpoint.port).toBe(port);
    expect(await names(lost)).toEqual(await names(source));
  });

  it("takes restore points from the list, the newest new one, and runs verify and prune", async () => {
    const list = `ls "$FALKORDRILL_BACKUP_DIR"`;
    const numbered = `cp "$FALKORDRILL_SOURCE_DATA_DIR/dump.rdb" "$FALKORDRILL_BACKUP_DIR/$(ls "$FALKORDRILL_BACKUP_DIR" | wc -l).rdb"`;
    const verify = `test -s "$FALKORDRILL_BACKUP_DIR/$FALKORDRILL_RESTORE_POINT"`;
    const prune = `rm "$FALKORDRILL_BACKUP_DIR/0.rdb"`;
    const { system, point } = await backedUp({ list, backup: numbered, verify, prune });
    expect(point).toBe("0.rdb");
    expect((await system.backup(request())).point.id).toBe("1.rdb");
    expect(await system.verify(point, engines, signal)).toMatchObject({ ok: true });
    expect(await system.verify("2.rdb", engines, signal)).toMatchObject({ ok: false });
    const rules = { rules: {}, zone: "UTC", dryRun: false, progress: silentProgress, signal };
    expect((await system.prune?.(rules))?.decisions).toMatchObject([
      { id: "1.rdb", keep: true },
      { id: "0.rdb", keep: false },
    ]);
  });

  it("tells its own restore points from those of earlier runs, and gives back ids as they were listed", async () => {
    const backups = `"$FALKORDRILL_BACKUP_DIR"`;
    const { system, point } = await backedUp({
      list: `echo prod-earlier; ls ${backups}`,
      backup: `cp "$FALKORDRILL_SOURCE_DATA_DIR/dump.rdb" ${backups}/production-1`,
      env: { KEY_PREFIX: "production" },
    });
    expect(point).toBe("production-1");
    expect(await system.list()).toMatchObject([{ id: "production-1" }]);
  });

  it("names a restore point after its new file, not after a link to it, a hidden file counts too", async () => {
    const dated = `f=$(date +%s%N).rdb; cp "$FALKORDRILL_SOURCE_DATA_DIR/dump.rdb" "$FALKORDRILL_BACKUP_DIR/.$f"`;
    const { system, point } = await backedUp({ backup: `${dated}; ln -sf ".$f" "$FALKORDRILL_BACKUP_DIR/.latest"` });
    expect(point).toMatch(/^\.\d+\.rdb$/);
    const second = (await system.backup(request())).point.id;
    expect(second).toMatch(/^\.\d+\.rdb$/);
    expect(second).not.toBe(point);
  });

  it("finds artifacts by either form of the variable", async () => {
    expect((await backedUp({ artifacts: "${FALKORDRILL_BACKUP_DIR}/backup-*" })).point).toBe("backup-1");
  });

  it.each([
    [
      "a failing backup",
      { backup: "echo no space left >&2; exit 4" },
      "script-failed",
      "ended with status 4: no space left",
    ],
    ["a backup that asks", { backup: "read -r answer" }, "script-failed", "ended with status 1, and wrote nothing"],
    ["a backup that hangs", { backup: "sleep 300", timeout: "1s" }, "script-timed-out", "was still running after 1s"],
    [
      "a backup whose failure is swallowed",
      { backup: "false | true", artifacts: "*.gpg" },
      "backup-left-nothing",
      "*.gpg",
    ],
    ["a backup of nothing", { backup: `: >"$FALKORDRILL_BACKUP_DIR/x"` }, "backup-left-nothing", "only empty files"],
    [
      "a file whose name is not UTF-8",
      { backup: `cp "$FALKORDRILL_SOURCE_DATA_DIR/dump.rdb" "$FALKORDRILL_BACKUP_DIR/$(printf 'dump-\\377')"` },
      "backup-left-nothing",
      "is not UTF-8, so that file cannot be looked at",
    ],
    ["an id that is not UTF-8", { list: "printf 'point-\\377\\n'" }, "script-failed", "which is not UTF-8"],
    ["a backup that the list does not show", { list: "echo old" }, "backup-left-nothing", "no new restore point"],
  ])("%s is the system's failure, with its own code", async (_, settings, findingCode, message) => {
    const system = await systemOf(settings);
    const failure: unknown = await system.backup(request()).catch((error: unknown) => error);
    expect(failure).toMatchObject({ exit: "notRecovered", findingCode });
    expect((failure as Error).message).toContain(message);
  });

  it.each([
    ["leaves the server stopped", `"$FALKORDRILL_STOP_SERVER"`, "left no running server"],
    [
      "starts the server on a broken dump and ignores it",
      `"$FALKORDRILL_STOP_SERVER"; echo broken >"$FALKORDRILL_TARGET_DATA_DIR/dump.rdb"; "$FALKORDRILL_START_SERVER"; true`,
      "left no running server",
    ],
  ])("a restore that %s is found, and its server is gone", async (_, program, message) => {
    const { system, point } = await backedUp({ restore: program });
    const failure: unknown = await restored(system, point).catch((error: unknown) => error);
    expect(failure).toMatchObject({ exit: "notRecovered", findingCode: "server-left-stopped" });
    expect((failure as Error).message).toContain(message);
  });

  it("hides passwords in what is quoted, ends daemons, and gives none of our own variables", async () => {
    vi.stubEnv("FALKORDRILL_SIGNING_PASSPHRASE", "ours-alone");
    notes.length = 0;
    vi.stubEnv("CI_TOKEN", "inherited-secret");
    const shown = `$FALKORDRILL_SOURCE_URL $TOKEN $CI_TOKEN $DB \${FALKORDRILL_SIGNING_PASSPHRASE:-unset}`;
    const program = `setsid sleep 302 & echo "${shown}"; exit 1`;
    const system = await systemOf({ backup: program, env: { TOKEN: "team-secret", DB: "pg://me:db-secret@host" } });
    const failure = (await system.backup(request()).catch((error: unknown) => error)) as Error;
    vi.unstubAllEnvs();
    expect(failure.message).toContain("redis://default:***@");
    expect(failure.message).toContain("*** *** pg://me:***@host unset");
    expect(notes).toMatchObject([{ code: "script-left-processes", severity: "warning" }]);
  });
});
