// `vault list` and `vault verify --offline` as their users meet them.
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../base/clock.ts";
import { openAuditLog } from "../../service/server/coordination/audit-log.ts";
import { appendEntry } from "../../vault/catalogue/append.ts";
import { Keyring } from "../../vault/keys/keyring.ts";
import { ensureKeys } from "../../system/reference/reference.ts";
import { storeTestChain } from "../../vault/testing/test-vault.ts";
import { writeValidation } from "../../vault/store/validation.ts";
import { initVault, openVault, readManifest, writeManifest } from "../../vault/store/vault.ts";
import { RestoreJournal } from "../../vault/in-place/journal.ts";
import { newMark, openGateSettings } from "../../vault/restore/write-gate.ts";
import { pin } from "../../vault/store/pin.ts";
import type { Store } from "../../vault/store/store.ts";
import { type Ended, falkordrill } from "../testing/command-line.ts";

const root = await mkdtemp(join(tmpdir(), "falkordrill-list-"));
afterAll(() => rm(root, { recursive: true }));
const keyring = new Keyring(join(root, "keys"));
await ensureKeys(keyring, "interop");
const template = join(root, "template");
const made = await initVault(template);
const chain = await storeTestChain(made, keyring, "2026-10-22T03:00:00.000Z", { increments: 3 });
const newest = await storeTestChain(made, keyring, "2026-11-23T03:00:00.000Z");
await describeContent(newest);

/** Facts that a real snapshot would have recorded about itself. */
async function describeContent(id: string): Promise<void> {
  const manifest = await readManifest(made, id, keyring);
  const graphs = [
    { name: "a", nodes: 12_345, edges: 2, schema: 0 },
    { name: "b", nodes: 5, edges: 40, schema: 0, database: 3 },
  ];
  const schemas = [{ propertyKeys: [], labels: [], types: [] }];
  const otherKeys = { count: 6, digest: "0" };
  const content = { graphs, schemas, udfLibraries: [], otherKeys, otherKeyCount: 7 };
  const described = { ...manifest, cut: { ...manifest.cut, offset: 0 }, content };
  const sha256 = await writeManifest(made, described, await keyring.signer());
  await appendEntry({ store: made, keyring }, () => [{ does: "added", point: id, sha256 }]);
}

let vaults = 0;
let vault: string;
let store: Store;
beforeEach(async () => {
  vault = join(root, `vault-${vaults++}`);
  await cp(template, vault, { recursive: true });
  store = await openVault(vault);
});

const run = (...args: string[]): Promise<Ended> =>
  falkordrill(["vault", ...args, "--vault", vault, "--keys", keyring.folder]);

