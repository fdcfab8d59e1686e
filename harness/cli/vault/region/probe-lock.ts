// `vault replicate --probe-lock`: whether the locks of an object store lock, from attacks on locked objects.
import { environmentError, exitCodes, usageError } from "../../../base/errors.ts";
import type { AttackResult, LockProbe } from "../../../vault/object-lock/probe-lock.ts";
import { nameOfPlace } from "../../../vault/store/s3/s3-place.ts";
import type { VaultPlace } from "../../../vault/store/vault.ts";
import { print, type VaultFlags } from "../options.ts";
import { linePrinter, stoppable } from "../progress.ts";

/** Many times as long as one attack takes, and the time for which the command waits at its end. */
const lockMs = 60_000;

export const probeLockHelp: string = [
  "--probe-lock needs the strongest credentials that there are: what these may not do in any case proves nothing about a",
  "lock. They must be allowed to create and delete a bucket. The objects of the probe are locked for a minute, after which",
  "they are removed with their bucket. Exit 0: locked. 10: an attack succeeded. 13: too little was proven.",
].join("\n");

export async function probeLockOf(flags: Pick<VaultFlags, "json">, place: VaultPlace): Promise<void> {
  if (typeof place === "string")
    throw usageError(`${place} is a folder, which has no locks`, "Give --to s3://bucket/prefix.");
  const [{ clientOf }, { probeLock }, { removeBucket }] = await Promise.all([
    import("../../../vault/store/s3/s3-bucket.ts"),
    import("../../../vault/object-lock/probe-lock.ts"),
    import("../../../vault/object-lock/throw-away-bucket.ts"),
  ]);
  const client = clientOf(place);
  const progress = linePrinter();
  let made: string | undefined;
  const onBucket = (bucket: string): void => {
    made = bucket;
    progress.note(`locked objects are attacked in a bucket made for that, ${bucket}`);
  };
  const probe = await stoppable(async (signal) => {
    try {
      const found = await probeLock(client, { vaultBucket: place.bucket, lockMs, signal, onBucket });
      progress.note(`waiting until ${new Date(found.untilMs).toISOString()}, when the last lock ends`);
      await removeBucket(client, found.bucket, found.untilMs, signal);
      return found;
    } catch (error) {
      throw made === undefined ? error : new SuppressedError(leftBucket(made), error);
    }
  });
  client.destroy();
  print(flags, { store: nameOfPlace(place), ...probe }, lockLines(probe));
  process.exitCode = exitCodes[exitOf(probe)];
}

function leftBucket(bucket: string): Error {
  const message = `the bucket ${bucket} of the probe is left, with objects that are locked for up to a minute more`;
  return environmentError(message, "Then remove it with all versions in it.");
}

function exitOf({ verdict }: LockProbe): "pass" | "dataWrong" | "inconclusive" {
  if (verdict === "locked") return "pass";
  return verdict === "unclear" ? "inconclusive" : "dataWrong";
}

function lockLines({ verdict, reasons, attacks }: LockProbe): string[] {
  const idWidth = Math.max(0, ...attacks.map(({ id }) => id.length));
  const line = ({ id, failed, title, answer }: AttackResult): string => {
    const result = failed === true ? "failed" : failed === false ? "SUCCEEDED" : "unclear";
    const isHarmless = failed === true && answer === "accepted";
    return `${result.padEnd(9)}  ${id.padEnd(idWidth)}  ${title} (${isHarmless ? "accepted, and changes nothing locked" : answer})`;
  };
  const survived = attacks.filter(({ failed }) => failed === true).length;
  return [...attacks.map(line), ...reasons, `${verdict}: ${survived} of ${attacks.length} attacks failed`];
}
