// The graph service in front of a server whose backup or restore is killed: it goes on by itself, whoever had paused it.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { privateFolder } from "../../../base/process/reaper.ts";
import { errorMessage } from "../../../base/errors.ts";
import { waitFor } from "../../../base/wait.ts";
import type { Engine } from "../../../engine/engine.ts";
import { adminClient, type AdminClient } from "../../../service/admin-client.ts";
import { DrilledService } from "../../setup/drilled-service.ts";
import type { Problem } from "./enumerate.ts";
import type { CrashSetup } from "./setup.ts";

const token = "token-of-the-drill-0123456789";
/** A little longer than the leases of a backup and of a restore that has not recorded its pause. */
const openTimeoutMs = 18_000;

export interface ServiceInFront {
  readonly application: AdminClient;
  /** Flags that name it. */
  readonly flags: readonly string[];
}

export async function startServiceBefore(
  { drill, folder }: CrashSetup,
  { endpoint: database }: Engine,
  resources: AsyncDisposableStack,
): Promise<ServiceInFront> {
  const stateDir = join(resources.use(await privateFolder("service")).path, "service");
  const { url } = resources.use(await DrilledService.start({ database, token, stateDir }));
  const tokenFile = join(folder, "token");
  await writeFile(tokenFile, token, { mode: 0o600 });
  return {
    application: adminClient({ url, token, holder: drill.id }),
    flags: ["--service", url, "--service-token-file", tokenFile],
  };
}

export async function judgeOpen(application: AdminClient): Promise<readonly Problem[]> {
  const isOpen = async (): Promise<true | undefined> =>
    (await application.status()).writes.state === "open" || undefined;
  try {
    await waitFor(isOpen, { what: "the application to go on", timeoutMs: openTimeoutMs, exit: "notRecovered" });
    return [];
  } catch (error) {
    return [{ code: "crash-not-resumed", message: errorMessage(error) }];
  }
}