describe("vault list", { timeout: 60_000 }, () => {
  it("goes on where the journal of a restore cannot be trusted, and names it", async () => {
    const journal = "restores/db-00000000.json";
    await store.put(journal, Buffer.from("{}"));
    const { code, stdout } = await run("list");
    expect(code).toBe(10);
    expect(stdout).toContain(newest);
    expect(stdout).toContain(`PROBLEM: the journal of a restore, ${journal}, cannot be trusted`);
  });

  it("names a restore in place that was interrupted, and the commands that end it", async () => {
    const where = { target: "db:6379", runId: "1", point: newest, signal: new AbortController().signal };
    const journal = await RestoreJournal.claim({ store, keyring }, where, () =>
      Promise.resolve({ mark: newMark(), gate: openGateSettings }),
    );
    await journal[Symbol.asyncDispose]();
    await journal.write({ step: "swap", state: "failed" });
    const { code, stdout } = await run("list");
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^RESTORE: the restore of .* into db:6379, .* failed and was not rolled back in the step "swap"/m,
    );
    expect(stdout).toContain("--in-place --to redis://db:6379 --roll-back");
  });

  it("lists what each backup holds, in columns, and explains that an offset of 0 is not an error", async () => {
    const found = { at: "2026-11-24T03:00:00.123Z", ok: true, problems: [], phases: [] };
    await writeValidation(store, `backups/${newest}`, found, await keyring.signer());
    await pin(store, `backups/${chain}`, "for the auditors", new AbortController().signal);
    const { code, stdout } = await run("list");
    const gap = " {2,}";
    const [head, first, second, note] = stdout.split("\n");
    const heads = ["ID", "CUT", "OFFSET", "GRAPHS", "NODES", "EDGES", "OTHER KEYS", "DATABASES", "STORED", "STATE"];
    expect(head).toMatch(new RegExp(`^${heads.join(gap)}$`));
    const unknown = [
      "2026-10-22T03:00:00Z",
      "7",
      String.raw`\?`,
      String.raw`\?`,
      String.raw`\?`,
      String.raw`\?`,
      String.raw`\?`,
    ];
    const state = String.raw`not verified, \+3 increments until 2026-10-22T03:00:03Z, pinned: for the auditors`;
    expect(first).toMatch(new RegExp(`^${[chain, ...unknown, ".* KiB", state].join(gap)}$`));
    const known = ["2026-11-23T03:00:00Z", "0", "2", "12,350", "42", "7", "0,3"];
    expect(second).toMatch(new RegExp(`^${[newest, ...known, ".* KiB", "verified 2026-11-24T03:00:00Z"].join(gap)}$`));
    expect(note).toBe("offset 0: the server had never had a replica before, which is not an error");
    expect(code).toBe(0);
  });

  it("ends with 10 where a backup, or the increments on one, were found faulty", async () => {
    const found = { at: "2026-11-24T03:00:00.123Z", ok: false, problems: ["it differs"], phases: [] };
    await writeValidation(store, `backups/${newest}`, found, await keyring.signer());
    await writeValidation(store, `segments/${chain}/00000002`, { ...found, offset: 9 }, await keyring.signer());
    const { code, stdout } = await run("list");
    expect(code).toBe(10);
    expect(stdout).toContain("FOUND FAULTY 2026-11-24T03:00:00Z");
    expect(stdout).toContain("FOUND FAULTY at offset 9");
    expect(await run("verify", chain, "--offline")).toMatchObject({
      code: 10,
      stdout: expect.stringContaining("is good, and its increments are NOT") as string,
    });
  });

  it("--json gives a summary of each, and its manifest with --full only", async () => {
    await store.delete(`backups/${chain}/part-00001.zst.pgp`);
    const { code, stdout } = await run("list", "--json");
    const { backups, damaged } = JSON.parse(stdout) as { backups: object[]; damaged: string[] };
    const missing = expect.stringContaining("part-00001.zst.pgp is missing") as string;
    const increments = { count: 3, until: "2026-10-22T03:00:03.000Z", offset: 3007 };
    const none = { verified: null, pinned: null, profile: "interop" };
    expect(backups).toEqual([
      expect.objectContaining({
        id: chain,
        offset: 7,
        graphs: null,
        otherKeys: null,
        increments,
        ...none,
        damaged: missing,
      }),
      expect.objectContaining({
        id: newest,
        graphs: 2,
        nodes: 12_350,
        edges: 42,
        otherKeys: 7,
        increments: null,
        ...none,
      }),
    ]);
    expect(backups[1]).toMatchObject({ databases: [0, 3], damaged: null, rawBytes: 150_000 });
    expect([code, damaged, backups.some((backup) => "manifest" in backup)]).toEqual([10, [missing], false]);
    const full = JSON.parse((await run("list", "--json", "--full")).stdout) as { backups: { manifest: object }[] };
    expect(full.backups[1]?.manifest).toMatchObject({ id: newest, content: { otherKeyCount: 7 } });
    expect(await run("list", "--full")).toMatchObject({ code: 2, stderr: expect.stringContaining("--json") as string });
  });
});

