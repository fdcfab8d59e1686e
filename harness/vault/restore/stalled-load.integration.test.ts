import { open } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isNightly } from "../../base/testing/nightly.ts";
import { silentProgress } from "../../base/progress.ts";
import { pace } from "../../base/timer.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import type { EngineProvider, StartOptions } from "../../engine/engine.ts";
import { privateFolder } from "../../base/process/reaper.ts";
import { EngineStalledError } from "../../engine/stall-watch.ts";
import { referenceSystem } from "../../system/reference/reference.ts";
import { serverContent, fillSource } from "../testing/test-source.ts";

const { signal } = new AbortController();

/** The deadlock itself occurs once in hundreds of loads, so the first start is made to end like a stalled one. */
function stallingOnce(
  engines: EngineProvider,
  before: (options: StartOptions) => Promise<void> = () => Promise.resolve(),
): EngineProvider & { readonly starts: StartOptions[] } {
  const starts: StartOptions[] = [];
  return {
    kind: engines.kind,
    starts,
    unavailable: () => engines.unavailable(),
    start: async (options = {}) => {
      starts.push(options);
      if (starts.length > 1) return engines.start(options);
      await before(options);
      throw new EngineStalledError("the engine stalled", { exit: "notRecovered" });
    },
  };
}

/**
 * Reads the beginning of its snapshot, and is killed: the process that feeds it sees that before the reason is known.
 */
async function readAndClose({ rdb = "", signal: stop = signal }: StartOptions): Promise<void> {
  {
    await using pipe = await open(rdb, "r");
    await pipe.read(Buffer.alloc(1024));
  }
  await pace(300, stop);
  stop.throwIfAborted();
}

describe("a load that stalls", () => {
  const stalls = [
    ["in the middle of its snapshot", readAndClose],
    ["before it has read anything", undefined],
  ] as const;
  it.each(isNightly ? stalls : stalls.slice(0, 1))(
    "%s is aborted, reported, and repeated without DELAY_INDEXING",
    async (_, before) => {
      const engines = embeddedEngines();
      await using folder = await privateFolder("stalled-load");
      await using system = await referenceSystem({ vault: join(folder.path, "vault"), profile: "interop" });
      await using source = await engines.start({ name: "source" });
      await fillSource(source.endpoint);
      const { point } = await system.backup({ source, coordinator: undefined, progress: silentProgress, signal });
      const notes: string[] = [];
      const progress = { ...silentProgress, note: (line: string) => void notes.push(line) };
      const stalling = stallingOnce(engines, before);
      const restored = await system.restore({ point: point.id, way: "file", engines: stalling, progress, signal });
      await using target = restored.target;
      expect(await serverContent(target.endpoint)).toEqual(await serverContent(source.endpoint));
      expect(stalling.starts.map(({ moduleArgs }) => moduleArgs?.["DELAY_INDEXING"])).toEqual(["yes", "no"]);
      expect(notes.join()).toContain("loading once more without DELAY_INDEXING");
      expect(restored.phases.map(({ name }) => name)).toContain("stalled load, given up");
    },
  );
});
