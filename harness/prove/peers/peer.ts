// The checks that teams use in place of a drill, beside the same mutants: what each would have said.
import type { Engine } from "../../engine/engine.ts";

/** What is wrong, as a sentence; undefined where nothing is. */
export type Alarm = string | undefined;

export interface PeerCheck {
  readonly name: string;
  /** What it looks at, as a sentence without a subject. */
  readonly looks: string;
  /** Why it cannot run on this machine; undefined where it can. */
  readonly unavailable?: () => Promise<string | undefined>;
  /** Begins to watch one backup, right before it is made. */
  begin(source: Engine): Promise<PeerWatch>;
}

/** One backup as a peer watches it. What a peer has no use for, it leaves out. */
export interface PeerWatch {
  /** The backup is over: `vault` is the folder where it was stored. */
  readonly stored?: (vault: string) => Promise<void>;
  /** It is about to be restored. */
  readonly stillStored?: (vault: string) => Promise<Alarm>;
  /** The dump from which a server is started. */
  readonly dump?: (path: string) => Promise<Alarm>;
  readonly restored?: (target: Engine) => Promise<Alarm>;
  readonly end?: () => Promise<void>;
}

export interface PeerVerdict {
  readonly verdict: "caught" | "missed" | "n/a";
  /** The alarm, or why it cannot be said. */
  readonly why?: string | undefined;
}

/** What a peer said in one drill. */
export interface PeerSaid {
  /** Whether there was anything that it looks at. */
  readonly looked: boolean;
  readonly alarms: readonly string[];
}

/** An alarm counts only where the same drill without the fault raises none. */
export function peerVerdict(said: PeerSaid | undefined, original: PeerSaid | undefined): PeerVerdict {
  const [before] = original?.alarms ?? [];
  if (before !== undefined) return { verdict: "n/a", why: `it raises an alarm without a fault as well: ${before}` };
  const [alarm] = said?.alarms ?? [];
  if (alarm !== undefined) return { verdict: "caught", why: alarm };
  return said?.looked === true ? { verdict: "missed" } : { verdict: "n/a", why: "nothing came back that it looks at" };
}
