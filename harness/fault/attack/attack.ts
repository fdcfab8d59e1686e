// What an attacker does to a vault, its keys or its service, and how each command must end afterwards.
import type { Store } from "../../vault/store/store.ts";
import type { Keyring } from "../../vault/keys/keyring.ts";

export const roles = [
  "stolen backup credentials",
  "stolen admin token",
  "thief of the vault",
  "malicious storage",
  "operator who lost a key",
  "operator who leaves",
  "slow ransomware",
] as const;
export type AttackRole = (typeof roles)[number];

export type AttackVerb =
  | "list"
  | "audit"
  | "verify"
  | "restore by id"
  | "restore an older one"
  | "restore latest"
  | "restore a moment"
  | "rdb-out"
  | "prune"
  | "compact"
  | "archive"
  | "backup"
  | "keys drill"
  | "keys rotate"
  | "keys"
  | "pin"
  | "discard"
  | "unlock"
  | "pause"
  | "resume"
  | "trigger"
  | "status";

/** What a command said and gave; `failed` is the message of its error with the hint. */
export interface CommandAnswer {
  readonly said: readonly string[];
  readonly failed?: string;
  /** What it came to, as one value: a hash of content, or the restore points that are left. */
  readonly gave?: string;
}

/** `refused`: an error that names it. `detected`: a line of the command names it. `recovered`: it gave what it should. */
export type AttackEnding =
  | { readonly is: "refused" | "detected"; readonly says: RegExp }
  | { readonly is: "recovered" }
  /** By design: these words are in SECURITY.md. */
  | { readonly is: "undefended"; readonly security: string };

/** A folder that is no key ring, such as one that was removed. */
export const noKeyring: RegExp = /there is no key ring/;
export const refused = (says: RegExp): AttackEnding => ({ is: "refused", says });
export const detected = (says: RegExp): AttackEnding => ({ is: "detected", says });
export const recovered: AttackEnding = { is: "recovered" };
export const undefended = (security: string): AttackEnding => ({ is: "undefended", security });

/** A vault with its key ring, laid out for one attack. */
export interface Place {
  /** Holds all of it, and is removed afterwards. */
  readonly folder: string;
  readonly store: Store;
  /** The key ring that the command runs with. */
  readonly keyring: Keyring;
  /** The older backup with one increment, and the newest with three. */
  readonly older: string;
  readonly newest: string;
  /** A moment after the second increment of the newest. */
  readonly moment: string;
  /** Another vault of the same owner, signed by the same key. */
  readonly foreign: Store;
  /** The vault before the newest backup was made. */
  readonly earlier: Store;
}

export interface VaultAttack {
  readonly role: AttackRole;
  readonly does: string;
  /** Returns the key ring of whoever runs the command, or the vault as they reach it, where that is another one. */
  readonly prepare: (place: Place) => Promise<Keyring | Pick<Place, "store"> | void>;
  readonly on: { readonly [verb in AttackVerb]?: AttackEnding };
  /** The command that this was not defended in at first: always tried. */
  readonly once?: AttackVerb;
  /** What must be as before besides; returns what is not. */
  readonly harm?: (place: Place) => string | undefined;
}

export interface AttackRow {
  readonly role: AttackRole;
  readonly verb: AttackVerb;
  readonly does: string;
  readonly outcome: AttackEnding["is"] | "finding";
  /** What named it, or what is wrong. */
  readonly by: string;
}

/** Judges one answer; `control` is what the same command gives where nobody attacked. */
export function judgeAttack(
  ending: AttackEnding,
  answer: CommandAnswer,
  control: CommandAnswer,
): Pick<AttackRow, "outcome" | "by"> {
  const { said, failed, gave } = answer;
  const told = [...(failed === undefined ? [] : [failed]), ...said];
  const finding = (why: string): Pick<AttackRow, "outcome" | "by"> => ({
    outcome: "finding",
    by: `${why}; it said: ${told.join(" | ") || "nothing"}; gave ${gave ?? "nothing"}`,
  });
  const isAsBefore = gave !== undefined && gave === control.gave;
  switch (ending.is) {
    case "refused":
      if (failed !== undefined && ending.says.test(failed)) return { outcome: "refused", by: failed };
      return finding(`not refused with ${String(ending.says)}`);
    case "detected": {
      const line = said.find((each) => ending.says.test(each));
      if (failed === undefined && line !== undefined && !control.said.includes(line))
        return { outcome: "detected", by: line };
      return finding(`not told by ${String(ending.says)}`);
    }
    case "recovered":
      return failed === undefined && isAsBefore ? { outcome: "recovered", by: gave } : finding("not recovered");
    case "undefended":
      return { outcome: "undefended", by: ending.security };
  }
}
