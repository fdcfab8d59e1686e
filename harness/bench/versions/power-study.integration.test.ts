import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { silentProgress } from "../../base/progress.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import { privateFolder } from "../../base/process/reaper.ts";
import { type PowerStudy, powerStudy } from "./power-study.ts";

describe("a power study", () => {
  it("goes on where it was stopped, measures again what a crash tore, and mixes nothing", async () => {
    await using folder = await privateFolder("power-test");
    const study: PowerStudy = {
      file: join(folder.path, "power.jsonl"),
      slowdowns: [0.5],
      trials: 1,
      seed: 1,
      provenance: { machine: "here" },
      engines: embeddedEngines(),
      progress: silentProgress,
      signal: AbortSignal.timeout(110_000),
      // Other tests keep the machine busy.
      runMs: 100,
    };
    const [first] = await powerStudy(study);
    expect(first).toMatchObject({ trial: 0, slowdown: 0.5 });
    expect(first?.first.length).toBeGreaterThanOrEqual(8);
    expect([...(first?.first ?? [])].every(({ base, again, head }) => base > 0 && again > 0 && head > 0)).toBe(true);
    const written = readFileSync(study.file, "utf8");
    expect(written.split("\n").length).toBe(3);

    appendFileSync(study.file, '{"type":"trial","tri');
    const [kept, second] = await powerStudy({ ...study, trials: 2 });
    expect(kept).toEqual(first);
    expect(second).toMatchObject({ trial: 1, slowdown: 0.5 });
    const now = readFileSync(study.file, "utf8");
    expect(now.startsWith(written)).toBe(true);
    expect(
      now
        .trim()
        .split("\n")
        .map((line) => (JSON.parse(line) as { type: string }).type),
    ).toEqual(["study", "trial", "trial"]);

    await expect(powerStudy({ ...study, seed: 2 })).rejects.toThrow("was begun with another seed, plan or machine");
  });
});
