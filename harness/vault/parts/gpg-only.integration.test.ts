// No lock-in: a backup of the default profile is restored with nothing but gpg, zstd and redis-server.
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, it } from "vitest";
import { silentProgress } from "../../base/progress.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import { loadDespiteStall } from "../../engine/stall-watch.ts";
import { referenceSystem } from "../../system/reference/reference.ts";
import { serverContent, fillSource } from "../testing/test-source.ts";

const run = promisify(execFile);
const root = await mkdtemp(join(tmpdir(), "falkordrill-gpg-"));
afterAll(() => rm(root, { recursive: true }));
const { signal } = new AbortController();

async function has(program: string): Promise<boolean> {
  return run(program, ["--version"]).then(
    () => true,
    () => false,
  );
}

it.skipIf(!((await has("gpg")) && (await has("zstd"))))(
  "opens with gpg and zstd, and starts in redis-server",
  async () => {
    const engines = embeddedEngines();
    await using source = await engines.start({ name: "source" });
    await fillSource(source.endpoint);
    const vault = join(root, "vault");
    await using system = await referenceSystem({ vault, profile: "interop", partBytes: 65_536 });
    const { point } = await system.backup({ source, coordinator: undefined, progress: silentProgress, signal });
    expect((await readdir(join(vault, "backups", point.id))).length).toBeGreaterThan(5);

    // These lines are what docs/guides/vault.md asks a user to type.
    const script = `
    set -euo pipefail
    export GNUPGHOME="$1/gnupg"; mkdir -m 700 "$GNUPGHOME"
    gpg --batch --quiet --import "$1/vault-keys/recipient-interop.secret.asc" "$1/vault-keys/signer-vault.public.asc"
    cd "$1/vault/backups/$2"
    gpg --batch --quiet --verify manifest.json.asc manifest.json
    for part in part-*.zst.pgp; do gpg --batch --quiet --decrypt "$part" | zstd --decompress --quiet; done > "$1/dump.rdb"
    gpgconf --kill all`;
    await run("bash", ["-c", script, "restore", root, point.id]);

    expect((await readFile(join(root, "dump.rdb"))).length).toBe(point.rawBytes);
    const start = { name: "target", rdb: join(root, "dump.rdb") };
    await using target = await loadDespiteStall(() => engines.start(start));
    expect(await serverContent(target.endpoint)).toEqual(await serverContent(source.endpoint));
  },
);
