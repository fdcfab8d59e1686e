import { describe, expect, it } from "vitest";
import type { Clock } from "../../base/clock.ts";
import { DrillError } from "../../base/errors.ts";
import { type DrillFlags, parseFlags } from "../../cli/run-flags.ts";
import type { DrillOptions } from "./drill-options.ts";
import { mergeOptions, replayCommand, resolveOptions } from "./options.ts";

const clock: Clock = { nowMs: () => Date.UTC(2026, 0, 2, 3, 4, 5), monotonicMs: () => 0 };

const options = (filters: readonly string[], flags: DrillFlags): DrillOptions =>
  resolveOptions(parseFlags(filters, flags), clock);

describe("drill options", () => {
  it("fill in every default from the profile", () => {
    const defaults = resolveOptions({}, clock);
    expect(defaults).toMatchObject({ profile: "drill", nodes: 10_000, seed: 1, engine: "auto", repeat: 1 });
    expect(defaults.out).toMatch(/\.falkordrill\/runs\/2026-01-02-030405-1$/);
  });
  it("let a flag win over the profile", () => {
    expect(options([], { profile: "release", nodes: "20k" })).toMatchObject({ nodes: 20_000, dims: 0 });
  });
  it.each([
    [{ nodes: "ten" }, '"ten" is not a count'],
    [{ nodes: "3" }, "--nodes 3 is not a whole number from 10"],
    [{ seed: "-1" }, "--seed -1 is not a whole number"],
    [{ engine: "embeded" }, "--engine embeded is not known; it takes auto, embedded, container, external"],
    [{ profile: "daily" }, "--profile daily is not known"],
    [{ engine: "external" }, "--engine external was given without --url"],
    [{ url: "redis://h", engine: "embedded" }, "--url was given with --engine embedded"],
    [{ url: "not a url" }, "is not the URL of a server"],
    [{ url: "redis://db" }, "a drill wipes every graph of db:6379, before and after, and no consent was given"],
    [{ url: "redis://db", iUnderstandThisWipes: "other:6379" }, 'the consent names "other:6379"'],
    [{ repeat: "0" }, "--repeat 0 is not a whole number from 1"],
    [{ fault: "disk-ful" }, "--fault disk-ful is not known; it takes kill-engine"],
  ])("refuse %j with a sentence", (flags, message) => {
    const resolve = (): unknown => options([], flags);
    expect(resolve).toThrow(message);
    expect(resolve).toThrow(DrillError);
  });
  it("run the scenario that draws faults, where one is asked for and no other scenario, and say so in its replay", () => {
    const only = options([], { fault: "disk-full" });
    expect(only).toMatchObject({ filters: ["fault/swarm"], fault: "disk-full" });
    expect(replayCommand(only)).toContain("run fault/swarm --profile drill");
    expect(replayCommand(only)).toContain("--fault disk-full");
    expect(options(["cycle/full"], { fault: "disk-full" }).filters).toEqual(["cycle/full"]);
  });
  it("suggest the closest name", () => {
    const resolve = (): unknown => options([], { engine: "embeded" });
    expect(resolve).toThrow(expect.objectContaining({ hint: "Did you mean embedded?" }));
  });
  it("give a replay command without the secrets of a URL", () => {
    const flags = { url: "redis://u:secret@db:6379", iUnderstandThisWipes: "db:6379", seed: "7" };
    const external = options(["cycle"], flags);
    expect(replayCommand(external, "cycle/full")).toContain("falkordrill run cycle/full");
    expect(replayCommand(external)).toContain("--seed 7");
    expect(replayCommand(external)).not.toContain("secret");
  });
  it("of flags win over those of a configuration, setting by setting", () => {
    const configured = { nodes: 500, server: { TIMEOUT: "5", appendonly: "yes" }, objectives: { rtoMs: 1, rpoMs: 2 } };
    const merged = mergeOptions(configured, parseFlags([], { server: ["TIMEOUT=9"], rpo: "3ms" }));
    expect(resolveOptions(merged, clock)).toMatchObject({
      nodes: 500,
      server: { TIMEOUT: "9", appendonly: "yes" },
      objectives: { rtoMs: 1, rpoMs: 3 },
    });
  });
});
