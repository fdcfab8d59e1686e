// Every compared mode, by name.
import type { PersistenceMode } from "./mode.ts";
import { appendAlways, appendEverySecond, savePoints } from "./own-files.ts";
import { fullBackups } from "./reference.ts";
import { replica } from "./replica.ts";

export type PersistenceModeName = "rdb-save-points" | "aof-everysec" | "aof-always" | "replica" | "reference";

export const persistenceModes: Readonly<Record<PersistenceModeName, PersistenceMode>> = {
  "rdb-save-points": savePoints,
  "aof-everysec": appendEverySecond,
  "aof-always": appendAlways,
  replica,
  reference: fullBackups,
};
