// docs/guides/your-own-backup.md, followed word by word in an empty folder with the packed package.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { packageRoot } from "../harness/base/package.ts";

const root = packageRoot();
const folder = mkdtempSync(join(tmpdir(), "falkordrill-tutorial-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Its shell blocks; the package in place of the one of the registry. */
function steps(tarball: string): readonly string[] {
  const guide = readFileSync(join(root, "docs/guides/your-own-backup.md"), "utf8");
  return [...guide.matchAll(/```sh\n([^]*?)```/g)].map(([, text = ""]) =>
    text.replace("npm i -D falkordrill", `npm i -D ${tarball} --no-fund --no-audit --prefer-offline`),
  );
}

it("comes to the verdicts that it names, and to a scorecard", { timeout: 900_000 }, () => {
  const packed = execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], {
    cwd: root,
    encoding: "utf8",
  });
  const tarball = join(folder, packed.trim().split("\n").at(-1) ?? "");
  const cwd = join(folder, "team");
  execFileSync("mkdir", [cwd]);
  const all = steps(tarball);
  expect(all.length).toBeGreaterThanOrEqual(6);
  let printed = "";
  for (const step of all) {
    const { status, stdout, stderr } = spawnSync("bash", ["-e"], { cwd, input: step, encoding: "utf8" });
    printed += stdout + stderr;
    const expected = Number(/# exit code (\d+)/.exec(step)?.[1] ?? 0);
    expect(status, `${step}\n${stdout}${stderr}`).toBe(expected);
  }
  for (const said of [
    "script-failed",
    "retention-wrong-state",
    "unknown-point-restored",
    "Readiness of the nightly system",
  ])
    expect(printed).toContain(said);
});
