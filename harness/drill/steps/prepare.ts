// Step 1, prepare: a real FalkorDB (the source), the graph service in front of it, and the system under test.
import { randomBytes } from "node:crypto";
import { systemClock } from "../../base/clock.ts";
import type { Engine } from "../../engine/engine.ts";
import { privateFolder } from "../../base/process/reaper.ts";
import { type AdminClient, adminClient } from "../../service/admin-client.ts";
import type { BackupSystem } from "../../system/system.ts";
import { backupCommand } from "../setup/backup-command.ts";
import { CoordinationWatch } from "../setup/coordination-watch.ts";
import type { Drill } from "../drill.ts";
import { startWith } from "../own/own-content.ts";
import { DrilledService } from "../setup/drilled-service.ts";
import { removedPause } from "../setup/removed-pause.ts";
import type { CyclePlan } from "../cycle-plan.ts";
import { noteStart } from "../run/slowness.ts";
import { systemUnderTest, vaultFolder } from "../guard/system-under-test.ts";

export interface CycleSetup {
  readonly source: Engine;
  /** Its trigger-backup runs the reference system, on the same vault. */
  readonly service: DrilledService;
  readonly coordinator: CoordinationWatch;
  /** Admin client for checking the service's state independently of the system. */
  readonly admin: AdminClient;
  /** Whether the system may use the coordinator. */
  readonly coordinated: boolean;
  readonly system: BackupSystem;
  readonly vault: string;
}

export async function prepare(drill: Drill, plan: CyclePlan, resources: AsyncDisposableStack): Promise<CycleSetup> {
  drill.progress.step("prepare: engine, graph service, backup system");
  const startedMs = systemClock.monotonicMs();
  const source = resources.use(
    await drill.engines.start({ ...startWith(drill.options.from), name: "source", signal: drill.signal }),
  );
  noteStart(drill, systemClock.monotonicMs() - startedMs);
  if (source.kind === "external") {
    // An external server is emptied only with consent, before the drill and after it.
    await source.wipe();
    resources.defer(() => source.wipe());
  }
  const state = resources.use(await privateFolder("graph-service"));
  const token = randomBytes(24).toString("base64url");
  const vault = await vaultFolder(drill, resources);
  const command = await backupCommand(source.endpoint, vault, state.path);
  const service = resources.use(
    await DrilledService.start({
      database: source.endpoint,
      token,
      stateDir: state.path,
      backup: { command },
    }),
  );
  const onClockSkew = (aheadMs: number): void => drill.record.metric("serviceClockAheadMs", aheadMs);
  const admin = adminClient({ url: service.url, token: service.token, onClockSkew });
  const coordinator = new CoordinationWatch(plan.coordination === "removed" ? removedPause() : admin);
  const system = resources.use(await systemUnderTest(drill, plan, resources, vault));
  const { coordination = "held" } = plan;
  const coordinated = coordination !== "none" && system.capabilities.has("coordinated");
  drill.record.coordinated(coordinated ? coordination : "none");
  return { source, service, coordinator, admin, coordinated, system, vault };
}
