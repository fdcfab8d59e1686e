// Plants secrets and texts, lets commands succeed, fail, stop and die, and searches everything that they leave and show:
// stored objects, temporary files, logs, reports, arguments and environments.
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DrillError } from "../../../base/errors.ts";
import { isRunning } from "../../../base/proc-stat.ts";
import { privateFolder } from "../../../base/process/reaper.ts";
import { observationFolder } from "../../../record/run-directory.ts";
import type { Drill } from "../../drill.ts";
import { startCrashing } from "../crash-points/crash-process.ts";
import { judgeSightings } from "./planted.ts";
import { type SecretCommand, secretCommands } from "./secret-commands.ts";
import { SecretSearch, usableByOthers } from "./secret-search.ts";
import { type OpenBucket, prepareSecrets, type SecretsSetup } from "./secrets-setup.ts";
import { ProcessWatch } from "./watch-processes.ts";

const endTimeoutMs = 300_000;

/** `openBucket` starts an object store for the commands on S3; undefined where this machine has none. */
export async function findsNoSecrets(
  drill: Drill,
  openBucket?: (resources: AsyncDisposableStack) => Promise<OpenBucket | undefined>,
): Promise<void> {
  const { options, record, progress } = drill;
  await using resources = new AsyncDisposableStack();
  const isWhole = options.profile === "nightly" || options.profile === "release";
  const bucket = isWhole ? await openBucket?.(resources) : undefined;
  if (isWhole && bucket === undefined) record.notCovered("secrets: the commands on S3, as no object store is here");
  const setup = await prepareSecrets(drill, resources, bucket);
  if (setup.system.name !== "reference")
    return record.notCovered("secrets: the commands of the reference system are what is searched");
  const search = new SecretSearch(setup.planted);
  const problems: string[] = [];
  const compiled = resources.use(await privateFolder("compiled")).path;
  for (const command of secretCommands(setup, isWhole)) {
    progress.step(`secrets: ${command.name}`);
    await command.before?.();
    const problem = await run(setup, command, search, compiled);
    if (problem !== undefined) problems.push(problem);
  }
  progress.step("search everything that was left");
  await search.folder("", setup.folder);
  await searchRunDirectory(drill, search);
  search.bytes("engines/source.log", Buffer.from(await setup.source.logs()));
  report(drill, search);
  reportModes(drill, await usableByOthers(setup.folder));
  // Only now: what a command that failed has left is searched as well.
  if (problems.length > 0) throw new DrillError(problems.join("; "), { exit: "notRecovered" });
}

/** Returns why it did not end as it should. */
async function run(
  { system, folder, environment }: SecretsSetup,
  { name, words, ends, stopAt, killAt, interruptAt }: SecretCommand,
  search: SecretSearch,
  compiled: string,
): Promise<string | undefined> {
  const temporary = join(folder, "temporary");
  const child = startCrashing({
    words,
    crash: stopAt !== undefined ? `stop ${stopAt}` : killAt === undefined ? "list" : `kill ${killAt}`,
    temporary,
    // With the umask below, anybody could change the compiled code of later commands.
    environment: { ...environment, NODE_COMPILE_CACHE: compiled },
    cwd: join(folder, "work"),
    endTimeoutMs,
    // Whatever the user's is, files are for the owner alone.
    umask: "000",
    nodeFlags: system.nodeFlags ?? [],
    ...(interruptAt === undefined ? {} : { interruptAt }),
  });
  using watch = new ProcessWatch(child.pid);
  if (stopAt !== undefined) {
    await Promise.race([child.untilPassed(stopAt), child.ended]);
    watch.look();
    await search.folder(`temporary while ${name}`, temporary);
    if (isRunning(child.pid)) process.kill(child.pid, "SIGKILL");
  }
  const { status, stdout, stderr } = await child.ended;
  await writeFile(join(folder, "logs", `${name}.out`), stdout, { mode: 0o600 });
  await writeFile(join(folder, "logs", `${name}.err`), stderr, { mode: 0o600 });
  search.processes(name, watch.seen);
  const found = status === null ? "killed" : status === 0 ? "well" : "failed";
  if (found === ends) return undefined;
  const said = stderr.replaceAll(/^crash point .*\n/gm, "").slice(-1500);
  return `${name} ended with ${found} (status ${status}) in place of ${ends}: ${said}`;
}

/** What this scenario has written into the run directory so far. */
async function searchRunDirectory({ directory, id }: Drill, search: SecretSearch): Promise<void> {
  for (const name of await readdir(directory.path)) {
    const path = directory.file(name);
    if (name === "observations") await search.folder("drill", join(path, observationFolder(id)));
    else await search.file("drill", name, Buffer.from(path));
  }
}

function report({ record }: Drill, search: SecretSearch): void {
  const { leaks, allowed } = judgeSightings(search.sightings);
  record.witness("secretsSearched", search.forms);
  record.witness("secretFilesRead", search.filesRead);
  record.witness("secretProcessesRead", search.processesRead);
  record.witness("secretsInClearByRule", [...allowed.values()].flat().length);
  record.requireWitnesses("secretFilesRead", "secretProcessesRead", "secretsInClearByRule");
  record.observation(
    "secrets-in-clear-by-rule",
    [...allowed].map(([{ why, place }, found]) => ({
      why,
      place: place.source,
      found: found.length,
      example: found[0],
    })),
  );
  for (const [place, found] of Map.groupBy(leaks, ({ place: where }) => where)) {
    const names = [...new Set(found.map(({ planted }) => planted.name))];
    record.finding({
      code: "secret-in-clear",
      severity: "error",
      subject: place,
      message: `${place} holds ${names.join(", ")}, in clear or in an encoding`,
      evidence: { names },
    });
  }
}

function reportModes({ record }: Drill, paths: readonly string[]): void {
  const [subject] = paths;
  if (subject === undefined) return;
  record.finding({
    code: "usable-by-others",
    severity: "error",
    subject,
    message: `${paths.length} files and folders can be read or changed by other users (${subject})`,
    evidence: { paths: paths.slice(0, 20) },
  });
}
