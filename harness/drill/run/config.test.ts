import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { configuredOptions, loadConfig } from "./config.ts";
import { importOwnScenarios } from "./scenario-files.ts";

const folder = await mkdtemp(join(tmpdir(), "falkordrill-config-"));
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, text: string): Promise<string> {
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

const system = `{ name: "own", capabilities: new Set(["full-backup"]), backup() {}, list() {}, verify() {}, restore() {} }`;

async function options(path: string, name?: string): ReturnType<typeof configuredOptions> {
  const loaded = await loadConfig(path);
  if (loaded === undefined) throw new Error(`no configuration at ${path}`);
  return await configuredOptions(loaded, name);
}

describe("a configuration", () => {
  it("gives the options of a drill, with the only system that it has", async () => {
    await file("own.ts", `export default ${system};`);
    const yaml = "systems: { nightly: ./own.ts }\nserver: { RESULTSET_SIZE: 10 }\nobjectives: { rto: 15m, rpo: 30s }\n";
    expect(await options(await file("whole.yaml", yaml))).toMatchObject({
      system: "nightly",
      backupSystem: { name: "own" },
      config: join(folder, "whole.yaml"),
      server: { RESULTSET_SIZE: "10" },
      objectives: { rtoMs: 900_000, rpoMs: 30_000 },
    });
  });

  it("makes a system of programs, relative to its folder, and says beforehand what it can do", async () => {
    const yaml = "systems: { cron: { backup: ./b.sh, restore: ./r.sh, target: in-place, timeout: 2m } }\n";
    const { backupSystem } = await options(await file("programs.yaml", yaml));
    expect(backupSystem).toHaveProperty("callTimeoutMs", 120_000);
    expect([...(backupSystem?.capabilities ?? [])]).toEqual(["full-backup", "restore-in-place"]);
  });

  it("names a graph service, with a token file relative to its folder", async () => {
    const service = { url: "http://127.0.0.1:8000", tokenFile: "token" };
    const path = await file("service.json", JSON.stringify({ service }));
    expect(await options(path)).toMatchObject({ service: { ...service, tokenFile: join(folder, "token") } });
    const other = await file("other.json", JSON.stringify({ service: { ...service, url: "redis://127.0.0.1" } }));
    await expect(options(other)).rejects.toThrow("service.url");
  });

  it.each([
    ["a timeout of nothing", "timeout: 0s", "expected more than 0s"],
    ["a timeout that no timer holds", "timeout: 30d", "at most 24d"],
    ["a folder that is not there", "cwd: nowhere", `there is no folder ${join(folder, "nowhere")}`],
    ["a variable that no environment holds", "env: { A=B: c }", "systems.cron.env.A=B: Invalid key"],
  ])("refuses %s before a program runs", async (_, key, message) => {
    const path = await file("refused.yaml", `systems: { cron: { backup: b, restore: r, ${key} } }`);
    await expect(options(path)).rejects.toThrow(message);
  });

  it("knows only its own systems by name", async () => {
    const path = await file("own-names.yaml", "systems: { cron: { backup: b, restore: r } }");
    await expect(options(path, "toString")).rejects.toThrow("--system toString is not known");
  });

  it("has server settings for all systems, and for one of programs over them", async () => {
    const programs = "{ backup: b, restore: r, server: { TIMEOUT: 5, appendonly: yes } }";
    const yaml = `systems: { a: ${programs}, b: { backup: b, restore: r } }\nserver: { TIMEOUT: 9, RESULTSET_SIZE: 10 }\n`;
    const path = await file("servers.yaml", yaml);
    expect((await options(path, "a")).server).toEqual({ TIMEOUT: "5", RESULTSET_SIZE: "10", appendonly: "yes" });
    expect((await options(path, "b")).server).toEqual({ TIMEOUT: "9", RESULTSET_SIZE: "10" });
  });

  it("in TypeScript holds systems themselves, and functions that make one", async () => {
    const path = await file("two.ts", `export default { systems: { a: ${system}, b: () => (${system}) } };`);
    expect(await options(path, "a")).toMatchObject({ system: "a", backupSystem: { name: "own" } });
    expect((await options(path, "b")).backupSystem).toBeTypeOf("function");
    expect(await options(path, "reference")).not.toHaveProperty("backupSystem");
    await expect(options(path)).rejects.toThrow("has the systems a, b, and none was chosen");
    await expect(options(path, "c")).rejects.toThrow("--system c is not known; it takes reference, a, b");
  });

  it.each([
    ["an unknown key", "scenario: [x]\n", ':1:1: Unrecognized key: "scenario"; did you mean scenarios?'],
    [
      "an unknown objective",
      "objectives: { rtt: 1m }\n",
      ':1:15: objectives: Unrecognized key: "rtt"; did you mean rto?',
    ],
    ["a word for a duration", "objectives: { rto: soon }\n", ":1:20: objectives.rto: expected a duration such as 30s"],
    ["a number for a system", "systems: { own: 3 }\n", ":1:17: systems.own: expected programs ({ backup, restore })"],
    [
      "the name of a system of FalkorDrill",
      "systems: { mutant/own: { backup: a, restore: b } }\n",
      ":1:24: systems.mutant/own: expected a name of your own",
    ],
    [
      "an unknown key of a system of programs",
      "systems: { own: { backup: a, restore: b, timeou: 1s } }\n",
      ':1:42: systems.own: Unrecognized key: "timeou"; did you mean timeout?',
    ],
  ])("with %s is refused, and the place is named", async (_, text, message) => {
    const path = await file("bad.yaml", text);
    await expect(loadConfig(path)).rejects.toThrow(`${path}${message}`);
  });

  it("names modules that export no system, and scenario files that define no scenario", async () => {
    await file("empty.ts", "export default 3;");
    const path = await file("module.yaml", "systems: { own: ./empty.ts }\n");
    await expect(options(path)).rejects.toThrow("empty.ts is not a backup system");
    await expect(importOwnScenarios(["nowhere/*.ts"], folder)).rejects.toThrow(
      "there is no scenario file nowhere/*.ts",
    );
    await expect(importOwnScenarios(["empty.ts"], folder)).rejects.toThrow("empty.ts defines no scenario");
  });
});
