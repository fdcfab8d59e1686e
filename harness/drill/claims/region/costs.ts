// What a second region costs: bytes that it holds and bytes on the way to it, beside a repository of restic that rclone
// brings there, on the same states; and the memory of the commands that read and write it.
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type CommandOptions, runCommand } from "../../../base/process/run-command.ts";
import { environmentError } from "../../../base/errors.ts";
import { privateFolder } from "../../../base/process/reaper.ts";
import { serverUrl } from "../../../base/endpoint.ts";
import { formatBytes } from "../../../base/units.ts";
import type { Engine } from "../../../engine/engine.ts";
import { connect, type Connection } from "../../../falkordb/client/connection.ts";
import { type FaultyProxy, faultyProxy } from "../../../fault/network/faulty-proxy.ts";
import { keyringFolder } from "../../../system/reference/reference.ts";
import { openBucket } from "../../../vault/store/s3/s3-bucket.ts";
import { s3Store } from "../../../vault/store/s3/s3-store.ts";
import { openVault } from "../../../vault/store/vault.ts";
import type { Drill } from "../../drill.ts";
import { vaultFolder } from "../../guard/system-under-test.ts";
import { startSource } from "../incremental/any-moment.ts";
import { peakMemoryOf } from "./measured-command.ts";
import { addressOf, credentialsOf, endpointOf, type FarPlace, urlOf } from "./regions.ts";

/** States after the first one, each with one per cent of the entities changed. */
const changes = 5;
const memoryBytesMax = 300e6;
const timeoutMs = 1_800_000;
const path = "/usr/local/bin:/usr/bin:/bin";

export async function measuresSecondRegion(drill: Drill, far: FarPlace): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const { engines, progress, signal, record } = drill;
  const vault = await vaultFolder(drill, resources);
  const { source, system } = await startSource(drill, resources, { vault, moduleArgs: { EFFECTS_THRESHOLD: "0" } });
  const folder = resources.use(await privateFolder("costs")).path;
  const ours = resources.use(await faultyProxy(addressOf(far)));
  const theirs = resources.use(await faultyProxy(addressOf(far)));
  const keys = keyringFolder(vault);
  const command = (...words: readonly string[]): Promise<number> =>
    peakMemoryOf(["vault", ...words], credentialsOf(far), signal);
  const place = { ...far, prefix: `${far.prefix}-replica` };
  const there = ["--endpoint", endpointOf(ours), "--keys", keys];
  await command("init", "--vault", urlOf(place), ...there);
  const peer = await openPeer(drill, { ...far, endpoint: endpointOf(theirs) }, folder);
  if (peer === undefined) record.notCovered("restic with rclone: one of them is not installed");

  const request = { source, coordinator: undefined, progress, signal };
  const replicate = ["--from", vault, "--to", urlOf(place), "--to-endpoint", endpointOf(ours), "--keys", keys];
  await system.backup(request);
  await using connection = await connect(source.endpoint);
  const graph = (await connection.graphs())[0] ?? "";
  let memory = 0;
  for (let state = 0; state <= changes; state += 1) {
    if (state > 0) {
      progress.step(`change ${state} of ${changes}`);
      const change = "MATCH (n:Entity) WHERE id(n) % 100 = $part SET n.summary = n.summary + $text";
      await connection.query(graph, change, { part: state, text: randomBytes(200).toString("base64") });
      await system.backupIncrement?.(request);
    }
    progress.step(`replicate state ${state}`);
    memory = Math.max(memory, await command("replicate", ...replicate));
    await peer?.store(await dumpOf(source, connection));
    if (state > 0) continue;
    record.metric("replicaFirstTrafficBytes", bytesOn(ours));
    record.metric("resticFirstTrafficBytes", peer && bytesOn(theirs));
  }
  record.metric("replicaTrafficBytes", bytesOn(ours));
  record.metric("replicaStoredBytes", await storedIn(place));
  record.metric("resticTrafficBytes", peer && bytesOn(theirs));
  record.metric("resticStoredBytes", await peer?.storedBytes());

  progress.step("back up to S3, and restore from there");
  record.metric("replicatePeakRssBytes", memory);
  const direct = { ...far, prefix: `${far.prefix}-direct` };
  await command("init", "--vault", urlOf(direct), ...there);
  const backup = await command(
    "backup",
    "--vault",
    urlOf(direct),
    ...there,
    ...(await serverFlags("--url", source, folder)),
  );
  record.metric("backupPeakRssBytes", backup);
  const target = resources.use(await engines.start({ name: "target", signal }));
  const into = await serverFlags("--to", target, folder);
  const restore = await command("restore", "--vault", urlOf(place), ...there, "--at", "latest", ...into);
  record.metric("restorePeakRssBytes", restore);
  for (const [name, bytes] of Object.entries({ backup, replicate: memory, restore })) {
    record.witness("commandsMeasured", 1);
    if (bytes > memoryBytesMax)
      record.finding({
        code: "objective-missed",
        severity: "error",
        subject: `${drill.id}/${name}`,
        message: `${name} took ${formatBytes(bytes)} of memory, and ${formatBytes(memoryBytesMax)} are promised`,
        evidence: { bytes, objective: memoryBytesMax },
      });
  }
  record.requireWitnesses("commandsMeasured");
}

