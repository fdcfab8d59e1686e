// The options of a drill after resolution: complete, with no default left to apply.
import type { DatasetOptions } from "../../../generators/model.ts";
import type { Endpoint } from "../../base/endpoint.ts";
import type { BackupSystem, Mutate, SystemFactory } from "../../system/system.ts";
import type { EngineKind } from "../../engine/engine.ts";
import type { ServerSettings } from "../../engine/server-settings.ts";
import type { FaultName } from "../../fault/fault-names.ts";
import type { OwnGraph } from "../own/own-graph.ts";
import type { ProfileName } from "./profiles.ts";
import type { Shard } from "../../record/shard.ts";

/** Limits for a recovery. A scenario that measures more misses its objective, and ends with exit code 12. */
export interface DrillObjectives {
  readonly rtoMs?: number | undefined;
  readonly rpoMs?: number | undefined;
}

export interface DrillOptions {
  /** Parts of scenario ids; empty selects all of the profile. */
  readonly filters: readonly string[];
  readonly profile: ProfileName;
  readonly nodes: number;
  readonly dims: number;
  readonly shape: DatasetOptions["shape"];
  readonly schema: DatasetOptions["schema"];
  readonly seed: number;
  readonly repeat: number;
  /** The shard of the scenarios that this machine runs; undefined for all. */
  readonly shard: Shard | undefined;
  readonly engine: "auto" | EngineKind;
  /** Server of an external engine. */
  readonly external: Endpoint | undefined;
  /** Settings of the engines that a drill starts, as in production. */
  readonly server: ServerSettings;
  readonly wipeConsent: string | undefined;
  /** Name of the backup system under test. */
  readonly system: string;
  /** That system; undefined for the reference system. A system given as an object is used by all scenarios. */
  readonly backupSystem: BackupSystem | SystemFactory | undefined;
  /** A fault put into that system, to show that a drill finds it; see fixtures/mutants/. */
  readonly mutate: Mutate | undefined;
  /** The team's own graph service, which is held to the /admin contract. */
  readonly service: { readonly url: string; readonly tokenFile: string } | undefined;
  readonly objectives: DrillObjectives;
  /** The only fault of the scenarios that draw theirs from the seed (fault/swarm); undefined for all. */
  readonly fault: FaultName | undefined;
  /** A team's own graphs in place of generated ones. */
  readonly from: OwnGraph | undefined;
  /** Configuration file that the options come from, for replay commands. */
  readonly config: string | undefined;
  readonly out: string;
  readonly keep: boolean;
}
