// A defect of FalkorDB as data: commands that show it on an empty server, what a correct one answers, and what this one
// does. One runner plays them (play-defect.ts), each is a scenario of `track-record`, and
// docs/reference/engine-defects.md is written from them, so that no entry of that page can go stale.

/**
 * A command in the syntax of redis-cli, or an action: a restart from a dump that is saved before, or from the append-only
 * file; a copy of graph g to another key by DUMP and RESTORE; a command while a query of another client runs.
 */
export type Step =
  | string
  | { readonly refused: string }
  | { readonly restored: string; readonly replace?: true }
  | { readonly during: string; readonly command: string }
  | { readonly restartFrom: "dump" | "log" };

export const restartFromDump: Step = { restartFrom: "dump" };
export const restartFromLog: Step = { restartFrom: "log" };

/** What a server does in place of an answer. */
export const ends = "the server ends";
export const silent = "no answer";

export interface RecordedDefect {
  /** Part of the scenario's id. */
  readonly id: string;
  /** Completes the sentence "FalkorDB x ...". */
  readonly what: string;
  /** Consequence for a user with backups. */
  readonly means: string;
  /** What avoids it, or how the drill deals with it. */
  readonly wayAround: string;
  /** Public reports, or "found here" where none was known. */
  readonly upstream: string;
  /** Module versions in which it was seen. */
  readonly seenIn: readonly number[];
  /** The server keeps an append-only file and replicates effects rather than query text. */
  readonly isLogged?: true;
  readonly moduleArgs?: Readonly<Record<string, string>>;
  /** The last one is the question. */
  readonly steps: readonly Step[];
  readonly right: string;
  readonly wrong: string;
}

export const seenIn: readonly number[] = [41603];

export function query(cypher: string): string {
  return `GRAPH.QUERY g "${cypher}"`;
}
