// The conformance suite of all faults: what each claims is measured on a real server, process, proxy or disk, before it, while it
// is on, and after it was taken back, which an abort does as well.
import { readdirSync, readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Draw } from "../../generators/random.ts";
import { systemClock } from "../base/clock.ts";
import { codeOf } from "../base/errors.ts";
import { stateOf } from "../base/proc-stat.ts";
import { privateFolder } from "../base/process/reaper.ts";
import { isNightly } from "../base/testing/nightly.ts";
import { waitFor } from "../base/wait.ts";
import { embeddedEngines } from "../engine/embedded.ts";
import type { Engine } from "../engine/engine.ts";
import { connect } from "../falkordb/client/connection.ts";
import { type GraphServiceProcess, spawnGraphService, type SpawnOptions } from "../service/server/spawn.ts";
import { type FaultName, faultNames } from "./fault-names.ts";
import type { Fault, FaultContext, FaultService } from "./fault.ts";
import { faultKind } from "./faults.ts";
import { softLimitOf } from "./kinds/process-limits.ts";
import { type Said, type StubCommand, stubCommand } from "./testing/stub-command.ts";
import { faultyProxy } from "./network/faulty-proxy.ts";
import { mountSmallDisk } from "./small-disk.ts";

const resources = new AsyncDisposableStack();
const never = new AbortController().signal;
const answerTimeoutMs = 400;
let server: Engine;
let service: FaultService & { readonly url: string };
let disk: string | undefined;
let scratch = "";

beforeAll(async () => {
  server = resources.use(await embeddedEngines().start({ name: "faults" }));
  scratch = resources.use(await privateFolder("faults")).path;
  const mounted = await mountSmallDisk(8 * 2 ** 20);
  if (mounted !== undefined) disk = resources.use(mounted).path;
  service = await startService();
}, 60_000);
afterAll(() => resources.disposeAsync());

async function startService(): Promise<typeof service> {
  const options: SpawnOptions = { database: server.endpoint, token: "t".repeat(32), stateDir: scratch, port: 0 };
  let running: GraphServiceProcess = await spawnGraphService(options);
  const { url } = running;
  resources.defer(() => running[Symbol.asyncDispose]());
  return {
    url,
    get pid() {
      return running.pid;
    },
    kill: () => running.kill(),
    restart: async () => {
      running = await spawnGraphService({ ...options, port: Number(new URL(url).port) });
    },
  };
}

interface Bench extends FaultContext {
  readonly command: StubCommand;
}

/** How a fault shows. */
interface Case {
  /** Whether what it claims is so at this moment, as the kernel, the server or a client sees it. */
  readonly isOn: (bench: Bench, { strength }: Fault) => Promise<boolean> | boolean;
  /** Selects a strength with a visible effect. */
  readonly isStrong?: (strength: Readonly<Record<string, number | string | boolean>>) => boolean;
  /** Nothing is looked at before: that would use up what the fault takes away. */
  readonly isFirst?: boolean;
  /** It acts from inside the command, which ends with it. */
  readonly isInside?: boolean;
  /** What it kills does not come back. */
  readonly isFinal?: boolean;
}

async function answers(endpoint: Engine["endpoint"]): Promise<boolean> {
  return await connect(endpoint, { timeoutMs: answerTimeoutMs, commandTimeoutMs: answerTimeoutMs }).then(
    async (connection) => {
      await using _connection = connection;
      return (await connection.command("PING").catch(() => "")) === "PONG";
    },
    () => false,
  );
}

const isSilent: Case = { isOn: async () => !(await answers(server.endpoint)) };
const noService: Case = {
  isOn: async () =>
    !(await fetch(service.url, { signal: AbortSignal.timeout(answerTimeoutMs) }).then(
      () => true,
      () => false,
    )),
};
const pidOf = ({ command }: Bench): number => command.pid() ?? 0;
const sentBytes = 60_000;

