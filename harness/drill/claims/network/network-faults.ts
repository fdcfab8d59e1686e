// Each kind of network fault at a place that the seed chooses, in a backup, an archive and a restore over the wire. The
// command ends within its deadline, with success or with a sentence of its own; nothing is half done; and the same
// command succeeds once the network works again.
import { Draw } from "../../../../generators/random.ts";
import { systemClock } from "../../../base/clock.ts";
import { endedBy } from "../../../base/deadline.ts";
import { DrillError, errorMessage, errorsOf, explanationOf } from "../../../base/errors.ts";
import { serverOf } from "../../../engine/server-at.ts";
import { type FaultyProxy, faultyProxy } from "../../../fault/network/faulty-proxy.ts";
import {
  describeNetworkFault,
  drawNetworkFault,
  networkKinds,
  type NetworkFault,
  type Traffic,
} from "../../../fault/network/network-fault.ts";
import type { Drill } from "../../drill.ts";
import type { Problem } from "../crash-points/enumerate.ts";
import { backUpNow, incrementNow, prepareCrashes } from "../crash-points/setup.ts";
import { archiveOverNetwork, backupOverNetwork, type NetworkCommand, restoreOverNetwork } from "./network-commands.ts";

/** Longest time of a command, whatever happens on its way: silence of a minute, and the cleanup after it. */
const commandTimeoutMs = 150_000;
/** Places for each kind of fault and each command. */
const placesAtNight = 3;

interface Row {
  readonly command: string;
  readonly fault: string;
  readonly fired: boolean;
  readonly ms: number;
  readonly said: string;
}

export async function breaksNetwork(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const { options, record, seed } = drill;
  const isWhole = options.profile === "nightly" || options.profile === "release";
  const setup = await prepareCrashes(drill, resources);
  const point = await backUpNow(setup);
  const commands: NetworkCommand[] = [];
  if (isWhole) {
    await incrementNow(setup);
    // First, as the others change the source, which a restored server is compared with.
    commands.push(await restoreOverNetwork(setup, point, resources), await archiveOverNetwork(setup));
  }
  commands.push(await backupOverNetwork(setup));
  const rows: Row[] = [];
  for (const command of commands) {
    const draw = new Draw(seed, `network-${command.name}`);
    const traffic = await trafficOf(drill, command);
    const kinds = isWhole ? networkKinds : [draw.pick(["reset", "cut"] as const)];
    for (const kind of kinds)
      for (let place = 0; place < (isWhole ? placesAtNight : 1); place++)
        rows.push(await breakOnce(drill, command, drawNetworkFault(draw, kind, traffic)));
  }
  record.observation("network-faults", rows);
  record.requireWitnesses("faultsFired");
}

/** What passes when nothing breaks. */
async function trafficOf(drill: Drill, command: NetworkCommand): Promise<Traffic> {
  drill.progress.step(`${command.name}, unbroken`);
  await command.prepare();
  await using proxy = await faultyProxy(command.server.endpoint);
  await command.run(through(command, proxy), drill.signal);
  const traffic = proxy.traffic();
  for (const problem of await command.afterSuccess()) report(drill, command.name, "no fault", problem);
  return traffic;
}

async function breakOnce(drill: Drill, command: NetworkCommand, fault: NetworkFault): Promise<Row> {
  const described = describeNetworkFault(fault);
  drill.progress.step(`${command.name}: ${described}`);
  await command.prepare();
  await using proxy = await faultyProxy(command.server.endpoint, [fault]);
  const server = through(command, proxy);
  const startMs = systemClock.monotonicMs();
  const error = await failureOf(drill, command, server);
  const ms = Math.round(systemClock.monotonicMs() - startMs);
  const problems = [...problemsOfError(error), ...(await command.afterFault(error))];
  proxy.recover();
  if (error !== undefined) {
    const again = await failureOf(drill, command, server);
    if (again !== undefined)
      problems.push({ code: "crash-not-resumed", message: `the next run failed: ${explanationOf(again)}` });
  }
  problems.push(...(await command.afterSuccess()));
  for (const problem of problems) report(drill, command.name, described, problem);
  let fired = false;
  for (const each of proxy.records()) {
    fired ||= each.fired;
    drill.directory.append("faults.jsonl", {
      scenario: drill.id,
      ...each,
      detail: { ...each.detail, command: command.name },
    });
  }
  if (fired) drill.record.witness("faultsFired", 1);
  return {
    command: command.name,
    fault: described,
    fired,
    ms,
    said: error === undefined ? "completed" : errorMessage(error),
  };
}

function through({ server }: NetworkCommand, { port }: FaultyProxy): ReturnType<typeof serverOf> {
  return serverOf({ ...server.endpoint, host: "127.0.0.1", port });
}

/** Why the command failed; undefined where it succeeded. */
async function failureOf(drill: Drill, command: NetworkCommand, server: ReturnType<typeof serverOf>): Promise<unknown> {
  const deadline = AbortSignal.timeout(commandTimeoutMs);
  const signal = AbortSignal.any([drill.signal, deadline]);
  return await endedBy(command.run(server, drill.signal), signal, 0).then(
    () => undefined,
    (error: unknown) => {
      drill.signal.throwIfAborted();
      return error ?? new Error("it failed without an error");
    },
  );
}

function problemsOfError(error: unknown): readonly Problem[] {
  if (error === undefined) return [];
  const [first] = errorsOf(error);
  if (first instanceof DrillError && first.exit !== "internal") return [];
  return [{ code: "fault-not-explained", message: `it ended with: ${errorMessage(error)}` }];
}

function report(drill: Drill, command: string, fault: string, { code, message, evidence = {} }: Problem): void {
  drill.record.finding({
    code,
    severity: "error",
    subject: `${command}, ${fault}`,
    message: `${command} with ${fault}: ${message}`,
    evidence,
  });
}
