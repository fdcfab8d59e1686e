import { expect, it } from "vitest";
import { systemClock } from "../../base/clock.ts";
import type { ArchiveStatus } from "../../vault/archive/archive-status.ts";
import type { ProofStatus } from "../../vault/archive/background-proof.ts";
import { join } from "node:path";
import { privateFolder } from "../../base/process/reaper.ts";
import { readArchiveLag } from "../../monitor/vault/archive-lag.ts";
import { archiveMetrics, writeMetrics } from "./archive-metrics.ts";

const status: ArchiveStatus = {
  base: "20261124T100000Z-0123abcd",
  segment: 7,
  sourceOffset: 1000,
  receivedOffset: 900,
  sealedOffset: 800,
  lagBytes: 100,
  lagMs: 1500,
  unsealedBytes: 200,
  unsealedMs: 2500,
  limits: { outputBufferBytes: 0, backlogBytes: 0 },
};
const wrong: ProofStatus = {
  isRunning: false,
  proven: 2,
  wrong: 1,
  notCarriedOut: undefined,
  last: {
    base: status.base,
    offset: 700,
    at: "2026-11-24T10:00:00.000Z",
    ok: false,
    problems: ["it differs"],
    entities: 3,
    phases: [],
  },
};

it("reports the position of the archive", () => {
  const text = archiveMetrics(status, 5000);
  expect(text).toContain('falkordrill_archive_info{base="20261124T100000Z-0123abcd"} 1');
  expect(text).toContain("\nfalkordrill_archive_status_timestamp_seconds 5\n");
  expect(text).toContain("\nfalkordrill_archive_lag_seconds 1.5\n");
  expect(text).not.toContain("proof");
});

it("reports what its proofs have found", () => {
  const text = archiveMetrics({ ...status, proof: wrong }, 5000);
  expect(text).toContain(
    "\n# TYPE falkordrill_archive_proofs_wrong_total counter\nfalkordrill_archive_proofs_wrong_total 1\n",
  );
  expect(text).toContain("\nfalkordrill_archive_proofs_proven_total 2\n");
  expect(text).toContain("\nfalkordrill_archive_proof_good 0\n");
  expect(text).toContain("\nfalkordrill_archive_proof_failed 0\n");
  expect(text).toContain(
    `\nfalkordrill_archive_proof_timestamp_seconds ${Date.parse("2026-11-24T10:00:00Z") / 1000}\n`,
  );
});

it("tells the monitor how many bytes are not in the vault yet, as long as its file is young", async () => {
  await using folder = await privateFolder("archive-metrics");
  const file = join(folder.path, "archive.prom");
  expect(await readArchiveLag(file, 0)).toBeUndefined();
  const beforeMs = systemClock.nowMs();
  writeMetrics(file, status);
  const atMs = systemClock.nowMs();
  expect(await readArchiveLag(file, atMs)).toEqual({
    bytes: 300,
    atMs: expect.toSatisfy((ms: number) => ms >= beforeMs && ms <= atMs) as number,
  });
  expect(await readArchiveLag(file, atMs + 61_000)).toBeUndefined();
  expect(await readArchiveLag(file, beforeMs - 61_000)).toBeUndefined();
});
