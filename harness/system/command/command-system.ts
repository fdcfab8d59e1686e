// Drives a team's own backup programs: runs them with what they need in the environment, finds what they left behind,
// and reports every way in which they can end.
import { isAbsolute, relative, resolve } from "node:path";
import { systemClock } from "../../base/clock.ts";
import { DrillError } from "../../base/errors.ts";
import { parseDuration } from "../../base/units.ts";
import type { Engine, EngineProvider } from "../../engine/engine.ts";
import type {
  BackupOutcome,
  BackupRequest,
  BackupSystem,
  Capability,
  RestoreOutcome,
  RestorePoint,
  RestoreRequest,
  SystemContext,
  SystemFactory,
  VerifyOutcome,
} from "../system.ts";
import type { PruneOutcome, PruneRequest } from "../retention-request.ts";
import {
  type Artifact,
  artifactName,
  findArtifacts,
  isOutside,
  newArtifacts,
  notUtf8,
  patternText,
} from "./artifacts.ts";
import { type CommandSettings, timeoutDefault } from "./command-settings.ts";
import { Programs } from "./programs.ts";
import { serverControl } from "./server-control.ts";

/**
 * A backup system that consists of programs. `folder` is the configuration's, to which `cwd` is relative. Nothing runs
 * until a scenario asks for it; the name stands in findings.
 */
export function commandSystem(name: string, settings: CommandSettings, folder: string): SystemFactory {
  const timeoutMs = parseDuration(settings.timeout ?? timeoutDefault);
  const cwd = resolve(folder, settings.cwd ?? ".");
  const capabilities = capabilitiesOf(settings);
  const make = (context: SystemContext): BackupSystem =>
    new CommandSystem(name, { settings, cwd, capabilities, context, timeoutMs });
  const describe = (): readonly string[] => described(settings, cwd);
  // Unless the configuration says otherwise, the programs may keep their backups anywhere.
  const sharesPlace = settings.artifacts === undefined || isOutside(settings.artifacts);
  return Object.assign(make, { capabilities, callTimeoutMs: timeoutMs, describe, sharesPlace });
}

const verbs = ["backup", "restore", "list", "verify", "prune"] as const;

function described(settings: CommandSettings, cwd: string): string[] {
  const { target = "fresh", timeout = timeoutDefault, artifacts, env = {} } = settings;
  const missing = verbs.filter((verb) => settings[verb] === undefined);
  return [
    ...verbs.flatMap((verb) => (settings[verb] === undefined ? [] : [`${verb.padEnd(10)}${settings[verb]}`])),
    `restores  ${target === "fresh" ? "into a new, empty server" : "into the source, started again empty"}`,
    `artifacts ${artifacts ?? "any file in $FALKORDRILL_BACKUP_DIR"}`,
    `in        ${cwd}, each call for at most ${timeout}`,
    ...(Object.keys(env).length === 0 ? [] : [`with      ${Object.keys(env).join(", ")} in the environment`]),
    ...(missing.length === 0 ? [] : [`no        ${missing.join(", ")}: not covered`]),
  ];
}

function capabilitiesOf({ verify, prune, target, encrypted = false }: CommandSettings): ReadonlySet<Capability> {
  return new Set<Capability>([
    "full-backup",
    target === "in-place" ? "restore-in-place" : "restore-file",
    ...(verify === undefined ? [] : (["verify"] as const)),
    ...(prune === undefined ? [] : (["prune"] as const)),
    ...(encrypted ? (["encrypted"] as const) : []),
  ]);
}

interface Setup {
  readonly settings: CommandSettings;
  readonly cwd: string;
  readonly capabilities: ReadonlySet<Capability>;
  readonly context: SystemContext;
  readonly timeoutMs: number;
}

interface Known {
  readonly point: RestorePoint;
  readonly artifacts: readonly Artifact[];
}

class CommandSystem implements BackupSystem {
  readonly name: string;
  readonly capabilities: ReadonlySet<Capability>;
  readonly prune?: (request: PruneRequest) => Promise<PruneOutcome>;
  readonly #setup: Setup;
  readonly #programs: Programs;
  readonly #known = new Map<string, Known>();
  #source: Engine | undefined;
  /** What is listed before the first backup belongs to earlier scenarios and runs. */
  #earlier: ReadonlySet<string> | undefined;
  #backups = 0;

