// `vault verify`, killed at every point: the record is the old one or the new one, and the next verify replaces it.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { silentProgress } from "../../../base/progress.ts";
import { embeddedEngines } from "../../../engine/embedded.ts";
import { prune } from "../../../vault/retention/prune.ts";
import { verify } from "../../../vault/restore/verify.ts";
import { readValidation } from "../../../vault/store/validation.ts";
import type { Drill } from "../../drill.ts";
import { type CrashAttempt, breakAtEveryPoint } from "./enumerate.ts";
import { backUpNow, copyOf, prepareCrashes } from "./setup.ts";
import { judgeLeft, readListedState } from "./vault-state.ts";

export async function killsVerifies(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const setup = await prepareCrashes(drill, resources);
  const { signal } = drill;
  const point = await backUpNow(setup);
  await verify(setup.vault, undefined, point, embeddedEngines(), signal);
  // The verify has to replace a record that somebody has changed, and to keep that one.
  const record = join(setup.vault.folder, "backups", point, "validation.json");
  await writeFile(record, (await readFile(record, "utf8")).replace(String.raw`\"ok\":true`, String.raw`\"ok\":false`));
  const prepare = async (): Promise<CrashAttempt> => {
    const copy = await copyOf(setup);
    const found = async (): Promise<string> => {
      const { ok, untrusted } = (await readValidation(copy.store, `backups/${point}`, copy.keyring)) ?? {};
      return untrusted === true ? "untrusted" : String(ok);
    };
    return {
      words: ["vault", "verify", point, "--vault", copy.folder, "--engine", "embedded"],
      afterKill: async () => {
        const is = await found();
        if (is === "untrusted" || is === "true") return [];
        return [{ code: "crash-torn-point", message: `the record of a verify is ${is}, and was neither before` }];
      },
      again: async () => {
        const { ok, problems } = await verify(copy, undefined, point, embeddedEngines(), signal);
        // A half-written record stays until the next backup or prune.
        const request = { rules: { all: true }, zone: "UTC", dryRun: false, progress: silentProgress, signal };
        await prune(copy, request);
        const { points } = await readListedState(copy, new Set(), signal);
        const left = await judgeLeft(copy, points);
        if (ok && (await found()) === "true") return left;
        const message = `the next verify said: ${problems.join("; ")}, and its record is ${await found()}`;
        return [...left, { code: "crash-not-resumed", message }];
      },
    };
  };
  const groups = ["file", "store", "lock", "lease", "restore", "load", "verify"] as const;
  await breakAtEveryPoint(drill, { name: "verify", groups, prepare });
}