/** Whether bytes of both directions get through the proxy whole and within this time. */
async function passes({ network }: Bench, withinMs: number): Promise<boolean> {
  const startMs = systemClock.monotonicMs();
  const endpoint = { ...server.endpoint, host: "127.0.0.1", port: network?.port ?? 0 };
  const timeouts = { timeoutMs: 2000, commandTimeoutMs: 2000 };
  const sent = "x".repeat(sentBytes);
  const echo = connect(endpoint, timeouts).then(async (connection) => {
    await using _connection = connection;
    return (await connection.command("ECHO", sent)) === sent;
  });
  return (await echo.catch(() => false)) && systemClock.monotonicMs() - startMs < withinMs;
}

function network(isStrong: NonNullable<Case["isStrong"]>, slowMs = (): number => 10_000): Case {
  return {
    isFirst: true,
    isStrong: (strength) =>
      strength["connection"] === 1 && Number(strength["atByte"]) < sentBytes && isStrong(strength),
    isOn: async (bench) => !(await passes(bench, slowMs())),
  };
}

async function writesTo(path: string, bytes: number): Promise<string> {
  const code = await writeFile(join(path, "tried"), Buffer.alloc(bytes)).then(() => "", codeOf);
  // What could not even be made need not be removed.
  await rm(join(path, "tried"), { force: true }).catch(() => {});
  return code;
}

const startSays =
  (isOn: (said: Said, fault: Fault) => boolean): Case["isOn"] =>
  async ({ command }, fault) => {
    if (command.pid() !== undefined) return false;
    const said = await command.start();
    await command.end();
    return isOn(said, fault);
  };

const cases: Readonly<Record<FaultName, Case>> = {
  "kill-engine": isSilent,
  "stop-engine": isSilent,
  "kill-command": { isOn: (bench) => stateOf(pidOf(bench)) === "" || stateOf(pidOf(bench)) === "Z", isFinal: true },
  "stop-command": { isOn: (bench) => stateOf(pidOf(bench)) === "T" },
  "kill-service": noService,
  "stop-service": noService,
  "network-delay": network(
    ({ ms }) => Number(ms) >= 15,
    () => 15,
  ),
  "network-throttle": network(
    ({ bytesPerSecond }) => Number(bytesPerSecond) <= 2 ** 17,
    () => 200,
  ),
  "network-stall": network(
    ({ ms }) => Number(ms) >= 200,
    () => 200,
  ),
  "network-half-open": network(() => true),
  "network-cut": network(() => true),
  "network-reset": network(() => true),
  "disk-full": { isOn: async () => (await writesTo(disk ?? "", 200_000)) === "ENOSPC" },
  "disk-read-only": { isOn: async () => (await writesTo(disk ?? "", 1)) === "EROFS" },
  "disk-errors": {
    isStrong: ({ kind, at }) => kind === "EIO" && Number(at) <= 6,
    isOn: startSays(({ code }) => code === "EIO"),
    isInside: true,
  },
  "disk-slow": { isOn: startSays(({ ms }, { strength }) => ms >= 4 * Number(strength["ms"])), isInside: true },
  "engine-memory": {
    isOn: async () => {
      await using connection = await connect(server.endpoint);
      const said = await connection
        .command("SET", "big", Buffer.alloc(4 * 2 ** 20))
        .catch((error: unknown) => String(error));
      await connection.command("DEL", "big");
      return String(said).includes("OOM");
    },
  },
  "engine-address-space": {
    isFirst: true,
    isOn: async () => {
      await using connection = await connect(server.endpoint);
      const said = await connection.command("SETRANGE", "big", 2 ** 27, "x").catch(() => "no answer");
      if (said !== "no answer") await connection.command("DEL", "big");
      return said === "no answer";
    },
  },
  "engine-descriptors": {
    isFirst: true,
    isOn: async () => {
      const options = { timeoutMs: answerTimeoutMs, commandTimeoutMs: answerTimeoutMs };
      const opened = await Promise.allSettled(Array.from({ length: 8 }, () => connect(server.endpoint, options)));
      for (const each of opened) if (each.status === "fulfilled") await each.value[Symbol.asyncDispose]();
      return opened.some(({ status }) => status === "rejected");
    },
  },
  "command-descriptors": {
    isOn: (bench) => softLimitOf(pidOf(bench), "nofile") !== softLimitOf(process.pid, "nofile"),
  },
  "cpu-starvation": { isOn: () => busyProcesses() > 0 },
  "clock-forward": { isInside: true, isStrong: jumpsSoon, isOn: startSays(({ jumpedMs }) => jumpedMs > 1000) },
  "clock-back": { isInside: true, isStrong: jumpsSoon, isOn: startSays(({ jumpedMs }) => jumpedMs > 1000) },
};

