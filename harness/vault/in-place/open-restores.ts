// Restores in place that did not end, for people: what became of them, and the command that ends them.
import { ownerStateOf } from "../locks/lock-owner.ts";
import { shellWord } from "../../base/invocation.ts";
import { type JournalContext, type JournalEntry, openJournals } from "./journal.ts";

interface OpenRestores {
  /** One sentence each. */
  readonly restores: readonly string[];
  /** One sentence for each journal that cannot be trusted. */
  readonly problems: readonly string[];
}

export async function openRestores(context: JournalContext): Promise<OpenRestores> {
  const sentences: string[] = [];
  const problems: string[] = [];
  const journals = await openJournals(context, ({ message, hint = "" }) => problems.push(`${message}. ${hint}`));
  for (const entry of journals) {
    const { state, owner, point, target, step, startedAt, lease } = entry;
    const ownerState = state === "running" ? await ownerStateOf(owner) : "dead";
    const what = `the restore of ${point} into ${target}, begun at ${startedAt}`;
    const who = `process ${owner.pid} on ${owner.host}`;
    if (ownerState === "alive") {
      sentences.push(`${what}, is in the step "${step}" (${who})`);
      continue;
    }
    const how = state === "failed" ? "failed and was not rolled back" : "was interrupted";
    const unless = ownerState === "unknown" ? `, unless ${who} still works on it` : "";
    const { flags } = entry;
    const service = lease === undefined ? " --refuse-writes" : " --service <http-url> --service-token-file <file>";
    sentences.push(
      `${what}, ${how} in the step "${step}"${unless}. Until it ends the server may refuse writes. The same restore takes over, ` +
        `with its --at if it had one: falkordrill vault restore ${point} ${wordsTo(entry)}${flags === undefined ? service : ""} --yes; ` +
        `what was there before comes back by: ${rollBackCommand(entry)}`,
    );
  }
  return { restores: sentences, problems };
}

type Reached = Pick<JournalEntry, "target" | "to" | "flags">;

/** Brings back what the target held before a restore that did not end. */
export function rollBackCommand(reached: Reached): string {
  return `falkordrill vault restore ${wordsTo(reached)} --roll-back`;
}

/** How the restore itself was told to reach the target; an earlier version recorded the address alone. */
function wordsTo({ target, to = `redis://${target}`, flags = [] }: Reached): string {
  return ["--in-place", "--to", shellWord(to), ...flags].join(" ");
}