function bytesOn(network: FaultyProxy): number {
  return network.traffic().reduce((sum, { request, answer }) => sum + request + answer, 0);
}

async function storedIn(place: FarPlace): Promise<number> {
  return (await (await openVault(place)).list("")).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** The server of a command, whose password argv would expose. */
async function serverFlags(flag: string, { endpoint, name }: Engine, folder: string): Promise<readonly string[]> {
  const file = join(folder, `password-${name}`);
  await writeFile(file, endpoint.password ?? "", { mode: 0o600 });
  return [flag, serverUrl(endpoint), "--password-file", file];
}

/** The engine's own dump of a state. */
async function dumpOf({ dataDir }: Engine, connection: Connection): Promise<string> {
  if (dataDir === undefined) throw environmentError("the dumps of this engine cannot be reached");
  await connection.command("SAVE");
  return join(dataDir, "dump.rdb");
}

interface Peer {
  /** Adds the dump of a state to the repository, and brings what is new to the far place. */
  store(dump: string): Promise<void>;
  storedBytes(): Promise<number>;
}

/** A repository of restic on this machine that rclone keeps in step with one far away; undefined without both. */
async function openPeer({ signal }: Drill, far: FarPlace, folder: string): Promise<Peer | undefined> {
  const { bucket, endpoint, credentials, region = "us-east-1" } = far;
  const [repository, remote] = [join(folder, "restic"), `far:${bucket}/restic`];
  const env = {
    PATH: path,
    HOME: folder,
    RESTIC_REPOSITORY: repository,
    RESTIC_PASSWORD: randomBytes(16).toString("hex"),
    RESTIC_CACHE_DIR: join(folder, "restic-cache"),
    RCLONE_CONFIG: "/dev/null",
    RCLONE_CONFIG_FAR_TYPE: "s3",
    RCLONE_CONFIG_FAR_PROVIDER: "Other",
    RCLONE_CONFIG_FAR_ENDPOINT: endpoint,
    RCLONE_CONFIG_FAR_REGION: region,
    RCLONE_CONFIG_FAR_ACCESS_KEY_ID: credentials.accessKeyId,
    RCLONE_CONFIG_FAR_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    RCLONE_S3_NO_CHECK_BUCKET: "true",
  };
  const options: CommandOptions = { timeoutMs, env, signal };
  for (const program of ["restic", "rclone"])
    if ((await runCommand("which", [program], options)).status !== 0) return undefined;
  const run = async (program: string, ...args: readonly string[]): Promise<void> => {
    const { status, stderr } = await runCommand(program, args, options);
    if (status !== 0) throw environmentError(`${program} ${args[0] ?? ""} failed: ${stderr.slice(-500)}`);
  };
  await run("restic", "init", "--quiet");
  return {
    store: async (dump) => {
      await run("restic", "backup", "--quiet", "--compression", "auto", dump);
      await run("rclone", "sync", repository, remote);
    },
    storedBytes: async () => {
      const objects = await s3Store(openBucket({ ...far, prefix: "restic" })).list("");
      return objects.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    },
  };
}
