// The command line as users see it: output, streams and exit codes.
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { afterAll, describe, expect, it } from "vitest";
import { commandNames } from "../base/invocation.ts";
import { packageRoot } from "../base/package.ts";
import { examples } from "./examples.ts";
import { programFor } from "./main.ts";
import { type Ended, falkordrill as falkordrillIn } from "./testing/command-line.ts";

const folder = mkdtempSync(join(tmpdir(), "falkordrill-cli-"));
writeFileSync(join(folder, "a-file"), "");
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const falkordrill = (...args: string[]): Promise<Ended> => falkordrillIn(args, folder);

describe("falkordrill", { timeout: 30_000 }, () => {
  it("lists its commands, and each command its flags", async () => {
    const { code, stdout } = await falkordrill("--help");
    expect(code).toBe(0);
    for (const command of commandNames) expect(stdout).toContain(command);
    const help = (await falkordrill("vault", "backup", "--help")).stdout;
    expect(help).toMatch(/--url <redis-url> +\(required\) /);
    expect(help).toMatch(/Examples:\n  node \S+falkordrill.js vault backup --vault backups --url/);
  });

  it.each([
    [["rnu"], 2, "unknown command 'rnu'\n(Did you mean run?)"],
    [["run", "--nods", "3"], 2, "(Did you mean --nodes?)"],
    [["run", "--nodes", "many"], 2, '--nodes "many" is not a count such as 500, 10k or 1m'],
    [["monitor", "--no-token", "--every", "soon"], 2, '--every "soon" is not a duration such as 250ms, 30s or 5m'],
    [["run", "--engine", "docker"], 2, "--engine docker is not known; it takes auto, embedded, container, external"],
    [["run", "cycle/nothing"], 2, 'no scenario id contains "cycle/nothing"'],
    [["run", "cycel"], 2, "next:  Did you mean cycle/full"],
    [["run", "--profile", "nihgtly"], 2, "next:  Did you mean nightly?"],
    [["explain", "node-mising"], 2, "next:  Did you mean node-missing?"],
    [["engine", "--port", "99999"], 2, "--port 99999 is not a port from 1 to 65535"],
    [
      ["vault", "restore", "--vault", "v"],
      2,
      "a restore takes one of --to <redis-url> and --rdb-out <file>, and neither was",
    ],
    [["run", "--system", "ours"], 2, "--system ours is not known"],
    [["verify", "nowhere"], 2, "nowhere does not exist"],
    [["report", "nowhere"], 2, "nowhere/run.json could not be read"],
    [["gate", "verify", "nowhere", "--key", "none.asc"], 2, "Give the signer-<name>.public.asc"],
    [["generate", "--url", "redis://h", "--password-file", "none"], 2, "the secret in none could not be read"],
    [["run", "--out", ""], 2, "--out is empty"],
    [["run", "--list", " "], 2, "an argument of run is empty"],
    [["vault", "list", "--vault", "", "--keys", "k"], 2, "--vault is empty"],
    [["run", "cycle/full", "--out", "a-file/run"], 2, "a-file is a file, and a folder is needed there"],
    [["run", "cycle/full", "--out", "/proc/run"], 2, "no folder can be made at /proc/run"],
    [["report", "nowhere", "--format", "pdf"], 2, "--format pdf is not known; it takes text, html, markdown"],
  ])("%j ends with %i and says %j", async (args, code, message) => {
    const ended = await falkordrill(...args);
    expect(ended.stderr).toContain(message);
    expect(ended).toMatchObject({ code, stdout: "" });
  });

  it.each([
    ["| head -c 1", 0, ""],
    [
      "> /dev/full",
      14,
      "error: the result could not be written to stdout: write failed: no space is left on the device",
    ],
  ])("run --list %s ends with %i", async (into, code, message) => {
    const bin = join(packageRoot(), "bin", "falkordrill.js");
    const command = `"${process.execPath}" "${bin}" run --list --json ${into}; exit "\${PIPESTATUS[0]}"`;
    const ended = await new Promise<Ended>((resolve) => {
      execFile("bash", ["-c", command], (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      });
    });
    expect({ code: ended.code, stderr: ended.stderr.trim() }).toEqual({ code, stderr: message });
  });

  it("does not mix two runs in one folder", async () => {
    mkdirSync(join(folder, "taken"));
    writeFileSync(join(folder, "taken", "run.json"), "{}");
    for (const flags of [[], ["--dry-run"]]) {
      const ended = await falkordrill("run", "cycle/full", "--out", "taken", ...flags);
      expect(ended).toMatchObject({ code: 2, stdout: "" });
      expect(ended.stderr).toContain("taken already holds a run");
    }
    expect(readdirSync(join(folder, "taken"))).toEqual(["run.json"]);
  });

  it("parses every example that a --help shows, and has one for every command", async () => {
    const program = await programFor();
    const paths = (command: Command, path: string): string[] =>
      command.commands.flatMap((below) => {
        const own = path === "" ? below.name() : `${path} ${below.name()}`;
        return [own, ...paths(below, own)];
      });
    expect(Object.keys(examples).toSorted()).toEqual(["", ...paths(program, "")].toSorted());
    for (const [, line] of Object.values(examples).flat()) {
      const words = line.match(/'[^']*'|\S+/g)?.slice(1) ?? [];
      const parsed = await programFor();
      // Flags and arguments have been checked when the action is about to begin.
      parsed.hook("preAction", () => {
        throw new Error("parsed");
      });
      await expect(parsed.parseAsync(words, { from: "user" })).rejects.toThrow("parsed");
    }
  });

  it("explains findings, metrics and exit codes from their registries", async () => {
    const { stdout } = await falkordrill("explain", "node-missing");
    expect(stdout).toMatch(
      /^node-missing  finding\n  A node did not come back\. .*\n  ends with  exit code 10, data wrong\n  next /,
    );
    expect((await falkordrill("explain", "13")).stdout).toContain("nothing proven");
    expect((await falkordrill("explain", "rtoMs")).stdout).toContain("RTO");
    const term = await falkordrill("explain", "rto");
    expect(term.stdout).toMatch(/^RTO {2}term\n {2}time from the disaster to the first correct answer\n$/);
    expect((await falkordrill("explain", "target")).stdout).toContain("server that is restored into");
  });

  it("plans a time, and says of what it is the sum", async () => {
    const { stdout } = await falkordrill("run", "--list", "--json");
    const { scenarios } = JSON.parse(stdout) as { readonly scenarios: readonly { readonly expectedMs: number }[] };
    const sum = scenarios.reduce((ms, { expectedMs }) => ms + expectedMs, 0);
    const listed = (await falkordrill("run", "--list")).stdout;
    expect(listed).toMatch(new RegExp(`about 2 min on two quiet cores \\(${Math.round(sum / 60_000)} min in all, `));
  });

  it("plans without doing anything", async () => {
    const { code, stdout } = await falkordrill(
      "run",
      "cycle/full",
      "--nodes",
      "1m",
      "--seed",
      "9",
      "--dry-run",
      "--json",
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      options: { seed: 9, nodes: 1_000_000, shape: "large" },
      scenarios: [{ id: "cycle/full", nodes: 1_000_000 }],
    });
  });

  it("lists the scenarios of a profile", async () => {
    const { stdout } = await falkordrill("run", "--list", "--json", "--profile", "release");
    const { scenarios } = JSON.parse(stdout) as { scenarios: { id: string; title: string }[] };
    expect(scenarios.map(({ id }) => id)).toContain("cycle/full");
    expect(scenarios.every(({ title }) => title.length > 20)).toBe(true);
  });

  it("ends with 14 where an external engine does not answer, and says which", async () => {
    const url = "redis://127.0.0.1:1";
    const ended = await falkordrill(
      "run",
      "cycle/full",
      "--url",
      url,
      "--i-understand-this-wipes",
      "127.0.0.1:1",
      "--out",
      "run",
    );
    expect(ended.stdout).toContain("127.0.0.1:1");
    expect(ended.code).toBe(14);
  });
});
