// The vault runs full during an increment: nothing incomplete counts, the chain up to it can be restored, and once
// there is space again it continues without a gap.
import { open, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { errorMessage } from "../../../base/errors.ts";
import { connect } from "../../../falkordb/client/connection.ts";
import { createVolume, volumesUnavailable } from "../../../fault/volume.ts";
import { StoreError } from "../../../vault/store/store.ts";
import type { Drill } from "../../drill.ts";
import { incrementalSystem, proveLink, smallSource, takeIncrement } from "./small-source.ts";

const volumeBytes = 64 * 2 ** 20;
/** Space for some parts of the next increment, but not for all. */
const leftBytes = 2 ** 20;
const incompressibleRows = 40_000;

export async function survivesFullVault(drill: Drill): Promise<void> {
  const why = await volumesUnavailable();
  if (why !== undefined) {
    drill.record.notCovered(`a full vault: ${why}`);
    return;
  }
  await using resources = new AsyncDisposableStack();
  const { record, progress, signal } = drill;
  const volume = resources.use(await createVolume(volumeBytes));
  const source = await smallSource(drill, resources);
  const system = await incrementalSystem(drill, resources, join(volume.path, "vault"));
  await system.backup({ source, coordinator: undefined, progress, signal });
  await using connection = await connect(source.endpoint);
  await connection.query("writes", "CREATE (:Write {number: 1})");
  const before = await takeIncrement(drill, system, source, "before the vault is full");
  const ballast = join(volume.path, "ballast");
  await fillUpTo(volume.path, ballast);
  const random = `UNWIND range(1, ${incompressibleRows}) AS i CREATE (:Random {a: randomUUID(), b: randomUUID(), c: rand()})`;
  await connection.query("writes", random);
  progress.step("increment into a full vault");
  const failure = await takeIncrement(drill, system, source, "into a full vault").then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure === undefined)
    record.assumption("vault-not-full", "the increment found room in a vault that was to be full");
  else if (failure instanceof Error && isFull(failure.cause)) record.witness("faultsFired", 1);
  else
    record.finding({
      code: "full-vault-misnamed",
      severity: "error",
      subject: drill.id,
      message: `a full vault was answered with: ${errorMessage(failure)}`,
      evidence: {},
    });
  await proveLink(drill, system, before);
  await rm(ballast);
  const after = await takeIncrement(drill, system, source, "with room again");
  if (!after.increment.continued)
    record.finding({
      code: "chain-not-continued",
      severity: "error",
      subject: drill.id,
      message: "after the vault had been full a new full backup was made, though the source had all of the stream",
      evidence: { ...after.increment, phases: [] },
    });
  await proveLink(drill, system, after);
  record.requireWitnesses("faultsFired", "linksRestored", "entitiesCompared");
}

/** The guard wraps the system's own error as the cause of its own. */
function isFull(cause: unknown): boolean {
  return cause instanceof StoreError && cause.code === "full";
}

async function fillUpTo(folder: string, ballast: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const block = Buffer.alloc(2 ** 20, 1);
  await using file = await open(ballast, "wx", 0o600);
  for (let left = bavail * bsize - leftBytes; left > 0; left -= block.length)
    await file.write(block.subarray(0, Math.min(left, block.length)));
  await file.sync();
}
