// Runs a backup in its own process and blocks forever at one point, so that it can be killed exactly there. It uses the
// real system on a real vault; only its coordinator and progress callbacks block. Reads its configuration as JSON from
// stdin and prints a line when it reaches the point.
import { writeSync } from "node:fs";
import { text } from "node:stream/consumers";
import { silentProgress } from "../../../base/progress.ts";
import { serverOf } from "../../../engine/server-at.ts";
import { adminClient } from "../../../service/admin-client.ts";
import { referenceSystem } from "../../../system/reference/reference.ts";
import type { HeldBackupOptions } from "./held-backup.ts";
import { whenPaused } from "./pause-hook.ts";

const { vault, endpoint, service, leaseMs, holdAt } = JSON.parse(await text(process.stdin)) as HeldBackupOptions;

function hold(point: string): void {
  if (point !== holdAt) return;
  writeSync(process.stdout.fd, `${point}\n`);
  // This wait is never woken.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

const admin = adminClient({ ...service, holder: "a backup that will be killed" });
const coordinator = whenPaused({ ...admin, pause: (pause) => admin.pause({ ...pause, leaseMs }) }, () =>
  Promise.resolve(hold("pause")),
);
await using system = await referenceSystem({ vault, profile: "interop", partBytes: 64 * 1024 });
await system.backup({
  source: serverOf(endpoint),
  coordinator,
  progress: {
    ...silentProgress,
    step: (name) => name === "sign" && hold("manifest"),
    // The second part is being written, so the first one is in the vault or about to be.
    advance: (bytes) => bytes > 64 * 1024 && hold("transfer"),
  },
  signal: new AbortController().signal,
});
