// A chain of increments taken on demand: each of its ends is restored as one moment of the writers' history.
import { systemClock } from "../../../base/clock.ts";
import type { Drill } from "../../drill.ts";
import { acknowledged, proveMoment, startWritten } from "./any-moment.ts";

/** Writes per second and kind. Each link is judged against the whole history, so a long chain needs a low rate. */
const perSecondEach = 10;

export async function provesEveryLink(drill: Drill, increments: number): Promise<void> {
  await using resources = new AsyncDisposableStack();
  // No replica follows the server between two increments, so it has to log effects instead of query text by itself.
  const stage = await startWritten(drill, resources, { perSecondEach, moduleArgs: { EFFECTS_THRESHOLD: "0" } });
  const { source, system, writers } = stage;
  const { progress, signal, record } = drill;
  if (system.backupIncrement === undefined) throw new Error(`${system.name} makes no increments`);
  const request = { source, coordinator: undefined, progress, signal };
  await acknowledged(drill, stage, 10);
  const { point } = await system.backup(request);
  const links: { readonly offset: number; readonly base: string; readonly fromMs: number; readonly toMs: number }[] =
    [];
  let storedBytes = 0;
  while (links.length < increments) {
    await acknowledged(drill, stage, 5);
    progress.step(`increment ${links.length + 1} of ${increments}`);
    const fromMs = systemClock.monotonicMs();
    const { base, offset, storedBytes: bytes, continued } = await system.backupIncrement(request);
    links.push({ offset, base, fromMs, toMs: systemClock.monotonicMs() });
    if (continued) record.witness("incrementsLinked", 1);
    storedBytes += bytes;
  }
  for (const running of writers) await running.stop();
  record.metric("incrementBytes", storedBytes);
  record.metric("storedBytes", point.storedBytes);
  for (const [index, { offset, base, fromMs, toMs }] of links.entries())
    await proveMoment(
      drill,
      stage,
      { point: base, at: { offset } },
      { name: `link-${index + 1}`, cutOf: () => ({ fromMs, toMs }) },
    );
  record.requireWitnesses("tracesRead", "momentsReached", "incrementsLinked");
}
