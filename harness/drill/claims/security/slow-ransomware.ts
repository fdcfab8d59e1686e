// Ransomware that turns one percent of the properties into noise from backup to backup: within two backups the system says
// so, never before, and no prune removes the last backup before it.
import { randomBytes } from "node:crypto";
import { connect, type Connection } from "../../../falkordb/client/connection.ts";
import type { BackupOutcome } from "../../../system/system.ts";
import type { Drill } from "../../drill.ts";
import { mustList, prepareRetention, pruneBy, type RetentionSetup } from "../retention/retention-setup.ts";

const graph = "notes";
/** Together more text than a backup needs to be judged (harness/vault/store/noise.ts). */
const notes = 8000;
/** Enough to learn from what is usual. */
const cleanBackups = 7;
const noisyShare = 0.01;
const backupsMax = 2;

export async function flagsSlowRansomware(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const setup = await prepareRetention(drill, resources);
  await fill(setup.source);
  const { record } = drill;
  await using connection = await connect(setup.source.endpoint);
  let last = "";
  for (let day = 1; day <= cleanBackups; day++) {
    await editNotes(connection, day);
    const { point, suspicion } = await backUp(setup, `clean day ${day}`);
    last = point.id;
    record.witness("cleanBackups", 1);
    if (suspicion !== undefined) return report(drill, "false-alarm", `a clean backup is suspected: ${suspicion}`);
  }
  for (let hour = 1; hour <= backupsMax; hour++) {
    await encryptNotes(connection);
    const { point, suspicion } = await backUp(setup, `hour ${hour} of the attack`);
    if (suspicion === undefined) {
      last = point.id;
      continue;
    }
    record.witness("attacksFlagged", 1);
    if ((await pruneBy(setup, { last: 1 })) === undefined) return;
    await mustList(setup, new Set([last, point.id]), "the last backup before the suspicion beside the newest one");
    record.requireWitnesses("attacksFlagged", "cleanBackups");
    return;
  }
  report(drill, "ransomware-missed", `${backupsMax} backups after its beginning nothing is suspected`);
}

async function backUp({ drill, source, system }: RetentionSetup, what: string): Promise<BackupOutcome> {
  const { progress, signal } = drill;
  progress.step(`back up: ${what}`);
  return await system.backup({ source, coordinator: undefined, progress, signal });
}

async function fill({ endpoint }: RetentionSetup["source"]): Promise<void> {
  await using connection = await connect(endpoint);
  await connection.query(
    graph,
    "UNWIND range(1, $notes) AS i CREATE (:Note {number: i, uuid: randomUUID(), " +
      "text: 'In note ' + i + ' is written what was said on that day, and by whom.', " +
      "v: vecf32([rand(), rand(), rand(), rand(), rand(), rand(), rand(), rand()])})",
    { notes },
  );
}

/** One percent is edited, and one percent is added. */
async function editNotes(connection: Connection, day: number): Promise<void> {
  const share = Math.round(notes / 100);
  await connection.query(
    graph,
    "MATCH (n:Note) WHERE n.number % 100 = $day SET n.text = n.text + ' This was added later.' " +
      "WITH count(n) AS edited UNWIND range(1, $share) AS i " +
      "CREATE (:Note {number: 0, uuid: randomUUID(), text: 'A new note, the ' + i + 'th of day ' + $day + ', as any other.'})",
    { day, share },
  );
}

async function encryptNotes(connection: Connection): Promise<void> {
  const noise = Array.from({ length: Math.round(notes * noisyShare) }, () => randomBytes(48).toString("base64"));
  await connection.query(
    graph,
    "UNWIND range(0, size($noise) - 1) AS i MATCH (n:Note {number: toInteger(rand() * $notes) + 1}) SET n.text = $noise[i]",
    { noise, notes },
  );
}

function report({ record, id }: Drill, code: "ransomware-missed" | "false-alarm", message: string): void {
  record.finding({ code, severity: "error", subject: id, message, evidence: { noisyShare, notes } });
}
