// The ceremony of docs/guides/keys.md: every command in its order, with backups between.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { listBackupIds, openVault } from "../../vault/store/vault.ts";
import { Keyring } from "../../vault/keys/keyring.ts";
import { storeTestChain } from "../../vault/testing/test-vault.ts";
import { falkordrill } from "../testing/command-line.ts";

const root = await mkdtemp(join(tmpdir(), "falkordrill-ceremony-"));
afterAll(() => rm(root, { recursive: true }));
const vault = join(root, "vault");

it("the ceremony of the keys works as its guide says", { timeout: 120_000 }, async () => {
  await writeFile(join(root, "secret.txt"), "correct horse battery staple\n", { mode: 0o600 });
  const guide = await readFile("docs/guides/keys.md", "utf8");
  const commands = [...guide.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block = ""]) => block.trim().split("\n"));
  expect(commands.length).toBeGreaterThan(25);
  for (const command of commands) {
    // The first drill of the keys needs backups.
    if (command.includes("ana.json") && (await listBackupIds(await openVault(vault))).length === 0) await backUpTwice();
    const [text = "", file] = command.split(" > ");
    const words = [...text.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? "");
    const { code, stdout, stderr } = await falkordrill(words.slice(1), root);
    expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: expect.any(String) as string });
    if (file !== undefined) await writeFile(join(root, file), stdout);
  }
  const list = await falkordrill(["vault", "keys", "list", "--vault", "vault"], root);
  expect(list.stdout).toMatch(/ben .*retired {2}CANNOT BE USED: it is revoked/);
  const audit = await falkordrill(["vault", "audit", "--vault", "vault"], root);
  expect(audit.stdout).toContain("retired the recipient ben");
  // A machine that reports proves its own keys; alone, without the other owners' reports, nothing is proven.
  const drill = (...args: string[]): ReturnType<typeof falkordrill> =>
    falkordrill(["vault", "keys", "drill", "--vault", "vault", ...args], root);
  expect(await drill()).toMatchObject({
    code: 13,
    stdout: expect.stringMatching(/^NOT PROVEN: that ana .*\n[\S\s]*^next: /m),
  });
  const silent = await drill("--report", "none.json");
  expect(silent).toMatchObject({ code: 13, stdout: expect.stringContaining("NOT PROVEN: that ana ") });
  const byAna = await drill("--keys", "ana", "--passphrase-file", "secret.txt", "--report", "own.json");
  expect(byAna).toMatchObject({ code: 0, stdout: expect.stringContaining("left to its owner: that eva ") });
  const missing = await drill("--reports", "missing.json");
  expect(missing.stderr).toMatch(/the report missing.json could not be read: .*\nnext: .*--report <file>/);
  const byBen = await falkordrill(["vault", "keys", "drill", "--vault", "vault", "--keys", "ben"], root);
  expect(byBen.code).not.toBe(0);
});

async function backUpTwice(): Promise<void> {
  const store = await openVault(vault);
  const keyring = new Keyring(`${vault}-keys`);
  await storeTestChain(store, keyring, "2026-11-20T03:00:00.000Z");
  await storeTestChain(store, keyring, "2026-11-23T03:00:00.000Z", { increments: 2 });
}
