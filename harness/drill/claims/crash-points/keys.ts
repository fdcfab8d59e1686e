// `vault keys generate` and `vault keys import`, killed at every point: the key ring holds the whole key or none, and
// never a copy of a secret key under another name.
import { readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "../../../base/clock.ts";
import { errorMessage } from "../../../base/errors.ts";
import { Keyring } from "../../../vault/keys/keyring.ts";
import type { Drill } from "../../drill.ts";
import { type CrashAttempt, breakAtEveryPoint, type Problem } from "./enumerate.ts";
import { privateFolder } from "../../../base/process/reaper.ts";

const name = "second";
const oldMs = 3_600_000;

export async function killsKeyCommands(drill: Drill): Promise<void> {
  await using folder = await privateFolder("crash-points");
  const other = new Keyring(join(folder.path, "other"));
  await other.generate("recipient", name, "interop");
  const armored = await other.export("recipient", name, true);
  const file = join(folder.path, "key.asc");
  await writeFile(file, armored, { mode: 0o600 });
  const commands = {
    generate: { words: [], again: (ring: Keyring) => ring.generate("recipient", name, "interop") },
    import: { words: [file], again: (ring: Keyring) => ring.import("recipient", name, armored) },
  };
  for (const [verb, { words, again }] of Object.entries(commands)) {
    const prepare = async (kill: number): Promise<CrashAttempt> => {
      const keys = join(folder.path, `${verb}-${kill}`);
      const ring = new Keyring(keys);
      await ring.generate("signer", "first", "interop");
      const flags = ["--vault", folder.path, "--keys", keys, "--name", name];
      let isThere = false;
      return {
        words: ["vault", "keys", verb, ...words, ...flags],
        afterKill: async () => {
          await age(keys);
          isThere = (await ring.list()).length === 2;
          return isThere ? await judgeUsable(ring) : [];
        },
        again: async () => {
          const outcome = await again(ring).then(
            () => "",
            (error: unknown) => errorMessage(error),
          );
          // A key that the killed command had stored is not replaced.
          const isRight = isThere ? outcome.includes("already has") : outcome === "";
          return [
            ...(isRight ? [] : [{ code: "crash-not-resumed", message: `the next run said: ${outcome}` } as const]),
            ...(await judgeUsable(ring)),
            ...(await judgeFiles(keys)),
          ];
        },
      };
    };
    await breakAtEveryPoint(drill, { name: `keys ${verb}`, groups: ["file"], prepare });
  }
}

/** A half-written key counts as left when another process can no longer be at it. */
async function age(keys: string): Promise<void> {
  const before = new Date(systemClock.nowMs() - oldMs);
  for (const file of await temporaryFiles(keys)) await utimes(join(keys, file), before, before);
}

async function temporaryFiles(keys: string): Promise<readonly string[]> {
  return (await readdir(keys)).filter((file) => file.endsWith(".tmp"));
}

/** The key can encrypt and decrypt. */
async function judgeUsable(ring: Keyring): Promise<readonly Problem[]> {
  try {
    const recipients = await ring.recipients("interop");
    await ring.openers(recipients.map(({ fingerprint }) => fingerprint));
    return [];
  } catch (error) {
    return [{ code: "crash-torn-point", message: `the key that is listed cannot be used: ${errorMessage(error)}` }];
  }
}

async function judgeFiles(keys: string): Promise<readonly Problem[]> {
  const left = await temporaryFiles(keys);
  return left.length === 0 ? [] : [{ code: "garbage-left", message: `key files are left: ${left.join(", ")}` }];
}
