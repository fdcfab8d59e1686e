import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../../base/clock.ts";
import { LineFile } from "../../../base/files/line-file.ts";
import { waitFor } from "../../../base/wait.ts";
import { AuditLog, openAuditLog } from "./audit-log.ts";
import { WriteGate } from "./write-gate.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gate-"));
});
afterAll(() => rm(folder, { recursive: true }));

const request = { leaseMs: 1000, drainTimeoutMs: 1000 };
const never = new AbortController().signal;
const open = async (name: string): Promise<AuditLog> => await openAuditLog(join(folder, name), systemClock);

test("a pause is answered when the last admitted write has ended", async () => {
  using audit = await open("drain");
  using gate = new WriteGate(systemClock, audit);
  const first = gate.admit();
  const second = gate.admit();
  let answered = false;
  const pausing = gate.pause(request, never).finally(() => {
    answered = true;
  });
  first?.[Symbol.dispose]();
  // Ending a write twice must not count twice.
  first?.[Symbol.dispose]();
  await Promise.resolve();
  expect([answered, gate.admit()]).toEqual([false, undefined]);
  second?.[Symbol.dispose]();
  expect(await pausing).toMatchObject({ ok: true });
});

test("a timer ends the drain and the lease, without any call", async () => {
  using audit = await open("timers");
  using gate = new WriteGate(systemClock, audit);
  using _stuck = gate.admit();
  await expect(gate.pause({ ...request, drainTimeoutMs: 20 }, never)).rejects.toThrow("were not stored within 20 ms");
  _stuck?.[Symbol.dispose]();
  const paused = await gate.pause({ ...request, leaseMs: 1000 }, never);
  const leaseId = paused.ok ? paused.value.leaseId : "";
  await waitFor(() => gate.coordination.lease(leaseId) === undefined || undefined, {
    what: "the end",
    timeoutMs: 20_000,
  });
  expect(gate.resume(leaseId)).toMatchObject({ ok: false, conflict: { code: "lease-lost" } });
});

test("a caller that disconnects gets no lease", async () => {
  using audit = await open("gone");
  using gate = new WriteGate(systemClock, audit);
  const caller = new AbortController();
  using _open = gate.admit();
  const pausing = gate.pause(request, caller.signal);
  caller.abort();
  await expect(pausing).rejects.toThrow("the caller has gone");
  expect(gate.coordination.writes().state).toBe("open");
});

test("refuses a pause without an audit log", async () => {
  const nothing = { entries: 0, lastHash: "", problem: undefined, tornAt: undefined };
  using audit = new AuditLog(new LineFile("/dev/full"), systemClock, nothing);
  using gate = new WriteGate(systemClock, audit);
  await expect(gate.pause(request, never)).rejects.toThrow(/the audit log cannot be written .*no space is left/);
  expect(gate.coordination.writes().state).toBe("open");
  expect(gate.auditFailure).toContain("no space is left");
});
