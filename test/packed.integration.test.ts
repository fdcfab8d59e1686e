// What a user gets from the registry: the package is built, packed, installed into an empty folder, and drills, with the
// commands of the README's "Install as a tool"; and then with a scenario, check, fault and system of a team, which are
// written against its types alone.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const folder = mkdtempSync(join(tmpdir(), "falkordrill-packed-"));
const home = join(folder, "consumer");
const team = join(home, "team");
let tarball = "";

/** The commands of the README's block, without comments. */
const [install = "", ...commands] = (
  /## Install as a tool\n+```sh\n([^]*?)```/.exec(readFileSync(join(root, "README.md"), "utf8"))?.[1] ?? ""
)
  .trim()
  .split("\n")
  .map((line) => line.replace(/\s+#.*/, ""));

function run(command: string, cwd: string = home): string {
  return execFileSync("bash", ["-c", command], { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

interface Result {
  readonly verdict: string;
  readonly scenarios: readonly { readonly id: string; readonly exit: string; readonly witnesses: object }[];
}

function resultIn(path: string): Result {
  return JSON.parse(readFileSync(join(path, "result.json"), "utf8")) as Result;
}

describe("the packed package", { timeout: 300_000 }, () => {
  beforeAll(() => {
    mkdirSync(home);
    const packed = execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], {
      cwd: root,
      encoding: "utf8",
    });
    tarball = join(folder, packed.trim().split("\n").at(-1) ?? "");
    writeFileSync(join(home, "package.json"), '{ "name": "consumer", "private": true, "type": "module" }\n');
    run(`${install.replace(/falkordrill$/, tarball)} --no-fund --no-audit --prefer-offline`);
    cpSync(join(root, "fixtures", "example-team"), team, { recursive: true });
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("runs the commands of the README", () => {
    expect([install, ...commands]).toEqual([
      "npm i -D falkordrill",
      "npx falkordrill doctor",
      "npx falkordrill run cycle/full",
    ]);
    const [doctor = "", drill = ""] = commands;
    expect(run(doctor)).toContain("Drills can run here");
    // A small graph, as this is about the package.
    run(`${drill} --nodes 500 --dims 8 --out run`);
    expect(resultIn(join(home, "run")).verdict).toBe("pass");
  });

  it("proves that a mutant is found", () => {
    const proof = JSON.parse(run("npx falkordrill prove --mutant total-loss/edges --json")) as {
      readonly killed: number;
    };
    expect(proof.killed).toBe(1);
  });

  it("has the types that a team needs for a scenario, a check, a fault and a system of its own", () => {
    // A team has @types/node of its own.
    const types = `--typeRoots ${join(root, "node_modules", "@types")}`;
    expect(() => run(`${join(root, "node_modules", ".bin", "tsc")} -p . ${types}`, team)).not.toThrow();
  });

  it("drills the team's system with the team's scenarios", () => {
    run("npx falkordrill run team/ --dims 8 --out run", team);
    const { verdict, scenarios } = resultIn(join(team, "run"));
    expect(scenarios.map(({ id, exit }) => `${id} ${exit}`)).toEqual([
      "team/nightly-dump pass",
      "team/frozen-server pass",
    ]);
    expect(verdict).toBe("pass");
    expect(scenarios[0]?.witnesses).toMatchObject({ graphsLookedAt: expect.any(Number) });
    const { system } = JSON.parse(readFileSync(join(team, "run", "run.json"), "utf8")) as { system: string };
    expect(system).toBe("dump");
  });

  it("runs its scenarios in a program, which holds them to its objectives", () => {
    expect(JSON.parse(run(`${process.execPath} run.ts`, team))).toEqual({
      verdict: "fail",
      exitCode: 12,
      ended: ["cycle/verify pass", "team/nightly-dump objectiveMissed"],
    });
  });

  it("passes publint and the checks of its types by attw", () => {
    expect(() => execFileSync("publint", ["--strict", root], { cwd: root, stdio: "pipe" })).not.toThrow();
    // There is no CommonJS.
    const attw = [tarball, "--profile", "esm-only"];
    expect(() => execFileSync("attw", attw, { cwd: root, stdio: "pipe" })).not.toThrow();
  });
});
