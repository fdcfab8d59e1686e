// A server that hangs during a load is noticed within seconds, reported, and restarted.
import { expect, test } from "vitest";
import { dataset } from "../../../generators/dataset.ts";
import { systemClock } from "../../base/clock.ts";
import { silentProgress } from "../../base/progress.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import { connect } from "../../falkordb/client/connection.ts";
import { expectedContent } from "../../check/expect/expected.ts";
import type { WatchedServer } from "../../falkordb/client/hang-watch.ts";
import { observe } from "../../observe/observe.ts";
import { loadContent, loadOnce, startingAnew } from "./content.ts";
import type { Drill } from "../drill.ts";

function notes(): { readonly seen: Record<string, unknown>; readonly record: Drill["record"] } {
  const seen: Record<string, unknown> = {};
  const record = {
    witness: (name: string, value: number) => (seen[name] = value),
    observation: (name: string, value: unknown) => (seen[name] = value),
    finding: ({ code, severity }: { code: string; severity: string }) => (seen["finding"] = `${code} ${severity}`),
    metric: () => {},
  } as unknown as Drill["record"];
  return { seen, record };
}

test.concurrent("a hang during a load costs seconds, keeps its evidence, and the load is repeated", async () => {
  await using engine = await embeddedEngines().start({ name: "source" });
  const content = dataset({ seed: 5, nodes: 500, shape: "personal", variant: "clean", dims: 0, schema: "post1856" });
  let paused = false;
  const progress: Drill["progress"] = {
    ...silentProgress,
    step: (text) => {
      if (paused || !text.startsWith("load ")) return;
      paused = true;
      void engine.pause();
    },
  };
  const { seen, record } = notes();
  const startedMs = systemClock.monotonicMs();
  const { counts } = await loadContent({ progress, record, signal: new AbortController().signal }, engine, content);
  expect(systemClock.monotonicMs() - startedMs).toBeLessThan(30_000);
  expect(seen).toMatchObject({ engineHangs: 1, finding: "engine-hung info" });
  const { threads, silentMs } = seen["engine-hung-1"] as { threads: string[]; silentMs: number };
  expect(silentMs).toBeLessThan(10_000);
  expect(threads.every((thread) => / T /.test(thread))).toBe(true);
  expect(threads.length).toBeGreaterThan(1);
  await using connection = await connect(engine.endpoint);
  const graphs = await connection.graphs();
  expect(graphs.length).toBe([...content.graphs()].length);
  expect(counts.nodes).toBe(500);
});

test.concurrent("a hang while reading back the loaded graph is reported, and the load is repeated", async () => {
  await using engine = await embeddedEngines().start({ name: "source" });
  const content = dataset({ seed: 5, nodes: 100, shape: "personal", variant: "clean", dims: 0, schema: "post1856" });
  const { signal } = new AbortController();
  const { seen, record } = notes();
  const drill = { progress: silentProgress, record, signal };
  const expectation = await expectedContent(content, signal);
  let paused = false;
  // The watch requests the processor time as soon as it is connected.
  const hangsOnce: WatchedServer = {
    endpoint: engine.endpoint,
    cpuMs: () => {
      if (!paused) void engine.pause();
      paused = true;
      return engine.cpuMs();
    },
    threads: () => engine.threads(),
    logs: () => engine.logs(),
  };
  const { graphs } = await startingAnew(drill, engine, async () => {
    await loadOnce(drill, engine, content);
    return await observe(hangsOnce, expectation, { role: "source", signal });
  });
  expect(seen).toMatchObject({ engineHangs: 1, finding: "engine-hung info" });
  expect(graphs.map(({ counted }) => counted.nodes).reduce((sum, nodes) => sum + nodes, 0)).toBe(100);
});
