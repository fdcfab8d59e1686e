// A runbook as data, and a shell that follows it: its commands as they are written, with the places of a test.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { environmentWith } from "../harness/base/environment.ts";
import { packageRoot } from "../harness/base/package.ts";

/** The shell blocks of each heading, in order. */
export function runbookSections(file: string): ReadonlyMap<string, readonly string[]> {
  const sections = readFileSync(join(packageRoot(), file), "utf8").split(/^## /m).slice(1);
  return new Map(
    sections.map((text) => [
      text.slice(0, text.indexOf("\n")),
      [...text.matchAll(/```sh\n([^]*?)```/g)].map(([, block = ""]) => block),
    ]),
  );
}

export interface RunbookShell {
  /** With the places of this test. */
  here(block: string): string;
  /** Runs a block and returns what it printed; it must end with `code`. */
  run(block: string, code?: number): string;
  /** Runs one command that goes on until Ctrl-C: until it says `sign`, and then through `work`. */
  during(block: string, sign: RegExp, work: () => Promise<void>): Promise<void>;
}

const bin = join(packageRoot(), "bin", "falkordrill.js");

export function runbookShell(
  cwd: string,
  places: readonly (readonly [written: string, real: string])[],
  given: Readonly<Record<string, string>> = {},
): RunbookShell {
  const env = environmentWith(given);
  const here = (block: string): string =>
    places.reduce((text, [written, real]) => text.replaceAll(written, real), block);
  return {
    here,
    run: (block, code = 0) => {
      const input = `falkordrill() { "${process.execPath}" "${bin}" "$@"; }\n${here(block)}`;
      const { status, stdout, stderr } = spawnSync("bash", ["-e"], { cwd, input, encoding: "utf8", env });
      expect(status, `${block}\n${stdout}${stderr}`).toBe(code);
      return `${stdout}${stderr}`;
    },
    during: async (block, sign, work) => {
      const args = here(block).trim().split(" ").slice(1);
      const child = spawn(process.execPath, [bin, ...args], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
      const ended = once(child, "exit");
      let said = "";
      const isThere = new Promise<void>((resolve) => {
        const look = (chunk: Buffer): void => {
          said += chunk.toString();
          if (sign.test(said)) resolve();
        };
        child.stdout.on("data", look);
        child.stderr.on("data", look);
      });
      try {
        await Promise.race([isThere, ended]);
        expect({ code: child.exitCode, said }).toMatchObject({ code: null });
        await work();
        child.kill("SIGINT");
        expect({ ended: await ended, said }).toMatchObject({ ended: [0, null] });
      } finally {
        child.kill("SIGKILL");
      }
    },
  };
}
