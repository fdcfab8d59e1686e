// Who may read and change what: files are for their owner alone whatever the umask, nothing is written through a link that
// somebody else has put there, secrets of another user are refused, and no name leads out of a folder.
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { isNightly } from "../base/testing/nightly.ts";
import { LineFile } from "../base/files/line-file.ts";
import { writeWhole } from "../base/files/write-whole.ts";
import { packageRoot } from "../base/package.ts";
import { type PrivateFolder, privateFolder } from "../base/process/reaper.ts";
import { RunDirectory } from "../record/run-directory.ts";
import { segmentFolder } from "../vault/chain/segments.ts";
import { folderStore } from "../vault/store/store-folder.ts";
import { backupFolder } from "../vault/store/vault.ts";
import { readSecretFile } from "../base/files/secret-file.ts";
import { writeMetrics } from "./vault/archive-metrics.ts";
import { Keyring } from "../vault/keys/keyring.ts";

const root: PrivateFolder = await privateFolder("access");
afterAll(() => root[Symbol.asyncDispose]());
let folder = "";
let count = 0;
beforeEach(() => {
  folder = join(root.path, String(++count));
  mkdirSync(folder, { mode: 0o700 });
});

const isRoot = process.getuid?.() === 0;
const nobody = 65_534;
const status = {
  base: "b",
  segment: 1,
  sourceOffset: 1,
  receivedOffset: 1,
  sealedOffset: 1,
  lagBytes: 0,
  lagMs: 0,
  unsealedBytes: 0,
  unsealedMs: 0,
  limits: { outputBufferBytes: 0, backlogBytes: 0 },
};

vi.setConfig({ testTimeout: 120_000 });

describe("nothing is written through a planted link", () => {
  const planted = "not to be touched";
  /** What writes into the folder, and the name at which the link stands before. */
  const rows: Readonly<Record<string, readonly [link: string, write: () => unknown]>> = {
    "a file of a report": ["report.html", () => writeWhole(join(folder, "report.html"), "new")],
    "its unfinished file": [`report.html.${process.pid}.partial`, () => writeWhole(join(folder, "report.html"), "new")],
    "the findings of a run": [
      "findings.jsonl",
      () => RunDirectory.create(folder).append("findings.jsonl", { code: "x" }),
    ],
    "the history of a run": ["writes.jsonl", () => new LineFile(join(folder, "writes.jsonl")).append({ x: 1 })],
    "the metrics of an archiver": ["a.prom", () => writeMetrics(join(folder, "a.prom"), status)],
    "their unfinished file": ["a.prom.tmp", () => writeMetrics(join(folder, "a.prom"), status)],
    "an object of a vault": ["object", () => folderStore(folder).put("object", Buffer.from("new"))],
    "a lock of a vault": ["lock", () => folderStore(folder).putIfAbsent("lock", Buffer.from("new"))],
  };
  it.each(Object.entries(rows))("%s", async (_, [link, write]) => {
    const elsewhere = join(root.path, `elsewhere-${count}`);
    writeFileSync(elsewhere, planted);
    symlinkSync(elsewhere, join(folder, link));
    // To refuse is as good as to replace the link.
    await Promise.resolve()
      .then(write)
      .catch(() => {});
    expect(readFileSync(elsewhere, "utf8")).toBe(planted);
  });
});

describe("a secret in a file", () => {
  const secret = (mode: number, owner = process.getuid?.() ?? 0): string => {
    const file = join(folder, "passphrase");
    writeFileSync(file, "secret\n");
    chmodSync(file, mode);
    if (owner !== process.getuid?.()) chownSync(file, owner, owner);
    return file;
  };
  it.each([0o600, 0o400, 0o640])("is read with the mode %o", async (mode) => {
    expect(await readSecretFile(secret(mode))).toBe("secret");
  });
  it.each([0o644, 0o604, 0o660, 0o602, 0o666])("is refused with the mode %o", async (mode) => {
    await expect(readSecretFile(secret(mode))).rejects.toMatchObject({
      exit: "usage",
      message: expect.stringContaining("others may read or change"),
    });
  });
  it.runIf(isRoot)("is refused where it belongs to another user", async () => {
    await expect(readSecretFile(secret(0o600, nobody))).rejects.toThrow(`belongs to another user (uid ${nobody})`);
  });
});

describe("the command line", () => {
  const run = (
    umask: string,
    ...words: readonly string[]
  ): { readonly status: number | null; readonly stderr: string } =>
    spawnSync(
      "/bin/sh",
      [
        "-c",
        `umask ${umask} && exec "$0" "$@"`,
        process.execPath,
        join(packageRoot(), "bin", "falkordrill.js"),
        ...words,
      ],
      { encoding: "utf8" },
    );
  // Each command is a process, which takes seconds on a busy machine.
  it.each(isNightly ? ["000", "077"] : ["000"])(
    "makes files and folders for the owner alone with the umask %s",
    (umask) => {
      const vault = join(folder, "vault");
      expect(run(umask, "vault", "init", "--vault", vault, "--keys", join(vault, "keys"))).toMatchObject({ status: 2 });
      expect(run(umask, "vault", "init", "--vault", vault)).toMatchObject({ status: 0 });
      const paths = readdirSync(folder, { recursive: true, encoding: "utf8" });
      expect(paths.length).toBeGreaterThan(5);
      const modes = paths.map((path) => [path, lstatSync(join(folder, path)).mode & 0o077]);
      expect(modes.filter(([, mode]) => mode !== 0)).toEqual([]);
    },
  );

  it.runIf(isRoot && isNightly)("run by another user says that the vault may not be read", () => {
    const vault = join(folder, "vault");
    expect(run("022", "vault", "init", "--vault", vault).status).toBe(0);
    for (const path of [root.path, folder, vault]) chmodSync(path, 0o711);
    const list = [process.execPath, join(packageRoot(), "bin", "falkordrill.js"), "vault", "list", "--vault", vault];
    const ended = spawnSync(
      "setpriv",
      ["--reuid", String(nobody), "--regid", String(nobody), "--clear-groups", ...list],
      { encoding: "utf8", env: { PATH: "/usr/bin:/bin", HOME: "/nonexistent" } },
    );
    expect([ended.status, ended.stderr]).toEqual([14, expect.stringMatching(/permission|may not/)]);
  });
});

it.each(["../../outside", "/outside", "a/../../outside", "..", "20260101T000000Z-00000000/../../x", ""])(
  "%s is no backup",
  (id) => {
    expect(() => backupFolder(id)).toThrow(/is not/);
    expect(() => segmentFolder(id, 1)).toThrow(/is not/);
  },
);

it.each(["../escape", "a/b", "", "a\nb"])("a key cannot be named %j", async (name) => {
  await expect(new Keyring(join(folder, "keys")).generate("recipient", name, "interop")).rejects.toThrow(/name/);
  expect(readdirSync(folder)).toEqual([]);
});
