// Any interleaving of writes, pauses, renewals, resumes, triggers, lapses and SIGKILLs against real service processes
// in front of one real engine, a single service and a fleet of three. Never a write half done, never a write inside a
// pause whichever process got the request, never stopped forever, never two backups or two leases at once.
import fc from "fast-check";
import { expect, test } from "vitest";
import { ServiceWorld } from "./testing/service-world.ts";

type Step = fc.AsyncCommand<object, ServiceWorld>;
const step = (name: string, run: (world: ServiceWorld) => Promise<void>): Step => ({
  check: () => true,
  run: (_, world) => run(world),
  toString: () => name,
});

function steps(members: number): fc.Arbitrary<Step>[] {
  const who = fc.nat({ max: members - 1 });
  const age = fc.nat({ max: 2 });
  const of = (name: string, run: (world: ServiceWorld, index: number) => Promise<void>): fc.Arbitrary<Step> =>
    who.map((index) => step(`${name} ${index}`, (world) => run(world, index)));
  const write = of("write", (world, index) => world.write(index));
  return [
    write,
    write,
    fc
      .tuple(who, fc.boolean())
      .map(([index, own]) => step(`pause ${index} ${own}`, (world) => world.pause(index, own))),
    of("pause", (world, index) => world.pause(index, false)),
    fc.tuple(who, age).map(([index, back]) => step(`resume ${index} ${back}`, (world) => world.resume(index, back))),
    fc.tuple(who, age).map(([index, back]) => step(`renew ${index} ${back}`, (world) => world.renew(index, back))),
    of("expire", (world, index) => world.expire(index)),
    of("trigger", (world, index) => world.trigger(index)),
    fc.constant(step("backup ends", (world) => world.endBackup())),
    of("crash", (world, index) => world.crash(index)),
    of("restart", (world, index) => world.restart(index)),
  ];
}

/** Everything that can happen, once and in good order; what chance adds is the order. */
async function onceThrough(world: ServiceWorld, last: number): Promise<void> {
  await world.write(0);
  await world.pause(0, false);
  await world.renew(last, 0);
  await world.resume(last, 0);
  await world.resume(0, 0);
  await world.trigger(last);
  await world.pause(0, true);
  await world.expire(last);
  await world.endBackup();
  await world.crash(last);
  await world.settle();
}

test.each([
  ["one service", 1],
  ["a fleet of three", 3],
])("%s holds in any interleaving", { timeout: 300_000 }, async (_, members) => {
  await using world = await ServiceWorld.start(members);
  await onceThrough(world, members - 1);
  await fc.assert(
    fc.asyncProperty(fc.commands(steps(members), { maxCommands: 24, size: "max" }), async (commands) => {
      await fc.asyncModelRun(() => ({ model: {}, real: world }), commands);
      await world.settle();
    }),
    // Each run of the tests takes other ones. A shorter example is not worth minutes of real processes.
    { numRuns: 3, endOnFailure: true },
  );
  const never = ["writes-ok", "pausesGiven", "lateResumes", "backups", "crashes"].filter((what) => !world.seen[what]);
  expect(never).toEqual([]);
});