describe("what is missing", { timeout: 60_000 }, () => {
  it("is named by list, verify, prune, a restore of the newest and an audit, and accepted by one with --adopt", async () => {
    const head = (await run("audit")).stdout.trimEnd().split("\n").at(-1)?.replace("head ", "") ?? "";
    const entries = await store.list("catalogue/0");
    await store.delete(entries.at(-1)?.path ?? "");
    for (const { path } of await store.list(`segments/${chain}/00000003/`)) await store.delete(path);
    const why = `increment 3 of ${chain} is missing`;
    const commands = [
      ["list"],
      ["verify", chain, "--offline"],
      ["audit"],
      ["audit", "--head", head],
      ["prune", "--keep-last", "1"],
      ["restore", "--rdb-out", join(vault, "x.rdb")],
    ];
    for (const command of commands) {
      const { code, stdout, stderr } = await run(...command);
      expect([command[0], code, stdout + stderr]).toEqual([command[0], 10, expect.stringContaining(why)]);
      expect(stdout + stderr).toContain("was put back to an older state");
    }
    expect((await run("audit", "--adopt")).code).toBe(0);
    expect((await run("list")).code).toBe(0);
  });
});

it("vault audit --service-log looks at the audit log of a service too, and names the line where it is broken", async () => {
  const log = join(vault, "..", `audit-${vaults}.jsonl`);
  {
    using written = await openAuditLog(log, systemClock);
    for (const holder of ["a", "b", "c"]) written.append("paused", { holder });
    await written.sync();
  }
  const whole = await run("audit", "--service-log", log);
  expect([whole.code, whole.stdout]).toEqual([
    0,
    expect.stringMatching(/^service log: 3 entries, the last has the hash/m),
  ]);
  await writeFile(log, (await readFile(log, "utf8")).replace('"b"', '"x"'));
  const broken = await run("audit", "--service-log", log);
  const why = "PROBLEM: the audit log of the service is broken at line 2: its hash does not fit its content";
  expect([broken.code, broken.stdout]).toEqual([10, expect.stringContaining(why)]);
}, 60_000);

describe("a key ring", { timeout: 60_000 }, () => {
  it.each(["list", "audit", "verify --offline", "prune --keep-last 1"])(
    "of another vault is refused by vault %s, which finds no damage then",
    async (command) => {
      const stranger = new Keyring(join(root, "stranger"));
      await ensureKeys(stranger, "interop");
      const before = await store.list("");
      const keys = ["--vault", vault, "--keys", stranger.folder];
      const { code, stdout, stderr } = await falkordrill(["vault", ...command.split(" "), ...keys]);
      expect(stderr).toContain(`the key ring ${stranger.folder} trusts nothing in ${vault}`);
      expect([code, stdout]).toEqual([2, ""]);
      expect(await store.list("")).toEqual(before);
    },
  );

  it.each(["list", "verify --offline", "prune --keep-last 1", "audit"])(
    "that is not there is named by vault %s",
    async (command) => {
      const keys = ["--vault", vault, "--keys", join(root, "none")];
      const { code, stderr } = await falkordrill(["vault", ...command.split(" "), ...keys]);
      expect([code, stderr]).toEqual([2, expect.stringContaining(`there is no key ring ${join(root, "none")}`)]);
    },
  );
});

describe("vault verify --offline", { timeout: 60_000 }, () => {
  it("without an id does not pass over a newest backup that is damaged", async () => {
    await store.delete(`backups/${newest}/manifest.json`);
    const { code, stdout } = await run("verify", "--offline");
    expect(stdout).toContain(`backup ${chain} is good, and its 3 increments can be read`);
    expect(stdout).toContain(`newer than ${chain} and damaged: ${newest} is left alone`);
    expect(code).toBe(10);
    await store.delete(`backups/${chain}/manifest.json`);
    const none = await run("verify", "--offline");
    expect([none.code, none.stderr]).toEqual([10, expect.stringContaining("holds no backup that has its manifest")]);
  });

  it("names what is wrong with the increments", async () => {
    await store.delete(`segments/${chain}/00000002/part-00000.zst.pgp`);
    const { code, stdout } = await run("verify", chain, "--offline");
    expect(stdout).toContain(`backup ${chain} is good, and its increments are NOT`);
    expect(stdout).toContain(`segments/${chain}/00000002/part-00000.zst.pgp is missing`);
    expect(code).toBe(10);
  });
});
