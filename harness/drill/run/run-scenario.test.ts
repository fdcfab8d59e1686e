// However a scenario ends, or hangs, there is a result that names who is at fault.
import type { EventEmitter } from "node:events";
import { expect, it } from "vitest";
import { DrillError, environmentError } from "../../base/errors.ts";
import { silentProgress } from "../../base/progress.ts";
import { pace } from "../../base/timer.ts";
import { privateFolder } from "../../base/process/reaper.ts";
import { join, relative } from "node:path";
import type { Drill } from "../drill.ts";
import { resolveOptions } from "./options.ts";
import type { ScenarioResult } from "../../record/result.ts";
import { RunDirectory } from "../../record/run-directory.ts";
import { runScenario } from "./run-scenario.ts";
import { ScenarioDeadline } from "./scenario-deadline.ts";
import { noteStart } from "./slowness.ts";
import { asDrill, asSystem } from "../guard/stray-errors.ts";

const never = new Promise<never>(() => {});

async function endOf(
  run: (drill: Drill, abort: (reason: unknown) => void) => Promise<void>,
  { keep = false, ...more }: { readonly limitMs?: number; readonly keep?: boolean } = {},
): Promise<ScenarioResult> {
  await using folder = await privateFolder("run-scenario");
  const options = resolveOptions({ profile: "pr", out: join(folder.path, "run"), keep });
  const directory = RunDirectory.create(options.out);
  const controller = new AbortController();
  const definition = {
    id: "cycle/tried",
    title: "A scenario that is tried",
    profiles: [],
    run: (drill: Drill) => run(drill, (reason) => controller.abort(reason)),
  };
  const { signal } = controller;
  const progressOf = (): typeof silentProgress => silentProgress;
  return await runScenario(definition, {
    id: definition.id,
    options,
    seed: 1,
    directory,
    signal,
    progressOf,
    graceMs: 1,
    ...more,
  });
}

const wrong = { code: "node-missing", severity: "error", subject: "s", message: "m", evidence: {} } as const;

it("abandons a scenario that ignores its deadline, and keeps the deadline's message", async () => {
  const result = await endOf((_, abort) => {
    abort(new ScenarioDeadline(600_000));
    return never;
  });
  expect(result).toMatchObject({ verdict: "inconclusive", exit: "inconclusive" });
  expect(result.findings).toMatchObject([
    { code: "assumption-deadline", message: "the scenario did not end within 600 s" },
  ]);
});

it("extends the deadline on a slow machine, up to a limit", async () => {
  for (const [startMs, endsAfterMs] of [
    [500, 30],
    [1000, 60],
    [3_600_000, 120],
  ] as const) {
    const result = await endOf(
      (drill) => {
        noteStart(drill, startMs);
        return never;
      },
      { limitMs: 30 },
    );
    expect(result.findings).toMatchObject([{ code: "assumption-deadline" }]);
    expect(result.findings[0]?.message).toContain(`within ${endsAfterMs / 1000} s`);
  }
});

it("reports the deadline's message where the aborted work throws a bare AbortError", async () => {
  const result = await endOf((drill, abort) => {
    abort(new ScenarioDeadline(600_000));
    return Promise.reject(new DOMException(`The operation was aborted: ${String(drill.signal.aborted)}`, "AbortError"));
  });
  expect(result.findings).toMatchObject([{ code: "assumption-deadline" }]);
});

it("fails a scenario whose wrong data was found before the deadline, or before Ctrl-C", async () => {
  for (const reason of [new ScenarioDeadline(1000), new Error("SIGINT")]) {
    const result = await endOf((drill, abort) => {
      drill.record.finding(wrong);
      abort(reason);
      return never;
    });
    expect(result).toMatchObject({ verdict: "fail", exit: "dataWrong" });
  }
});

it("does not pass where Ctrl-C came in the last step", async () => {
  const result = await endOf((_, abort) => {
    abort(new Error("SIGINT"));
    return Promise.resolve();
  });
  expect(result).toMatchObject({ verdict: "inconclusive", exit: "interrupted" });
});

it("attributes an unobserved error to the code that left it, and has a result", async () => {
  // Stray errors in the test runner itself would fail the test.
  const runner: EventEmitter = process;
  const events = ["unhandledRejection", "uncaughtException"];
  const others = events.map((event) => [event, runner.listeners(event)] as const);
  for (const event of events) runner.removeAllListeners(event);
  try {
    const left = (work: () => void): Promise<ScenarioResult> =>
      endOf(async () => {
        work();
        await pace(5, new AbortController().signal);
      });
    const reject = (): void => void Promise.reject(new Error("forgotten"));
    const throwLater = (): void => void setTimeout(throwForgotten, 0);
    expect(await left(() => asSystem("tried", reject))).toMatchObject({
      exit: "notRecovered",
      findings: [{ code: "system-failed", message: expect.stringContaining("the tried system left") as string }],
    });
    expect(await left(() => asSystem("tried", () => void setTimeout(throwForgotten, 0)))).toMatchObject({
      exit: "notRecovered",
    });
    expect(await left(() => asSystem("tried", () => asDrill(reject)))).toMatchObject({ exit: "internal" });
    expect(await left(throwLater)).toMatchObject({ exit: "internal", findings: [{ code: "internal-error" }] });
  } finally {
    for (const [event, all] of others) for (const listener of all) runner.on(event, listener as () => void);
  }
});

function throwForgotten(): never {
  throw new Error("forgotten");
}

it("reports a bug of the program as one, with its stack", async () => {
  const result = await endOf(() => Promise.reject(new TypeError("undefined is not a function")));
  expect(result).toMatchObject({ exit: "internal", findings: [{ code: "internal-error" }] });
});

it("stores the class of an error whose code alone would mean something else", async () => {
  const error = new DrillError("an index is not what it was", { exit: "inconclusive", code: "index-not-remade" });
  expect(await endOf(() => Promise.reject(error))).toMatchObject({
    exit: "inconclusive",
    findings: [{ code: "index-not-remade", class: "vigour" }],
  });
});

it("does not blame a machine on which an engine runs", { timeout: 60_000 }, async () => {
  const result = await endOf(() => Promise.reject(environmentError("lost the connection")));
  expect(result).toMatchObject({ exit: "inconclusive", findings: [{ code: "assumption-broken" }] });
});

it("places the folders of engines in the run directory with --keep", { timeout: 60_000 }, async () => {
  const places: string[] = [];
  const result = await endOf(
    async ({ engines, directory }) => {
      await using engine = await engines.start({ name: "source" });
      places.push(relative(directory.path, engine.dataDir ?? ""));
    },
    { keep: true },
  );
  expect(result.exit).toBe("pass");
  expect(places).toEqual([expect.stringMatching(/^engines\/cycle\.tried\/falkordrill-engine-source/)]);
});

it("keeps the findings of a scenario whose cleanup fails as well", async () => {
  const result = await endOf(async () => {
    await using _engine = { [Symbol.asyncDispose]: () => Promise.reject(new Error("it cannot be ended")) };
    throw new DrillError("0 rows", { exit: "dataWrong", code: "wrong-first-answer" });
  });
  expect(result).toMatchObject({
    exit: "dataWrong",
    findings: [{ code: "wrong-first-answer" }, { code: "internal-error" }],
  });
});
