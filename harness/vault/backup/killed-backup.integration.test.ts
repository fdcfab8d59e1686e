// A backup that is killed at any moment leaves no backup, and the next run cleans up.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { silentProgress } from "../../base/progress.ts";
import { waitFor } from "../../base/wait.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import { connect } from "../../falkordb/client/connection.ts";
import { referenceSystem } from "../../system/reference/reference.ts";
import { serverSettings } from "../testing/test-source.ts";

const cli = new URL("../../../bin/falkordrill.js", import.meta.url).pathname;
const root = await mkdtemp(join(tmpdir(), "falkordrill-killed-"));
afterAll(() => rm(root, { recursive: true }));
const { signal } = new AbortController();

it("leaves no backup, and the next run cleans up", async () => {
  const engines = embeddedEngines();
  await using source = await engines.start({ name: "source" });
  {
    await using connection = await connect(source.endpoint);
    // Large enough that a kill finds it in the middle.
    await connection.query(
      "g",
      "UNWIND range(1, 60000) AS i CREATE (:N {id: i, a: toString(rand()), b: toString(rand())})",
    );
  }
  const settingsBefore = await serverSettings(source.endpoint);
  const vault = join(root, "vault");
  await using system = await referenceSystem({ vault, profile: "interop" });
  const passwordFile = join(root, "password");
  await writeFile(passwordFile, source.endpoint.password ?? "", { mode: 0o600 });
  const url = `redis://${source.endpoint.host}:${source.endpoint.port}`;
  const args = [cli, "vault", "backup", "--vault", vault, "--url", url, "--password-file", passwordFile];

  for (const trigger of ["locks", "guest", "part-00000"]) {
    const child = spawn(process.execPath, args, { stdio: "ignore" });
    const ended = once(child, "exit");
    const isThere = async (): Promise<true | undefined> =>
      child.exitCode !== null || (await readdir(vault, { recursive: true })).some((name) => name.includes(trigger))
        ? true
        : undefined;
    await waitFor(isThere, { what: `${trigger} in the vault`, timeoutMs: 30_000, intervalMs: 1 });
    child.kill("SIGKILL");
    await ended;
    const names = await readdir(vault, { recursive: true });
    expect(
      names.filter((name) => name.endsWith("manifest.json")),
      `killed at ${trigger}`,
    ).toEqual([]);
    expect(await system.list()).toEqual([]);
  }

  const { point } = await system.backup({ source, coordinator: undefined, progress: silentProgress, signal });
  expect(await serverSettings(source.endpoint)).toEqual(settingsBefore);
  expect(await system.list()).toEqual([point]);
  // Locks and settings journals are written by runs that need no lock, so a half-written one may be in use until it is
  // old.
  const left = (await readdir(vault, { recursive: true })).filter(
    (name) => !name.includes(point.id) && !/^(?:catalogue(?:\/.*)?|(?:locks|guest)(?:\/.*\.tmp)?)$/.test(name),
  );
  expect(left.sort()).toEqual(["backups", "vault.json"]);
});
