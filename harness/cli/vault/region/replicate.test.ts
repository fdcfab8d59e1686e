// `vault replicate` as its users meet it.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { ensureKeys } from "../../../system/reference/reference.ts";
import { Keyring } from "../../../vault/keys/keyring.ts";
import { initVault, writeManifest, readManifest } from "../../../vault/store/vault.ts";
import { storeTestChain } from "../../../vault/testing/test-vault.ts";
import { type Ended, falkordrill } from "../../testing/command-line.ts";

const root = await mkdtemp(join(tmpdir(), "falkordrill-replicate-cli-"));
afterAll(() => rm(root, { recursive: true }));
const [here, there] = [join(root, "here"), join(root, "there")];
const keyring = new Keyring(`${here}-keys`);
await ensureKeys(keyring, "interop");
const from = await initVault(here);
const to = await initVault(there);
const chain = await storeTestChain(from, keyring, "2026-10-22T03:00:00.000Z", { increments: 2 });

const run = (...args: string[]): Promise<Ended> => falkordrill(["vault", "replicate", ...args]);

describe("vault replicate", { timeout: 60_000 }, () => {
  it.each([
    [["--from", here, "--to", here], "--from and --to are the same vault"],
    [["--from", here, "--to", join(root, "none")], `vault init --vault ${join(root, "none")} --keys ${keyring.folder}`],
    [["--from", here, "--to", there, "--to-region", "x"], "--to-region goes with a vault on S3"],
    [["--from", here, "--to", "s3://bucket/a", "--to-endpoint", "x"], "Give --to-endpoint as https://host"],
    [["--from", here, "--to", "s3://bucket/a"], "give its address by --to-endpoint"],
    [["--to", there], "--from is missing"],
    [["--to", there, "--probe-lock"], "is a folder, which has no locks"],
    [["--from", here], "required option '--to <place>' not specified"],
    [["--from", here, "--to", there, "--max-rate", "fast"], '"fast" is not a size'],
    [["--from", here, "--to", there, "--max-rate-at", "night=none"], '"night=none" is not a limit for a time of day'],
    [["--from", here, "--to", there, "--zone", "Mars/Olympus"], '"Mars/Olympus" is not a time zone'],
  ])("refuses %j", async (args, message) => {
    const ended = await run(...args);
    expect(ended.stderr).toContain(message);
    expect(ended).toMatchObject({ code: 2, stdout: "" });
  });

  it("says what it copied and how old it was then; and the next time that nothing is lacking", async () => {
    const first = await run("--from", here, "--to", there, "--max-rate", "1GiB");
    expect(first).toMatchObject({ code: 0 });
    expect(first.stdout).toMatch(
      /^copied 1 backup and 2 increments, 4 parts, .* KiB into .*; newest moment 2026-10-22T/,
    );
    expect((await run("--from", here, "--to", there)).stdout).toBe(`nothing to copy: ${there} lacks nothing\n`);
    const listed = await falkordrill(["vault", "list", "--vault", there, "--keys", keyring.folder]);
    expect([listed.code, listed.stdout]).toEqual([0, expect.stringContaining(chain)]);
  });

  it("names the newest of what only the second one has, and counts the others", async () => {
    const other = join(root, "other");
    const other5 = await initVault(other);
    const days = ["21", "22", "23", "24", "25"];
    for (const day of days) await storeTestChain(other5, keyring, `2026-09-${day}T03:00:00.000Z`);
    const { code, stdout } = await run("--from", here, "--to", other);
    expect(stdout.match(/^only in .*/gm)).toEqual([
      ...["23", "24", "25"].map((day) => expect.stringContaining(`202609${day}T`) as string),
      `only in ${other}: 2 more`,
    ]);
    expect(code).toBe(0);
  });

  it("compares both, and names the first object that differs", async () => {
    const compare = async (...depth: string[]): Promise<Ended> =>
      await run("--from", here, "--to", there, "--compare", ...depth, "--json");
    const equal = await compare();
    expect(equal).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(equal.stdout)).toMatchObject({ depth: "records", equal: true, backups: 1, increments: 2 });
    const part = `backups/${chain}/part-00001.zst.pgp`;
    const bytes = (await to.get(part)) ?? Buffer.alloc(0);
    await to.put(part, Buffer.from(bytes.toReversed()));
    expect((await compare("listing")).code).toBe(0);
    const differing = await compare("bytes");
    expect(differing.code).toBe(10);
    expect(JSON.parse(differing.stdout)).toMatchObject({ first: { kind: "altered", object: part, where: there } });
    await to.put(part, bytes);
    expect(await compare("everything")).toMatchObject({ code: 2 });
  });

  it("ends with 10 where both hold something else under one name", async () => {
    const manifest = await readManifest(from, chain, keyring);
    await writeManifest(to, { ...manifest, tool: "another" }, await keyring.signer());
    const ended = await run("--from", here, "--to", there, "--json");
    expect(ended.code).toBe(10);
    const { problems, copied } = JSON.parse(ended.stdout) as { problems: string[]; copied: unknown };
    expect(problems).toEqual([expect.stringContaining(`${chain} is another backup in ${there}`)]);
    expect(copied).toMatchObject({ backups: 0, increments: 0 });
  });
});
