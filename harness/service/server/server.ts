// The graph service: Graphiti's write routes over FalkorDB, with the /admin contract that the real one lacks. An item
// accepted with 202 is in the journal before the answer and is written before a pause is answered, so that an
// acknowledged write is in the database, and in the backup, whatever happens to the service. State (journal, audit log)
// is in `stateDir`; a service that was killed and restarted there finishes what it had accepted. It starts open: the
// holder of a pause during the crash finds the lease lost, and must not trust that cut.
import { errorMessage } from "../../base/errors.ts";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, systemClock } from "../../base/clock.ts";
import type { Endpoint } from "../../base/endpoint.ts";
import { createApp } from "./app.ts";
import { assertTokens, type ScopedTokens } from "./coordination/admin-access.ts";
import { openAuditLog } from "./coordination/audit-log.ts";
import {
  backupByCommand,
  type BackupCommand,
  type BackupFunction,
  BackupRunner,
} from "./coordination/backup-runner.ts";
import { Database } from "./database.ts";
import { Fleet } from "./coordination/fleet.ts";
import { databaseProblem } from "./health.ts";
import { Ingest } from "./writes/ingest.ts";
import { openJournal } from "./writes/journal.ts";
import { listen, type ListenOptions } from "./listen.ts";
import { applyOperation, type Operation } from "./writes/operations.ts";
import { Graphs } from "./writes/graphs.ts";
import { lockState } from "./coordination/state-lock.ts";
import { WriteGate } from "./coordination/write-gate.ts";

export const auditFile = "audit.jsonl";

export interface GraphServiceOptions {
  readonly database: Endpoint;
  /** The bearer token of the /admin endpoints, for all of them. */
  readonly token: string;
  /** Tokens for one thing each; the backup that trigger-backup runs gets the one for pauses. */
  readonly tokens?: ScopedTokens | undefined;
  /** Folder of the journal and the audit log; created with mode 0700 when it does not exist. */
  readonly stateDir: string;
  /** Address to listen on; 127.0.0.1 is the default, and any other than this machine's own needs TLS. */
  readonly host?: string | undefined;
  readonly tls?: ListenOptions["tls"];
  /** Port to listen on; 0, the default, picks a free one. */
  readonly port?: number | undefined;
  /** The backup that trigger-backup runs. */
  readonly backup?: BackupFunction | BackupCommand | undefined;
  /** How long a shutdown waits for accepted writes; the rest stays in the journal. */
  readonly shutdownDrainMs?: number | undefined;
  /** Name of the fleet, when several service processes share one FalkorDB; a pause then stops them all. */
  readonly fleet?: string | undefined;
  /** How long a process of the fleet may be silent before it counts as dead. */
  readonly fleetAliveMs?: number | undefined;
  /** A write that runs longer than this makes the healthcheck unhealthy. */
  readonly stalledAfterMs?: number | undefined;
  readonly clock?: Clock | undefined;
  /** Aborts a start that waits for a pause of the fleet to end. */
  readonly signal?: AbortSignal | undefined;
  /** Called for operations that the database refused permanently. */
  readonly onFailure?: ((message: string) => void) | undefined;
}

/** Disposing drains what was accepted, then stops. */
export interface GraphService extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
  readonly auditPath: string;
}

export async function startGraphService(options: GraphServiceOptions): Promise<GraphService> {
  const { clock = systemClock, stateDir, token, shutdownDrainMs = 30_000, onFailure } = options;
  const { signal = new AbortController().signal } = options;
  assertTokens(token, options.tokens);
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const auditPath = join(stateDir, auditFile);

  await using resources = new AsyncDisposableStack();
  resources.use(await lockState(stateDir));
  const audit = resources.use(await openAuditLog(auditPath, clock));
  const gate = resources.use(new WriteGate(clock, audit));
  const database = resources.use(new Database(options.database));
  const graphs = new Graphs();
  const { journal, pending } = await openJournal<Operation>(join(stateDir, "queue.jsonl"));
  resources.use(journal);
  const ingest = new Ingest<Operation>({
    clock,
    journal,
    apply: (operation) => applyOperation(database, graphs, operation),
    databaseAnswers: async () => {
      graphs.forget();
      return (await databaseProblem(database)) === undefined;
    },
    onFailure: (operation, error) => onFailure?.(`${operation.kind} in ${operation.groupId}: ${errorMessage(error)}`),
  });
  const name = options.fleet;
  const fleet =
    name === undefined
      ? undefined
      : new Fleet({ name, stateDir, database, gate, clock, aliveMs: options.fleetAliveMs });
  resources.defer(() => fleet?.close(ingest.health().queued === 0));
  resources.defer(() => ingest.close(shutdownDrainMs));
  await fleet?.join(pending.length > 0, signal);
  for (const { id, operation } of pending) {
    const admission = gate.admit();
    // No caller waits for these any more; failures are counted and reported by onFailure.
    if (admission !== undefined) ingest.accept(operation, admission, id).catch(() => {});
  }

  let url = "";
  const backup = backupFunction(options.backup, () => ({ url, token: options.tokens?.pause ?? token }));
  const authority = fleet ?? gate;
  const backups = new BackupRunner(authority, backup);
  const { stalledAfterMs, tokens, tls } = options;
  const app = createApp({ gate, authority, backups, token, tokens, clock, ingest, database, stalledAfterMs });
  // A process that starts while the fleet is paused starts closed.
  await fleet?.look();
  const server = resources.use(await listen(app, { host: options.host ?? "127.0.0.1", port: options.port ?? 0, tls }));
  url = server.url;
  // A backup that is stopped releases its pause, so the service must still listen then.
  resources.defer(() => backups.close());
  resources.defer(() => gate.close());

  const owned = resources.move();
  return { url, token, auditPath, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function backupFunction(
  backup: BackupFunction | BackupCommand | undefined,
  access: () => { readonly url: string; readonly token: string },
): BackupFunction | undefined {
  return typeof backup === "object" ? backupByCommand(backup, access) : backup;
}
