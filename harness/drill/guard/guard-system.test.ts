import { expect, it } from "vitest";
import { DrillError, environmentError, usageError } from "../../base/errors.ts";
import type { Engine, EngineProvider } from "../../engine/engine.ts";
import type { Archiver, BackupSystem, RestoreRequest } from "../../system/system.ts";
import { silentProgress } from "../../base/progress.ts";
import { guardSystem } from "./guard-system.ts";
import type { RecordedFinding } from "../../record/record.ts";
import { ScenarioDeadline } from "../run/scenario-deadline.ts";

const never = new Promise<never>(() => {});

function setUp(changes: Partial<BackupSystem>, { canStart = true }: { readonly canStart?: boolean } = {}) {
  const ended: string[] = [];
  const findings: RecordedFinding[] = [];
  const controller = new AbortController();
  const engines: EngineProvider = {
    kind: "embedded",
    unavailable: () => Promise.resolve(undefined),
    start: ({ name = "engine" } = {}) => {
      if (!canStart) return Promise.reject(environmentError("there is no engine"));
      const dispose = (): Promise<void> => Promise.resolve(void ended.push(name));
      return Promise.resolve({ name, [Symbol.asyncDispose]: dispose } as Partial<Engine> as Engine);
    },
  };
  const system: BackupSystem = {
    name: "tried",
    capabilities: new Set(),
    backup: () => never,
    list: () => Promise.resolve([]),
    verify: () => never,
    restore: () => never,
    [Symbol.asyncDispose]: () => Promise.resolve(),
    ...changes,
  };
  const record = { finding: (finding: RecordedFinding) => void findings.push(finding) } as never;
  const guarded = guardSystem(system, { signal: controller.signal, engines, record, graceMs: 1 });
  const request: RestoreRequest = {
    point: "p",
    way: "file",
    engines,
    progress: silentProgress,
    signal: controller.signal,
  };
  return { guarded, request, controller, ended, findings };
}

it.each([
  ["a plain error", new TypeError("undefined is not a function"), "system-failed"],
  ["an error that calls itself one of usage", usageError("no such backup"), "system-failed"],
  ["an error that calls itself one of the machine", environmentError("the disk is full"), "system-failed"],
  ["an error with a code", new DrillError("gone", { exit: "environment", code: "object-missing" }), "object-missing"],
])("blames the system for %s", async (_what, error, code) => {
  const { guarded, request } = setUp({ restore: () => Promise.reject(error) });
  await expect(guarded.restore(request)).rejects.toMatchObject({ exit: "notRecovered", findingCode: code });
});

it("blames the system for an error thrown before it returns a promise", async () => {
  const { guarded } = setUp({
    list: () => {
      throw new Error("no vault");
    },
  });
  await expect(guarded.list()).rejects.toMatchObject({ exit: "notRecovered" });
});

it("keeps wrong data as such, and blames the machine if no engine runs at all", async () => {
  const wrong = new DrillError("counts differ", { exit: "dataWrong" });
  const first = setUp({ restore: () => Promise.reject(wrong) });
  await expect(first.guarded.restore(first.request)).rejects.toBe(wrong);
  const poor = environmentError("cannot start");
  const second = setUp({ restore: () => Promise.reject(poor) }, { canStart: false });
  await expect(second.guarded.restore(second.request)).rejects.toBe(poor);
});

it("does not blame the system for errors of the drill's own callbacks", async () => {
  const ours = new TypeError("a mistake of the drill");
  const { guarded, request } = setUp({
    restore: async ({ onFirstAnswer }) => {
      await onFirstAnswer?.({} as Engine);
      return never;
    },
  });
  await expect(guarded.restore({ ...request, onFirstAnswer: () => Promise.reject(ours) })).rejects.toBe(ours);
});

it.each([
  ["swallows", (asked: Promise<void> | undefined) => asked?.catch(() => {})],
  ["does not wait for", () => undefined],
])("keeps a wrong first answer that the system %s", async (_how, look) => {
  const wrong = new DrillError("0 rows", { exit: "dataWrong" });
  const { guarded, request } = setUp({
    restore: async ({ engines, onFirstAnswer }) => {
      const target = await engines.start();
      await look(onFirstAnswer?.(target));
      return { target, phases: [] };
    },
  });
  await expect(guarded.restore({ ...request, onFirstAnswer: () => Promise.reject(wrong) })).rejects.toBe(wrong);
});

