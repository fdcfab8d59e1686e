// Creating an object only where there is none, in a store that ignores `If-None-Match`: whoever wants to create it
// first writes a claim of its own beside it, then reads all claims. So of two at the same time at least one sees the
// other, and all but one withdraw.
//
// A claim is good for `holdMs`, in which the create must be done, and counts as left by a crash after `deadMs` by the
// clock of the store. What is not guaranteed: a request that the store carries out only after more than the difference,
// or a process that is stopped for so long just before it sends, may replace what another one created meanwhile.
import { randomBytes } from "node:crypto";
import { type Clock, systemClock } from "../../../base/clock.ts";
import { errorOf } from "../../../base/errors.ts";
import { FatalProbeError, waitFor } from "../../../base/wait.ts";

export interface ClaimedObjects {
  readonly where: string;
  exists(path: string): Promise<boolean>;
  /** Claims on that object, with their age by the clock of the store. */
  claims(path: string): Promise<readonly { readonly path: string; readonly ageMs: number }[]>;
  putClaim(path: string): Promise<void>;
  /** Does nothing where that is not allowed. */
  remove(path: string): Promise<void>;
}

const holdMs = 20_000;
const deadMs = 60_000;
const waitMs = 180_000;
const claimName = /\.[0-9a-f]{12}\.claim$/;

export function isClaim(path: string): boolean {
  return claimName.test(path);
}

/** Not one on an object whose name begins with this one and a dot, as that of a signature does. */
export function isClaimOn(path: string, claim: string): boolean {
  return claim.startsWith(`${path}.`) && /^\.[0-9a-f]{12}\.claim$/.test(claim.slice(path.length));
}

export function claimOf(path: string): string {
  return `${path}.${randomBytes(6).toString("hex")}.claim`;
}

/** False where the object exists; otherwise what `create` returns, which must end when its signal is aborted. */
export async function createUnderClaim(
  objects: ClaimedObjects,
  path: string,
  create: (signal: AbortSignal) => Promise<boolean>,
  { signal, clock = systemClock }: { readonly signal?: AbortSignal | undefined; readonly clock?: Clock } = {},
): Promise<boolean> {
  const mine = claimOf(path);
  let writtenMs: number | undefined;
  const withdraw = async (): Promise<void> => {
    await objects.remove(mine);
    writtenMs = undefined;
  };
  const attempt = async (): Promise<boolean | undefined> => {
    const others = await liveClaims(objects, path, mine);
    if (await objects.exists(path)) return false;
    if (writtenMs === undefined) {
      if (others.length > 0) return undefined;
      writtenMs = clock.monotonicMs();
      await objects.putClaim(mine);
      return undefined;
    }
    const leftMs = writtenMs + holdMs - clock.monotonicMs();
    if (others.length === 0 && leftMs > 0) {
      const deadline = AbortSignal.timeout(Math.ceil(leftMs));
      return await create(signal === undefined ? deadline : AbortSignal.any([signal, deadline]));
    }
    // Of several candidates the lowest stays, so that one of them gets it.
    if (leftMs <= 0 || others.some((other) => other < mine)) await withdraw();
    return undefined;
  };
  const options = { what: `the claim on ${path} in ${objects.where}`, timeoutMs: waitMs, exit: "environment" } as const;
  try {
    // Every request has been repeated as often as makes sense.
    const probe = (): Promise<boolean | undefined> =>
      attempt().catch((error: unknown) => {
        throw new FatalProbeError(errorOf(error));
      });
    return await waitFor(probe, { ...options, intervalMaxMs: 500, ...(signal && { signal }) });
  } finally {
    if (writtenMs !== undefined) await withdraw().catch(() => {});
  }
}

/** Removes those that a crash left. */
async function liveClaims(objects: ClaimedObjects, path: string, mine: string): Promise<readonly string[]> {
  const others = (await objects.claims(path)).filter((claim) => claim.path !== mine);
  for (const { path: dead } of others.filter(({ ageMs }) => ageMs > deadMs)) await objects.remove(dead);
  return others.filter(({ ageMs }) => ageMs <= deadMs).map((claim) => claim.path);
}
