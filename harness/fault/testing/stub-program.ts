// A process in the place of a command, for tests: it changes files as the vault does, says on stdout how that went, and waits for the
// end of its stdin.
import { systemClock } from "../../base/clock.ts";
import { codeOf } from "../../base/errors.ts";
import { pace } from "../../base/timer.ts";
import { nodeFiles } from "../../vault/store/file-operations.ts";

const [, , folder = ""] = process.argv;
const [beganMs, beganAtMs] = [systemClock.monotonicMs(), systemClock.nowMs()];

async function writeTwice(): Promise<void> {
  for (const name of ["a", "b"]) {
    const path = `${folder}/${name}`;
    const file = await nodeFiles.openNew(path);
    await file.writeFile(Buffer.from("text"));
    await file.datasync();
    await file.close();
    await nodeFiles.unlink(path);
  }
}

const code = await writeTwice().then(() => "", codeOf);
const ms = systemClock.monotonicMs() - beganMs;
await pace(100, new AbortController().signal);
const jumpedMs = Math.abs(systemClock.nowMs() - beganAtMs - (systemClock.monotonicMs() - beganMs));
process.stdout.write(`${JSON.stringify({ code, ms, jumpedMs })}\n`);
process.stdin.on("end", () => process.exit()).resume();
