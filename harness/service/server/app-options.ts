import type { AdminRoutesOptions } from "./coordination/admin-routes.ts";
import type { Database } from "./database.ts";
import type { Ingest } from "./writes/ingest.ts";
import type { Operation } from "./writes/operations.ts";

export interface AppOptions extends AdminRoutesOptions {
  readonly ingest: Ingest<Operation>;
  readonly database: Database;
  readonly stalledAfterMs?: number | undefined;
}
