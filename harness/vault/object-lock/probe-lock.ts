// Whether the locks of an object store lock. It tries everything that an attacker would (lock-attacks.ts) in a bucket of
// its own, so that the vault's bucket is never in danger, and believes what is left, never what the store says.
import { GetObjectLockConfigurationCommand, type S3Client } from "@aws-sdk/client-s3";
import { systemClock } from "../../base/clock.ts";
import { type LockAttack, lockAttacks, type LockedObject } from "./lock-attacks.ts";
import { answerOf, isRefusal } from "./store-answer.ts";
import { deletesUnlocked, extendLock, isWhole, makeBucket, putLocked } from "./throw-away-bucket.ts";

export interface AttackResult {
  readonly id: string;
  readonly title: string;
  /** Nothing that was locked changed. Undefined where the attack was not carried out, or the lock ended before it did. */
  readonly failed: boolean | undefined;
  /** What the store answered: "accepted", or "403 AccessDenied". */
  readonly answer: string;
}

export interface LockProbe {
  readonly verdict: "locked" | "not locked" | "unclear";
  /** What speaks against "locked" besides the attacks, one sentence each. */
  readonly reasons: readonly string[];
  readonly attacks: readonly AttackResult[];
  /** Bucket of the probe, to be removed when the last of its locks has ended. */
  readonly bucket: string;
  readonly untilMs: number;
}

export interface LockProbeOptions {
  /** It is only asked whether it has object lock. */
  readonly vaultBucket: string;
  /** Longer than any one attack takes, and short, as nobody can remove the objects before. */
  readonly lockMs: number;
  readonly signal?: AbortSignal;
  readonly onBucket?: (bucket: string) => void;
  readonly onAttack?: (done: number, of: number) => void;
}

export async function probeLock(client: S3Client, options: LockProbeOptions): Promise<LockProbe> {
  const { vaultBucket, lockMs, signal, onBucket, onAttack } = options;
  const isVaultLockable = await hasObjectLock(client, vaultBucket);
  const bucket = await makeBucket(client);
  onBucket?.(bucket);
  let untilMs = 0;
  const lock = async (lockedBy?: LockAttack["lockedBy"]): Promise<LockedObject> => {
    const object = await putLocked(client, bucket, lockMs, lockedBy);
    untilMs = Math.max(untilMs, object.untilMs);
    return object;
  };
  // Otherwise a refusal would show only that these credentials may delete nothing.
  const mayDelete = await deletesUnlocked(client, bucket);
  const first = await lock();
  const isKept = await isWhole(first);
  const extended = isKept ? await extendLock(first) : undefined;
  untilMs = Math.max(untilMs, extended?.untilMs ?? 0);
  const attacks: AttackResult[] = [];
  for (const attack of isKept ? lockAttacks : []) {
    signal?.throwIfAborted();
    attacks.push(await attempt(attack, await lock(attack.lockedBy)));
    onAttack?.(attacks.length, lockAttacks.length);
  }
  const flaws = [
    ...(isVaultLockable ? [] : [`the bucket ${vaultBucket} has no object lock, so nothing in it can be locked`]),
    ...(isKept ? [] : ["the store does not keep a lock that it was given"]),
    ...(isKept && extended === undefined ? ["a lock cannot be extended, so none can be renewed"] : []),
  ];
  const doubts = mayDelete ? [] : ["these credentials may not delete an unlocked version: no refusal proves a lock"];
  const isBroken = flaws.length > 0 || attacks.some(({ failed }) => failed === false);
  const isUnclear = doubts.length > 0 || attacks.some(({ failed }) => failed === undefined);
  const verdict = isBroken ? "not locked" : isUnclear ? "unclear" : "locked";
  return { verdict, reasons: [...flaws, ...doubts], attacks, bucket, untilMs };
}

async function attempt(attack: LockAttack, object: LockedObject): Promise<AttackResult> {
  const { id, title } = attack;
  const { answer, isAnswered } = await attack.run(object).then(
    () => ({ answer: "accepted", isAnswered: true }),
    (error: unknown) => ({ answer: answerOf(error), isAnswered: isRefusal(error) }),
  );
  const isUnchanged = (await isWhole(object, attack.lockedBy)) && ((await attack.stillHolds?.(object)) ?? true);
  const isOver = systemClock.nowMs() >= object.untilMs;
  await attack.undo?.(object);
  const failed = isUnchanged ? isAnswered || undefined : isOver ? undefined : false;
  return { id, title, failed, answer };
}

export async function hasObjectLock(client: S3Client, bucket: string): Promise<boolean> {
  try {
    const request = new GetObjectLockConfigurationCommand({ Bucket: bucket });
    const { ObjectLockConfiguration } = await client.send(request);
    return ObjectLockConfiguration?.ObjectLockEnabled === "Enabled";
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}
