import { join } from "node:path";
import { expect, it } from "vitest";
import { privateFolder } from "../../base/process/reaper.ts";
import { Keyring } from "../keys/keyring.ts";
import { newMark, openGateSettings } from "../restore/write-gate.ts";
import { initVault } from "../store/vault.ts";
import { openJournals, RestoreJournal } from "./journal.ts";

it.each(["put", "delete"] as const)(
  "a claim that fails at a %s after its journal is written leaves no restore open",
  async (fails) => {
    await using folder = await privateFolder("journal");
    const keyring = new Keyring(join(folder.path, "keys"));
    await keyring.generate("signer", "s", "interop");
    const store = await initVault(join(folder.path, "vault"));
    let failures = 1;
    const put: typeof store.put = async (path, bytes) => {
      await store.put(path, bytes);
      if (fails === "put" && path.startsWith("restores/") && failures-- > 0) throw new Error("EIO: i/o error");
    };
    // The lock that is released.
    const remove: typeof store.delete = async (path) => {
      await store.delete(path);
      if (fails === "delete" && path.startsWith("locks/") && failures-- > 0) throw new Error("EIO: i/o error");
    };
    const where = { target: "db:6379", runId: "1", point: "p", signal: new AbortController().signal };
    const claim = RestoreJournal.claim({ store: { ...store, put, delete: remove }, keyring }, where, () =>
      Promise.resolve({ mark: newMark(), gate: openGateSettings }),
    );
    await expect(claim).rejects.toThrow("EIO");
    expect(await openJournals({ store, keyring })).toEqual([]);
  },
);
