// The quirks answered with a full backup are real: a chain that does not recognise them, because it stores the stream
// unchecked, restores something else than the source held, or nothing at all.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { errorMessage } from "../../../base/errors.ts";
import { silentProgress } from "../../../base/progress.ts";
import { embeddedEngines } from "../../../engine/embedded.ts";
import type { Engine } from "../../../engine/engine.ts";
import { privateFolder } from "../../../base/process/reaper.ts";
import { compareDigests } from "../../../observe/digest/compare-digests.ts";
import { connect, type Connection } from "../../../falkordb/client/connection.ts";
import { digestServer, type ServerDigest } from "../../../observe/digest/server-digest.ts";
import { createBackup, type BackupContext } from "../../../vault/backup/backup.ts";
import { backUpIncrement } from "../../../vault/archive/increment.ts";
import { Keyring } from "../../../vault/keys/keyring.ts";
import { ensureKeys } from "../../../system/reference/reference.ts";
import { restoreBackup } from "../../../vault/restore/restore.ts";
import { testChain } from "../../../vault/testing/test-chain.ts";
import { initVault } from "../../../vault/store/vault.ts";
import { traps } from "./replication-quirks.ts";
import type { QuirkSetup } from "./quirk-setup.ts";

const engines = embeddedEngines();
const signal = new AbortController().signal;
const resources = new AsyncDisposableStack();
let root: string;
let source: Engine;
let connection: Connection;
let stage: QuirkSetup;
let keyring: Keyring;

beforeAll(async () => {
  root = resources.use(await privateFolder("traps-test")).path;
  const imports = join(root, "import");
  await mkdir(imports);
  keyring = new Keyring(join(root, "keys"));
  await ensureKeys(keyring, "interop");
  const moduleArgs = { EFFECTS_THRESHOLD: "0", IMPORT_FOLDER: `${imports}/` };
  source = resources.use(await engines.start({ name: "source", moduleArgs }));
  connection = resources.use(await connect(source.endpoint));
  stage = { connection, signal, imports };
});
afterAll(() => resources.disposeAsync());

async function contextIn(folder: string): Promise<BackupContext> {
  return { store: await initVault(join(root, folder)), keyring, profile: "interop", partBytes: 65_536 };
}

/** Returns the differences at the end of the chain. */
async function wrongWith(context: BackupContext, base: string, expected: ServerDigest): Promise<readonly string[]> {
  const request = { point: base, at: "latest", way: "file", engines, progress: silentProgress, signal } as const;
  try {
    await using target = (await restoreBackup(context, request)).target;
    return compareDigests(expected, await digestServer(target.endpoint, signal));
  } catch (error) {
    return [errorMessage(error)];
  }
}

describe("a trap that is answered with a full backup", () => {
  const answered = traps.filter(({ answer, isCautious }) => answer === "full backup" && isCautious !== true);

  it.each(answered.map((trap, number) => [trap.name, trap, number] as const))("is one: %s", async (_, trap, number) => {
    await connection.command("FLUSHALL");
    const context = await contextIn(`blind-${number}`);
    await trap.before?.(stage, "trap");
    await using chain = await testChain(context, source);
    await trap.play(stage, "trap");
    await chain.seal();
    const wrong = await wrongWith(context, chain.base, await digestServer(source.endpoint, signal));
    expect(wrong).not.toEqual([]);
  });
});

describe("a trap", () => {
  it.each(traps.map((trap, number) => [trap.name, trap, number] as const))(
    "has its answer: %s",
    async (_, trap, number) => {
      await connection.command("FLUSHALL");
      const context = await contextIn(`seeing-${number}`);
      const request = { source, coordinator: undefined, progress: silentProgress, signal };
      await trap.before?.(stage, "trap");
      const { point } = await createBackup(context, request);
      await trap.play(stage, "trap");
      const { continued } = await backUpIncrement(context, request);
      expect(continued).toBe(trap.answer === "chain");
      if (continued) return;
      const latest = { point: point.id, at: "latest", way: "file", engines, progress: silentProgress, signal } as const;
      await expect(restoreBackup(context, latest)).rejects.toThrow("cannot be restored exactly");
    },
  );
});
