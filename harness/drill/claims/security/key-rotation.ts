// After a rotation each recipient in use opens every backup alone, the retired one opens none, and nothing is lost.
import { DrillError } from "../../../base/errors.ts";
import { drillKeys } from "../../../vault/rotate/drill.ts";
import { Keyring } from "../../../vault/keys/keyring.ts";
import { openVault } from "../../../vault/store/vault.ts";
import { systemClock } from "../../../base/clock.ts";
import type { Drill } from "../../drill.ts";
import { backUpState, prepareRetention, proveState } from "../retention/retention-setup.ts";

export async function provesKeyRotation(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const ground = await prepareRetention(drill, resources);
  const { vault, system } = ground;
  if (system.rotateKeys === undefined) return drill.record.notCovered(`the ${system.name} system rotates no keys`);
  const keyring = new Keyring(`${vault}-keys`);
  const retired = (await keyring.list()).find(({ role }) => role === "recipient");
  if (retired === undefined) throw new DrillError(`${vault}-keys holds no recipient`, { exit: "internal" });
  const { name, profile } = retired;
  await keyring.generate("recipient", "second", profile);
  await backUpState(ground, 1);
  await backUpState(ground, 2);
  drill.progress.step("rotate the keys");
  await system.rotateKeys({ retire: name, generate: "successor", progress: drill.progress, signal: drill.signal });
  const store = await openVault(vault);
  const request = { reports: [], at: new Date(systemClock.nowMs()), signal: drill.signal };
  const { proofs, unproven } = await drillKeys({ store, keyring }, request);
  const opened = proofs.filter(({ problem }) => problem === undefined);
  for (const recipient of ["second", "successor"]) {
    const times = opened.filter((proof) => proof.recipient === recipient).length;
    drill.record.witness("keysProven", times);
    if (times !== 2)
      report(drill, `${recipient} opens ${times} of the 2 backups after the rotation`, { proofs, unproven });
  }
  if (opened.some(({ fingerprint }) => fingerprint === retired.fingerprint))
    report(drill, `the retired key ${name} still opens backups after the rotation`, { proofs });
  const points = (await system.list()).toSorted((a, b) => (a.cutOffset ?? 0) - (b.cutOffset ?? 0));
  for (const [index, { id }] of points.entries()) await proveState(ground, id, index + 1);
  drill.record.requireWitnesses("keysProven", "statesProven", "nodesCompared", "edgesCompared");
}

function report({ record, id }: Drill, message: string, evidence: Readonly<Record<string, unknown>>): void {
  record.finding({ code: "rotation-incomplete", severity: "error", subject: id, message, evidence });
}
