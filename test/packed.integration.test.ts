// What a user gets from the registry: the package is built, packed, installed into an empty folder, and drills, with the
// commands of the README's "Install as a tool".
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const folder = mkdtempSync(join(tmpdir(), "falkordrill-packed-"));
const home = join(folder, "consumer");

/** The commands of the README's block, without comments. */
const [install = "", ...commands] = (
  /## Install as a tool\n+```sh\n([^]*?)```/.exec(readFileSync(join(root, "README.md"), "utf8"))?.[1] ?? ""
)
  .trim()
  .split("\n")
  .map((line) => line.replace(/\s+#.*/, ""));

function inHome(command: string): string {
  return execFileSync("bash", ["-c", command], { cwd: home, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

describe("the packed package", { timeout: 300_000 }, () => {
  beforeAll(() => {
    mkdirSync(home);
    const packed = execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], {
      cwd: root,
      encoding: "utf8",
    });
    const tarball = packed.trim().split("\n").at(-1) ?? "";
    writeFileSync(join(home, "package.json"), '{ "name": "consumer", "private": true, "type": "module" }\n');
    inHome(`${install.replace(/falkordrill$/, join(folder, tarball))} --no-fund --no-audit --prefer-offline`);
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("runs the commands of the README", () => {
    expect([install, ...commands]).toEqual([
      "npm i -D falkordrill",
      "npx falkordrill doctor",
      "npx falkordrill run cycle/full",
    ]);
    const [doctor = "", run = ""] = commands;
    expect(inHome(doctor)).toContain("Drills can run here");
    // A small graph, as this is about the package.
    inHome(`${run} --nodes 500 --dims 8 --out run`);
    const result = JSON.parse(readFileSync(join(home, "run", "result.json"), "utf8")) as { verdict: string };
    expect(result.verdict).toBe("pass");
  });

  it("passes publint", () => {
    expect(() => execFileSync("publint", ["--strict", join(root)], { cwd: root, stdio: "pipe" })).not.toThrow();
  });
});
