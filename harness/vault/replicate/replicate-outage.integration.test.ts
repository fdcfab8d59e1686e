// A second vault on S3 whose store refuses, fails or fills up: the error names the request and what to do, no half
// restore point is visible, and once the store answers again everything arrives.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { missingStore, objectStore } from "../../../fixtures/object-stores/object-stores.ts";
import { systemClock } from "../../base/clock.ts";
import { DrillError } from "../../base/errors.ts";
import { silentProgress } from "../../base/progress.ts";
import { isNightly } from "../../base/testing/nightly.ts";
import { waitFor } from "../../base/wait.ts";
import { Keyring } from "../keys/keyring.ts";
import { pointObjects } from "../store/layout.ts";
import { openBucket } from "../store/s3/s3-bucket.ts";
import { s3Store } from "../store/s3/s3-store.ts";
import type { Store } from "../store/store.ts";
import { initVault } from "../store/vault.ts";
import { type FailingS3, failingS3, type S3Refusal } from "../testing/failing-s3.ts";
import { storeTestChain } from "../testing/test-vault.ts";
import { follow } from "./follow.ts";
import { noLimit, RateLimit } from "../parts/rate-limit.ts";
import { Replicator } from "./replicator.ts";

const missing = missingStore("moto");
const root = await mkdtemp(join(tmpdir(), "falkordrill-outage-"));
afterAll(() => rm(root, { recursive: true }));
const keyring = new Keyring(join(root, "keys"));
await keyring.generate("signer", "s", "interop");
await keyring.generate("recipient", "r", "interop");
const from = await initVault(join(root, "first"));
const chain = await storeTestChain(from, keyring, "2026-11-23T03:00:00.000Z", { increments: 2 });

const attempts = 2;
/** Requests that one replication has under way at once. */
const atOnceMax = 8;

async function withFailing(work: (to: Store, store: FailingS3) => Promise<void>): Promise<void> {
  const { endpoint, region, credentials, newBucket } = await objectStore("moto");
  await using store = await failingS3(endpoint);
  const place = { bucket: await newBucket(), prefix: "far", region, credentials };
  await initVault({ ...place, endpoint });
  await work(s3Store(openBucket({ ...place, endpoint: store.endpoint }, { attempts, silenceMs: 2000 })), store);
}

async function replicate(to: Store, signal = new AbortController().signal): Promise<Replicator["copied"]> {
  const options = { limit: new RateLimit(noLimit), progress: silentProgress, signal };
  await using replicator = await Replicator.create({ from, to, keyring }, options);
  await replicator.round();
  await replicator.end();
  return replicator.copied;
}

const part = /^PUT .*\/part-/;
const error = (status: number, code: string, headers: Readonly<Record<string, string>> = {}): S3Refusal => ({
  status,
  code,
  headers,
});

const refusals: readonly (readonly [what: string, refusal: S3Refusal, said: string, next: string])[] = [
  ["breaks the connection in the middle of a part", "reset", `(${attempts} attempts)`, "Check --endpoint"],
  ["fills up", error(403, "QuotaExceeded"), "403 QuotaExceeded", "Raise the quota"],
  [
    "is overloaded and asks for time",
    error(503, "SlowDown", { "retry-after": "1" }),
    "503 SlowDown",
    "Run it again later",
  ],
  ["is not available", error(503, "ServiceUnavailable"), "503 ServiceUnavailable", "Run it again later"],
  ["forbids the upload", error(403, "AccessDenied"), "403 AccessDenied", "s3:PutObject"],
  ["says that the credentials have expired", error(400, "ExpiredToken"), "400 ExpiredToken", "have expired"],
  [
    "says that the clock is wrong",
    error(403, "RequestTimeTooSkewed"),
    "403 RequestTimeTooSkewed",
    "set this machine's clock",
  ],
  ["has lost the bucket", error(404, "NoSuchBucket"), "404 NoSuchBucket", "Create the bucket"],
  ["gives a page of a web server", error(404, ""), "404", "Check --endpoint"],
];
/** One stands for the others. */
const byDay = refusals.slice(1, 2);

describe.skipIf(missing !== undefined)(`an S3 store (moto)${missing === undefined ? "" : `: ${missing}`}`, () => {
  it.each(isNightly ? refusals : byDay)(
    "that %s shows no half restore point, and gets all of it later",
    async (_, refusal, said, next) => {
      await withFailing(async (to, store) => {
        // The first part of the backup arrives, and nothing after it.
        let parts = 0;
        store.refuse = (asked) => (part.test(asked) && ++parts > 1 ? refusal : undefined);
        const failure = await replicate(to).catch((thrown: unknown) => thrown);
        expect(failure).toBeInstanceOf(DrillError);
        const { message, hint } = failure as DrillError;
        expect(message).toMatch(/PutObject far\/backups\/[^/]+\/part-\d+\.zst\.pgp failed: /);
        expect(message).toContain(said);
        expect(hint).toContain(next);
        expect(store.refused.length).toBeLessThanOrEqual(attempts * atOnceMax);
        store.refuse = () => undefined;
        const shown = (await pointObjects(to)).filter(({ path }) => path.endsWith("/manifest.json"));
        expect(shown).toEqual([]);
        expect(await replicate(to)).toMatchObject({ backups: 1, increments: 2 });
        expect((await pointObjects(to)).map(({ path }) => path)).toEqual(
          (await pointObjects(from)).map(({ path }) => path),
        );
      });
    },
    60_000,
  );

  it.runIf(isNightly)(
    "that is away for a while is said once, is not asked all the time, and gets what came meanwhile",
    async () => {
      await withFailing(async (to, store) => {
        const end = new AbortController();
        const notes: string[] = [];
        const progress = { ...silentProgress, note: (line: string) => void notes.push(line) };
        const options = { limit: new RateLimit(noLimit), progress, signal: end.signal };
        await using replicator = await Replicator.create({ from, to, keyring }, options);
        store.refuse = () => error(503, "SlowDown");
        const startedMs = systemClock.monotonicMs();
        const times = { everyMs: 20, roundEveryMs: 3_600_000, giveUpMs: 60_000 };
        let increments = 0;
        const onStatus = ({ copied }: { readonly copied: { readonly increments: number } }): void => {
          increments = copied.increments;
        };
        const ended = follow(replicator, { ...options, ...times, onStatus });
        ended.catch(() => {});
        const tried = (): true | undefined => (store.refused.length > 3 * attempts ? true : undefined);
        await waitFor(tried, { what: "several attempts", timeoutMs: 30_000 });
        // Each attempt asks for two lists at once, and waits at least 0.2 s before the next.
        const awayMs = systemClock.monotonicMs() - startedMs;
        expect(store.refused.length).toBeLessThanOrEqual((awayMs / 200 + 1) * 2 * attempts);
        store.refuse = () => undefined;
        await waitFor(() => (increments === 2 ? true : undefined), { what: "both increments", timeoutMs: 30_000 });
        end.abort();
        expect((await ended).copied).toMatchObject({ backups: 1, increments: 2 });
        expect(notes.filter((line) => line.includes("503 SlowDown"))).toEqual([
          expect.stringContaining("trying again for"),
        ]);
        expect(
          (await pointObjects(to)).some(({ path }) => path.startsWith(`segments/${chain}/00000002/manifest.json`)),
        ).toBe(true);
      });
    },
    90_000,
  );
});
