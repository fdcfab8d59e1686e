// Each command of the vault with a key ring that is not the one of the vault: it says so, ends with 2, and writes nothing.
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { isNightly } from "../../base/testing/nightly.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import { ensureKeys } from "../../system/reference/reference.ts";
import { Keyring } from "../../vault/keys/keyring.ts";
import { initVault } from "../../vault/store/vault.ts";
import { storeTestChain } from "../../vault/testing/test-vault.ts";
import { falkordrill } from "../testing/command-line.ts";

const root = await mkdtemp(join(tmpdir(), "falkordrill-wrong-keyring-"));
afterAll(() => rm(root, { recursive: true }));
const ring = (name: string): string => join(root, name);
for (const name of ["own", "foreign"]) await ensureKeys(new Keyring(ring(name)), "interop");
await mkdir(ring("empty"), { mode: 0o700 });
const vault = join(root, "vault");
const second = join(root, "second");
const own = new Keyring(ring("own"));
const store = await initVault(vault);
await storeTestChain(store, own, "2026-11-20T03:00:00.000Z");
const id = await storeTestChain(store, own, "2026-11-21T03:00:00.000Z", { increments: 2 });
await initVault(second);
await cp(vault, second, { recursive: true });

const there = ["--vault", vault] as const;
const nowhere = "redis://127.0.0.1:1";
/** `pin`, `unpin` and `unlock` use no key. */
const commands: Readonly<Record<string, readonly string[]>> = {
  ...(isNightly ? await withServer() : {}),
  list: ["list", ...there],
  verify: ["verify", id, ...there],
  "verify --offline": ["verify", id, "--offline", ...there],
  "browse of the newest": ["browse", ...there],
  browse: ["browse", id, ...there],
  "browse --counts": ["browse", id, "--counts", ...there],
  compact: ["compact", id, ...there],
  "compact of the newest": ["compact", ...there],
  restore: ["restore", id, "--to", nowhere, ...there],
  "restore of the newest": ["restore", "--to", nowhere, ...there],
  "restore --at": ["restore", "--at", "2026-11-21T04:00:00Z", "--to", nowhere, ...there],
  "restore --rdb-out": ["restore", id, "--rdb-out", join(root, "dump.rdb"), ...there],
  "restore --in-place": ["restore", id, "--in-place", "--to", nowhere, "--yes", ...there],
  prune: ["prune", "--keep-last", "1", ...there],
  "prune --dry-run": ["prune", "--keep-last", "1", "--dry-run", ...there],
  discard: ["discard", id, "--yes", ...there],
  audit: ["audit", ...there],
  "audit --adopt": ["audit", "--adopt", ...there],
  "keys drill": ["keys", "drill", ...there],
  "keys rotate": ["keys", "rotate", "--retire", "interop", "--generate", "other", ...there],
  replicate: ["replicate", "--from", vault, "--to", second],
  "replicate --compare": ["replicate", "--from", vault, "--to", second, "--compare"],
};

const says = {
  foreign: /trusts nothing in .*, so it may be the wrong one/,
  empty: /the key ring .* has no (?:public|secret) key/,
  missing: /there is no key ring /,
} as const;

async function withServer(): Promise<Readonly<Record<string, readonly string[]>>> {
  const server = await embeddedEngines().start({ name: "source" });
  afterAll(() => server[Symbol.asyncDispose]());
  const { host, port, username = "", password = "" } = server.endpoint;
  const source = [...there, "--url", `redis://${username}:${password}@${host}:${port}`];
  return {
    backup: ["backup", ...source],
    "backup --incremental": ["backup", "--incremental", ...source],
    archive: ["archive", ...source],
  };
}

async function contentOf(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return await Promise.all(
    files.toSorted().map(async (file) => `${file} ${(await readFile(file)).toString("base64")}`),
  );
}

describe.each(Object.entries(says).slice(0, isNightly ? 3 : 1))("with a %s key ring", (name, message) => {
  it.each(Object.entries(commands))("%s names it, ends with 2, and writes nothing", async (_, args) => {
    const before = [await contentOf(vault), await contentOf(second)];
    const { code, stderr } = await falkordrill(["vault", ...args, "--keys", ring(name)], root);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    expect(stderr).not.toContain("--adopt");
    expect([await contentOf(vault), await contentOf(second)]).toEqual(before);
  });
});