  constructor(name: string, setup: Setup) {
    this.name = name;
    this.capabilities = setup.capabilities;
    this.#setup = setup;
    this.#programs = new Programs(name, setup);
    if (setup.settings.prune !== undefined) this.prune = (request) => this.#prune(request);
  }

  async backup({ source, signal }: BackupRequest): Promise<BackupOutcome> {
    this.#source = source;
    this.#backups += 1;
    const suggested = `backup-${this.#backups}`;
    const cutAt = new Date(systemClock.nowMs()).toISOString();
    const before = { ids: await this.#ids(signal), artifacts: await this.#artifacts() };
    this.#earlier ??= new Set(before.ids);
    const { ms } = await this.#programs.run("backup", { source, point: suggested, signal });
    const artifacts = newArtifacts(before.artifacts, await this.#artifacts());
    this.#mustLeave(artifacts);
    const id =
      before.ids === undefined
        ? this.#idOf(artifacts, { suggested, before: before.artifacts })
        : this.#newest(before.ids, (await this.#ids(signal)) ?? []);
    const storedBytes = artifacts.reduce((sum, { bytes }) => sum + bytes, 0);
    const point = { id, cutOffset: undefined, cutAt, storedBytes, rawBytes: undefined };
    this.#known.set(id, { point, artifacts });
    return { point, phases: [{ name: "backup program", startMs: 0, ms }], pauseMs: undefined };
  }

  async list(): Promise<readonly RestorePoint[]> {
    const ids = await this.#ids(this.#setup.context.signal);
    const own = ids?.filter((id) => this.#earlier?.has(id) !== true);
    if (own !== undefined) return own.map((id) => this.#known.get(id)?.point ?? unknownPoint(id));
    const there = new Set((await this.#artifacts()).map(({ path }) => path));
    return [...this.#known.values()]
      .filter(({ artifacts }) => artifacts.every(({ path }) => there.has(path)))
      .map(({ point }) => point);
  }

  async verify(point: string, engines: EngineProvider, signal: AbortSignal): Promise<VerifyOutcome> {
    await using target = await engines.start({ name: "verify", signal });
    await using control = await serverControl(target, this.#setup.timeoutMs, signal);
    const { status, output, ms } = await this.#programs.attempt("verify", { target, control, point, signal });
    const phases = [{ name: "verify program", startMs: 0, ms }];
    if (status !== 0) return { ok: false, problems: [output], phases };
    return { ok: true, problems: [], phases, looked: `the verify program of the ${this.name} system ended with 0` };
  }

  async restore({ point, way, engines, target: given, signal }: RestoreRequest): Promise<RestoreOutcome> {
    const target = given ?? (await engines.start({ name: "target", signal }));
    await using undo = new AsyncDisposableStack();
    if (given === undefined) undo.use(target);
    await using control =
      target.kind === "external" ? undefined : await serverControl(target, this.#setup.timeoutMs, signal);
    const source = way === "in-place" ? target : this.#source;
    const { ms } = await this.#programs.run("restore", { source, target, control, point, signal });
    const startedMs = systemClock.monotonicMs();
    await this.#mustRun(target, control?.problem, signal);
    const waitedMs = systemClock.monotonicMs() - startedMs;
    undo.move();
    const phases = [
      { name: "restore program", startMs: 0, ms },
      { name: "wait for the server", startMs: ms, ms: waitedMs },
    ];
    return { target, phases };
  }

  stored(point: string): Promise<readonly string[]> {
    return Promise.resolve((this.#known.get(point)?.artifacts ?? []).map(({ path }) => path));
  }

  async #prune({ dryRun, signal }: PruneRequest): Promise<PruneOutcome> {
    if (dryRun) throw new DrillError(`the prune program of the ${this.name} system has no dry run`, { exit: "usage" });
    const before = await this.list();
    await this.#programs.run("prune", { source: this.#source, signal });
    const kept = new Set((await this.list()).map(({ id }) => id));
    const decisions = before.toReversed().map(({ id, cutAt: at, storedBytes }) => {
      const keep = kept.has(id);
      return { id, at, keep, reasons: keep ? ["the program kept it"] : [], storedBytes };
    });
    return { decisions, garbage: { objects: 0, bytes: 0, paths: [] }, leftAlone: [] };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  async #ids(signal: AbortSignal): Promise<readonly string[] | undefined> {
    if (this.#setup.settings.list === undefined) return undefined;
    const { stdout } = await this.#programs.run("list", { source: this.#source, signal });
    const ids = stdout.split("\n").flatMap((line) => (line.trim() === "" ? [] : [line.trim()]));
    const broken = ids.find((id) => id.includes(notUtf8));
    if (broken === undefined) return ids;
    throw new DrillError(`the list program of the ${this.name} system printed "${broken}", which is not UTF-8`, {
      exit: "notRecovered",
      code: "script-failed",
      hint: "No other program could be given it back as it was printed: print ids in UTF-8.",
    });
  }

  get #place() {
    return { backupDir: this.#setup.context.folder, cwd: this.#setup.cwd, pattern: this.#setup.settings.artifacts };
  }

  async #artifacts(): Promise<Artifact[]> {
    return await findArtifacts(this.#place);
  }

  #mustLeave(artifacts: readonly Artifact[]): void {
    if (artifacts.some(({ bytes }) => bytes > 0)) return;
    const { artifacts: pattern, list } = this.#setup.settings;
    if (pattern === undefined && list !== undefined) return;
    if (pattern === undefined && artifacts.length === 0) {
      this.#setup.context.notCovered?.(
        `what a backup leaves: nothing is in $FALKORDRILL_BACKUP_DIR, and the ${this.name} system names no artifacts`,
      );
      return;
    }
    const found = artifacts.length === 0 ? "no new file" : "only empty files";
    throw new DrillError(
      `the backup program of the ${this.name} system ended with success and left ${found} at ${patternText(this.#place)}`,
      { exit: "notRecovered", code: "backup-left-nothing", hint: "Is the failure of a command in it ignored?" },
    );
  }

  /** The suggested name if a file has it, otherwise the largest new file: checksums and logs are beside it. */
  #idOf(
    artifacts: readonly Artifact[],
    { suggested, before }: { readonly suggested: string; readonly before: readonly Artifact[] },
  ): string {
    const { backupDir, cwd } = this.#place;
    const known = new Set(before.map(({ path }) => path));
    // A file that only changed may be a copy of the newest, whose name says nothing.
    const added = artifacts.filter(({ path }) => !known.has(path));
    const [largest] = (added.length > 0 ? added : artifacts).toSorted((a, b) => b.bytes - a.bytes);
    const names = artifacts.map((artifact) => artifactName(artifact, backupDir));
    const hasName = names.some((name) => (isAbsolute(name) ? relative(cwd, name) : name).includes(suggested));
    return largest === undefined || hasName ? suggested : artifactName(largest, backupDir);
  }

  #newest(before: readonly string[], after: readonly string[]): string {
    const added = after.filter((id) => !before.includes(id));
    const newest = added.at(-1);
    if (newest !== undefined) return newest;
    throw new DrillError(
      `the backup program of the ${this.name} system ended with success, and its list has no new restore point`,
      { exit: "notRecovered", code: "backup-left-nothing" },
    );
  }

  async #mustRun(target: Engine, problem: string | undefined, signal: AbortSignal): Promise<void> {
    try {
      await target.ready("operational", this.#setup.timeoutMs, signal);
    } catch (error) {
      signal.throwIfAborted();
      const why = problem ?? (error instanceof Error ? error.message : String(error));
      throw new DrillError(
        `the restore program of the ${this.name} system ended with success and left no running server: ${why}`,
        {
          exit: "notRecovered",
          code: "server-left-stopped",
          cause: error,
          hint: /\b(?:NOAUTH|WRONGPASS)\b/.test(why)
            ? "It runs, and wants another password than before the restore: leave users and requirepass as they were."
            : 'It stops the server with "$FALKORDRILL_STOP_SERVER" and has to end with "$FALKORDRILL_START_SERVER".',
        },
      );
    }
  }
}

/** A restore point that the list names and this run did not make. */
function unknownPoint(id: string): RestorePoint {
  return { id, cutOffset: undefined, cutAt: new Date(0).toISOString(), storedBytes: 0, rawBytes: undefined };
}
