// A restore in place, failed at the end of every step and for an application that is not well: the server holds what it
// held, by its fingerprint, with its settings, as a primary, and the application goes on. Then one that succeeds.
import { join } from "node:path";
import { systemClock } from "../../../base/clock.ts";
import { DrillError, errorMessage } from "../../../base/errors.ts";
import { privateFolder } from "../../../base/process/reaper.ts";
import { connect } from "../../../falkordb/client/connection.ts";
import { compareDigests } from "../../../observe/digest/compare-digests.ts";
import { digestServer, type ServerDigest } from "../../../observe/digest/server-digest.ts";
import { tryWrite } from "../../../observe/try-write.ts";
import { adminClient, type AdminClient } from "../../../service/admin-client.ts";
import type { BackupSystem, RestoreInPlaceRequest } from "../../../system/system.ts";
import { inPlaceSteps } from "../../../vault/in-place/in-place-run.ts";
import { openJournals } from "../../../vault/in-place/journal.ts";
import { openFolder, settingsAndRights } from "../crash-points/vault-state.ts";
import { changedSettings } from "../coordination/left-behind.ts";
import type { Drill } from "../../drill.ts";
import { ownEngines } from "../../guard/own-engines.ts";
import { DrilledService } from "../../setup/drilled-service.ts";
import { type IdleSetup, prepareIdle } from "../../setup/idle-setup.ts";

const answerTimeoutMs = 30_000;
const token = "token-of-the-drill-0123456789";

interface InPlaceSetup extends IdleSetup {
  readonly restore: NonNullable<BackupSystem["restoreInPlace"]>;
  readonly application: AdminClient;
  readonly point: string;
}

interface ServerState {
  readonly digest: ServerDigest;
  readonly settings: ReadonlyMap<string, string>;
}

interface Row {
  readonly step: string;
  readonly isEqual: boolean;
  readonly isResumed: boolean;
  readonly seconds: number;
}

export async function rollsBackEveryStep(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const idle = await prepareIdle(drill, resources);
  const { system, source } = idle;
  const { record, signal } = drill;
  if (system.restoreInPlace === undefined)
    return record.notCovered(`the ${system.name} system does not restore in place`);
  await changed(idle, ["GRAPH.QUERY", "in-place", "CREATE (:Older)"]);
  const backup = { source, coordinator: undefined, progress: drill.progress, signal };
  await system.backup(backup);
  await changed(idle, ["GRAPH.DELETE", "in-place"]);
  const wanted = await digestServer(source.endpoint, signal);
  const { id: point } = (await system.backup(backup)).point;
  await changed(idle, [
    "GRAPH.QUERY",
    "in-place",
    "UNWIND range(1, 500) AS i CREATE (:Wrong {id: i, text: 'wrong ' + i})",
  ]);
  const stateDir = join(resources.use(await privateFolder("in-place")).path, "service");
  const service = resources.use(await DrilledService.start({ database: source.endpoint, token, stateDir }));
  const application = adminClient({ url: service.url, token, holder: drill.id });
  const setup: InPlaceSetup = { ...idle, restore: system.restoreInPlace.bind(system), application, point };
  const before = await stateOf(setup);
  const rows: Row[] = [];
  // What fails after the application was let in is no reason to roll back.
  for (const step of inPlaceSteps.filter((name) => name !== "resume"))
    rows.push(await failAt(setup, before, `the step "${step}"`, { passed: failing(step) }));
  rows.push(await refusesUnhealthy(setup, before));
  record.observation("rollback-table", rows);
  await succeeds(setup, wanted);
  record.requireWitnesses("inPlaceStepsFailed", "rolledBack", "fingerprintsEqual");
}

function failing(failed: string): (step: string) => void {
  return (step) => {
    if (step === failed) throw new DrillError(`the drill lets the step "${step}" fail`, { exit: "notRecovered" });
  };
}

async function changed({ source }: IdleSetup, [name, ...args]: readonly [string, ...string[]]): Promise<void> {
  await using connection = await connect(source.endpoint);
  await connection.command(name, ...args);
}

