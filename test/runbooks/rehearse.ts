// Rehearses one path through a runbook: all is well and no alert fires; the fault is injected, and the alerts of the runbook fire;
// its blocks run in order; then no alert fires any more, and what came back is what was there.
import { privateFolder } from "../../harness/base/process/reaper.ts";
import { problemOfAlerts } from "./alert-timeline.ts";
import { readRunbook, stepsOf } from "./runbook-text.ts";
import { RunbookWorld } from "./runbook-world.ts";

export interface RunbookPath {
  /** The heading of its branch; absent where the runbook has none. */
  readonly branch?: string;
  /** Until all is well. */
  readonly prepare: (world: RunbookWorld) => Promise<unknown>;
  readonly inject: (world: RunbookWorld) => Promise<unknown>;
  /** The alerts that fire then; none where no metric can show it. */
  readonly alerts: readonly string[];
  /** How long the fault lasts until they do, and how long after the repair the last of them ends. */
  readonly minutes?: number;
  readonly endsAfterMinutes?: number;
  /** What the runbook leaves to hands. */
  readonly hands?: Readonly<Record<string, (world: RunbookWorld) => Promise<unknown>>>;
  /** Looks at what came back, past the program; throws where it is not what it should be. */
  readonly prove: (world: RunbookWorld) => Promise<unknown>;
}

export interface Rehearsal {
  /** Name of the runbook in docs/runbooks, without its extension. */
  readonly runbook: string;
  readonly paths: readonly RunbookPath[];
}

/** Returns how long the blocks took, in milliseconds. */
export async function rehearse(runbook: string, path: RunbookPath): Promise<number> {
  await using folder = await privateFolder("runbook");
  await using world = new RunbookWorld(folder.path);
  await path.prepare(world);
  const before = await world.scrape();
  await path.inject(world);
  const during = await world.scrape();
  const done = new Set<string>();
  world.shell.elapsedMs = 0;
  for (const { kind, text } of stepsOf(readRunbook(runbook), path.branch))
    if (kind === "block") await world.shell.run(text);
    else {
      const hand = path.hands?.[text];
      if (hand === undefined) throw new Error(`nobody does by hand: ${text}`);
      await hand(world);
      done.add(text);
    }
  const unused = Object.keys(path.hands ?? {}).filter((hand) => !done.has(hand));
  if (unused.length > 0) throw new Error(`the runbook does not say by hand: ${unused.join(", ")}`);
  const { elapsedMs } = world.shell;
  await path.prove(world);
  const after = await world.scrape();
  const problem = await problemOfAlerts(
    [
      { ...before, minutes: 7 * 60, isMoving: true, firing: [] },
      { ...during, minutes: path.minutes ?? 3, isMoving: false, firing: path.alerts },
      { ...after, minutes: path.endsAfterMinutes ?? 10, isMoving: true, firing: [] },
    ],
    folder.path,
  );
  if (problem !== undefined)
    throw new Error(`${problem}\n${[before, during, after].map(({ log }) => log).join("---\n")}`);
  await world.shell.interrupt();
  return elapsedMs;
}
