// A way in which people protect the writes of a FalkorDB, and what it claims. Each mode is one file beside this one.
import type { Span } from "../../../check/history/moment.ts";
import type { Engine } from "../../../engine/engine.ts";
import type { Drill } from "../../drill.ts";

/** The process is killed, the machine loses its memory, the disk is gone. One disaster, read three ways. */
export const disasterNames = ["killed", "powerLoss", "volumeGone"] as const;
export type DisasterName = (typeof disasterNames)[number];

export interface PersistenceSetup {
  readonly drill: Drill;
  readonly source: Engine;
  /** What the server was started with. */
  readonly settings: Readonly<Record<string, string>>;
}

export interface Protection extends AsyncDisposable {
  /**
   * True where what it recovers from stands elsewhere than on the lost machine: then all three disasters are the same to
   * it, and it recovers once.
   */
  readonly standsElsewhere: boolean;
  /** Goes on while the cost of the mode is measured, where the mode costs something only then, such as a backup. */
  burden?(): Promise<void>;
  /** Waits, while writers write, until there is something to recover from. */
  covered(): Promise<void>;
  /** Right before the disaster: why the server could not keep its promise, where it says so itself. */
  excuse?(): Promise<string | undefined>;
  /**
   * A running engine with what came back: from the files in `folder`, which are what the page cache or the disk of the
   * lost machine held; where none is given, the source itself, started again on its own files; or from elsewhere.
   */
  recover(folder: string | undefined): Promise<Engine>;
  /** When the restored moment was, where the mode knows that better than "some time before the disaster". */
  cut?(): Span;
}

export interface PersistenceMode {
  readonly name: string;
  /** Settings of the server. */
  settings(drill: Drill): Readonly<Record<string, string>>;
  /**
   * The most that may be lost, in milliseconds before the disaster, where the mode makes a promise. 0 is not one
   * acknowledged write.
   */
  claims(drill: Drill): Partial<Record<DisasterName, number>>;
  protect(ground: PersistenceSetup, resources: AsyncDisposableStack): Promise<Protection>;
}