async function stateOf({ source, drill }: IdleSetup): Promise<ServerState> {
  return {
    digest: await digestServer(source.endpoint, drill.signal),
    settings: await settingsAndRights(source.endpoint),
  };
}

/** Why the restore failed; undefined where it reported success. */
async function attempt(
  setup: InPlaceSetup,
  hooks: Pick<RestoreInPlaceRequest, "passed" | "health">,
): Promise<string | undefined> {
  const { drill, source, restore, application: coordinator, point } = setup;
  const { progress, signal } = drill;
  const request = {
    point,
    target: source,
    engines: ownEngines(drill.engines),
    coordinator,
    progress,
    signal,
    ...hooks,
  };
  return await restore(request).then(
    () => undefined,
    (error: unknown) => {
      signal.throwIfAborted();
      return errorMessage(error);
    },
  );
}

async function failAt(
  setup: InPlaceSetup,
  before: ServerState,
  what: string,
  hooks: Pick<RestoreInPlaceRequest, "passed" | "health">,
): Promise<Row> {
  const { drill } = setup;
  drill.progress.step(`restore in place, failed by ${what}`);
  const startedMs = systemClock.monotonicMs();
  const error = await attempt(setup, hooks);
  const seconds = Math.round((systemClock.monotonicMs() - startedMs) / 100) / 10;
  if (error === undefined) {
    const isHealth = hooks.health !== undefined;
    const message = `the restore in place reported success in spite of ${what}`;
    report(drill, isHealth ? "unhealthy-accepted" : "rollback-incomplete", message, {});
    return { step: what, isEqual: false, isResumed: false, seconds };
  }
  drill.record.witness("inPlaceStepsFailed", 1);
  const { differences, stopped } = await problemsOf(setup, before);
  const problems = [...differences, ...stopped];
  if (problems.length > 0)
    report(drill, "rollback-incomplete", `after a failure by ${what}: ${problems.join("; ")}`, { error, problems });
  drill.record.witness("fingerprintsEqual", differences.length === 0 ? 1 : 0);
  drill.record.witness("rolledBack", problems.length === 0 ? 1 : 0);
  return { step: what, isEqual: differences.length === 0, isResumed: stopped.length === 0, seconds };
}

async function problemsOf(
  setup: InPlaceSetup,
  before: ServerState,
): Promise<{ readonly differences: readonly string[]; readonly stopped: readonly string[] }> {
  const { source, application, vault } = setup;
  const now = await stateOf(setup);
  const write = await tryWrite(source.endpoint, answerTimeoutMs);
  const { state } = (await application.status()).writes;
  const open = await openJournals(await openFolder(vault));
  return {
    differences: compareDigests(before.digest, now.digest),
    stopped: [
      ...changedSettings(before.settings, now.settings),
      ...(write.taken ? [] : [`the server takes no writes: ${write.error}`]),
      ...(state === "open" ? [] : [`the writes of the application are ${state}`]),
      ...open.map(({ step }) => `a journal is left in the step "${step}"`),
    ],
  };
}

/** The data is right, and the application cannot work with it. */
async function refusesUnhealthy(setup: InPlaceSetup, before: ServerState): Promise<Row> {
  return await failAt(setup, before, "an application that is not well", {
    health: () => Promise.resolve("it is not well"),
  });
}

async function succeeds(setup: InPlaceSetup, wanted: ServerDigest): Promise<void> {
  const { drill, source } = setup;
  // What it holds then is the backup, so the second one replaces that by itself.
  for (const time of ["once", "twice"]) {
    drill.progress.step(`restore in place, ${time}`);
    const error = await attempt(setup, {});
    if (error !== undefined) throw new DrillError(`the restore in place failed: ${error}`, { exit: "notRecovered" });
    const differences = compareDigests(wanted, await digestServer(source.endpoint, drill.signal));
    const what = `restored ${time}, the server holds something else than the backup was made of`;
    if (differences.length > 0) report(drill, "in-place-differs", what, { differences });
  }
}

function report(
  { record, id }: Drill,
  code: "rollback-incomplete" | "in-place-differs" | "unhealthy-accepted",
  message: string,
  evidence: Readonly<Record<string, unknown>>,
): void {
  record.finding({ code, severity: "error", subject: id, message, evidence });
}