function jumpsSoon({ afterMs }: Readonly<Record<string, number | string | boolean>>): boolean {
  return Number(afterMs) < 50;
}

/** Children of this process that the fault of the processors has started. */
function busyProcesses(): number {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => {
    try {
      const parent = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]?.split(" ")[1];
      return parent === String(process.pid) && readFileSync(`/proc/${pid}/cmdline`, "latin1").includes("ulimit -t 10");
    } catch {
      return false;
    }
  }).length;
}

function drawn(name: FaultName): Fault {
  const { isStrong = () => true } = cases[name];
  const faults = Array.from({ length: 3000 }, (_, seed) => faultKind(name).draw(new Draw(seed, name)));
  const found = faults.find(({ strength }) => isStrong(strength));
  if (found === undefined) throw new Error(`no seed makes ${name} strong enough`);
  return found;
}

/** Calls `work` with everything that a fault may act upon, new for each. */
async function onBench(name: FaultName, signal: AbortSignal, work: (bench: Bench) => Promise<void>): Promise<void> {
  await using command = await stubCommand();
  await using proxy = await faultyProxy(server.endpoint);
  if (faultKind(name).injected === "while-running" && faultKind(name).needs.includes("command")) await command.start();
  await work({ server, service, network: proxy, disk, command, signal });
}

/** One of most kinds of target by day. */
const daily: readonly FaultName[] = [
  "stop-engine",
  "stop-command",
  "disk-full",
  "disk-errors",
  "engine-memory",
  "cpu-starvation",
  "clock-back",
];

it.for(isNightly ? faultNames : daily)(
  "%s: really there once it is injected, and taken back",
  { timeout: 60_000 },
  async (name, { skip }) => {
    const { isOn, isFirst = false, isInside = false, isFinal = false } = cases[name];
    const off = async (bench: Bench, fault: Fault): Promise<void> => {
      if (isInside || isFinal) return;
      // A process that goes on after a stop may still be busy with what it has missed.
      await waitFor(async () => !(await isOn(bench, fault)) || undefined, { what: `no ${name}`, timeoutMs: 15_000 });
    };
    await onBench(name, never, async (bench) => {
      const fault = drawn(name);
      const reason = await fault.available(bench);
      if (reason !== undefined) return skip(reason);
      if (!isFirst) await off(bench, fault);
      expect(fault.record()).toEqual({ fault: name, fired: false, detail: fault.strength });
      await fault.inject(bench);
      expect(await isOn(bench, fault)).toBe(true);
      expect(fault.record()).toMatchObject({ fault: name, fired: true, detail: fault.strength });
      await fault.recover();
      await fault.recover();
      await off(bench, fault);
    });
    const abort = new AbortController();
    await onBench(name, abort.signal, async (bench) => {
      const fault = drawn(name);
      await fault.inject(bench);
      abort.abort(new Error("Ctrl-C"));
      await off(bench, fault);
      await fault.recover();
    });
    expect(busyProcesses()).toBe(0);
    expect(disk === undefined ? [] : readdirSync(disk)).toEqual([]);
  },
);

it.for(["kill-command", "stop-command", "command-descriptors", "network-cut", "disk-errors", "clock-back"] as const)(
  "%s has not fired where what it was to break was never reached",
  async (name) => {
    await onBench(name, never, async (bench) => {
      await bench.command.end();
      const fault = drawn(name);
      await fault.inject(bench);
      expect(fault.record().fired).toBe(false);
      await fault.recover();
    });
  },
);
