// `vault prune`, `pin`, `unpin` and `unlock` as their users meet them.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Keyring } from "../../vault/keys/keyring.ts";
import { ensureKeys } from "../../system/reference/reference.ts";
import { storeTestChain } from "../../vault/testing/test-vault.ts";
import { markUnfinished } from "../../vault/store/unfinished.ts";
import { initVault } from "../../vault/store/vault.ts";
import { lockVault } from "../../vault/locks/vault-lock.ts";
import { type Ended, falkordrill } from "../testing/command-line.ts";

const root = await mkdtemp(join(tmpdir(), "falkordrill-prune-cli-"));
afterAll(() => rm(root, { recursive: true }));
const vault = join(root, "vault");
const store = await initVault(vault);
const keyring = new Keyring(`${vault}-keys`);
await ensureKeys(keyring, "interop");
const old = await storeTestChain(store, keyring, "2026-09-21T03:00:00.000Z");
const chain = await storeTestChain(store, keyring, "2026-10-22T03:00:00.000Z", { increments: 3 });
const newest = await storeTestChain(store, keyring, "2026-11-23T03:00:00.000Z");
await markUnfinished(store, "backups/20261124T030000Z-00000000", "backup");

const run = (...args: string[]): Promise<Ended> => falkordrill(["vault", ...args, "--vault", vault]);

describe("vault prune", { timeout: 60_000 }, () => {
  it.each([
    [["prune"], "no rule says what to keep, so nothing is removed"],
    [["prune", "--keep-last", "0"], "--keep-last 0 is not a whole number from 1 to 10000"],
    [["prune", "--keep-within", "a week"], '"a week" is not an age such as 90m, 12h, 7d or 4w'],
    [["prune", "--keep-all", "--zone", "Mars/Olympus"], '"Mars/Olympus" is not a time zone'],
    [["pin", `${chain}/x`, "--why", "audit"], "is neither the id of a backup nor <id>/<number of an increment>"],
    [["pin", `${chain}/9`, "--why", "audit"], `has no segments/${chain}/00000009`],
    [["pin", chain, "--why", " "], "--why is empty"],
  ])("refuses %j", async (args, message) => {
    const ended = await run(...args);
    expect(ended.stderr).toContain(message);
    expect(ended).toMatchObject({ code: 2, stdout: "" });
  });

  it("lists each point that is kept with its reasons, and each that is removed, then removes them", async () => {
    expect((await run("pin", `${chain}/1`, "--why", "before the accident")).stdout).toContain("pinned");
    const rules = ["--keep-monthly", "1", "--zone", "Europe/Berlin"];
    const { stdout } = await run("prune", ...rules, "--dry-run");
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toEqual([
      expect.stringMatching(`^keep    ${newest} .* KiB  newest, month 2026-11$`),
      expect.stringMatching(`^remove  ${chain}/00000003 .* KiB  and 1 before it$`),
      expect.stringMatching(`^keep    ${chain}/00000001 .* KiB  pinned: before the accident$`),
      expect.stringMatching(`^keep    ${chain} .* KiB  needed by ${chain}/00000001$`),
      expect.stringMatching(`^remove  ${old} .* KiB$`),
      "remove  backups/20261124T030000Z-00000000/unfinished.json, which a crashed run left",
      expect.stringMatching("^kept 3 restore points, .*; would remove 3 restore points, .*; would remove 1 object"),
    ]);
    const pruned = await run("prune", ...rules, "--json");
    const { decisions } = JSON.parse(pruned.stdout) as { decisions: { id: string; keep: boolean }[] };
    expect(decisions.filter(({ keep }) => keep).map(({ id }) => id)).toEqual([newest, `${chain}/00000001`, chain]);
    expect((await run("list")).stdout).not.toContain(old);
    expect((await run("unpin", `${chain}/1`)).stdout).toContain(`unpinned ${chain}/1`);
    expect((await run("prune", "--keep-last", "1")).stdout).toContain(`gone    ${chain}`);
  });

  it("leaves what is damaged to `vault discard`, which wants a yes", async () => {
    const id = "20261124T030000Z-00000000";
    await store.put(`backups/${id}/part-00000.zst.pgp`, Buffer.alloc(77));
    const listed = await run("list");
    expect([listed.code, listed.stdout]).toEqual([
      10,
      expect.stringContaining(`${id} is left alone: it has 1 object and no manifest`),
    ]);
    const asked = await run("discard", id);
    expect([asked.code, asked.stderr]).toEqual([2, expect.stringContaining(`${id} would go for good, 1 objects`)]);
    const gone = await run("discard", id, "--yes");
    expect([gone.code, gone.stdout]).toEqual([0, expect.stringContaining(`gone    ${id}\nremoved 1 object, 77 B`)]);
  });

  it("is refused while another process holds a lock, and unlock lists that lock and does not remove it", async () => {
    await using _backup = await lockVault(store, "backup");
    const holder = `backup by process ${process.pid}`;
    const pruned = await run("prune", "--keep-last", "1");
    expect([pruned.code, pruned.stderr]).toEqual([14, expect.stringContaining(`is locked for ${holder}`)]);
    const unlocked = await run("unlock");
    expect([unlocked.code, unlocked.stderr]).toEqual([14, expect.stringContaining(holder)]);
    expect((await run("unlock", "--force")).stdout).toContain(`removed: ${holder}`);
  });
});
