// Restores in place that did not end, for people: what became of them, and the command that ends them.
import { ownerStateOf } from "../locks/lock-owner.ts";
import { type JournalContext, openJournals } from "./journal.ts";

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
  for (const { state, owner, point, target, step, startedAt, lease } of journals) {
    const ownerState = state === "running" ? await ownerStateOf(owner) : "dead";
    const what = `the restore of ${point} into ${target}, begun at ${startedAt}`;
    const who = `process ${owner.pid} on ${owner.host}`;
    if (ownerState === "alive") {
      sentences.push(`${what}, is in the step "${step}" (${who})`);
      continue;
    }
    const how = state === "failed" ? "failed and was not rolled back" : "was interrupted";
    const unless = ownerState === "unknown" ? `, unless ${who} still works on it` : "";
    const flags = `--in-place --to redis://${target}`;
    const again = lease === undefined ? "--refuse-writes" : "--service <http-url> --service-token-file <file>";
    sentences.push(
      `${what}, ${how} in the step "${step}"${unless}. Until it ends the server may refuse writes. The same restore takes over, ` +
        `with its --at if it had one: falkordrill vault restore ${point} ${flags} ${again} --yes; ` +
        `what was there before comes back by: falkordrill vault restore ${flags} --roll-back`,
    );
  }
  return { restores: sentences, problems };
}
