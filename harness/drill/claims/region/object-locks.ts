// A vault in a bucket with object lock, by its command line. What the store says of each object decides, not what the
// vault says.
import { join } from "node:path";
import { writeFile } from "node:fs/promises";
import { serverUrl } from "../../../base/endpoint.ts";
import type { FindingCode } from "../../../base/findings/finding-codes.ts";
import { privateFolder } from "../../../base/process/reaper.ts";
import { connect } from "../../../falkordb/client/connection.ts";
import { isLockable } from "../../../vault/store/layout.ts";
import { openBucket } from "../../../vault/store/s3/s3-bucket.ts";
import { s3Locks } from "../../../vault/store/s3/s3-locks.ts";
import type { ObjectLocks } from "../../../vault/store/store.ts";
import type { Drill } from "../../drill.ts";
import { ownCommand } from "../own-command.ts";
import { prepareRetention, type RetentionSetup } from "../retention/retention-setup.ts";
import { credentialsOf, type FarPlace, urlOf } from "./regions.ts";

const hourMs = 3_600_000;
/** Longer than the commands of this claim take together. */
const slackMs = 600_000;
/** Objects of one kind that become findings. */
const findingsMax = 3;

export async function provesObjectLocks(drill: Drill, far: FarPlace): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const setup = await prepareRetention(drill, resources);
  const { path: folder } = resources.use(await privateFolder("object-locks"));
  const passwordFile = join(folder, "password");
  await writeFile(passwordFile, setup.source.endpoint.password ?? "", { mode: 0o600 });
  const vault = (...words: readonly string[]): Promise<string> => runVault(setup, far, join(folder, "keys"), words);
  const source = ["--url", serverUrl(setup.source.endpoint), "--password-file", passwordFile] as const;
  const s3 = openBucket(far);
  resources.defer(() => s3.close());
  const locks = s3Locks(s3, undefined);

  drill.progress.step("back up under object lock");
  await vault("init", "--object-lock", "governance=2h");
  await vault("backup", ...source);
  await vault("backup", ...source);
  await using connection = await connect(setup.source.endpoint);
  await connection.query("drill-state", "CREATE (:State)");
  await vault("backup", "--incremental", ...source);
  const { backups } = JSON.parse(await vault("list")) as { readonly backups: readonly { readonly id: string }[] };
  const [old = "", base = ""] = backups.map(({ id }) => id);
  const missing = await unlockedIn(drill, locks, ["backups/", "segments/", "catalogue/", "vault.json"], 2 * hourMs);
  report(drill, "object-lock-missing", missing, "was stored, and is not locked for two hours");
  // The renewal would lock it, and hide the fault.
  if (missing.length > 0) return;

  drill.progress.step("renew the locks of what is kept");
  const times = ["--object-lock", "governance=6h", "--every", "1h", "--skipped", "1"] as const;
  await vault("extend-locks", ...times, "--keep-last", "1");
  const short = await unlockedIn(drill, locks, [`backups/${base}/`, `segments/${base}/`, "catalogue/"], 6 * hourMs);
  report(drill, "object-lock-ends-early", short, "is needed, and its lock was not renewed");

  drill.progress.step("prune what is locked");
  const pruned = JSON.parse(await vault("prune", "--keep-last", "1")) as {
    readonly decisions: readonly { readonly id: string; readonly keep: boolean }[];
  };
  const all = await locks.versions(`backups/${old}/`);
  const hidden = all.filter(({ path, isLatest, isMarker }) => isLatest && isMarker && isLockable(path));
  const told = pruned.decisions.filter(({ id, keep }) => id === old && !keep).map(() => old);
  const gone = [...told, ...hidden.map(({ path }) => path)];
  report(drill, "locked-point-removed", gone, "is locked by the store, and a prune removed it or says so");
  drill.record.requireWitnesses("objectLocksRead");
}

/** Runs a command of the vault to its end, and returns its stdout, one JSON document. */
async function runVault(
  setup: RetentionSetup,
  far: FarPlace,
  keys: string,
  [command = "", ...flags]: readonly string[],
): Promise<string> {
  const place = ["--vault", urlOf(far), "--endpoint", far.endpoint, "--keys", keys, "--json"];
  return await ownCommand(setup, ["vault", command, ...place, ...flags], credentialsOf(far));
}

/** What a restore needs under these prefixes and is locked for less than `forMs` from now. */
async function unlockedIn(
  { record }: Drill,
  locks: ObjectLocks,
  prefixes: readonly string[],
  forMs: number,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const prefix of prefixes)
    for (const version of await locks.versions(prefix)) {
      if (version.isMarker || !isLockable(version.path)) continue;
      const { untilMs = 0 } = (await locks.lockOf(version)) ?? {};
      record.witness("objectLocksRead", 1);
      if (untilMs < locks.nowMs() + forMs - slackMs) found.push(version.path);
    }
  return found;
}

function report({ record }: Drill, code: FindingCode, paths: readonly string[], what: string): void {
  for (const path of paths.slice(0, findingsMax))
    record.finding({
      code,
      severity: "error",
      subject: path,
      message: `${path} ${what}`,
      evidence: { count: paths.length },
    });
}
