// A service whose wall clock is wrong by hours, or jumps in the middle of a pause: leases are counted on a clock that
// does not jump, and no process trusts another machine's time.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isNightly } from "../../../base/testing/nightly.ts";
import { randomMessage } from "../../../../generators/writes/episode-message.ts";
import { systemClock } from "../../../base/clock.ts";
import { silentProgress } from "../../../base/progress.ts";
import { waitFor } from "../../../base/wait.ts";
import { adminClient, LeaseLostError } from "../../admin-client.ts";
import { episodeMessageBody } from "../../messages.ts";
import { referenceSystem } from "../../../system/reference/reference.ts";
import { adminToken, send, setUp } from "../testing/graph-service-kit.ts";

const hourMs = 3_600_000;
const jumpsMs = isNightly ? [5 * hourMs, -5 * hourMs] : [5 * hourMs];
const episode = (sequence: number): string =>
  episodeMessageBody(randomMessage({ seed: 1, writer: "w", sequence, groupId: "g" }));

test.each(jumpsMs)("with a clock %i ms off a backup is made as usual, and the skew is reported", async (offMs) => {
  const clock = { ...systemClock, nowMs: () => systemClock.nowMs() + offMs };
  await using setup = await setUp({ clock });
  await send(setup.service, "POST", "/messages", episode(0));
  const seen: number[] = [];
  const coordinator = adminClient({
    url: setup.service.url,
    token: adminToken,
    onClockSkew: (aheadMs) => void seen.push(aheadMs),
  });
  const folder = await mkdtemp(join(tmpdir(), "falkordrill-clock-"));
  await using system = await referenceSystem({ vault: join(folder, "vault"), profile: "interop" });
  const { signal } = new AbortController();
  const backup = await system.backup({ source: setup.engine, coordinator, progress: silentProgress, signal });
  expect(backup.pauseMs).toBeGreaterThan(0);
  expect(seen).toHaveLength(1);
  expect(Math.abs((seen[0] ?? 0) - offMs)).toBeLessThan(2000);
  expect((await setup.admin.status()).writes.state).toBe("open");
  await rm(folder, { recursive: true });
});

test.each(jumpsMs)("a wall clock that jumps by %i ms in a pause neither ends nor prolongs it", async (jumpMs) => {
  let offMs = 0;
  const clock = { ...systemClock, nowMs: () => systemClock.nowMs() + offMs };
  await using setup = await setUp({ clock });
  const { admin, service } = setup;
  const held = await admin.pause({ leaseMs: 20_000, drainTimeoutMs: 1000 });
  offMs = jumpMs;
  const refused = await send(service, "POST", "/messages", episode(0));
  expect([refused.status, (await admin.status()).writes.state]).toEqual([503, "paused"]);
  const retryAfterMs = Number(refused.headers.get("retry-after-ms"));
  expect(retryAfterMs).toBeGreaterThanOrEqual(10);
  expect(retryAfterMs).toBeLessThanOrEqual(1000);
  await admin.resume(held.id);
  const short = await admin.pause({ leaseMs: 1000, drainTimeoutMs: 1000 });
  offMs = 0;
  await waitFor(async () => (await admin.status()).writes.state === "open" || undefined, {
    what: "the lease to run out",
    timeoutMs: 20_000,
  });
  await expect(admin.resume(short.id)).rejects.toThrow(LeaseLostError);
});
