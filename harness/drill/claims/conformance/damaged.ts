// A damaged backup is refused, or comes back whole; it never comes back in part with success. A verify says so
// beforehand.
import { chmod, open, readdir, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DrillError, errorMessage } from "../../../base/errors.ts";
import { expectedRefusal } from "../../guard/expected-refusal.ts";
import { ownEngines } from "../../guard/own-engines.ts";
import { restoreTarget } from "../../setup/restore-way.ts";
import type { Drill } from "../../drill.ts";
import {
  backUpState,
  prepareRetention,
  proveState,
  proveStateOf,
  type RetentionSetup,
} from "../retention/retention-setup.ts";

type Damage = (file: StoredFile) => Promise<void>;
interface StoredFile {
  readonly path: string;
  readonly bytes: number;
  readonly changedMs: number;
}

const damages: Readonly<Record<string, Damage>> = {
  "a byte changed in the middle": async ({ path, bytes }) => {
    await using file = await open(path, "r+");
    const at = Math.floor(bytes / 2);
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, at);
    await file.write(Buffer.from([(buffer[0] ?? 0) ^ 0xff]), 0, 1, at);
  },
  "the last tenth cut off": async ({ path, bytes }) => await truncate(path, bytes - Math.ceil(bytes / 10)),
};

export async function provesDamageRefused(drill: Drill): Promise<void> {
  await eachDamage(drill, async (setup, damaged) => {
    await restoreRefuses(setup, damaged);
    return async () => {
      await proveState(setup, damaged.point, damaged.state);
      drill.record.requireWitnesses("statesProven");
    };
  });
}

export async function provesVerify(drill: Drill): Promise<void> {
  await eachDamage(drill, async (setup, { point, name }) => {
    await verifyFinds(setup, point, name);
    return () => verifyAgrees(setup, point);
  });
}

interface Damaged {
  readonly point: string;
  readonly state: number;
  readonly name: string;
}

/** `examine` is called with each damage, and what it returns with the same backup as it was: that is the control. */
async function eachDamage(
  drill: Drill,
  examine: (setup: RetentionSetup, damaged: Damaged) => Promise<() => Promise<void>>,
): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const setup = await prepareRetention(drill, resources);
  let state = 0;
  for (const [name, damage] of Object.entries(damages)) {
    state += 1;
    const before = await filesIn(setup.vault);
    const { id } = await backUpState(setup, state);
    const largest = await largestFile(setup, id, before);
    if (largest === undefined)
      return drill.record.notCovered("damaged backups: no file of the backup is on this machine");
    const intact = await readFile(largest.path);
    // Some programs make their backups read-only.
    await chmod(largest.path, 0o600);
    await damage(largest);
    drill.record.witness("damagesMade", 1);
    const control = await examine(setup, { point: id, state, name });
    await writeFile(largest.path, intact);
    await control();
  }
  drill.record.requireWitnesses("damagesMade");
}

/** The largest file that the backup of `point` wrote; earlier backups may be larger. */
async function largestFile(
  { system, vault }: RetentionSetup,
  point: string,
  before: readonly StoredFile[],
): Promise<StoredFile | undefined> {
  const named = (await system.stored?.(point)) ?? [];
  const files = named.length > 0 ? await Promise.all(named.map(fileAt)) : await filesIn(vault);
  const isWritten = ({ path, bytes, changedMs }: StoredFile): boolean =>
    !before.some((file) => file.path === path && file.bytes === bytes && file.changedMs === changedMs);
  const written = files.filter((file) => named.length > 0 || isWritten(file));
  return written.filter(({ bytes }) => bytes >= sizeMin).toSorted((a, b) => b.bytes - a.bytes)[0];
}

async function filesIn(vault: string): Promise<StoredFile[]> {
  const entries = await readdir(vault, { recursive: true, withFileTypes: true }).catch(() => []);
  return await Promise.all(entries.filter((e) => e.isFile()).map((e) => fileAt(join(e.parentPath, e.name))));
}

/** Without a size where the system has moved it since. */
async function fileAt(path: string): Promise<StoredFile> {
  const { size = 0, mtimeMs = 0 } = (await stat(path).catch(() => undefined)) ?? {};
  return { path, bytes: size, changedMs: mtimeMs };
}

/** Smaller files are checksums, logs and locks, which a restore may well do without. */
const sizeMin = 4096;

async function verifyFinds({ drill, system }: RetentionSetup, point: string, damage: string): Promise<void> {
  drill.progress.step(`verify with ${damage}`);
  const outcome = await system.verify(point, ownEngines(drill.engines), drill.signal).catch(expectedRefusal);
  if (outcome instanceof DrillError || !outcome.ok) return;
  drill.record.finding({
    code: "verify-blind",
    severity: "error",
    subject: point,
    message: `the verify of the ${system.name} system says good of a backup with ${damage}`,
    evidence: { damage },
  });
}

async function verifyAgrees({ drill, system }: RetentionSetup, point: string): Promise<void> {
  const { ok, problems } = await system.verify(point, ownEngines(drill.engines), drill.signal);
  if (ok) return;
  drill.record.finding({
    code: "verify-failed",
    severity: "error",
    subject: point,
    message: `the verify of the ${system.name} system finds fault with a good backup: ${problems[0] ?? "it does not say which"}`,
    evidence: { problems: problems.slice(0, problemsMax) },
  });
}

const problemsMax = 10;

async function restoreRefuses(setup: RetentionSetup, { point, state, name }: Damaged): Promise<void> {
  const { drill, source, system } = setup;
  const { progress, signal } = drill;
  progress.step(`restore with ${name}`);
  const into = await restoreTarget(system, { source, engines: ownEngines(drill.engines), signal });
  const outcome = await system.restore({ point, ...into, progress, signal }).catch(expectedRefusal);
  if (outcome instanceof DrillError) {
    progress.note(`refused, as it should be: ${errorMessage(outcome)}`);
    drill.record.witness("damagesRefused", 1);
    return;
  }
  await using own = new AsyncDisposableStack();
  if (outcome.target !== source) own.use(outcome.target);
  await proveStateOf(setup, outcome.target, { point, state });
}
