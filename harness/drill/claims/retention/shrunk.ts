// A source that has lost 99 % of its graph since the last backup: `vault backup` refuses it by name and stores nothing. A
// run without a user stores it, and it takes no other backup's place: a prune keeps the last whole one as well.
import { dirname } from "node:path";
import { exitCodes } from "../../../base/errors.ts";
import { runCommand } from "../../../base/process/run-command.ts";
import { connect } from "../../../falkordb/client/connection.ts";
import { backupCommand } from "../../setup/backup-command.ts";
import type { Drill } from "../../drill.ts";
import {
  backUpState,
  mustList,
  prepareRetention,
  proveState,
  pruneBy,
  type RetentionSetup,
} from "./retention-setup.ts";

const keptShare = 0.01;
const commandTimeoutMs = 120_000;

export async function keepsWholeBackup(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const setup = await prepareRetention(drill, resources);
  const whole = await backUpState(setup, 1);
  await shrink(setup);
  await mustRefuse(setup, whole.id);
  await mustList(setup, new Set([whole.id]), "only the backup of the whole graph, after the refusal");
  const shrunk = await backUpState(setup, 2);
  if ((await pruneBy(setup, { last: 1 })) === undefined) return;
  await mustList(setup, new Set([whole.id, shrunk.id]), "the backup of the whole graph beside the newest one");
  await proveState(setup, whole.id, 1);
  drill.record.requireWitnesses("backupsRefused", "statesProven", "nodesCompared", "edgesCompared");
}

async function shrink({ drill, source, content }: RetentionSetup): Promise<void> {
  drill.progress.step("remove 99 % of the graph");
  await using connection = await connect(source.endpoint);
  for (const { name, counted } of content.before.graphs) {
    const kept = Math.ceil(counted.nodes * keptShare);
    await connection.query(name, "MATCH (n) WITH n ORDER BY id(n) SKIP $kept DETACH DELETE n", { kept });
  }
}

/** Runs the backup from the command line, as a user does. */
async function mustRefuse({ drill, source, vault }: RetentionSetup, whole: string): Promise<void> {
  const { progress, record, signal } = drill;
  progress.step("vault backup");
  // Without the last flag, by which a graph service runs it.
  const [node, ...args] = (await backupCommand(source.endpoint, vault, dirname(vault))).slice(0, -1);
  const { status, stderr } = await runCommand(node ?? "", args, { timeoutMs: commandTimeoutMs, signal });
  signal.throwIfAborted();
  if (status === exitCodes.dataWrong && stderr.includes("suddenly shrunk") && stderr.includes(whole)) {
    record.witness("backupsRefused", 1);
    return;
  }
  record.finding({
    code: "shrunk-misnamed",
    severity: "error",
    subject: drill.id,
    message: `vault backup of a source that lost 99 % of its graph ended with status ${status ?? "none"}: ${stderr.trim()}`,
    evidence: { status: status ?? null, expected: exitCodes.dataWrong },
  });
}
