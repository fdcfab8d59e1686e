// The reference system with an engine that persists nothing by itself: what it stored is in a vault elsewhere.
import type { Span } from "../../../check/history/moment.ts";
import { systemClock } from "../../../base/clock.ts";
import type { BackupSystem } from "../../../system/system.ts";
import { fullCyclePlan } from "../../cycle-plan.ts";
import { systemUnderTest } from "../../guard/system-under-test.ts";
import type { PersistenceSetup, PersistenceMode } from "./mode.ts";

export const fullBackups: PersistenceMode = {
  name: "reference",
  settings: () => ({}),
  // The promise of a full backup concerns its cut, which the cut checks judge.
  claims: () => ({}),
  protect: async (ground, resources) => {
    const { drill } = ground;
    const system = await systemUnderTest(drill, fullCyclePlan, resources);
    let last: { readonly id: string; readonly span: Span } | undefined;
    return {
      standsElsewhere: true,
      burden: async () => {
        await backUp(ground, system);
      },
      covered: async () => {
        last = await backUp(ground, system);
      },
      cut: () => last?.span ?? { fromMs: 0, toMs: 0 },
      recover: async () => {
        const { progress, signal, engines } = drill;
        const point = last?.id ?? "no backup was taken";
        return (await system.restore({ point, way: "file", engines, progress, signal })).target;
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  },
};

async function backUp({ drill, source }: PersistenceSetup, system: BackupSystem): Promise<{ id: string; span: Span }> {
  const { progress, signal } = drill;
  const fromMs = systemClock.monotonicMs();
  const { point } = await system.backup({ source, coordinator: undefined, progress, signal });
  return { id: point.id, span: { fromMs, toMs: systemClock.monotonicMs() } };
}
