// Storage that takes backups away or gives back old ones: every manifest in it is signed, so only the catalogue and the
// memory of the key ring can tell.
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Drill } from "../../drill.ts";
import { backUpState, prepareRetention, pruneBy, type RetentionSetup } from "../retention/retention-setup.ts";

export async function provesRollbackNoticed(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const ground = await prepareRetention(drill, resources);
  const { vault, system } = ground;
  if (system.audit === undefined) return drill.record.notCovered(`the ${system.name} system cannot audit its vault`);
  const older = `${vault}-older`;
  const present = `${vault}-present`;
  for (const folder of [older, present]) resources.defer(() => rm(folder, { recursive: true, force: true }));
  const old = await backUpState(ground, 1);
  await mustReport(ground, "nothing was changed", undefined);
  await cp(vault, older, { recursive: true });
  const newest = await backUpState(ground, 2);
  await mustReport(ground, "nothing was changed", undefined);
  await cp(vault, present, { recursive: true });
  const putBack = async (from: string): Promise<void> => {
    await rm(vault, { recursive: true });
    await cp(from, vault, { recursive: true });
  };
  await putBack(older);
  await mustReport(ground, "the vault was put back to a copy from before the newest backup", newest.id);
  await putBack(present);
  await rm(join(vault, "backups", newest.id), { recursive: true });
  await mustReport(ground, "the newest backup was removed", newest.id);
  await putBack(present);
  await mustReport(ground, "everything was put back as it was", undefined);
  await pruneBy(ground, { last: 1 });
  await cp(join(present, "backups", old.id), join(vault, "backups", old.id), { recursive: true });
  await mustReport(ground, "a backup that a prune removed was put back", old.id);
  drill.record.requireWitnesses("tamperingsMade", "tamperingsNamed");
}

/** The audit must name this backup, or find nothing where it is absent. */
async function mustReport({ drill, system }: RetentionSetup, what: string, id: string | undefined): Promise<void> {
  drill.progress.step(`audit: ${what}`);
  const problems = (await system.audit?.()) ?? [];
  if (id === undefined) {
    if (problems.length > 0) found(drill, "false-alarm", `${what}, and the audit reports problems`, problems);
    return;
  }
  drill.record.witness("tamperingsMade", 1);
  if (problems.some((problem) => problem.includes(id))) drill.record.witness("tamperingsNamed", 1);
  else found(drill, "catalogue-differs", `${what}, and the audit does not name ${id}`, problems);
}

function found(
  { record, id }: Drill,
  code: "false-alarm" | "catalogue-differs",
  message: string,
  problems: readonly string[],
): void {
  record.finding({ code, severity: "error", subject: id, message, evidence: { problems } });
}
