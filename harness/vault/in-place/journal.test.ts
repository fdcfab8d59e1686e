import { join } from "node:path";
import { expect, it } from "vitest";
import { isNightly } from "../../base/testing/nightly.ts";
import { systemClock } from "../../base/clock.ts";
import { pace } from "../../base/timer.ts";
import { privateFolder } from "../../base/process/reaper.ts";
import { Keyring } from "../keys/keyring.ts";
import { newMark, openGateSettings } from "../restore/write-gate.ts";
import { initVault } from "../store/vault.ts";
import { writeRecord } from "../store/signed-record.ts";
import { type JournalContext, openJournals, RestoreJournal } from "./journal.ts";

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

/** A context with a restore that a process on another machine has begun, of which only the journal is seen. */
async function begunElsewhere(folder: string): Promise<{
  readonly context: JournalContext;
  readonly beat: () => Promise<void>;
  readonly claim: () => Promise<RestoreJournal>;
}> {
  const keyring = new Keyring(join(folder, "keys"));
  await keyring.generate("signer", "s", "interop");
  const context = { store: await initVault(join(folder, "vault")), keyring };
  const where = { target: "db:6379", runId: "1", point: "p", signal: new AbortController().signal };
  const claim = (): Promise<RestoreJournal> =>
    RestoreJournal.claim(context, where, () => Promise.resolve({ mark: newMark(), gate: openGateSettings }));
  const journal = await claim();
  await journal[Symbol.asyncDispose]();
  let count = journal.entry.beat;
  const beat = async (): Promise<void> => {
    const owner = { ...journal.entry.owner, host: "elsewhere" };
    const entry = { ...journal.entry, owner, beat: ++count };
    const [stored] = await context.store.list("restores/");
    await writeRecord(context.store, stored?.path ?? "", JSON.stringify(entry), await keyring.signer());
  };
  await beat();
  return { context, beat, claim };
}

it("a restore of a process that cannot be seen is at work for as long as its journal is renewed", async () => {
  await using folder = await privateFolder("journal");
  const { beat, claim } = await begunElsewhere(folder.path);
  const claiming = claim();
  const stop = new AbortController();
  const beats = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await beat();
      await pace(50, stop.signal);
    }
  };
  const beating = beats();
  await expect(claiming).rejects.toMatchObject({
    message: expect.stringContaining("on elsewhere is restoring p") as string,
  });
  stop.abort();
  await beating;
});

it.runIf(isNightly)(
  "a restore of a process that cannot be seen is taken over once its journal stands still",
  async () => {
    await using folder = await privateFolder("journal");
    const { claim, context } = await begunElsewhere(folder.path);
    const beforeMs = systemClock.monotonicMs();
    await using journal = await claim();
    expect(systemClock.monotonicMs() - beforeMs).toBeLessThan(25_000);
    expect(journal.isAfterInterrupted).toBe(true);
    expect((await openJournals(context)).map(({ owner }) => owner.host)).not.toContain("elsewhere");
  },
);
