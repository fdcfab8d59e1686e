// A way to protect the writes of a FalkorDB, and its promise. Each mode is a file in this folder.
import type { Span } from "../../../check/history/moment.ts";
import type { Engine } from "../../../engine/engine.ts";
import type { Drill } from "../../drill.ts";

/** The process is killed, the machine loses its memory, the disk is lost. One disaster, evaluated in three ways. */
export const disasterNames = ["killed", "powerLoss", "volumeGone"] as const;
export type DisasterName = (typeof disasterNames)[number];

export interface PersistenceSetup {
  readonly drill: Drill;
  readonly source: Engine;
  /** Server arguments. */
  readonly settings: Readonly<Record<string, string>>;
}

export interface Protection extends AsyncDisposable {
  /**
   * True if it recovers from somewhere other than the lost machine: then all three disasters are the same to it, and it
   * recovers once.
   */
  readonly standsElsewhere: boolean;
  /**
   * Keeps running while the cost of the mode is measured, for modes that cost something only then, such as a backup.
   */
  burden?(): Promise<void>;
  /** Waits, while writers write, until there is something to recover from. */
  covered(): Promise<void>;
  /** Asked right before the disaster: why the server could not keep its promise, if it reports so itself. */
  excuse?(): Promise<string | undefined>;
  /**
   * Returns a running engine with the recovered content: from the files in `folder`, which are what the page cache or
   * the disk of the lost machine held; without `folder` the source itself, restarted on its own files; or from
   * elsewhere.
   */
  recover(folder: string | undefined): Promise<Engine>;
  /** When the restored moment was, if the mode knows it better than "some time before the disaster". */
  cut?(): Span;
}

export interface PersistenceMode {
  readonly name: string;
  /** Server settings. */
  settings(drill: Drill): Readonly<Record<string, string>>;
  /**
   * Maximum loss in milliseconds before the disaster, if the mode makes a promise; 0 means that no acknowledged write
   * is lost.
   */
  claims(drill: Drill): Partial<Record<DisasterName, number>>;
  protect(ground: PersistenceSetup, resources: AsyncDisposableStack): Promise<Protection>;
}