it("does not blame the system for an error of the drill if its own cleanup fails as well", async () => {
  const ours = new TypeError("a mistake of the drill");
  const { guarded, request } = setUp({
    restore: async ({ onFirstAnswer }) => {
      await using _target = { [Symbol.asyncDispose]: () => Promise.reject(new Error("cannot be put back")) };
      await onFirstAnswer?.({} as Engine);
      return never;
    },
  });
  await expect(guarded.restore({ ...request, onFirstAnswer: () => Promise.reject(ours) })).rejects.toBe(ours);
});

it("holds a restore to the server that it was given, or one that it started for it", async () => {
  const other = { name: "source" } as Engine;
  const { guarded, request, ended } = setUp({
    restore: async ({ engines }) => {
      await engines.start({ name: "empty" });
      return { target: other, phases: [] };
    },
  });
  await expect(guarded.restore(request)).rejects.toMatchObject({ exit: "notRecovered", findingCode: "not-recovered" });
  expect(ended).toEqual(["empty"]);
  const given = setUp({ restore: () => Promise.resolve({ target: other, phases: [] }) });
  await expect(given.guarded.restore({ ...given.request, way: "wire", target: other })).resolves.toBeDefined();
  const nothing = setUp({ restore: () => Promise.resolve(undefined as never) });
  await expect(nothing.guarded.restore(nothing.request)).rejects.toMatchObject({ exit: "notRecovered" });
});

it.each([
  ["figures that are not numbers", { point: { id: "p", storedBytes: NaN, rawBytes: 1 }, phases: [] }],
  ["a phase that took less than no time", { point: { id: "p" }, phases: [{ name: "cut", startMs: 0, ms: -1 }] }],
  ["nothing", undefined],
])("blames the system for a backup that says %s", async (_what, said) => {
  const { guarded } = setUp({ backup: () => Promise.resolve(said as never) });
  await expect(guarded.backup({} as never)).rejects.toMatchObject({ exit: "notRecovered" });
});

it("blames a system that cannot be stopped, and one that reports its own failure as an interruption", async () => {
  const stubborn = setUp({ [Symbol.asyncDispose]: () => Promise.reject(new Error("still at work")) });
  await expect(stubborn.guarded[Symbol.asyncDispose]()).rejects.toMatchObject({ exit: "notRecovered" });
  const { guarded, request } = setUp({
    restore: () => Promise.reject(new DrillError("stopped", { exit: "interrupted" })),
  });
  await expect(guarded.restore(request)).rejects.toMatchObject({ exit: "notRecovered" });
});

it("abandons a call that ignores the deadline, and names who hung", async () => {
  const { guarded, request, controller } = setUp({ restore: () => never });
  const restoring = guarded.restore(request);
  controller.abort(new ScenarioDeadline(0));
  await expect(restoring).rejects.toMatchObject({
    exit: "notRecovered",
    findingCode: "system-hung",
    message: expect.stringContaining("the restore of the tried system did not end") as string,
  });
});

it("does not blame a call for a deadline that others used up, or for Ctrl-C", async () => {
  const late = setUp({});
  const backup = late.guarded.restore(late.request);
  late.controller.abort(new ScenarioDeadline(600_000));
  await expect(backup).rejects.toMatchObject({ findingCode: "assumption-deadline" });
  const stopped = setUp({});
  const restoring = stopped.guarded.restore(stopped.request);
  const reason = new Error("Ctrl-C");
  stopped.controller.abort(reason);
  await expect(restoring).rejects.toBe(reason);
});

it("stops engines that the system left running, also when it fails, and keeps the one that it hands over", async () => {
  const leaks = setUp({
    restore: async ({ engines }) => {
      await engines.start({ name: "forgotten" });
      throw new Error("failed half way");
    },
  });
  await expect(leaks.guarded.restore(leaks.request)).rejects.toMatchObject({ exit: "notRecovered" });
  expect(leaks.ended).toEqual(["forgotten"]);
  expect(leaks.findings).toMatchObject([{ code: "system-leaked-engine", subject: "restore" }]);
  const hands = setUp({
    restore: async ({ engines }) => ({ target: await engines.start({ name: "target" }), phases: [] }),
  });
  const { target } = await hands.guarded.restore(hands.request);
  expect(hands.ended).toEqual([]);
  await target[Symbol.asyncDispose]();
  expect([hands.ended, hands.findings]).toEqual([["target"], []]);
});

it("survives an archiver that fails while no call is waiting for it", async () => {
  const archiver = { base: "p", ended: Promise.reject(new Error("the stream broke")) } as Partial<Archiver> as Archiver;
  const { guarded } = setUp({ startArchiver: () => Promise.resolve(archiver) });
  const guardedArchiver = await guarded.startArchiver?.({} as never);
  await new Promise(setImmediate);
  expect(guardedArchiver?.base).toBe("p");
});
