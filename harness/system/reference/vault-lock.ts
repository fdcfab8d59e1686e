// One writer at a time. The lock says which process holds it, so that the lock of a process that has died does not
// keep the vault closed for ever; of another machine nobody can tell, so such a lock is never broken.
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { type Clock, systemClock } from "../../base/clock.ts";
import { environmentError } from "../../base/errors.ts";
import { waitFor } from "../../base/wait.ts";
import type { Store } from "./store.ts";

const lockPath = "lock.json";

interface Holder {
  readonly host: string;
  readonly pid: number;
  /** When the process started, as the kernel counts it: process numbers are used again. */
  readonly startedAt: string;
  readonly since: string;
  readonly token: string;
}

/** For work that is worth waiting for: a verify that took minutes has only its record left to write. */
export async function awaitLock(store: Store, timeoutMs: number, signal: AbortSignal): Promise<AsyncDisposable> {
  return waitFor(() => lockVault(store), { what: `the lock of the vault ${store.where}`, timeoutMs, signal });
}

export async function lockVault(store: Store, clock: Clock = systemClock): Promise<AsyncDisposable> {
  const mine: Holder = {
    host: hostname(),
    pid: process.pid,
    startedAt: await processStart(process.pid),
    since: new Date(clock.nowMs()).toISOString(),
    token: randomBytes(8).toString("hex"),
  };
  const bytes = Buffer.from(JSON.stringify(mine));
  for (let attempt = 0; attempt < 3; attempt++) {
    if (await store.putIfAbsent(lockPath, bytes)) {
      return {
        [Symbol.asyncDispose]: async () => {
          if ((await holderOf(store))?.token === mine.token) await store.delete(lockPath);
        },
      };
    }
    const holder = await holderOf(store);
    if (holder !== undefined && !(await isDead(holder)))
      throw environmentError(
        `the vault ${store.where} is locked by process ${holder.pid} on ${holder.host} since ${holder.since}`,
        holder.host === mine.host
          ? "Wait for that run to end."
          : `If that machine is gone for good, delete ${lockPath} in the vault.`,
      );
    await store.delete(lockPath);
  }
  throw environmentError(`the vault ${store.where} is locked by somebody else again and again`, "Try again later.");
}

async function holderOf(store: Store): Promise<Holder | undefined> {
  const bytes = await store.get(lockPath);
  if (bytes === undefined) return undefined;
  try {
    return JSON.parse(bytes.toString("utf8")) as Holder;
  } catch {
    return undefined;
  }
}

async function isDead(holder: Holder): Promise<boolean> {
  if (holder.host !== hostname()) return false;
  return (await processStart(holder.pid)) !== holder.startedAt;
}

/** Field 22 of /proc/<pid>/stat; the name in field 2 may hold spaces and brackets. Empty when there is none. */
async function processStart(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}
